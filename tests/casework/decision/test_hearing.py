"""社会救助法 第48条: nothing is reduced or stopped before the person was heard, by any road."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.casework import clocks, events, standin_office
from portal.casework.decision import adjusting, heard, hearing, letters, told
from portal.casework.publicity import publishing
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Party, Status
from tests.casework import cases
from tests.casework.decision import offices as making
from tests.casework.decision.offices import CHANGE, do, look, owner, status
from tests.casework.test_intake_events import enroll, send

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
"""What is decided is the same on both databases; what is kept is tried on both elsewhere."""

BEFORE = 77_000


def reduce(offices, file_id, amount=60_000, who="confirmer", **changes):
    def act(session, file):
        return adjusting.reduce(
            session, file, offices.program(file), offices.portal.catalogue,
            CHANGE | {"amount": amount} | changes, actor=offices[who], now=offices.now,
        ).id  # fmt: skip

    return do(offices, file_id, act)


def stop(offices, file_id, **changes):
    def act(session, file):
        return adjusting.stop(
            session, file, offices.program(file), offices.portal.catalogue, CHANGE | changes,
            actor=offices["confirmer"], now=offices.now,
        ).id  # fmt: skip

    return do(offices, file_id, act)


def keep(offices, file_id, amount=None):
    def act(session, file):
        adjusting.keep(
            session, file, offices.portal.catalogue, amount=amount, sentence="家里没有变化。",
            actor=offices["confirmer"], now=offices.now,
        )  # fmt: skip

    do(offices, file_id, act)


def answer(offices, file_id, sentence="还不够用，请别减。"):
    do(
        offices, file_id,
        lambda s, f: hearing.answer(s, f, sentence, actor=owner(f), now=offices.now),
    )  # fmt: skip


def not_met(offices, file_id, day=None, staff=("小陈", "小周")):
    def act(session, file):
        hearing.note_not_met(
            session, file, day or offices.today, staff=staff, sentence="门锁着。",
            actor=offices["chen"], now=offices.now,
        )  # fmt: skip

    do(offices, file_id, act)


def refused(act, *args, **more):
    with pytest.raises(Conflict) as refusal:
        act(*args, **more)
    return refusal.value.code


def test_heard_in_the_portal_then_reduced_with_a_letter(offices):
    file_id = making.on_the_road(offices, "dibao", "reviewing")
    assert refused(reduce, offices, file_id) == "hearing_needed"
    offices.asked(file_id, "reduced", 60_000)
    assert refused(reduce, offices, file_id) == "hearing_needed"
    answer(offices, file_id)
    decision_id = reduce(offices, file_id)
    assert status(offices, file_id) == Status.PAYING

    def seen(session, file):
        assert heard.open_one(session, file) is None
        assert heard.paid(session, file) == 60_000
        return letters.body(session, file, letters.find(session, file, decision_id))["paper"]

    paper = look(offices, file_id, seen)
    assert paper["decision"] == "从2026年12月起，每月600元。原来每月770元。"
    assert paper["reply"] == CHANGE["reply"]
    assert any("还不够用，请别减" in one for one in paper["facts"])


def test_heard_on_the_phone_then_stopped(offices):
    file_id = making.on_the_road(offices, "dibao", "reviewing")
    offices.asked(file_id, "stopped")
    do(
        offices, file_id,
        lambda s, f: hearing.note_statement(
            s, f, "phone", offices.today, who="本人", sentence="女儿给我钱了，可以停。",
            actor=offices["chen"], now=offices.now,
        ),
    )  # fmt: skip
    stop(offices, file_id)
    assert status(offices, file_id) == Status.STOPPED


def test_silence_and_visits_in_vain_never_stop_money(offices):
    file_id = making.on_the_road(offices, "dibao", "reviewing")
    offices.asked(file_id, "stopped")
    offices.later(days=60)
    assert refused(stop, offices, file_id) == "hearing_needed"
    for days in (1, 2, 3):
        not_met(offices, file_id)
        offices.later(days=days)
    vain = look(offices, file_id, lambda s, f: heard.tried_in_vain(s, heard.open_one(s, f)))
    assert vain
    assert refused(stop, offices, file_id) == "hearing_needed"
    kinds = look(offices, file_id, lambda s, f: [e.kind for e in events.of(s, f)])
    assert "heard" not in kinds
    keep(offices, file_id)
    assert status(offices, file_id) == Status.PAYING
    assert look(offices, file_id, heard.open_one) is None


def test_two_visits_on_one_day_are_one(offices):
    file_id = making.on_the_road(offices, "dibao", "reviewing")
    offices.asked(file_id, "stopped")
    not_met(offices, file_id)
    not_met(offices, file_id)
    assert not look(offices, file_id, lambda s, f: heard.tried_in_vain(s, heard.open_one(s, f)))
    with pytest.raises(Invalid):
        not_met(offices, file_id, staff=("小陈", " 小陈 "))
    with pytest.raises(Invalid):
        not_met(offices, file_id, day=date(2026, 1, 1))


def test_what_was_asked_is_what_may_be_decided(offices):
    file_id = making.on_the_road(offices, "dibao", "reviewing")
    offices.asked(file_id, "reduced", 60_000)
    answer(offices, file_id)
    assert refused(stop, offices, file_id) == "hearing_needed"
    for amount in (59_999, BEFORE, BEFORE + 1, None):
        with pytest.raises(Invalid) as refusal:
            reduce(offices, file_id, amount)
        assert "amount" in refusal.value.fields
    for field in ("sentence", "reply", "law"):
        with pytest.raises(Invalid) as refusal:
            reduce(offices, file_id, **{field: " "})
        assert field in refusal.value.fields
    for who in ("chen", "reviewer", "county"):
        with pytest.raises(Forbidden):
            reduce(offices, file_id, who=who)
    reduce(offices, file_id, 65_000)


def test_a_hearing_of_last_year_is_none(offices):
    file_id = making.on_the_road(offices, "dibao", "reviewing")
    offices.asked(file_id, "reduced", 60_000)
    answer(offices, file_id)
    reduce(offices, file_id)
    offices.later(days=365).reviewing(file_id)
    assert refused(stop, offices, file_id) == "hearing_needed"
    offices.asked(file_id, "stopped")
    assert refused(stop, offices, file_id) == "hearing_needed"


def test_no_event_of_any_office_reduces_or_stops_unheard(offices):
    """What comes from outside passes events.record as well: `paying` less is a reduction too."""
    file_id = making.on_the_road(offices, "dibao", "reviewing")
    for kind, words in (
        ("stopped", {"sentence": "收入高了。"}),
        ("reduced", {"sentence": "收入高了。", "amount": 10_000}),
        ("paying", {"amount": BEFORE - 1}),
    ):
        code = refused(
            do, offices, file_id,
            lambda s, f, kind=kind, words=words: events.record(
                s, f, kind, after=events.KINDS[kind], party=Party.COUNTY, actor="office:county",
                said=words, now=offices.now,
            ),
        )  # fmt: skip
        assert code == "hearing_needed", kind
    assert refused(keep, offices, file_id, BEFORE - 1) == "hearing_needed"
    keep(offices, file_id, BEFORE + 5_000)
    assert look(offices, file_id, heard.paid) == BEFORE + 5_000


def test_no_signed_event_from_outside_stops_unheard(offices):
    """The whole way in: signature, sequence, table, Law."""
    file_id = making.on_the_road(offices, "dibao", "reviewing")
    enroll(offices.portal)

    def sent(seq, kind, said):
        event = standin_office.event(file_id, seq, kind, at=offices.now, said=said)
        with offices.portal.database.writing() as session:
            return send(session, event, now=offices.now).state

    for kind, words in (
        ("stopped", {"sentence": "收入高了。"}),
        ("stopped", {"sentence": "收入高了。", "heard_on": "2026-11-20"}),
        ("reduced", {"sentence": "收入高了。", "amount": 10_000}),
        ("paying", {"amount": BEFORE - 1}),
    ):
        with pytest.raises(Conflict):
            sent(1, kind, words)
        assert status(offices, file_id) == Status.REVIEWING
    spoken = {"on": "2026-11-28", "how": "visit", "sentence": "她说女儿给钱了。"}
    assert sent(1, "heard", spoken) == "applied"
    assert sent(2, "stopped", {"sentence": "收入高了。"}) == "applied"
    assert status(offices, file_id) == Status.STOPPED


def test_the_proposal_is_told_with_reason_law_and_day(offices):
    file_id = making.on_the_road(offices, "dibao", "paying")
    offices.asked(file_id, "reduced", 60_000)
    shown = look(offices, file_id, told.asked)
    assert (shown["title"], shown["now_text"], shown["amount_text"]) == (
        "想减少您的救助金", "现在每月770元", "想改成每月600元",
    )  # fmt: skip
    assert (shown["sentence"], shown["law"], shown["heard"]) == (
        "女儿上班了。", "《社会救助法》第47条", False,
    )  # fmt: skip
    offices.later(days=30)
    answer(offices, file_id, "迟了几天，还是想说。")
    assert look(offices, file_id, told.asked)["said"][0]["sentence"] == "迟了几天，还是想说。"
    assert refused(offices.asked, file_id, "stopped") == "hearing_open"


def test_what_a_proposal_must_say(offices):
    file_id = making.on_the_road(offices, "dibao", "paying")
    good = {
        "change": "reduced", "sentence": "女儿上班了。", "law": "第47条", "amount": 60_000,
        "answer_by": offices.today + timedelta(days=14),
    }  # fmt: skip

    def ask(**changes):
        wanted = good | changes
        do(
            offices, file_id,
            lambda s, f: hearing.ask(
                s, f, wanted["change"], sentence=wanted["sentence"], law=wanted["law"],
                answer_by=wanted["answer_by"], amount=wanted["amount"],
                actor=offices["reviewer"], now=offices.now,
            ),
        )  # fmt: skip

    for changes, field in (
        ({"change": "ended"}, "change"),
        ({"sentence": " "}, "sentence"),
        ({"law": ""}, "law"),
        ({"amount": None}, "amount"),
        ({"amount": BEFORE}, "amount"),
        ({"answer_by": offices.today + timedelta(days=4)}, "answer_by"),
    ):
        with pytest.raises(Invalid) as refusal:
            ask(**changes)
        assert field in refusal.value.fields, changes
    ask()


def test_only_the_person_answers_in_the_portal(offices):
    file_id = making.on_the_road(offices, "dibao", "paying")
    assert refused(answer, offices, file_id) == "no_hearing"
    offices.asked(file_id, "stopped")
    for who in (offices["reviewer"], Actor(Role.APPLICANT, offices["reviewer"].id)):
        with pytest.raises(NotFound):
            do(
                offices,
                file_id,
                lambda s, f, who=who: hearing.answer(s, f, "好。", actor=who, now=offices.now),
            )
    with pytest.raises(Invalid):
        answer(offices, file_id, " ")


def test_graduating_ends_within_six_months_and_only_after_a_hearing(offices):
    file_id = making.on_the_road(offices, "dibao", "reviewing")

    def graduate(until):
        do(
            offices, file_id,
            lambda s, f: adjusting.graduate(
                s, f, offices.program(f), offices.portal.catalogue, until=until,
                sentence="收入稳定高于标准。", law="2022兜底通知一（三）",
                actor=offices["confirmer"], now=offices.now,
            ),
        )  # fmt: skip

    last = clocks.months_on(offices.today, 6)
    for until in (offices.today, last + timedelta(days=1), None):
        with pytest.raises(Invalid) as refusal:
            graduate(until)
        assert "until" in refusal.value.fields
    graduate(last)
    assert status(offices, file_id) == Status.GRADUATING
    paper = look(offices, file_id, lambda s, f: letters.body(s, f, letters.of(s, f)[-1])["paper"])
    assert paper["decision"] == "进入渐退期。救助照原来的数发到2027年5月30日。"
    offices.later(days=200)
    assert refused(stop, offices, file_id) == "hearing_needed"
    offices.asked(file_id, "stopped")
    answer(offices, file_id)
    stop(offices, file_id)


def test_who_lived_alone_and_died_is_not_asked(offices):
    file_id = making.on_the_road(offices, "tekun", "reviewing")
    assert refused(stop, offices, file_id) == "hearing_needed"

    def died(session, file):
        adjusting.note_death(
            session, file, "applicant", offices.today, actor=offices["clerk"], now=offices.now
        )

    do(offices, file_id, died)
    assert refused(stop, offices, file_id, reply="") == "notice_needed"
    do(
        offices, file_id,
        lambda s, f: publishing.post_stop(
            s, f, offices.program(f), actor=offices["clerk"], now=offices.now
        ),
    )  # fmt: skip
    offices.now += making.LATER
    stop(offices, file_id, reply="")
    assert status(offices, file_id) == Status.STOPPED


def test_where_others_are_left_they_are_heard(offices):
    file_id = making.on_the_road(offices, "dibao", "reviewing")

    def died(session, file):
        adjusting.note_death(
            session, file, "applicant", offices.today, actor=offices["clerk"], now=offices.now
        )

    do(offices, file_id, died)
    assert refused(stop, offices, file_id) == "hearing_needed"


def test_a_proposal_given_up_changes_nothing(offices):
    file_id = making.on_the_road(offices, "dibao", "paying")
    offices.asked(file_id, "stopped")
    do(
        offices, file_id,
        lambda s, f: hearing.drop(s, f, "查清了，是误会。", actor=offices["reviewer"], now=offices.now),
    )  # fmt: skip
    assert look(offices, file_id, told.asked) is None
    assert status(offices, file_id) == Status.PAYING


STEPS = ("ask_reduce", "ask_stop", "not_met", "answer", "drop", "reduce", "stop")


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=7))
def test_in_whatever_order_less_comes_only_after_words(offices, steps):
    """Any road through the desk: money falls or ends only where something was said before."""
    if "file" not in offices.kept:
        offices.kept["file"] = making.on_the_road(offices, "dibao", "reviewing")
    with offices.portal.database.writing() as session:
        tried = session.begin_nested()
        _walk(offices, session, cases.file_of(session, offices.kept["file"]), steps)
        tried.rollback()


def _walk(offices, session, file, steps):
    common = {"now": offices.now}
    town, county = {"actor": offices["reviewer"]} | common, {"actor": offices["confirmer"]} | common
    program, catalogue = offices.program(file), offices.portal.catalogue
    asking = {
        "sentence": "女儿上班了。",
        "law": "第47条",
        "answer_by": offices.today + timedelta(days=14),
    }
    acts = {
        "ask_reduce": lambda: hearing.ask(session, file, "reduced", amount=1_000, **asking, **town),
        "ask_stop": lambda: hearing.ask(session, file, "stopped", **asking, **town),
        "not_met": lambda: hearing.note_not_met(
            session, file, offices.today, staff=["小陈", "小周"], sentence="门锁着。", **town
        ),
        "answer": lambda: hearing.answer(session, file, "别停。", actor=owner(file), **common),
        "drop": lambda: hearing.drop(session, file, "误会。", **town),
        "reduce": lambda: adjusting.reduce(
            session, file, program, catalogue, CHANGE | {"amount": 2_000}, **county
        ),
        "stop": lambda: adjusting.stop(session, file, program, catalogue, CHANGE, **county),
    }  # fmt: skip
    said_to_it = False
    for step in steps:
        try:
            acts[step]()
        except (Conflict, Invalid):
            continue
        if step in ("reduce", "stop"):
            assert said_to_it
            return
        said_to_it = step == "answer" or (said_to_it and step == "not_met")
