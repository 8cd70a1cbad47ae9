"""低保 refused or stopped: 低保边缘 is looked at by itself, once, from what is there."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assembly import Portal
from portal.casework import events, next_tier, timeline
from portal.casework.tables import CaseEvent
from portal.filing import applications, documents
from portal.filing.tables import Application
from portal.foundation.errors import Conflict
from portal.handover import frozen, outbox
from portal.policy.lifecycle import Party, Status
from tests.casework import cases
from tests.conftest import NOW
from tests.filing.households import household, photograph, say
from tests.handover import files

LATER = NOW + timedelta(days=40)


def handed_in(portal: Portal, program: str = "dibao", **more: object) -> UUID:
    _home, file = household(portal, program)
    say(portal, file, files.LEAST | {"income_wage": 0, "declares_true": True} | more)
    photograph(portal, file, files.jpeg(), "illness_proof")
    files.submit(portal, file)
    return file


def put(portal: Portal, file: UUID, status: Status) -> None:
    with portal.database.writing() as session:
        cases.put_into(session, session.get_one(Application, file), status)


def others(session: Session, file: UUID) -> list[Application]:
    rows = select(Application).where(Application.id != file)
    return list(session.scalars(rows.order_by(Application.created_at)))


@pytest.mark.parametrize("status", [Status.DENIED, Status.STOPPED])
def test_a_refusal_or_stop_opens_the_next_tier_in_the_same_queue(
    portal: Portal, status: Status
) -> None:
    file = handed_in(portal)
    put(portal, file, status)
    assert next_tier.open_due(portal, now=LATER) == 1
    with portal.database.reading() as session:
        source, (made,) = session.get_one(Application, file), others(session, file)
        assert (made.program_id, made.status) == ("dibian", Status.SUBMITTED)
        assert (made.region_code, made.region_path) == (source.region_code, source.region_path)
        assert (made.filed_at, made.carried_from, made.carried_why) == (LATER, file, "next_tier")
        assert made.household_id == source.household_id
        said = applications.answers(session, made)
        assert said == files.LEAST | {"income_wage": 0}, "a consent is not carried"
        assert [d.item for d in documents.of(session, made)] == ["illness_proof"]
        (event,) = events.of(session, made)
        assert event.party == Party.PORTAL
        sentence = events.said(session, made, event)["sentence"]
        assert sentence.endswith("我们已帮您转评低保边缘，不用再交材料。")
        told = timeline.timeline(session, made, portal.catalogue, now=LATER)
        assert sentence in {line["sentence"] for line in told["history"]}
        body = frozen.contents(session, made, 1)
        assert body["office"]["why"] == "由办事机构接着原来的申请办理。"
        assert outbox.undelivered(session) == 2
    assert next_tier.open_due(portal, now=LATER) == 0


def test_down_to_the_last_tier_and_no_further(portal: Portal) -> None:
    file = handed_in(portal, "tekun")
    for expected in ("dibao", "dibian", "gangxing"):
        put(portal, file, Status.DENIED)
        assert next_tier.open_due(portal, now=LATER) == 1
        with portal.database.reading() as session:
            rows = select(Application).where(Application.carried_from == file)
            file, program = next((a.id, a.program_id) for a in session.scalars(rows))
            assert program == expected
    put(portal, file, Status.DENIED)
    assert next_tier.open_due(portal, now=LATER) == 0


@pytest.mark.parametrize("status", [Status.NOT_ACCEPTED, Status.WITHDRAWN, Status.ABORTED])
def test_other_ends_open_nothing(portal: Portal, status: Status) -> None:
    file = handed_in(portal)
    put(portal, file, status)
    assert next_tier.open_due(portal, now=LATER) == 0


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ACCEPTED, Status.PAYING])
def test_nothing_is_opened_beside_what_there_is(portal: Portal, status: Status) -> None:
    """Its own draft, a file under way, a status already granted."""
    _home, file, beside = household(portal, "dibao", "dibian")
    say(portal, file, files.LEAST)
    files.submit(portal, file)
    if status is not Status.DRAFT:
        files.submit(portal, beside)
        put(portal, beside, status)
    put(portal, file, Status.DENIED)
    assert next_tier.open_due(portal, now=LATER) == 1
    with portal.database.reading() as session:
        assert [a.id for a in others(session, file)] == [beside]
    assert next_tier.open_due(portal, now=LATER) == 0


def test_a_stronger_status_stands_against_it(portal: Portal) -> None:
    _home, tekun, file = household(portal, "tekun", "dibao")
    say(portal, file, files.LEAST)
    for one in (tekun, file):
        files.submit(portal, one)
    put(portal, tekun, Status.PAYING)
    put(portal, file, Status.DENIED)
    next_tier.open_due(portal, now=LATER)
    with portal.database.reading() as session:
        assert [a.id for a in others(session, file)] == [tekun]


def test_a_missing_answer_makes_it_wait_as_a_draft(portal: Portal) -> None:
    """What the form cannot do without is asked; nothing else is."""
    file = handed_in(portal)
    with portal.database.writing() as session:
        source, program = session.get_one(Application, file), portal.catalogue.find("dibao")
        kept = applications.kept_answers(session, source)
        applications.write(
            session, source, program, {n: a for n, a in kept.items() if n != "reason"}, now=NOW
        )
        source.household_id = None
    put(portal, file, Status.DENIED)
    next_tier.open_due(portal, now=LATER)
    with portal.database.reading() as session:
        (made,) = others(session, file)
        assert (made.status, made.submission_no) == (Status.DRAFT, 0)
        (event,) = events.of(session, made)
        assert events.said(session, made, event) == {
            "sentence": "低保没有批准。可以转评低保边缘，请再答1题。"
        }
        assert session.get_one(Application, file).household_id == made.household_id
        waiting = made.id
    with portal.database.writing() as session:
        made = session.get_one(Application, waiting)
        program, who = portal.catalogue.find("dibian"), files.owner(made)
        answers = {"reason": ["illness"]}
        applications.save_answers(
            session, made, program, answers, revision=made.revision, actor=who, now=LATER
        )
    files.submit(portal, waiting, now=LATER)
    with portal.database.reading() as session:
        assert session.get_one(Application, waiting).region_code == files.TOWNSHIP


def test_one_tap_says_no_and_it_stays_no(portal: Portal) -> None:
    file = handed_in(portal)
    put(portal, file, Status.DENIED)
    next_tier.open_due(portal, now=LATER)
    with portal.database.writing() as session:
        (made,) = others(session, file)
        events.withdraw(session, made, actor=files.owner(made), now=LATER)
    assert next_tier.open_due(portal, now=LATER) == 0
    with portal.database.reading() as session:
        assert [a.status for a in others(session, file)] == [Status.WITHDRAWN]


@pytest.mark.parametrize(("member", "opened"), [("applicant", 0), ("r1", 1)])
def test_nothing_is_opened_for_who_has_died(portal: Portal, member: str, opened: int) -> None:
    file = handed_in(portal)
    put(portal, file, Status.STOPPED)
    with portal.database.writing() as session:
        application = session.get_one(Application, file)
        event = CaseEvent(
            id=uuid4(), application_id=file, kind="death", before=application.status, after=None,
            party=Party.COUNTY, actor="test", at=NOW, recorded_at=NOW,
        )  # fmt: skip
        events._append(session, application, event, now=NOW)
        events._seal(session, application, event, {"member": member})
    next_tier.open_due(portal, now=LATER)
    with portal.database.reading() as session:
        assert len(others(session, file)) == opened


def test_one_that_cannot_be_opened_holds_up_no_other(portal: Portal) -> None:
    first, second = handed_in(portal), handed_in(portal)
    for file in (first, second):
        put(portal, file, Status.DENIED)
    with portal.database.writing() as session:
        session.get_one(Application, first).answers_sealed = b"\1damaged"
    assert next_tier.open_due(portal, now=LATER) == 1
    with portal.database.reading() as session:
        carried = select(Application.carried_from).where(Application.carried_from.is_not(None))
        assert list(session.scalars(carried)) == [second]


@settings(
    max_examples=8, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_whatever_the_offices_do_never_twice(portal: Portal, data: st.DataObject) -> None:
    """Random moves of a household's files, the worker between them: one file a tier at most,
    none after a no, and none the ladder does not name."""
    file = handed_in(portal)
    for _ in range(data.draw(st.integers(2, 8))):
        with portal.database.writing() as session:
            home = session.get_one(Application, file).household_id
            rows = select(Application).where(Application.household_id == home)
            mine = list(session.scalars(rows.order_by(Application.id)))
            one = data.draw(st.sampled_from(mine))
            wanted = data.draw(st.sampled_from([Status.DENIED, Status.PAYING, Status.WITHDRAWN]))
            try:
                cases.put_into(session, one, wanted)
            except Conflict:
                session.rollback()
        next_tier.open_due(portal, now=LATER)
    with portal.database.reading() as session:
        rows = select(Application).where(Application.household_id == home)
        mine = list(session.scalars(rows))
        programs = [one.program_id for one in mine]
        assert len(set(programs)) == len(programs)
        assert set(programs) <= {"dibao", *portal.catalogue.ladder("dibao")}
        for one in mine:
            if one.carried_from:
                assert session.get_one(Application, one.carried_from).status == Status.DENIED
