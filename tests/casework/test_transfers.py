"""转办: reasons, a target of ours, back once, then the county says where it stays."""

from datetime import timedelta

import pytest

from portal.casework import events, history, office, queue, transfers
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Role
from portal.policy.lifecycle import Status
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

HERE, THERE = files.clerk(), files.clerk(files.NEIGHBOUR, number=2)
COUNTY = files.clerk(files.COUNTY, number=3, role=Role.COUNTY_CLERK)
FAR = files.clerk("433127", number=4, role=Role.COUNTY_CLERK)
ME = {"now": NOW}


@pytest.fixture
def bounced(portal):
    """Sent to the neighbour and back."""
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        office.transfer(session, file, files.NEIGHBOUR, "户口在梅城镇。", actor=HERE, **ME)
        later = NOW + timedelta(minutes=1)
        office.send_back(session, file, "人和户口都在东坪。", actor=THERE, now=later)
    return file_id


def test_it_goes_back_to_where_it_came_from_with_a_reason(portal, bounced):
    with portal.database.reading() as session:
        file = cases.file_of(session, bounced)
        assert (file.region_code, file.bounces) == (files.TOWNSHIP, 2)
        first, second = transfers.of(session, file)
        assert (first["place"], second["place"]) == (files.NEIGHBOUR, files.TOWNSHIP)
        assert second["sentence"] == "人和户口都在东坪。"
        assert first["until"] == "2026-11-24"
        told = [line for line in history.lines(session, file) if line["kind"] == "transferred"]
        assert [line["sentence"] for line in told] == [
            "户口在梅城镇。最迟2026年11月24日答复（我们自己的目标）。",
            "人和户口都在东坪。最迟2026年11月24日答复（我们自己的目标）。",
        ]


def test_what_was_never_passed_on_cannot_be_sent_back(portal):
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        with pytest.raises(Conflict) as refused:
            office.send_back(
                session, cases.file_of(session, file_id), "不归我们。", actor=HERE, **ME
            )
        assert refused.value.code == "never_transferred"


def test_after_two_ways_townships_pass_it_on_no_more(portal, bounced):
    with portal.database.writing() as session:
        file = cases.file_of(session, bounced)
        with pytest.raises(Conflict) as refused:
            office.transfer(session, file, "430923101", "去那里。", actor=HERE, **ME)
        assert refused.value.code == "county_decides"
        with pytest.raises(Conflict) as refused:
            office.send_back(session, file, "再去。", actor=HERE, **ME)
        assert refused.value.code == "sent_there_before"
        office.accept(session, file, actor=HERE, **ME)
        assert file.status == Status.ACCEPTED


def test_the_county_finds_it_in_its_list_and_names_the_place(portal, bounced):
    with portal.database.writing() as session:
        file = cases.file_of(session, bounced)
        [line] = office.lists(session, actor=COUNTY, **ME).lines("bounced")
        assert (line.application.id, line.transfers) == (bounced, 2)
        for actor, fault in ((HERE, Forbidden), (FAR, NotFound)):
            with pytest.raises(fault):
                office.settle(session, file, files.NEIGHBOUR, "归那里。", actor=actor, **ME)
        for place in ("430923", "999999", ""):
            with pytest.raises(Invalid):
                office.settle(session, file, place, "归那里。", actor=COUNTY, **ME)
        office.settle(session, file, files.NEIGHBOUR, "户口在梅城。", actor=COUNTY, **ME)
        assert (file.region_code, file.bounces) == (files.NEIGHBOUR, 0)
        assert office.lists(session, actor=COUNTY, **ME).lines("bounced") == []
        assert transfers.of(session, file)[-1]["by_county"]
        for act in (
            lambda: office.transfer(session, file, "430923101", "不归我们。", actor=THERE, **ME),
            lambda: office.send_back(session, file, "不归我们。", actor=THERE, **ME),
        ):
            with pytest.raises(Conflict) as refused:
                act()
            assert refused.value.code == "county_decided"
        assert office.take_next(session, actor=THERE, **ME).id == bounced


def test_the_county_may_say_it_stays_where_it_is(portal, bounced):
    with portal.database.writing() as session:
        file = cases.file_of(session, bounced)
        office.settle(session, file, files.TOWNSHIP, "就在东坪办。", actor=COUNTY, **ME)
        assert file.region_code == files.TOWNSHIP
        [*_, last] = events.of(session, file)
        assert (last.kind, last.party) == ("transferred", "county")
        assert queue.current(session, file).region_code == files.TOWNSHIP


def test_what_goes_on_its_way_has_no_place_to_be_named(portal):
    file_id = cases.accepted(portal)
    with portal.database.writing() as session:
        file = cases.file_of(session, file_id)
        with pytest.raises(Conflict):
            office.settle(session, file, files.NEIGHBOUR, "归那里。", actor=COUNTY, **ME)
