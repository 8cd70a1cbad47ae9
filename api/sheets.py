"""A list sent with a request, as a file of its own for as long as it is read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import request

from portal.foundation.errors import Invalid
from portal.policy.spreadsheets import NotRead


@contextmanager
def uploaded() -> Iterator[Path]:
    """Raises Invalid (file) for none."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("请选一个文件。", fields={"file": ["请选一个文件。"]})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / ("list.xlsx" if sent.filename.endswith(".xlsx") else "list.csv")
        sent.save(file)
        yield file


@contextmanager
def readable() -> Iterator[None]:
    """What is no list is the file's fault: Invalid (file)."""
    try:
        yield
    except NotRead as fault:
        raise Invalid(str(fault), fields={"file": [str(fault)]}) from fault
