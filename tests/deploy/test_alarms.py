"""The alarms name figures that are there, and pages of the runbook that say what to do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from tests.rules.code import ROOT

FILE = ROOT / "deploy" / "prometheus" / "jiuzhutong.rules.yml"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load(FILE.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
HEADINGS = re.findall(r"^##+ (.*)$", (ROOT / "deploy/RUNBOOK.md").read_text(encoding="utf-8"), re.M)
_NAMES = re.compile(r"portal_\w+")
OF_PROMETHEUS = {"MachineAway": 'up{job="jiuzhutong"} == 0'}
"""About the machines, not by them."""


@pytest.fixture
def shown(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> str:
    """What Prometheus reads, after somebody was turned away and something went wrong."""
    with monkeypatch.context() as patched:
        patched.setitem(client.application.extensions, "waiting", lambda: 10**6)
        assert client.get("/").status_code == 503
    assert client.get("/api/programs").status_code == 200
    monkeypatch.setattr("api.system.text", None)
    assert client.get("/readyz").status_code == 500
    return client.get("/metrics").text


def test_every_figure_an_alarm_names_is_there(shown: str) -> None:
    there = {line.partition("{")[0].partition(" ")[0] for line in shown.splitlines()}
    for rule in RULES:
        named = set(_NAMES.findall(rule["expr"]))
        assert named or rule["expr"] == OF_PROMETHEUS[rule["alert"]], rule
        assert named <= there, (rule["alert"], named - there)


def test_every_figure_has_its_alarm(shown: str) -> None:
    """But for the counts that only explain another one."""
    kept = set(re.findall(r"^# TYPE (portal_\w+)", shown, re.M))
    kept = {name for name in kept if not name.endswith("_created")}
    used = {name.removesuffix("_bucket") for rule in RULES for name in _NAMES.findall(rule["expr"])}
    assert kept - used == {"portal_photos_waiting"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_says_what_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert re.search(r"[\u4e00-\u9fff]", rule["annotations"]["summary"])
    assert rule["annotations"]["runbook"] in HEADINGS
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}


def test_the_files_are_where_the_runbook_says(tmp_path: Path) -> None:
    assert "deploy/prometheus/jiuzhutong.rules.yml" in (ROOT / "deploy/RUNBOOK.md").read_text()
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
