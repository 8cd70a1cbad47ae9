"""The application form as a PDF that a ten-year-old computer opens and a printer prints."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.foundation import typesetting

_TEMPLATE = Path(__file__).parent / "form.typ"


def render(paper: Mapping[str, Any]) -> bytes:
    """PDF/A-2b (PDF 1.7) of what `paper.of()` laid out; the same bytes for the same paper."""
    return typesetting.render(_TEMPLATE, paper)
