"""The API manual: what programs may rely on, kept as a snapshot."""

from pathlib import Path

from api.openapi import manual, text

SNAPSHOT = Path(__file__).parent / "openapi.json"
_CHANGED = "The API changed. If that was wanted: make openapi, and look at the difference."


def test_the_manual_is_as_last_looked_at():
    assert SNAPSHOT.read_text(encoding="utf-8") == text(manual()), _CHANGED
