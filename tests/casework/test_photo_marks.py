"""Photos one by one: seen, wanted again, replaced; the file goes on meanwhile."""

import pytest

from portal.casework import events, office, photo_marks, sheet
from portal.filing.tables import Document
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Role
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

LI = files.clerk()
ME = {"actor": LI, "now": NOW}


@pytest.fixture
def photographed(portal):
    """(file, first photo, second photo), both of the bank card."""
    file_id = files.draft(portal, files.LEAST)
    photos = [files.add_photo(portal, file_id, files.jpeg(c)) for c in ("white", "grey")]
    files.submit(portal, file_id)
    cases.deliver(portal)
    return file_id, *photos


def test_a_photo_is_seen_or_wanted_again(portal, photographed):
    file_id, first, second = photographed
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        assert office.photo_states(session, file) == {first: None, second: None}
        photo_marks.accept(session, file, first, **ME)
        photo_marks.ask_again(session, file, second, "号码看不清，请再拍。", **ME)
        assert office.photo_states(session, file) == {first: "accepted", second: "retake"}
        assert photo_marks.asked(session, file) == {second: "号码看不清，请再拍。"}
        with pytest.raises(Conflict):
            photo_marks.accept(session, file, first, **ME)
        photo_marks.accept(session, file, second, **ME)
        assert office.photo_states(session, file)[second] == "accepted"
        assert photo_marks.asked(session, file) == {}


def test_it_stops_nothing_and_is_no_list(portal, photographed):
    file_id, first, _second = photographed
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        photo_marks.ask_again(session, file, first, "请再拍。", **ME)
        assert file.status == Status.SUBMITTED
        assert events.corrections(session, file) == []
        office.ask_for(
            session, file, portal.catalogue.find("dibao"), [("bank_account", "请补。")], **ME
        )
        assert file.status == Status.RETURNED


def test_a_new_photo_of_the_same_paper_answers_it(portal, photographed):
    file_id, first, second = photographed
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        photo_marks.ask_again(session, file, first, "请再拍。", **ME)
    newer = files.add_photo(portal, file_id, files.jpeg("black"))
    with portal.database.writing() as session:
        session.get_one(Document, newer).created_at = NOW.replace(hour=2)
    with portal.database.reading() as session:
        file = cases.file_of(session, file_id)
        assert office.photo_states(session, file) == {first: None, second: None, newer: None}
        program = portal.catalogue.find("dibao")
        assert [p.mark for p in sheet.read(session, file, program).photos] == [None] * 3


@pytest.mark.parametrize("sentence", ["", "  ", "字" * 201])
def test_again_needs_a_sentence(portal, photographed, sentence):
    file_id, first, _second = photographed
    with portal.database.writing() as session, pytest.raises(Invalid):
        photo_marks.ask_again(session, cases.file_of(session, file_id), first, sentence, **ME)


def test_only_who_works_on_it_and_only_its_own_photos(portal, photographed):
    file_id, first, _second = photographed
    other = files.draft(portal, files.LEAST, phone="13812345602")
    foreign = files.add_photo(portal, other, files.jpeg())
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        with pytest.raises(NotFound):
            photo_marks.accept(session, file, foreign, **ME)
        for role, place, fault in (
            (Role.AUDITOR, files.COUNTY, Forbidden),
            (Role.SUPERVISOR, files.COUNTY, Forbidden),
            (Role.TOWNSHIP_CLERK, files.NEIGHBOUR, NotFound),
        ):
            actor = files.clerk(place, number=9, role=role)
            with pytest.raises(fault):
                photo_marks.accept(session, file, first, actor=actor, now=NOW)
