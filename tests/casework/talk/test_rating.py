"""满意度: three faces once decided, by the person only; a sad one waits until the county spoke."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.casework.tables import CaseEvent
from portal.casework.talk import rating
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Grant, Role
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

COUNTY = files.clerk(files.COUNTY, number=71, role=Role.COUNTY_CLERK)
WORDS = "等了四十天，没人告诉我。"


@pytest.fixture
def decided(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        cases.put_into(session, cases.file_of(session, file_id), Status.DENIED)
    return file_id


def give(portal, file_id, face, words="", **other):
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        actor = replace(files.owner(file), **other)
        rating.give(session, file, face, words, actor=actor, now=NOW)


def waiting(portal, actor=COUNTY):
    with portal.database.reading() as session:
        return [row.application_id for row, _file in rating.low(session, actor=actor)]


def follow_up(portal, file_id, words="打电话说清了，道了歉。", actor=COUNTY):
    with portal.database.writing() as session:
        rating.follow_up(session, file_id, words, actor=actor, now=NOW)


def read(portal, file_id, **other):
    with portal.database.reading() as session:
        file = cases.file_of(session, file_id)
        return rating.of(session, file, actor=replace(files.owner(file), **other))


@pytest.mark.parametrize(("face", "opens"), [(3, False), (2, False), (1, True)])
def test_only_a_sad_face_waits_for_the_county(portal, decided, face, opens):
    give(portal, decided, face, WORDS)
    assert waiting(portal) == [decided] * opens
    assert read(portal, decided)["words"] == WORDS


def test_followed_up_once_and_the_person_reads_it(portal, decided):
    give(portal, decided, 1, WORDS)
    for wrong in ("", " ", "长" * 301):
        with pytest.raises(Invalid):
            follow_up(portal, decided, wrong)
    follow_up(portal, decided)
    assert waiting(portal) == []
    assert read(portal, decided)["answer"] == "打电话说清了，道了歉。"
    for again in (lambda: follow_up(portal, decided), lambda: give(portal, decided, 3)):
        with pytest.raises(Conflict):
            again()


def test_another_mind_takes_the_place_of_the_first(portal, decided):
    give(portal, decided, 1, WORDS)
    give(portal, decided, 3)
    assert (read(portal, decided)["face"], read(portal, decided)["words"]) == (3, "")
    assert waiting(portal) == []


def test_not_before_there_is_a_result(portal):
    file_id = cases.accepted(portal)
    with pytest.raises(Conflict):
        give(portal, file_id, 1)


def test_no_helper_gives_it_or_reads_it(portal, decided):
    give(portal, decided, 1, WORDS)
    grant = Grant(UUID(int=5), UUID(int=6), frozenset(), frozenset())
    with pytest.raises(Forbidden):
        give(portal, decided, 3, id=UUID(int=6), grant=grant)
    assert read(portal, decided, id=UUID(int=6), grant=grant) is None


@pytest.mark.parametrize(("face", "words"), [(0, ""), (4, ""), (1, "长" * 301), (1, "\x00")])
def test_what_is_wrong_is_named(portal, decided, face, words):
    with pytest.raises(Invalid):
        give(portal, decided, face, words)


def test_only_the_county_of_the_file(portal, decided):
    give(portal, decided, 1)
    for actor in (files.clerk(), files.clerk(role=Role.TOWNSHIP_REVIEWER)):
        with pytest.raises(Forbidden):
            waiting(portal, actor)
    other = files.clerk("430921", number=72, role=Role.COUNTY_CLERK)
    assert waiting(portal, other) == []
    with pytest.raises(NotFound):
        follow_up(portal, decided, actor=other)
    with pytest.raises(Forbidden):
        follow_up(portal, decided, actor=files.clerk(files.COUNTY, role=Role.AUDITOR))


def test_words_are_sealed(portal, decided):
    give(portal, decided, 1, WORDS)
    follow_up(portal, decided)
    stored = b"".join(p.read_bytes() for p in portal.settings.data.glob("portal.sqlite*"))
    for secret in (WORDS, "打电话说清了"):
        assert secret.encode() not in stored


def test_who_handled_the_file_neither_sees_nor_answers_it(portal, decided):
    give(portal, decided, 1, WORDS)
    with portal.database.writing() as session:
        for event in session.scalars(select(CaseEvent).where(CaseEvent.kind == "denied")):
            event.actor = str(COUNTY)
    assert waiting(portal) == []
    with pytest.raises(Forbidden) as refused:
        follow_up(portal, decided)
    assert refused.value.code == "own_handling"
    other = files.clerk(files.COUNTY, number=73, role=Role.COUNTY_CONFIRMER)
    assert waiting(portal, other) == [decided]
