"""What API and worker hold in memory at rest (PSS: shared pages counted by share)."""

import re
import tempfile
import time
from pathlib import Path

from bench import photos
from bench.site import serving

AIM = 200
_SETTLE = 8.0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        with serving(Path(folder)):
            time.sleep(_SETTLE)
        with serving(Path(folder)) as (process, _site):
            time.sleep(_SETTLE)
            found = {pid: _pss(pid) for pid in _below(process.pid)}
            starter = _pss(process.pid)
    total = sum(found.values())
    parts = " + ".join(f"{size:.0f}" for size in found.values())
    photos.say(f"memory  API and worker at rest {total:.0f} MB PSS ({parts}) (aim: at most {AIM})")
    photos.say(f"memory  `portal serve` itself, with the stand-in office {starter:.0f} MB PSS")
    return int(total > AIM)


def _below(pid: int) -> list[int]:
    parents = {int(p.name): _parent(p) for p in Path("/proc").iterdir() if p.name.isdecimal()}
    found, waiting = [], [pid]
    while waiting:
        waiting = [child for child, parent in parents.items() if parent in waiting]
        found += waiting
    return found


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _pss(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1]) / 1024  # type: ignore[index]
