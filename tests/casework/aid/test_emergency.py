"""The emergency road by the verbs people use: aid first, papers later, and nothing taken back."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from portal.casework import aid, events, office
from portal.casework.aid import ceilings, conferences, first, grants, handing, ledger, papers, small
from portal.casework.aid.grants import Part
from portal.casework.aid.handing import Handing
from portal.contact import in_person
from portal.filing import applications
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.handover import frozen
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status
from tests.casework import cases
from tests.casework.aid.boxes import (
    CHUXIONG,
    COUNTY,
    NEIGHBOUR,
    TOWNSHIP,
    YUNNAN,
    box,
    called,
    clerk,
    county,
    file_of,
)  # fmt: skip
from tests.conftest import NOW

FOUR = {
    "person": "姓名不详，男，约60岁",
    "cause": "桥下受冻，两天没吃饭",
    "handling": "当面给钱和被子",
}
DOCUMENT = "安政办发（样例）：镇限额2000元"


def wanted(amount=20_000, **more):
    return small.Wanted(**{**FOUR, "amount": amount, **more})


def kinds(session, file):
    return [event.kind for event in events.of(session, file)]


def help_first(portal, session, file, amount=100_000, **more):
    what = first.Wanted((Part(amount),), "失火", document=DOCUMENT, **more)
    first.give(session, portal.catalogue, file, what, actor=clerk(), now=NOW)


def test_small_aid_from_an_alert_is_one_act(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        box(portal, session, 50_000)
        file = file_of(session, file_id)
        assert file.alert == "shelter"
        what = wanted(handing=Handing(to="本人", witness="村支书", from_box=True))
        small.give(session, portal.catalogue, file, what, actor=clerk(), now=NOW)
        assert (file.status, file.alert) == (Status.AIDED, None)
        assert kinds(session, file) == ["alert_answered", "accepted", "registered_small", "aided"]
        [given] = grants.of(session, file)
        assert {k: given.said[k] for k in FOUR} == FOUR
        assert (given.grant.amount, given.paid, given.grant.basis) == (20_000, 20_000, "small")
        fund = ledger.fund_of(session, TOWNSHIP)
        assert (fund.balance, ledger.faults(session, fund)) == (30_000, [])
        assert papers.of(session, file, portal.catalogue.find("linshi")) == []
        papers.finish(session, file, "登记已留存。", actor=clerk(), now=NOW)
        assert file.status == Status.CLOSED


def test_a_person_at_the_window_needs_no_name_no_account_no_paper(portal):
    key = uuid4()
    with portal.database.writing() as session:
        how = {"key": key, "actor": clerk(), "now": NOW}
        file = small.at_the_window(session, portal.catalogue, wanted(finish=True), **how)
        again = small.at_the_window(session, portal.catalogue, wanted(finish=True), **how)
        assert again is file
        assert (file.status, file.account_id, file.region_code) == ("closed", None, TOWNSHIP)
        assert applications.answers(session, file)["applicant_name"] == FOUR["person"]
        body = frozen.contents(session, file, 1)
        assert (body["signatures"], body["documents"], body["consents"]) == ([], [], [])
        assert "check_requested" not in kinds(session, file)
        assert "public_notice" not in kinds(session, file)


def test_what_was_given_at_the_window_waits_in_no_queue_and_sends_nobody(portal):
    with portal.database.writing() as session:
        how = {"key": uuid4(), "actor": clerk(), "now": NOW}
        file_id = small.at_the_window(session, portal.catalogue, wanted(), **how).id
    cases.deliver(portal)
    with portal.database.writing() as session:
        assert office.take_next(session, actor=clerk(), now=NOW) is None
        assert in_person.waiting(session, file_id) is None


def test_four_items_are_recorded_and_no_fifth_is_asked(portal):
    with portal.database.writing() as session:
        for name in ("person", "cause", "handling"):
            how = {"key": uuid4(), "actor": clerk(), "now": NOW}
            with pytest.raises(Invalid) as told:
                small.at_the_window(session, portal.catalogue, wanted(**{name: "  "}), **how)
            assert set(told.value.fields) == {name}


def test_one_month_of_the_local_standard_is_the_ceiling(portal):
    """Hunan's figures are minimums: above the higher only with the local text named."""
    standard = ceilings.one_month(portal.catalogue, "430000/430900/430923", on=NOW.date())
    assert (standard.urban, standard.rural, standard.floor) == (74_000, 48_500, True)
    small.check(portal.catalogue, "430000/430900/430923", wanted(74_000), now=NOW)
    with pytest.raises(Invalid) as told:
        small.check(portal.catalogue, "430000/430900/430923", wanted(74_001), now=NOW)
    assert told.value.code == "over_one_month"
    small.check(
        portal.catalogue,
        "430000/430900/430923",
        wanted(80_000, standard="县文件，城市800元"),
        now=NOW,
    )
    assert small.is_above_the_lower(standard, 48_501)
    assert not small.is_above_the_lower(standard, 48_500)


def test_a_yearly_standard_counts_by_the_month(portal):
    standard = ceilings.one_month(portal.catalogue, "530000/530300/530302", on=NOW.date())
    assert (standard.urban, standard.rural) == (74_400, 56_000)


def test_where_no_standard_is_known_nothing_is_blocked(portal):
    assert ceilings.one_month(portal.catalogue, "110000/110100", on=NOW.date()).known == ()
    small.check(portal.catalogue, "110000/110100", wanted(900_000), now=NOW)


@pytest.mark.parametrize(
    ("region", "townships", "boxes", "in_hand"),
    [
        ("430000/430900/430923", None, 2_000_000, None),
        ("530000/530100/530113", None, None, 100_000),
    ],
    ids=["湖南", "云南"],
)
def test_ceilings_are_data_and_unknown_ones_are_none(portal, region, townships, boxes, in_hand):
    day = {"on": NOW.date()}
    assert ceilings.township(portal.catalogue, region, **day).value == townships
    assert ceilings.petty_fund(portal.catalogue, region, **day).value == boxes
    assert ceilings.in_hand(portal.catalogue, region, **day).value == in_hand


def test_aid_first_then_papers_then_closed(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        file, program = file_of(session, file_id), portal.catalogue.find("linshi")
        help_first(portal, session, file)
        assert file.status == Status.MAKING_UP
        assert kinds(session, file) == ["alert_answered", "accepted", "aided", "making_up"]
        items = [p.row.item for p in papers.of(session, file, program)]
        assert items == ["signed", "incident_proof", "bank_account"]
        assert "id_card" not in items, "what the office looks up itself is on no list"
        with pytest.raises(Invalid):
            papers.settle(session, file, "bank_account", "cannot", actor=clerk(), now=NOW)
        papers.settle(
            session, file, "bank_account", "cannot", "没有卡", actor=clerk(), now=NOW
        )  # fmt: skip
        for item in ("signed", "incident_proof"):
            papers.settle(session, file, item, "done", actor=clerk(), now=NOW)
        papers.finish(session, file, "手续补好。", actor=clerk(), now=NOW)
        assert file.status == Status.CLOSED
        assert kinds(session, file)[-2:] == ["papers_made_up", "closed"]


@pytest.mark.parametrize(
    ("region", "by"), [(CHUXIONG, "最迟2026年11月27日"), (TOWNSHIP, None)], ids=["楚雄", "安化"]
)
def test_papers_have_a_day_where_the_place_has_one(portal, region, by):
    with portal.database.writing() as session:
        what = first.Wanted((Part(50_000),), "失火", document=DOCUMENT)
        how = {"key": uuid4(), "actor": clerk(region), "now": NOW}
        file = first.at_the_window(session, portal.catalogue, "王大爷", what, **how)
        told = aid.for_applicant(session, file, portal.catalogue.find("linshi"), now=NOW)
        assert (told["by"] or {}).get("text") == by
        assert told["given"][0]["parts"][0]["text"] == "现金500元"
        assert "补不齐，也不收回救助。" in told["later"]


def test_missing_papers_close_nothing_down_and_take_nothing_back(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        file, program = file_of(session, file_id), portal.catalogue.find("linshi")
        help_first(portal, session, file)
        papers.finish(session, file, "人已回老家，补不了。", actor=clerk(), now=NOW)
        assert file.status == Status.CLOSED
        assert {p.row.state for p in papers.of(session, file, program)} == {"cannot"}
        assert kinds(session, file)[-1] == "closed", "made up is only said when it is"
        assert sum(g.paid for g in grants.of(session, file)) == 100_000


def test_where_no_ceiling_is_known_the_clerk_names_the_local_text(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        what = first.Wanted((Part(100_000),), "失火")
        with pytest.raises(Invalid) as told:
            first.give(
                session, portal.catalogue, file_of(session, file_id), what, actor=clerk(), now=NOW
            )
        assert told.value.code == "document_needed"


def test_above_a_known_ceiling_the_county_decides_and_a_conference_may(portal):
    file_id = called(portal)
    here = {"region": COUNTY, "item": "小额临时救助由乡镇定的上限", "value": 150_000}
    local = next(a for a in portal.catalogue.amounts if a.item == here["item"])
    known = (*portal.catalogue.amounts, replace(local, **here))
    portal = replace(portal, catalogue=replace(portal.catalogue, amounts=known))
    with portal.database.writing() as session:
        file = file_of(session, file_id)
        help_first(portal, session, file, 100_000)
        with pytest.raises(Conflict) as told:
            help_first(portal, session, file, 60_000)
        assert told.value.code == "over_ceiling"
        assert file.status == Status.MAKING_UP, "never an automatic refusal"
        asked = conferences.ask(session, file, "还没地方住。", actor=clerk(), now=NOW)
        with pytest.raises(Conflict):
            conferences.ask(session, file, "再问", actor=clerk(), now=NOW)
        minutes = {
            "held_on": date(2026, 11, 22), "people": "民政局、住建局、东坪镇", "words": "同意再给。",
            "amount": 60_000, "sentence": "几家商量，再给600元。",
        }  # fmt: skip
        with pytest.raises(Forbidden):
            conferences.hold(session, file, asked.id, **minutes, actor=clerk(), now=NOW)
        conferences.hold(session, file, asked.id, **minutes, actor=county(), now=NOW)
        with pytest.raises(Invalid):
            help_first(portal, session, file, 60_001, conference_id=asked.id)
        help_first(portal, session, file, 60_000, conference_id=asked.id)
        assert {g.grant.basis for g in grants.of(session, file)} == {"township", "conference"}
        assert kinds(session, file)[-2:] == ["conference", "handed_out"]


def test_the_countys_road_is_planned_in_parts_and_each_is_handed_out(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        file = file_of(session, file_id)
        help_first(portal, session, file, 50_000)
        first.send_up(session, file, "要长期住院。", actor=clerk(), now=NOW)
        assert file.status == Status.COUNTY_REVIEW
        with pytest.raises(Conflict):
            first.plan(session, file, [Part(100)], actor=county(), now=NOW)
        events.record(
            session, file, "approved", after=Status.APPROVED, party=Party.COUNTY, actor="staff:x",
            said={"amount": 300_000}, now=NOW,
        )  # fmt: skip
        months = [date(2026, 12, 10), date(2027, 1, 10), date(2027, 2, 10)]
        with pytest.raises(Invalid):
            first.plan(session, file, [Part(1)], actor=county(), now=NOW)
        plan = [Part(100_000, "transfer", day) for day in months]
        with pytest.raises(Forbidden):
            first.plan(session, file, plan, actor=clerk(), now=NOW)
        first.plan(session, file, plan, actor=county(), now=NOW)
        assert file.status == Status.PAYING
        waiting = grants.unpaid(session, file)
        for part in waiting[:2]:
            handing.hand_out(session, file, part.id, Handing(), actor=clerk(), now=NOW)
        with pytest.raises(Conflict, match="没发完"):
            papers.finish(session, file, "发完了。", actor=county(), now=NOW)
        with pytest.raises(Conflict):
            handing.hand_out(session, file, waiting[0].id, Handing(), actor=clerk(), now=NOW)
        with pytest.raises(Invalid):
            handing.drop(session, file, waiting[2].id, "no_papers", actor=clerk(), now=NOW)
        handing.drop(session, file, waiting[2].id, "declined", actor=clerk(), now=NOW)
        with pytest.raises(Forbidden):
            papers.finish(session, file, "发完了。", actor=clerk(), now=NOW)
        papers.finish(session, file, "发完了。", actor=county(), now=NOW)
        assert file.status == Status.CLOSED


def test_what_was_paid_wrongly_is_undone_and_open_again(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        fund = box(portal, session, 50_000)
        file = file_of(session, file_id)
        what = wanted(handing=Handing(from_box=True))
        small.give(session, portal.catalogue, file, what, actor=clerk(), now=NOW)
        line = ledger.entries(session, fund)[-1].line
        handing.take_back(session, fund, line.id, "给错了人", actor=clerk(), now=NOW)
        [open_again] = grants.unpaid(session, file)
        assert fund.balance == 50_000
        handing.hand_out(
            session, file, open_again.id, Handing(from_box=True), actor=clerk(), now=NOW
        )
        assert (fund.balance, ledger.faults(session, fund)) == (30_000, [])


def test_a_short_box_keeps_nothing_of_the_act(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        box(portal, session, 10_000)
    what = wanted(handing=Handing(from_box=True))
    with pytest.raises(Conflict), portal.database.writing() as session:
        small.give(
            session, portal.catalogue, file_of(session, file_id), what, actor=clerk(), now=NOW
        )
    with portal.database.reading() as session:
        file = file_of(session, file_id)
        assert (file.status, file.alert, grants.of(session, file)) == ("submitted", "shelter", [])


def test_only_the_townships_clerk_gives_first_aid(portal):
    file_id = called(portal)
    others = (
        (clerk(NEIGHBOUR), NotFound),
        (county(), Forbidden),
        (Actor(Role.TOWNSHIP_INVESTIGATOR, clerk().id, TOWNSHIP, ""), Forbidden),
        (Actor(Role.DEPARTMENT_CLERK, clerk().id, COUNTY, ""), Forbidden),
    )
    for who, refused in others:
        with portal.database.reading() as session, pytest.raises(refused):
            small.give(
                session, portal.catalogue, file_of(session, file_id), wanted(), actor=who, now=NOW
            )


def test_nobody_elsewhere_registers_people_at_the_window(portal):
    with portal.database.writing() as session:
        for who in (county(), Actor(Role.TOWNSHIP_INVESTIGATOR, clerk().id, TOWNSHIP, "")):
            with pytest.raises(Forbidden):
                small.at_the_window(
                    session, portal.catalogue, wanted(), key=uuid4(), actor=who, now=NOW
                )


def test_a_posting_of_seven_days_comes_before_small_aid_for_expenses(portal):
    file_id = called(portal)
    with portal.database.writing() as session:
        file = file_of(session, file_id)
        for kind in ("accepted", "surveying", "first_review", "public_notice"):
            events.record(
                session, file, kind, after=Status(kind), party=Party.TOWNSHIP, actor="staff:x",
                said=None, now=NOW,
            )  # fmt: skip
        with pytest.raises(Conflict, match="没满七天"):
            help_first(portal, session, file)
        what = first.Wanted((Part(100_000),), "住院", document=DOCUMENT)
        later = NOW + timedelta(days=8)
        first.give(session, portal.catalogue, file, what, actor=clerk(), now=later)
        assert file.status == Status.MAKING_UP


def test_places_without_figures_work_the_same(portal):
    with portal.database.writing() as session:
        for region in (CHUXIONG, YUNNAN):
            file = small.at_the_window(
                session, portal.catalogue, wanted(), key=uuid4(), actor=clerk(region), now=NOW
            )
            assert file.status == Status.AIDED
