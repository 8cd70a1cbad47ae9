"""Bytes of a first visit and of what opens without a signal, brotli, and what photos in parts cost
beyond their own bytes: counted by the budget tests, printed here."""

import subprocess
import sys
from pathlib import Path

from bench import photos

ROOT = Path(__file__).resolve().parent.parent
TESTS = [ROOT / "tests" / "pages" / "test_weight.py", ROOT / "tests" / "uploads"]
NAMES = "多少字节 or 一共多少 or overhead"


def main() -> int:
    done = subprocess.run(  # noqa: S603 - fixed command
        [sys.executable, "-m", "pytest", "-q", "-s", "-k", NAMES, *map(str, TESTS)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        if " bytes " in line:
            photos.say(f"weight  {line.lstrip('. ')}")
    photos.say(f"weight  budgets {'kept' if done.returncode == 0 else 'NOT KEPT'}")
    return int(done.returncode != 0)
