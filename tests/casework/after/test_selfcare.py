"""Self-care in 特困供养 changed: looked at again in ten working days of the report (43号 第23条)."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.casework.after import changes
from portal.casework.clock import afterwards, bar, escalation, watching
from portal.casework.clock.tables import CaseClock, Escalation
from portal.foundation.errors import Invalid
from tests.casework.decision import offices as making
from tests.casework.decision.offices import do, look

WORDS = "摔了腿，下不了床。"


def report(offices, file_id, kind):
    def say(session, file):
        who = making.owner(file)
        return changes.report(session, file, kind, WORDS, actor=who, now=offices.now).id

    return do(offices, file_id, say)


def watched(offices, file_id):
    """After the worker's look: the clocks that run, and who was told that this one is late."""
    portal = offices.portal
    watching.look(portal.database, portal.catalogue, now=offices.now)
    escalation.escalate(portal.database, portal.catalogue, now=offices.now)

    def found(session, file):
        clocks = session.query(CaseClock).filter_by(application_id=file.id)
        late = session.query(Escalation).filter_by(application_id=file.id, step=afterwards.SELFCARE)
        return [one.step for one in clocks], {one.level: one.settled_at is None for one in late}

    return look(offices, file_id, found)


def test_it_runs_from_the_report_until_the_office_answers(offices):
    file_id = making.on_the_road(offices, "tekun", "paying")
    report(offices, file_id, "members")
    assert watched(offices, file_id) == ([], {})
    said = report(offices, file_id, "selfcare")
    assert watched(offices, file_id) == ([afterwards.SELFCARE], {})
    rows = look(offices, file_id, lambda s, f: bar.bar(s, f, offices.program(f), now=offices.now))
    (row,) = [row for row in rows if row["key"] == afterwards.SELFCARE]
    assert (row["ours"], row["whole"], row["unit"]) == (False, 10, "workday")
    last = datetime.fromisoformat(row["due"]).replace(hour=4, tzinfo=UTC)
    offices.now = last
    assert watched(offices, file_id)[1] == {}
    offices.now = last + timedelta(days=1)
    assert watched(offices, file_id)[1] == {"township": True, "county": True}

    def answer(session, _file):
        changes.answer(session, said, "按全护理。", actor=offices["clerk"], now=offices.now)

    do(offices, file_id, answer)
    assert watched(offices, file_id) == ([], {"township": False, "county": False})


def test_other_programs_have_no_such_report(offices):
    file_id = making.on_the_road(offices, "dibao", "paying")
    with pytest.raises(Invalid) as refused:
        report(offices, file_id, "selfcare")
    assert "kind" in refused.value.fields
