"""The product as `portal serve` runs it, on a folder of its own, for as long as it is measured."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.serving import free_port


@contextmanager
def serving(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """(process, address); stopped at the end. The first page has been opened."""
    port = free_port()
    command = [sys.executable, "-m", "portal.cli", "--data", str(data), "serve", "--prepare"]
    process = subprocess.Popen(  # noqa: S603 - fixed command
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL
    )
    try:
        _await_page(process, f"http://127.0.0.1:{port}/")
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _await_page(process: "subprocess.Popen[bytes]", page: str) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(page, timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("it did not start")
