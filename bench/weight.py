"""Bytes of a first visit, brotli: counted by the budget test, printed here."""

import subprocess
import sys
from pathlib import Path

from bench import photos

TEST = Path(__file__).resolve().parent.parent / "tests" / "pages" / "test_weight.py"


def main() -> int:
    done = subprocess.run(  # noqa: S603 - fixed command
        [sys.executable, "-m", "pytest", "-q", "-s", "-k", "多少字节", str(TEST)],
        capture_output=True, text=True, check=False, cwd=TEST.parent.parent.parent,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        if " bytes " in line:
            photos.say(f"weight  {line.strip()}")
    photos.say(f"weight  budgets {'kept' if done.returncode == 0 else 'NOT KEPT'}")
    return int(done.returncode != 0)
