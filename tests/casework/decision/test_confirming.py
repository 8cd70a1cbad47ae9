"""审核确认: who may, what must stand before, and what a refusal says."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.casework import events
from portal.casework.decision import aborting, confirming, letters, near_kin, notice, panel, review
from portal.casework.stages import REMEDY
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.catalogue import Source
from portal.policy.lifecycle import Party, Status
from tests.casework.decision import offices as making
from tests.casework.decision.offices import GRANT, REFUSAL, do, look, status
from tests.handover import files

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""What is decided is the same on both databases; what is kept is tried on both elsewhere."""


def approve(offices, file_id, who="confirmer", catalogue=None, **changes):
    def act(session, file):
        opinion = making.OPINIONS[file.program_id]
        same = {k: opinion[k] for k in ("category", "amount", "people")}
        return confirming.approve(
            session, file, offices.program(file), catalogue or offices.portal.catalogue,
            GRANT | same | changes, actor=offices[who] if isinstance(who, str) else who,
            now=offices.now,
        ).id  # fmt: skip

    return do(offices, file_id, act)


def deny(offices, file_id, who="confirmer", **changes):
    def act(session, file):
        return confirming.deny(
            session, file, offices.program(file), offices.portal.catalogue, REFUSAL | changes,
            actor=offices[who], now=offices.now,
        ).id  # fmt: skip

    return do(offices, file_id, act)


def said(offices, file_id, kind):
    def seen(session, file):
        found = [e for e in events.of(session, file) if e.kind == kind]
        return events.said(session, file, found[-1])

    return look(offices, file_id, seen)


def test_nobody_but_the_countys_confirmer_decides(offices):
    file_id = making.on_the_road(offices, "dibao", "county")
    for who in ("clerk", "chen", "reviewer", "checker", "county"):
        for act in (approve, deny):
            with pytest.raises(Forbidden) as refused:
                act(offices, file_id, who)
            assert refused.value.code == "party_not_allowed", who
    stranger = Actor(Role.COUNTY_CONFIRMER, offices["confirmer"].id, "430902")
    with pytest.raises(NotFound):
        approve(offices, file_id, stranger)
    assert status(offices, file_id) == Status.COUNTY_REVIEW


def test_nobody_confirms_what_they_prepared(offices):
    """Whoever was clerk, investigator, reviewer or checker of the file, in whatever roles now."""
    file_id = making.on_the_road(offices, "dibao", "county")

    def check(session, file):
        events.record(
            session, file, "check_result", after=None, party=Party.COUNTY,
            actor=str(offices["checker"]), said={"outcome": "agrees"}, now=offices.now,
        )  # fmt: skip

    do(offices, file_id, check)
    for who in ("clerk", "chen", "zhou", "reviewer", "checker"):
        now_confirms = replace(offices[who], role=Role.COUNTY_CONFIRMER)
        with pytest.raises(Forbidden) as refused:
            approve(offices, file_id, now_confirms)
        assert refused.value.code == "own_preparation", who
    approve(offices, file_id)


def test_without_two_investigators_nothing_is_confirmed_or_refused(offices):
    file_id = making.on_the_road(offices, "dibao", "applied")

    def past_the_survey(session, file):
        for kind in ("surveying", "first_review", "county_review"):
            events.record(
                session, file, kind, after=events.KINDS[kind], party=Party.TOWNSHIP,
                actor="office:old", said=None, now=offices.now,
            )  # fmt: skip

    do(offices, file_id, past_the_survey)
    for act in (approve, deny):
        with pytest.raises(Conflict) as refused:
            act(offices, file_id)
        assert refused.value.code == "two_investigators"


def test_kin_of_those_in_office_wait_for_the_countys_own_look(offices):
    """Declared in the application, or registered by an office (57号 第11、20条)."""
    file_id = making.on_the_road(offices, "dibao", "county", near_kin="present")
    for act in (approve, deny):
        with pytest.raises(Conflict) as refused:
            act(offices, file_id)
        assert refused.value.code == "county_visit_needed"

    def obstacles(session, file):
        return confirming.obstacles(
            session, file, offices.program(file), offices.portal.catalogue,
            actor=offices["confirmer"], now=offices.now,
        )  # fmt: skip

    assert look(offices, file_id, obstacles) == ["近亲属备案件，县里要先入户。"]

    def visit(session, file, who):
        near_kin.note_visit(
            session, file, ["彭科长", "老吴"], offices.today, "家里情况属实。", actor=offices[who],
            now=offices.now,
        )  # fmt: skip

    with pytest.raises(Forbidden):
        do(offices, file_id, lambda s, f: visit(s, f, "chen"))
    do(offices, file_id, lambda s, f: visit(s, f, "confirmer"))
    assert look(offices, file_id, obstacles) == []
    approve(offices, file_id)


def test_the_register_of_kin_is_the_divisions_own(offices):
    file_id = making.on_the_road(offices, "dibao", "applied")
    do(
        offices, file_id,
        lambda s, f: near_kin.flag(
            s, f, "申请人是村主任的叔叔。", actor=offices["clerk"], now=offices.now
        ),
    )  # fmt: skip
    with offices.portal.database.reading() as session:
        (line,) = near_kin.register(session, actor=offices["county"])
        assert (line["sentence"], line["visited"]) == ("申请人是村主任的叔叔。", False)
        assert near_kin.register(session, actor=files.clerk(files.NEIGHBOUR)) == []
        with pytest.raises(Forbidden):
            near_kin.register(session, actor=Actor(Role.ADMINISTRATOR, offices["clerk"].id, "43"))


def test_a_grant_waits_for_the_posting_and_every_objection(offices):
    file_id = making.on_the_road(offices, "dibao", "opinion")
    do(
        offices, file_id,
        lambda s, f: events.record(
            s, f, "county_review", after=Status.COUNTY_REVIEW, party=Party.TOWNSHIP,
            actor="office:old", said=None, now=offices.now,
        ),
    )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        approve(offices, file_id)
    assert refused.value.code == "notice_needed"


def test_money_begins_in_the_month_after(offices):
    file_id = making.on_the_road(offices, "dibao", "county")
    offices.now = offices.now.replace(month=12, day=31)
    approve(offices, file_id)
    words = said(offices, file_id, "approved")
    assert (words["amount"], words["from"], words["people"]) == (77_000, "2027-01-01", 2)
    assert words["basis"] == making.FIT["basis"]


def test_what_a_grant_must_say(offices):
    file_id = making.on_the_road(offices, "dibao", "county")
    for changes, field in (
        ({"category": ""}, "category"),
        ({"people": 0}, "people"),
        ({"amount": None}, "amount"),
        ({"amount": 80_000}, "basis"),
        ({"recheck": "never"}, "recheck"),
        ({"sentence": ""}, "sentence"),
        ({"until": date(2030, 1, 1)}, "until"),
    ):
        with pytest.raises(Invalid) as refused:
            approve(offices, file_id, **changes)
        assert field in refused.value.fields, changes
    approve(offices, file_id, amount=80_000, basis="按新标准500元算。")


def test_a_refusal_always_has_reason_law_and_remedy(offices):
    file_id = making.on_the_road(offices, "dibao", "county")
    for changes, field in (
        ({"sentence": " "}, "sentence"),
        ({"rules": []}, "law"),
        ({"rules": ["household.beauty"]}, "rules"),
    ):
        with pytest.raises(Invalid) as refused:
            deny(offices, file_id, **changes)
        assert field in refused.value.fields, changes
    decision_id = deny(offices, file_id, law="家里有两辆车（本省规定第5条）")
    words = said(offices, file_id, "denied")
    assert words["sentence"] == REFUSAL["sentence"]
    assert "《社会救助法》第18条" in words["law"]
    assert "本省规定第5条" in words["law"]
    assert words["remedy"] == "".join(REMEDY)

    def paper(session, file):
        return letters.body(session, file, letters.find(session, file, decision_id))["paper"]

    found = look(offices, file_id, paper)
    assert found["plain"] == REFUSAL["sentence"]
    assert "第18条" in found["law"]
    text = "".join(found["remedies"])
    for words_of_it in ("复议", "60日", "6个月", "人民法院", "第76条", "期限以告知书写的为准"):
        assert words_of_it in text
    assert status(offices, file_id) == Status.DENIED


def test_a_refusal_needs_no_posting(offices):
    file_id = making.on_the_road(offices, "dibao", "surveyed")
    wanted = {"opinion": "unfit", "sentence": "收入高。", "law": "社会救助法第18条"}
    offices.opinion(file_id, **wanted)
    do(
        offices, file_id,
        lambda s, f: notice.send_up(
            s, f, offices.program(f), actor=offices["reviewer"], now=offices.now
        ),
    )  # fmt: skip
    deny(offices, file_id)
    assert status(offices, file_id) == Status.DENIED


def test_sent_back_it_is_surveyed_reviewed_and_posted_anew(offices):
    file_id = making.on_the_road(offices, "dibao", "county")
    do(
        offices, file_id,
        lambda s, f: confirming.give_back(
            s, f, offices.portal.catalogue, "请补查土地流转收入。", actor=offices["confirmer"],
            now=offices.now,
        ),
    )  # fmt: skip
    assert status(offices, file_id) == Status.SURVEYING
    offices.surveyed(file_id, income_property=120_000)
    offices.opinion(file_id, amount=67_000)
    offices.to_county(file_id)
    body = look(offices, file_id, lambda s, f: review.body(s, f, review.latest(s, f)))
    assert body["computed"]["per_head"]["low"] == 15_000
    approve(offices, file_id, amount=67_000)


def test_a_township_decides_only_where_the_province_has_said_so(offices):
    file_id = making.on_the_road(offices, "dibao", "county")
    with offices.portal.database.writing() as session:
        other = making.hired(session, "deputy", "刘镇长", Role.TOWNSHIP_REVIEWER, files.TOWNSHIP)
    with pytest.raises(Forbidden):
        approve(offices, file_id, other)
    rule = Source("某省实施办法", "第9条", confidence="V")
    delegated = replace(offices.portal.catalogue, township_decides={"430000": rule})
    with pytest.raises(Forbidden) as refused:
        approve(offices, file_id, "reviewer", catalogue=delegated)
    assert refused.value.code == "own_preparation"
    with pytest.raises(Forbidden):
        approve(offices, file_id, "clerk", catalogue=delegated)
    decision_id = approve(offices, file_id, other, catalogue=delegated)

    def paper(session, file):
        return letters.body(session, file, letters.find(session, file, decision_id))["paper"]

    assert look(offices, file_id, paper)["office"] == "东坪镇人民政府（街道办事处）"


def test_what_is_only_recognised_may_have_an_end(offices):
    file_id = making.on_the_road(offices, "gangxing", "county")
    until = offices.today + timedelta(days=365)
    decision_id = approve(offices, file_id, until=until)
    body = look(offices, file_id, lambda s, f: letters.body(s, f, letters.find(s, f, decision_id)))
    assert "有效期到2027年11月22日" in body["paper"]["decision"]


def test_the_panel_offers_what_this_person_can_do(offices):
    file_id = making.on_the_road(offices, "dibao", "county")

    def may(who):
        def seen(session, file):
            return panel.at_desk(
                session, file, offices.program(file), offices.portal.catalogue,
                actor=offices[who], now=offices.now,
            )["may"]  # fmt: skip

        return look(offices, file_id, seen)

    assert may("confirmer") == {"decide": True, "deliver": True, "kin": True}
    assert "decide" not in may("reviewer")
    assert "decide" not in may("county")


def abort(offices, file_id, who="confirmer", sentence="9月1日和3日两次上门，本人说不愿意查。"):
    def act(session, file):
        return aborting.abort(
            session, file, offices.program(file), offices.portal.catalogue, sentence,
            actor=offices[who], now=offices.now,
        ).id  # fmt: skip

    return do(offices, file_id, act)


def test_a_case_ends_unsurveyed_only_after_two_announced_visits(offices):
    file_id = making.on_the_road(offices, "dibao", "applied")
    do(offices, file_id, lambda session, file: events.record(
        session, file, "surveying", after=Status.SURVEYING, party=Party.TOWNSHIP,
        actor="staff:x", said=None, now=offices.now,
    ).id)  # fmt: skip
    with pytest.raises(Conflict) as refused:
        abort(offices, file_id)
    assert refused.value.code == "visits_needed"
    for days in (1, 1, 2):
        on = (local_date(offices.now) + timedelta(days=days)).isoformat()
        do(offices, file_id, lambda session, file, on=on: events.record(
            session, file, "visit_planned", after=None, party=Party.TOWNSHIP, actor="staff:x",
            said={"investigators": ["陈一", "周二"], "on": on}, now=offices.now,
        ).id)  # fmt: skip
    offices.now += timedelta(days=2)
    with pytest.raises(Conflict):
        abort(offices, file_id)
    offices.now += timedelta(days=1)
    with pytest.raises(Forbidden):
        abort(offices, file_id, "reviewer")
    with pytest.raises(Invalid):
        abort(offices, file_id, sentence=" ")
    decision = abort(offices, file_id)
    assert status(offices, file_id) == Status.ABORTED

    def seen(session, file):
        found = letters.find(session, file, decision)
        return letters.body(session, file, found)["paper"], letters.render(session, file, found)

    paper, pdf = look(offices, file_id, seen)
    assert paper["title"] == "社会救助终止办理告知书"
    assert "待核" in paper["law"]
    assert any("行政复议" in line for line in paper["remedies"])
    assert any("再申请" in line for line in paper["after"])
    assert pdf.startswith(b"%PDF")
