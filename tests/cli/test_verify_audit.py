"""`portal verify-audit`, what the worker finds in its weekly look, and the seals that leave the machine."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from portal import inspection, worker
from portal.assembly import Portal
from portal.cli import main
from portal.foundation import audit, audit_check
from portal.measures import of_installation
from tests.conftest import NOW
from tests.handover import files

WEEK = timedelta(days=7)


@pytest.fixture
def well(portal: Portal) -> Portal:
    files.submit(portal, files.draft(portal, files.LEAST))
    worker.run_once(portal, now=NOW)
    worker.run_once(portal, now=NOW + timedelta(minutes=1))
    return portal


def run(portal: Portal, *words: str) -> Result:
    return CliRunner().invoke(main, ["--data", str(portal.settings.data), *words])


def alter(portal: Portal) -> None:
    with portal.database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET actor='nobody' WHERE seq=1"))


def figures(portal: Portal, **later: float) -> dict[str, float]:
    with portal.database.reading() as session:
        found = of_installation(session, portal.settings, now=NOW + timedelta(**later))
        return {name: value for name, _, value in found if name.startswith("portal_audit")}


def grave(portal: Portal) -> str:
    found = inspection.inspect(portal.settings, now=NOW)
    return "".join(f.words for f in found if f.grave)


def test_the_worker_looks_once_a_week(well: Portal) -> None:
    assert figures(well, days=1)["portal_audit_check_age_seconds"] == 86400
    alter(well)
    worker.run_once(well, now=NOW + timedelta(days=6))
    assert figures(well)["portal_audit_faults"] == 0
    worker.run_once(well, now=NOW + WEEK)
    assert figures(well)["portal_audit_faults"] >= 1
    assert "审计记录对不上" in grave(well)


def test_what_takes_long_waits_for_the_next_hour(
    well: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And goes on where it was, the part looked at longest ago being what is told."""
    monkeypatch.setattr(audit_check, "_SPENT", -1.0)
    data, later = well.settings.data, NOW + WEEK
    for _part in audit.PARTS:
        assert audit_check.last(data).since == NOW
        assert audit_check.go_on(well.database, data, now=later) == 1
    assert audit_check.last(data).since == later
    assert audit_check.go_on(well.database, data, now=later) == 0


def test_by_hand_with_seals_that_were_written_down(well: Portal, tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text("红薯 稻谷")
    for name in ("one", "two"):
        made = run(
            well, "backup", str(tmp_path / f"{name}.backup"), "--passphrase-file", str(words)
        )
        assert made.exit_code == 0, made.output
    kept = tmp_path / "audit-seals"
    [line, _] = kept.read_text().splitlines()
    seal = line.split()[-1]
    assert seal in made.output
    assert seal in run(well, "doctor").output
    found = run(well, "verify-audit", "--seals", str(kept), "--seal", seal)
    assert (found.exit_code, "比了 3 个" in found.output) == (0, True), found.output
    found = run(well, "verify-audit", "--seal", seal.replace(":", ":0"))
    assert found.exit_code == 1
    assert "not the one that was written down" in found.output
    alter(well)
    assert run(well, "verify-audit").exit_code == 1
    assert "审计记录对不上" in grave(well)
