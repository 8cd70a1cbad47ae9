"""How long until the first page: on nothing, and the second time."""

import tempfile
import time
from pathlib import Path

from bench import photos
from bench.site import serving

AIM = 5.0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        first = _once(Path(folder))
        second = min(_once(Path(folder)) for _ in range(3))
    photos.say(f"start  first page on an empty folder after {first:.1f} s")
    photos.say(f"start  first page the second time after {second:.1f} s (aim: at most {AIM:.0f})")
    return int(second > AIM)


def _once(folder: Path) -> float:
    begins = time.monotonic()
    with serving(folder):
        return time.monotonic() - begins
