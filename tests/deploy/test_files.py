"""Units, compose file and handbooks: they name what is there, and units are tight."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.cli import main
from portal.foundation.settings import Mode, from_environment
from tests.rules.code import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
ANALYZE = shutil.which("systemd-analyze") or ""
BOOKS = [DEPLOY / "RUNBOOK.md", DEPLOY / "TOPOLOGY.md", ROOT / "README.md"]
EXAMPLE = (DEPLOY / "env.example").read_text(encoding="utf-8")
SETTINGS = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", EXAMPLE, re.M))


def test_the_example_is_a_demonstration_as_it_stands() -> None:
    lines = re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE, re.M)
    settings = from_environment(dict(lines))
    settings.check()
    assert settings.mode is Mode.DEMO
    assert len(SETTINGS) > 20


@pytest.mark.skipif(not ANALYZE, reason="no systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_the_unit(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text(encoding="utf-8").replace("/opt/jiuzhutong/.venv/bin/python", "/bin/true")
    copy = tmp_path / unit.name
    copy.write_text(text, encoding="utf-8")
    if unit.suffix == ".timer":
        shutil.copy(unit.with_suffix(".service"), tmp_path)
    said = subprocess.run([ANALYZE, "verify", copy], capture_output=True, text=True)
    assert not [line for line in said.stderr.splitlines() if "jiuzhutong" in line], said.stderr


@pytest.mark.skipif(not ANALYZE, reason="no systemd-analyze")
@pytest.mark.parametrize(
    "unit", [u for u in UNITS if u.suffix == ".service"], ids=lambda unit: unit.name
)
def test_the_unit_may_do_little(unit: Path) -> None:
    """2.0 of 10, where 10 is a plain service."""
    command = [ANALYZE, "security", "--offline=true", "--threshold=20", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout[-2000:]


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_the_handbook_names_commands_and_settings_there_are(book: Path) -> None:
    text = book.read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:deploy/)?portal (?:--data \S+ )?([a-z][a-z-]+)", text))
    assert named <= set(main.commands), named - set(main.commands)
    settings = set(re.findall(r"`(PORTAL_[A-Z0-9_]+|[A-Z]+_URL)[=`]", text))
    assert settings <= SETTINGS, settings - SETTINGS
    for path in re.findall(r"`(deploy/[\w./-]+?)`", text):
        assert (ROOT / path).exists(), path
