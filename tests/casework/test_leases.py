"""Work taken up one by one: each duty its own files, in order, never two people on one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.casework import duties, events, leases, office, queue
from portal.filing.tables import Application, county_of
from portal.foundation.errors import Conflict, Forbidden, NotFound
from portal.people import access, staff
from portal.people.access import Actor, Role
from portal.policy import regions
from portal.policy.lifecycle import Party, Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

CHEN = files.clerk(number=11, role=Role.TOWNSHIP_INVESTIGATOR)
TIAN = files.clerk(number=12, role=Role.TOWNSHIP_INVESTIGATOR)
WU = files.clerk(number=13, role=Role.TOWNSHIP_REVIEWER)
TAN = files.clerk(files.COUNTY, number=14, role=Role.COUNTY_CHECKER)
PENG = files.clerk(files.COUNTY, number=15, role=Role.COUNTY_CONFIRMER)
ELSEWHERE = files.clerk(files.NEIGHBOUR, number=16, role=Role.TOWNSHIP_INVESTIGATOR)
PLACES = [
    "430000", "430900", "430923", "430923121", "430923118", "430921", "433100", "433127", "433127103",
    "530000", "999999",
]  # fmt: skip


def at(portal, status, **more):
    """A file that has come as far as `status`."""
    file_id = cases.handed_in(portal, **more)
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, file_id), status)
    return file_id


def taken(portal, actor, now=NOW, duty=""):
    with portal.database.writing() as session:
        found = office.take_next(session, actor=actor, duty=duty, now=now)
        return found.id if found else None


@pytest.mark.parametrize(
    ("actor", "status"),
    [(CHEN, Status.ACCEPTED), (CHEN, Status.SURVEYING), (CHEN, Status.REINVESTIGATING),
     (WU, Status.FIRST_REVIEW), (PENG, Status.COUNTY_REVIEW)],
    ids=lambda one: str(getattr(one, "role", one)),
)  # fmt: skip
def test_a_duty_gets_what_waits_for_it(portal, actor, status):
    file_id = at(portal, status)
    both = (CHEN, WU) if status is Status.REINVESTIGATING else (actor,)
    others = [a for a in (files.clerk(), CHEN, WU, PENG) if a not in both]
    assert all(taken(portal, other) is None for other in others)
    assert taken(portal, ELSEWHERE) is None
    assert taken(portal, actor) == file_id


def test_two_investigators_never_get_the_same(portal):
    first = at(portal, Status.ACCEPTED)
    second = at(portal, Status.ACCEPTED, phone="13812345602")
    assert {taken(portal, CHEN), taken(portal, TIAN)} == {first, second}
    mine = taken(portal, CHEN)
    assert taken(portal, CHEN, now=NOW + timedelta(minutes=29)) == mine
    assert taken(portal, files.clerk(number=17, role=Role.TOWNSHIP_INVESTIGATOR)) is None


def test_what_is_put_back_is_free_and_what_went_on_too(portal):
    file_id = at(portal, Status.SURVEYING)
    taken(portal, CHEN)
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        assert queue.reader(session, file, now=NOW) == str(CHEN)
        with pytest.raises(Conflict):
            queue.check_free(session, file, actor=TIAN, now=NOW)
        queue.check_free(session, file, actor=CHEN, now=NOW)
        office.release(session, file, actor=TIAN, now=NOW)
        assert queue.reader(session, file, now=NOW) == str(CHEN)
        office.release(session, file, actor=CHEN, now=NOW)
        assert queue.reader(session, file, now=NOW) is None
        file.investigator_id = None
    assert taken(portal, TIAN) == file_id
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        cases.make(session, file, cases.road_to(Status.FIRST_REVIEW)[-1])
        assert queue.reader(session, file, now=NOW) is None
    assert taken(portal, WU) == file_id


def test_whoever_took_a_visit_up_has_it_unless_it_is_given_on(portal):
    file_id = at(portal, Status.ACCEPTED)
    with portal.database.writing() as session:
        made = [_investigator(session, name) for name in ("chen", "tian")]
    taken(portal, made[0])
    later = NOW + timedelta(hours=1)
    assert taken(portal, made[1], now=later) is None
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        with pytest.raises(Forbidden):
            office.assign(session, file, made[1].id, actor=PENG, now=NOW)
        office.assign(session, file, made[1].id, actor=files.clerk(), now=NOW)
    assert taken(portal, made[1], now=later) == file_id


def _investigator(session, name):
    made, _password, _uri = staff.add(
        session, name, name, Role.TOWNSHIP_INVESTIGATOR, files.TOWNSHIP, now=NOW
    )
    return Actor(Role.TOWNSHIP_INVESTIGATOR, made.id, files.TOWNSHIP, name)


def test_after_the_visit_the_answer_of_the_check_is_waited_for(portal):
    file_id = at(portal, Status.SURVEYING)
    with portal.database.writing() as session:
        cases.note(session, cases.file_of(session, file_id), "check_requested", Party.TOWNSHIP)
        cases.note(session, cases.file_of(session, file_id), "visit", Party.TOWNSHIP)
    assert taken(portal, CHEN) is None
    assert taken(portal, TAN) == file_id
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        cases.note(session, file, "check_result", Party.COUNTY)
        office.release(session, file, actor=TAN, now=NOW)
    assert taken(portal, TAN) is None
    assert taken(portal, CHEN) == file_id


def test_a_notice_that_still_hangs_has_no_turn(portal):
    file_id = at(portal, Status.PUBLIC_NOTICE)
    assert taken(portal, WU, now=NOW + timedelta(days=6)) is None
    assert taken(portal, WU, now=NOW + timedelta(days=7)) == file_id


def test_nobody_is_given_what_they_prepared_to_decide(portal):
    file_id = cases.handed_in(portal)
    both = Actor(
        Role.COUNTY_CONFIRMER, UUID(int=21), files.COUNTY, also=frozenset({Role.COUNTY_CHECKER})
    )
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        for move in cases.road_to(Status.COUNTY_REVIEW):
            actor = str(both) if move.after is Status.FIRST_REVIEW else "portal"
            events.record(
                session, file, move.kinds[0], after=move.after, party=move.party, actor=actor,
                said=cases.SAID.get(move.kinds[0]), now=NOW,
            )  # fmt: skip
    assert taken(portal, both, duty="decide") is None
    assert taken(portal, PENG) == file_id


def test_one_person_with_two_duties_says_which(portal):
    waiting, going = cases.handed_in(portal), at(portal, Status.ACCEPTED, phone="13812345602")
    both = Actor(
        Role.TOWNSHIP_CLERK, UUID(int=22), files.TOWNSHIP,
        also=frozenset({Role.TOWNSHIP_INVESTIGATOR}),
    )  # fmt: skip
    assert taken(portal, both) == waiting
    assert taken(portal, both, duty="visit") == going
    with pytest.raises(Forbidden):
        taken(portal, both, duty="decide")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.COUNTY_CLERK,
                                  Role.DEPARTMENT_CLERK, Role.ADMINISTRATOR])  # fmt: skip
def test_those_who_look_take_nothing(portal, role):
    with pytest.raises(Forbidden):
        taken(portal, files.clerk(files.COUNTY, number=31, role=role))


@pytest.mark.both
def test_at_the_same_moment_nobody_gets_the_same(portal):
    wanted = {at(portal, Status.ACCEPTED, phone=f"1381234560{n}") for n in range(3)}
    start = Barrier(4)

    def take(number):
        start.wait()
        return taken(portal, files.clerk(number=number, role=Role.TOWNSHIP_INVESTIGATOR))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(take, range(41, 45)))
    assert set(found) == wanted | {None}
    assert len([f for f in found if f]) == 3


@pytest.mark.both
def test_what_sql_finds_is_what_access_allows(portal):
    """duties.scope and access.covers are one rule."""
    made = {}
    for number, place in enumerate((files.TOWNSHIP, files.NEIGHBOUR, "433127103")):
        answers = files.LEAST | {"household_place": {"code": place, "address": ""}}
        made[place] = cases.handed_in(portal, answers, phone=f"1381234561{number}")
    with portal.database.reading() as session:
        for role in sorted(duties.READING):
            for place in PLACES:
                actor = files.clerk(place, number=51, role=role)
                seen = set(session.scalars(select(Application.id).where(duties.scope(actor))))
                inside = {
                    file_id for town, file_id in made.items()
                    if access.covers(place, regions.path(session, town))
                }  # fmt: skip
                own = {made[place]} if place in made else set()
                assert seen == (own if role in duties.TOWNSHIP else inside), (role, place)
                assert all(_found(session, file_id, actor) for file_id in seen)


def _found(session, file_id, actor):
    try:
        return office.find(session, file_id, actor=actor, opened=True)
    except NotFound:
        return None


@pytest.mark.parametrize(
    ("path", "county"),
    [("430000/430900/430923/430923121", "430923"), ("440000/441900/441900003", "441900"),
     ("430000/430200/430211/430271001", "430211"), ("", None), (None, None)],
)  # fmt: skip
def test_the_county_of_a_path(path, county):
    assert county_of(path) == county
    assert Application(region_path=path).county_code == county


@pytest.mark.both
def test_a_list_holds_what_the_filters_leave(portal):
    wanted = at(portal, Status.SURVEYING)
    other = cases.handed_in(portal, files.MORE, phone="13812345602")
    with portal.database.writing() as session:
        first, second = cases.file_of(session, wanted), cases.file_of(session, other)
        first.investigator_id, second.urgent = CHEN.id, True
        number, mine = first.reference_no, files.clerk()
        office.take_next(session, actor=mine, now=NOW)
        filters = {
            wanted: [{"status": "surveying"}, {"words": number}, {"investigator": CHEN.id}],
            other: [{"urgent": True}, {"mine": True}, {"words": "43092319000101001 0"},
                    {"late": True}],
        }  # fmt: skip
        for file_id, tried in filters.items():
            for one in tried:
                late = NOW + timedelta(days=20 if "late" in one else 0)
                found = queue.lists(
                    session, actor=mine, now=late, wanted=queue.Wanted(**one),
                    catalogue=portal.catalogue,
                )  # fmt: skip
                assert [line.application.id for line in found.lines("found")] == [file_id], one
        nothing = [{"program": "tekun"}, {"place": files.NEIGHBOUR}, {"words": "刘桂香"}]
        for one in nothing:
            found = queue.lists(session, actor=mine, now=NOW, wanted=queue.Wanted(**one))
            assert found.lines("found") == [], one


def test_supervisors_get_figures_and_no_list(portal):
    at(portal, Status.SURVEYING)
    with portal.database.reading() as session:
        boss = files.clerk("430900", number=61, role=Role.SUPERVISOR)
        found = office.lists(session, actor=boss, now=NOW)
        assert (found.sections, found.alerts) == ((), ())
        assert found.counted == {"surveying": 1}
        with pytest.raises(NotFound):
            queue.find(session, "0000000000", actor=boss)


def test_every_duty_is_somebodys_and_leads_somewhere():
    assert {d.role for d in duties.DUTIES.values()} <= duties.READING
    assert all(d.statuses for d in duties.DUTIES.values())
    assert timedelta(minutes=30) == leases.LEASE
