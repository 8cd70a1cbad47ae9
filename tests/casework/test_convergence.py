"""Six events in every order, with repeats: one state, one history.

The fast half proves it by steps: from every set of events that can have arrived, each event
that comes next leads to the one state of the larger set, and one that comes again changes
nothing. So all 720 orders end alike, with any repeats. The full half walks all 720.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.casework import events, history, parking, standin_office
from portal.casework.tables import OfficeEvent
from portal.people.access import Role
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.casework.test_intake_events import enroll, send
from tests.conftest import NOW
from tests.handover import files

AGO = NOW - timedelta(days=20)
ONE_OFFICE = [
    ("county", 1, "surveying", 1), ("county", 2, "visit", 2),
    ("county", 3, "first_review", 3), ("county", 4, "public_notice", 4),
    ("county", 5, "county_review", 12), ("county", 6, "approved", 13),
]  # fmt: skip
TWO_OFFICES = [
    ("town", 1, "surveying", 1), ("town", 2, "visit", 3), ("town", 3, "first_review", 5),
    ("town", 4, "county_review", 6), ("head", 1, "check_result", 2), ("head", 2, "approved", 9),
]  # fmt: skip
A_KIND_NOBODY_KNOWS = [
    ("county", 1, "surveying", 1), ("county", 2, "drone_survey", 2),
    ("county", 3, "first_review", 3), ("county", 4, "county_review", 4),
    ("county", 5, "correction", 5), ("county", 6, "denied", 6),
]  # fmt: skip
STORIES = {
    "一个后台": (ONE_OFFICE, Status.APPROVED),
    "两个后台加入户和核对": (TWO_OFFICES, Status.APPROVED),
    "一种认不得的事件": (A_KIND_NOBODY_KNOWS, Status.DENIED),
}
SENDERS = {
    "county": (Role.BACK_OFFICE, "430923"),
    "town": (Role.TOWNSHIP_CLERK, files.TOWNSHIP),
    "head": (Role.COUNTY_CLERK, "430923"),
}


LONGER = "一种认不得的事件"


@pytest.fixture(
    params=[pytest.param(s, marks=pytest.mark.full) if s == LONGER else s for s in STORIES]
)
def told(request, portal):
    """(file, the six as (sender, event), where they end)."""
    for name, (role, region) in SENDERS.items():
        enroll(portal, name, role, region)
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        cases.file_of(session, file_id).filed_at = AGO
        [accepted] = events.of(session, cases.file_of(session, file_id))
        accepted.at = AGO
    lines, end = STORIES[request.param]
    return file_id, [(line[0], _event(file_id, *line[1:], lines)) for line in lines], end


def _event(file_id, seq, kind, days, lines) -> dict[str, Any]:
    said = cases.SAID.get(kind) if kind != "drone_survey" else {"height": 12, "pilot": "某某"}
    made = standin_office.event(file_id, seq, kind, at=AGO + timedelta(days=days), said=said)
    if kind == "correction":
        made["said"] = {"corrects": _named(file_id, 1), "sentence": "上门日期写错了。"}
    return {**made, "id": _named(file_id, [line[2] for line in lines].index(kind) + 1)}


def _named(file_id, number: int) -> str:
    return f"{number:08x}{str(file_id)[8:]}"


def seen(session, file_id) -> tuple:
    """All that later events and people go by, without the order of arrival."""
    application = cases.file_of(session, file_id)
    lines = history.lines(session, application)
    rows = session.query(OfficeEvent.id, OfficeEvent.state).order_by(OfficeEvent.id).all()
    return (
        application.status,
        application.event_seq,
        tuple((line["kind"], line["at"], line["sentence"], line["corrected"]) for line in lines),
        tuple(map(tuple, rows)),
    )


@contextmanager
def undone(session) -> Iterator[None]:
    step = session.begin_nested()
    yield
    step.rollback()


@pytest.mark.both
def test_any_order_with_repeats_ends_in_the_same_history(portal, told):
    file_id, six, end = told
    many = len(six) if portal.database.embedded else 4
    known: dict[frozenset[int], tuple] = {}
    chance, steps = random.Random(6), []

    def look(session, have: frozenset[int]) -> None:
        """At one set of events that have come: a repeat, and each that may come next."""
        here = known[have]
        if have:
            tell(session, six[chance.choice(sorted(have))])
            assert seen(session, file_id) == here, "a repeat changed something"
        for number in set(range(many)) - have:
            steps.append(number)
            with undone(session):
                tell(session, six[number])
                there = seen(session, file_id)
                assert known.setdefault(have | {number}, there) == there
                if not have or number > max(have):
                    look(session, have | {number})

    with portal.database.writing() as session:
        known[frozenset()] = seen(session, file_id)
        look(session, frozenset())
    assert (len(steps), len(known)) == (many * 2 ** (many - 1), 2**many)
    assert many < 6 or known[frozenset(range(6))][0] == end


@pytest.mark.full
def test_all_720_orders_one_by_one(portal, told):
    """Walked as a tree, so that orders that begin alike share their beginning."""
    file_id, six, end = told
    chance, ends = random.Random(720), []

    def walk(session, have: tuple[int, ...]) -> None:
        if len(have) == 6:
            ends.append(seen(session, file_id))
        for number in set(range(6)) - set(have):
            with undone(session):
                tell(session, six[number])
                for again in (*have, number):
                    if chance.random() < 0.15:
                        tell(session, six[again])
                walk(session, (*have, number))

    with portal.database.writing() as session:
        walk(session, ())
    assert len(ends) == 720
    assert ends[0][0] == end
    assert set(ends) == {ends[0]}


def tell(session, line) -> None:
    sender, event = line
    send(session, event, name=sender, nonce=uuid4().hex)


def test_what_nobody_knows_is_kept_and_shown_where_it_belongs(portal):
    enroll(portal)
    file_id = cases.accepted(portal)
    odd = standin_office.event(file_id, 1, "drone_survey", at=NOW, said={"pilot": "刘桂香"})
    lost = standin_office.event(uuid4(), 1, "surveying", at=NOW)
    with portal.database.writing() as session:
        assert send(session, odd).state == "parked"
        assert send(session, lost).state == "parked"
        row = session.get_one(OfficeEvent, events.UUID(odd["id"]))
        assert "刘桂香" not in str(row.body)
        shown = parking.waiting(session, actor=files.clerk(region="430923"))
        assert {(w.kind, w.why) for w in shown} == {
            ("drone_survey", "这种事件认不得，已留存"),
            ("surveying", "找不到这份申请，等材料到"),
        }
        assert parking.waiting(session, actor=files.clerk(region="430481")) == []
        later = standin_office.event(file_id, 2, "surveying", at=NOW)
        assert send(session, later).state == "applied", "an unknown one holds nothing up"
        assert parking.oldest(session) == NOW


def test_what_was_told_late_stands_where_it_happened(portal):
    enroll(portal, "town", Role.TOWNSHIP_CLERK, files.TOWNSHIP)
    enroll(portal, "head", Role.COUNTY_CLERK, "430923")
    file_id = cases.accepted(portal)
    lines = [("town", 1, "surveying", 0), ("town", 2, "first_review", 2)]
    with portal.database.writing() as session:
        for sender, seq, kind, hours in lines:
            event = standin_office.event(file_id, seq, kind, at=NOW + timedelta(hours=hours))
            send(session, event, name=sender, now=NOW + timedelta(hours=3))
        asked = standin_office.event(file_id, 1, "check_requested", at=NOW + timedelta(hours=1))
        assert send(session, asked, name="head", now=NOW + timedelta(hours=4)).state == "applied"
        application = cases.file_of(session, file_id)
        kinds = [line["kind"] for line in history.lines(session, application)]
        assert kinds[-3:] == ["surveying", "check_requested", "first_review"]
