"""RUNBOOK.md as typed: installing, backing up, the drills and restoring, by a user who may do little."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from portal.foundation.settings import Settings
from tests.deploy.handbook import BOOK, NOBODY, Machine, blocks, settings
from tests.rules.code import ROOT


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Not under tmp_path, which nobody else may enter."""
    root = Path(tempfile.mkdtemp(prefix="portal-runbook."))
    made = Machine(root)
    made.make()
    yield made
    shutil.rmtree(root)


def test_install_back_up_and_drill(machine: Machine, template: Path) -> None:
    """`portal init` finds places and tables, to be quick; on nothing it is tried below."""
    before, keys, front, units = blocks("Install")
    machine.type(before)
    machine.set(**settings())
    given = f"{template}/portal.sqlite {template}/master.key"
    machine.type(f"install -o jiuzhutong -g jiuzhutong -m 600 {given} /var/lib/jiuzhutong")
    assert "用户名：admin" in machine.type(keys)
    machine.type(front)
    machine.type(units)
    assert len((machine.root / "etc/jiuzhutong/backup-words").read_text().strip()) == 32
    kept = machine.root / "var/backups/jiuzhutong"
    assert len(list(kept.glob("*.backup"))) == 1, "the unit's first one"
    assert "enable --now jiuzhutong-api" in (machine.root / "systemctl").read_text()
    assert modes(machine.root / "etc/jiuzhutong") == {
        "backup-words": 0o400, "env": 0o640, "tls/key.pem": 0o600, "tls/request.csr": 0o644,
    }  # fmt: skip

    (drill,) = blocks("The drill, every month")
    said = machine.type(drill)
    assert f"审计记录完好：{machine.root}/srv/jiuzhutong-trial/portal.sqlite" in said
    assert list((machine.root / "srv").iterdir()) == []


@pytest.mark.full
def test_restoring_for_real(machine: Machine) -> None:
    before, keys, _front, units = blocks("Install")
    machine.type(before)
    machine.set(**settings())
    machine.type(keys)
    machine.type(units)
    restoring, start = blocks("Restoring for real")
    machine.type(restoring)
    machine.type(start)
    data = machine.root / "var/lib/jiuzhutong"
    assert {"master.key", "portal.sqlite"} <= {p.name for p in data.iterdir()}
    assert "完好" in machine.type("portal verify-audit")
    if os.getuid() == 0:
        assert {p.stat().st_uid for p in (data, *data.rglob("*"))} == {NOBODY}


@pytest.mark.full
@pytest.mark.postgres
@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_the_drill_on_postgresql_never_reads_the_live_database(
    machine: Machine, settings: Settings
) -> None:
    (before, *_), (drill,) = blocks("Install"), blocks("The drill on PostgreSQL")
    live = settings.database_url.replace("+psycopg", "")
    machine.type(before)
    machine.set(PORTAL_DATA="/var/lib/jiuzhutong", DATABASE_URL=live)
    key = "install -o jiuzhutong -g jiuzhutong -m 600 {} /var/lib/jiuzhutong/master.key"
    machine.type(key.format(settings.data / "master.key"))
    assert live.rsplit("/", 1)[1] in machine.type("portal verify-audit")
    machine.type(
        "echo words > /etc/jiuzhutong/backup-words; chmod 644 /etc/jiuzhutong/backup-words"
    )
    machine.type(
        "portal backup /var/backups/jiuzhutong/1.backup --passphrase-file /etc/jiuzhutong/backup-words"
    )
    user, host, port = re.search(r"//([^:@]*).*@([\d.]+):(\d+)/", live).groups()  # type: ignore[union-attr]
    machine.environ = {"PGHOST": host, "PGPORT": port, "PGUSER": user}
    trial = f"jiuzhutong_trial_{os.getpid()}"
    typed = drill.replace("jiuzhutong_trial", trial).replace(
        "--owner=jiuzhutong ", f"--owner={user} "
    )
    verified, gone = typed.split("unset PORTAL_ALSO\n")
    assert f"审计记录完好：{host}:{port}/{trial}" in machine.type(verified)
    refused = machine.type("portal --data /srv/jiuzhutong-trial verify-audit || true")
    assert f"却是 {host}:{port}/{live.rsplit('/', 1)[1]}" in refused
    assert "完好" not in refused
    machine.type(gone)
    assert list((machine.root / "srv").iterdir()) == []


def test_every_alarm_says_what_to_type() -> None:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/jiuzhutong.rules.yml").read_text("utf-8"))
    named = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    table = BOOK.split("## Alarms\n")[1].split("\n## ")[0]
    rows = {
        name
        for row in re.findall(r"^\| ([A-Z][\w, ]+) \|", table, re.M)
        for name in row.split(", ")
    }
    assert rows == named


def modes(folder: Path) -> dict[str, int]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {str(p.relative_to(folder)): p.stat().st_mode & 0o777 for p in files}
