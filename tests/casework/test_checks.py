"""The means check: who agreed, what came back, who sees it, and what the person says to it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.casework import events
from portal.casework.survey import answers, checks, consents, disputes, obligors, register, results
from portal.casework.survey.question import Line, NotAnswered, Report
from portal.casework.survey.standin_platform import Behaviour
from portal.casework.survey.tables import CheckAnswer, CheckRequest
from portal.contact import messages
from portal.filing import applications, signatures
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.policy.lifecycle import Status
from tests.casework import households
from tests.casework.households import CHECKER, of
from tests.conftest import NOW
from tests.handover import files

ON_ONE = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""What is shown does not depend on where it is kept."""
BOTH = ("applicant", "member:w")
AT_ONCE = Behaviour(latency=timedelta(0))


def kinds(session, file):
    return [event.kind for event in events.of(session, file)]


def states(session, file):
    row = register.newest(session, file)
    return {r.subject: (r.state, r.fault) for r in register.records(session, row)}


def report(record_or_number, number="N1", *, at=NOW, lines=(), missing=(), fen=100):
    shown = lines or (Line("bank_deposits", "银行存款", f"余额{fen}分。", fen),)
    return Report(number, record_or_number, at, tuple(shown), tuple(missing))


def test_the_township_asks_and_the_county_begins(portal):
    file_id = households.accepted(portal, signed=BOTH)
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        chen, _liu = households.two(session)
        row = checks.request(session, file, program, actor=chen, now=NOW)
        assert (row.state, file.status) == (register.ASKED, Status.SURVEYING)
        assert kinds(session, file)[-2:] == ["surveying", "check_requested"]
        with pytest.raises(Forbidden):
            checks.start(session, file, program, actor=chen, now=NOW)
        checks.start(session, file, program, actor=CHECKER, now=NOW)
        assert row.state == register.RUNNING
        with pytest.raises(Conflict):
            checks.request(session, file, program, actor=chen, now=NOW)


def test_who_has_not_agreed_is_left_out_and_holds_up_nobody(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    households.running(portal, file_id)
    assert households.answered(portal) == 1
    with portal.database.reading() as session:
        file, _program = of(portal, session, file_id)
        assert states(session, file) == {
            "applicant": ("answered", None),
            "member:c": ("left_out", "child"),
            "member:s": ("left_out", "no_consent"),
            "member:w": ("left_out", "no_consent"),
        }
        assert register.newest(session, file).state == register.ANSWERED


def test_nobody_agreed_and_nothing_is_asked(portal):
    file_id = households.accepted(portal)
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        chen, _liu = households.two(session)
        checks.request(session, file, program, actor=chen, now=NOW)
        with pytest.raises(Conflict) as refused:
            checks.start(session, file, program, actor=CHECKER, now=NOW)
        assert refused.value.code == "no_consent"


def test_a_promise_to_sign_is_no_consent_until_the_visit(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        owner = files.owner(file)
        signatures.sign_at_visit(session, file, program, "member:w", actor=owner, now=NOW)
        [wife] = [
            p for p in consents.people(session, file, program, now=NOW) if p.key == "member:w"
        ]
        assert (wife.why_not, wife.promised) == ("no_consent", True)
    households.running(portal, file_id)
    households.answered(portal)
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        chen, _liu = households.two(session)
        checks.sign_at_visit(session, file, program, "member:w", actor=chen, now=NOW)
        assert states(session, file)["member:w"][0] == register.WAITING
        assert register.newest(session, file).state == register.RUNNING
        with pytest.raises(Conflict):
            checks.sign_at_visit(session, file, program, "member:w", actor=chen, now=NOW)
    assert households.answered(portal) == 1


def test_a_consent_taken_back_ends_the_asking(portal):
    file_id = households.accepted(portal, signed=BOTH)
    households.running(portal, file_id)
    with portal.database.writing() as session:
        file, _program = of(portal, session, file_id)
        for signature in signatures.of(session, file):
            if signature.signer == "member:w":
                signature.withdrawn_at = NOW
    assert households.answered(portal) == 1
    with portal.database.reading() as session:
        file, _program = of(portal, session, file_id)
        assert states(session, file)["member:w"] == ("left_out", "withdrawn")


def test_an_obligor_only_with_own_consent(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    said = {
        "name": "刘大",
        "id_number": "430923199001019999",
        "relation": "儿子",
        "why": "要看养不养得起。",
    }
    with portal.database.writing() as session:
        file, _program = of(portal, session, file_id)
        chen, _liu = households.two(session)
        for part in said:
            with pytest.raises(Invalid) as refused:
                obligors.add(session, file, said | {part: " "}, "paper", actor=chen, now=NOW)
            assert part in refused.value.fields
        no, yes = (
            obligors.add(session, file, said, consent, actor=chen, now=NOW).id
            for consent in ("none", "paper")
        )
    households.running(portal, file_id)
    assert households.answered(portal) == 2
    with portal.database.reading() as session:
        file, _program = of(portal, session, file_id)
        found = states(session, file)
        assert found[f"obligor:{no}"] == ("left_out", "no_consent")
        assert found[f"obligor:{yes}"] == ("answered", None)


@ON_ONE
def test_where_nothing_is_checked(portal):
    file_id = households.accepted(portal, signed=BOTH)
    for name, value in (("urgent", True), ("machine", "referral")):
        session = portal.database.open_writing()
        file, program = of(portal, session, file_id)
        setattr(file, name, value)
        with pytest.raises(Conflict):
            checks.request(session, file, program, actor=CHECKER, now=NOW)
        session.rollback()
        portal.database.close_writing(session)


def test_a_recognised_status_is_not_examined_again(portal):
    file_id = households.accepted(portal)
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        with pytest.raises(Conflict):
            checks.leave_out(session, file, actor=CHECKER, now=NOW)
        file.status = Status.RETURNED
        asks = portal.catalogue.find("yiliao")
        applications.save_answers(
            session, file, asks, {"recognised": ["dibao", "tekun"]}, revision=file.revision,
            actor=files.owner(file), now=NOW,
        )  # fmt: skip
        file.status = Status.SURVEYING
        row = checks.leave_out(session, file, actor=CHECKER, now=NOW)
        assert (row.state, row.outcome) == (register.TOLD, register.RECOGNISED)
        assert register.sentence_of(session, file, row) == "已经是低保、特困，依法不再重新核对。"
        assert kinds(session, file)[-1] == "check_result"
        shown = results.for_applicant(session, file, actor=files.owner(file), now=NOW)
        assert shown["check"]["has_record"] is False


# What comes back


def test_late_after_failures_and_in_parts_it_ends_whole(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    households.running(portal, file_id)
    slow = Behaviour(
        latency=timedelta(minutes=5), missing=frozenset({"bank_deposits"}),
        later=timedelta(hours=1), failures=2, more=(Line("lottery", "彩票", "没有中过奖。"),),
    )  # fmt: skip
    seen = set()
    for minutes in range(0, 90, 2):
        households.answered(portal, slow, now=NOW + timedelta(minutes=minutes))
        with portal.database.reading() as session:
            record = households.record(session, file_id, "applicant")
            seen.add((record.state, record.fault))
    assert seen == {
        ("waiting", "no_answer"),
        ("waiting", None),
        ("partial", None),
        ("answered", None),
    }
    with portal.database.reading() as session:
        file, _program = of(portal, session, file_id)
        shown = results.for_office(session, file)["people"][0]
        assert len({line["item"] for line in shown["lines"]}) == 15
        assert shown["lines"][-1]["title"] == "彩票"
        assert shown["missing"] == []
        assert file.status == Status.SURVEYING
        assert kinds(session, file) == ["accepted", "surveying", "check_requested"]


def test_somebody_elses_report_is_not_kept(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    households.running(portal, file_id)
    wrong = Behaviour(latency=timedelta(0), wrong_person=True, later=timedelta(minutes=10))
    assert households.answered(portal, wrong) == 0
    with portal.database.reading() as session:
        record = households.record(session, file_id, "applicant")
        assert (record.state, record.fault, record.report_sealed) == ("waiting", "foreign", None)
        [kept] = session.query(CheckAnswer)
        assert kept.state == answers.FOREIGN
    assert households.answered(portal, wrong, now=NOW + timedelta(minutes=11)) == 1


def test_every_order_and_every_repeat_ends_the_same(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    households.running(portal, file_id)
    number = str(households.ANSWERS["applicant_id_number"])
    cars = Line("vehicles", "机动车辆", "没有。")
    first = report(number, "A", at=NOW, lines=(cars,), missing=("bank_deposits",))
    second = report(number, "B", at=NOW + timedelta(hours=1), fen=5)
    third = report(number, "C", at=NOW + timedelta(hours=2), fen=7)
    foreign = report("430923199001019999", "D", fen=9)
    ends = []
    for order in ((0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 1, 3, 0, 2, 2), (2, 3, 0, 0, 1)):
        with portal.database.open_writing() as session:
            file, _program = of(portal, session, file_id)
            record = households.record(session, file_id, "applicant")
            for which in order:
                answers.take(session, file, record, (first, second, third, foreign)[which], now=NOW)
            ends.append((record.state, register.report_of(session, file, record)))
            session.rollback()
            portal.database.close_writing(session)
    assert ends[0][0] == "answered"
    assert ends[0][1]["items"]["bank_deposits"]["lines"][0]["amount"] == 7
    assert all(end == ends[0] for end in ends)


def test_a_late_answer_is_looked_at_again_and_one_after_the_end_is_not_kept(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    households.told(portal, file_id)
    number = str(households.ANSWERS["applicant_id_number"])
    later = NOW + timedelta(days=1)
    with portal.database.writing() as session:
        file, _program = of(portal, session, file_id)
        record = households.record(session, file_id, "applicant")
        assert answers.take(session, file, record, report(number, at=later), now=later) == "applied"
        assert register.newest(session, file).state == register.ANSWERED
        owner = files.owner(file)
        assert (
            results.for_applicant(session, file, actor=owner, now=NOW)["check"]["state"] == "told"
        )
        checks.tell(session, file, "agrees", "", actor=CHECKER, now=later)
        events.withdraw(session, file, actor=owner, now=later)
        assert answers.take(session, file, record, report(number, "N2"), now=later) == "late"
        assert answers.take(session, file, record, report(number, "N2"), now=later) == "twice"


@ON_ONE
def test_a_platform_that_is_down_is_left_alone_and_asked_again(portal):
    file_id = households.accepted(portal, signed=BOTH)
    households.running(portal, file_id)
    calls = []

    def down(question, now):
        calls.append(question.id)
        raise NotAnswered

    answers.run_due(portal, down, now=NOW)
    assert len(calls) == 1
    answers.run_due(portal, None, now=NOW)
    assert households.answered(portal, now=NOW + timedelta(minutes=1)) == 2


@ON_ONE
def test_the_question_says_only_what_is_needed(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    households.running(portal, file_id)
    asked = []
    answers.run_due(portal, lambda question, now: asked.append(question), now=NOW)
    [question] = asked
    assert len(question.items) == 14
    assert dict(question.consent)["method"] == "screen"
    assert set(question.shape()) == {
        "id", "name", "id_number", "items", "program", "region_code", "consent", "asked_at",
    }  # fmt: skip


@pytest.mark.both
def test_two_workers_at_the_same_moment_ask_once(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    households.running(portal, file_id)
    asked = []

    def slow(question, now):
        asked.append(question)
        answers.run_due(portal, slow, now=now)
        return households.platform(AT_ONCE)(question, now)

    assert answers.run_due(portal, slow, now=NOW) == 1
    assert len(asked) == 1


# Telling, and what is said against it


@ON_ONE
def test_telling_needs_plain_words(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    households.running(portal, file_id)
    households.answered(portal)
    with portal.database.writing() as session:
        file, _program = of(portal, session, file_id)
        for outcome, sentence, field in (
            ("differs", "", "sentence"), ("refused", "x", "outcome"), ("agrees", "长" * 201, "sentence"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as refused:
                checks.tell(session, file, outcome, sentence, actor=CHECKER, now=NOW)
            assert field in refused.value.fields
        chen, _liu = households.two(session)
        with pytest.raises(Forbidden):
            checks.tell(session, file, "agrees", "", actor=chen, now=NOW)


def test_without_an_answer_the_county_says_so(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    households.running(portal, file_id)
    with portal.database.writing() as session:
        file, _program = of(portal, session, file_id)
        with pytest.raises(Invalid):
            checks.tell(session, file, "agrees", "", actor=CHECKER, now=NOW)
        assert checks.tell(session, file, "unknown", "", actor=CHECKER, now=NOW).told_at == NOW
        with pytest.raises(Conflict):
            checks.tell(session, file, "unknown", "", actor=CHECKER, now=NOW)


def test_a_dispute_walks_to_its_answer_and_back_to_the_survey(portal):
    file_id = households.accepted(portal, signed=BOTH)
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        chen, _liu = households.two(session)
        checks.request(session, file, program, actor=chen, now=NOW)
        checks.start(session, file, program, actor=CHECKER, now=NOW)
        with pytest.raises(Conflict) as early:
            disputes.make(session, file, "不对。", actor=files.owner(file), now=NOW)
        assert early.value.code == "no_result"
    households.answered(portal)
    with portal.database.writing() as session:
        file, _program = of(portal, session, file_id)
        owner = files.owner(file)
        chen, _liu = households.two(session)
        checks.tell(session, file, "differs", "存款比填的多。", actor=CHECKER, now=NOW)
        with pytest.raises(Invalid):
            disputes.make(session, file, " ", actor=owner, now=NOW)
        with pytest.raises(NotFound):
            disputes.make(session, file, "不对。", actor=chen, now=NOW)
        disputes.make(session, file, "那8万是借的。", actor=owner, now=NOW)
        assert file.status == Status.CHECK_DISPUTE
        with pytest.raises(Conflict):
            disputes.make(session, file, "再说一次。", actor=owner, now=NOW)
        record = households.record(session, file_id, "applicant")
        line = [(str(record.id), "bank_deposits")]
        for outcome, words, lines in (
            ("no", "看了。", []),
            ("kept", "", []),
            ("corrected", "看了借条。", [(str(record.id), "moon")]),
        ):
            with pytest.raises(Invalid):
                disputes.answer(session, file, outcome, words, lines, actor=chen, now=NOW)
        disputes.answer(session, file, "corrected", "看了借条，是借的。", line, actor=chen, now=NOW)
        assert file.status == Status.SURVEYING
        shown = results.for_applicant(session, file, actor=owner, now=NOW)["check"]["dispute"]
        assert (shown["sentence"], shown["answer"]) == ("那8万是借的。", "看了借条，是借的。")
        mine = results.own_record(session, file, actor=owner)["record"]["lines"]
        assert [one["item"] for one in mine if one["corrected"]] == ["bank_deposits"]
        told = [events.said(session, file, e) for e in events.of(session, file)]
        assert not any("借" in str(words) or "存款" in str(words) for words in told)


# Who sees it


def filled_in_by(portal, file_id, who):
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        status, file.status = file.status, Status.RETURNED
        applications.save_answers(
            session, file, program, {"filled_in_by": who}, revision=file.revision,
            actor=files.owner(file), now=NOW,
        )  # fmt: skip
        file.status = status


@ON_ONE
def test_a_helpers_account_never_shows_a_record(portal):
    file_id = households.accepted(portal, signed=BOTH)
    households.told(portal, file_id)
    for who in ("guardian", "neighbour", "relative", "cadre", "assistant", "other"):
        filled_in_by(portal, file_id, who)
        with portal.database.reading() as session:
            file, _program = of(portal, session, file_id)
            owner = files.owner(file)
            assert results.own_record(session, file, actor=owner) == {
                "record": None, "totals": [], "instead": results.NOT_HERE,
            }  # fmt: skip
            shown = results.for_applicant(session, file, actor=owner, now=NOW)
            assert shown["check"]["sentence"] == ""


@ON_ONE
def test_an_account_of_another_number_shows_no_record_when_nobody_said_who_fills_in(portal):
    answers_ = {k: v for k, v in households.ANSWERS.items() if k != "filled_in_by"}
    file_id = households.accepted(portal, answers_ | {"phone": "13900000000"}, signed=BOTH)
    households.told(portal, file_id)
    with portal.database.reading() as session:
        file, _program = of(portal, session, file_id)
        shown = results.own_record(session, file, actor=files.owner(file))
        assert shown["record"] is None


@ON_ONE
def test_strangers_and_staff_get_nothing_from_the_applicants_view(portal):
    file_id = households.accepted(portal, signed=BOTH)
    households.told(portal, file_id)
    with portal.database.writing() as session:
        file, _program = of(portal, session, file_id)
        owner = files.owner(file)
        stranger = files.resident(session, "13812349999")
        for actor in (stranger, CHECKER, files.clerk(), replace(owner, proved=False)):
            assert results.own_record(session, file, actor=actor) is None
            assert results.for_applicant(session, file, actor=actor, now=NOW) is None


def test_a_member_sees_the_own_record_on_the_own_page(portal):
    file_id = households.accepted(portal, signed=("applicant",))
    phone = "13911112222"
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        sign_with(session, file, program, "member:w", phone, NOW + timedelta(minutes=5))
    households.told(portal, file_id)
    with portal.database.writing() as session:
        wife = files.resident(session, phone)
        [shown] = results.mine(session, actor=wife)
        assert shown["record"]["name"] == "王秀英"
        assert results.mine(session, actor=replace(wife, proved=False)) == []
        assert results.mine(session, actor=files.owner(session.get_one(type(file), file_id))) == []


@ON_ONE
@pytest.mark.parametrize("phone", [households.PHONE, "13911112222"], ids=["申请人的", "两人共用"])
def test_a_shared_phone_says_nothing_about_who_holds_it(portal, phone):
    file_id = households.accepted(portal, signed=("applicant",))
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        for number, key in enumerate(("member:w", "member:s"), 1):
            sign_with(session, file, program, key, phone, NOW + timedelta(minutes=5 * number))
    households.told(portal, file_id)
    with portal.database.writing() as session:
        assert results.mine(session, actor=files.resident(session, phone)) == []


@ON_ONE
def test_a_helpers_phone_shows_nobodys_record(portal):
    phone = "13911112222"
    file_id = households.accepted(
        portal, households.ANSWERS | {"filled_in_by": "neighbour", "helper_phone": phone}
    )
    with portal.database.writing() as session:
        file, program = of(portal, session, file_id)
        sign_with(session, file, program, "applicant", phone, NOW + timedelta(minutes=5))
    households.told(portal, file_id)
    with portal.database.writing() as session:
        assert results.mine(session, actor=files.resident(session, phone)) == []


def sign_with(session, file, program, key, phone, now=NOW):
    """By the code that reached this phone."""
    signatures.request_code(session, file, program, key, phone, device="d", now=now)
    [text] = [m.text for m in messages.latest(session) if m.created_at == now]
    [code] = re.findall(r"[0-9]{6}", text)
    signatures.sign_by_code(
        session, file, program, key, phone, code, actor=files.owner(file), now=now
    )


@ON_ONE
def test_once_told_a_household_may_be_checked_again(portal):
    file_id = households.accepted(portal, signed=BOTH)
    households.told(portal, file_id)
    households.running(portal, file_id)
    with portal.database.reading() as session:
        assert sorted(row.round for row in session.query(CheckRequest)) == [1, 2]
