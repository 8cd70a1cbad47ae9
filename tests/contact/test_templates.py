"""Every word that goes out by itself: short, about nobody, with the person's own word, not at night."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.contact import messages, rules, sending
from portal.contact.tables import TextMessage
from portal.contact.templates import (
    ABOUT_A_HELPER,
    AT_ONCE,
    CODES,
    EXAMPLE,
    MESSAGES,
    MOST_CHARACTERS,
    MOST_IN_A_WORD,
    OFFICE,
    SAYING,
    SAYINGS,
    TEMPLATES,
    WORDS,
    message_of,
    text_of,
)  # fmt: skip
from portal.people import choices, sign_in

BEIJING = timezone(timedelta(hours=8))
OUTCOMES = (
    "低保", "特困", "临时救助", "残疾", "元", "批准", "没有批准", "不予", "停发", "减少", "病", "钱",
)  # fmt: skip
LONGEST = "词" * MOST_IN_A_WORD


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_text_is_short_even_with_the_longest_word(name):
    text = text_of(name, EXAMPLE, word=LONGEST)
    assert len(text) <= MOST_CHARACTERS
    assert len(text.encode("utf-16-le")) == 2 * len(text)
    assert text.startswith(f"【救助通】口令：{LONGEST}。")
    assert text_of(name, EXAMPLE).startswith("【救助通】")
    assert "口令" not in text_of(name, EXAMPLE)
    for sentence in re.split("[。，]", TEMPLATES[name].removeprefix("【救助通】")):
        assert len(sentence) <= 20


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_text_tells_nothing_about_anybody(name):
    assert set(re.findall(r"{(\w+)}", TEMPLATES[name])) <= {"code"}
    assert name in CODES | ABOUT_A_HELPER or "{" not in TEMPLATES[name]
    for word in OUTCOMES:
        assert word not in TEMPLATES[name]
    assert not re.search(r"https?:|www|\.cn|\.com", TEMPLATES[name])


_PERSON = st.fixed_dictionaries(
    {
        "name": st.text("刘桂香陈小雨王建国", min_size=2, max_size=4),
        "phone": st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
        "number": st.from_regex(r"43[0-9]{15}[0-9X]", fullmatch=True),
        "sentence": st.text(min_size=3, max_size=80).filter(str.strip),
        "amount": st.integers(10_000, 10_000_000).map(str),
        "code": st.from_regex(r"[0-9]{6}", fullmatch=True),
    }
)


@given(st.sampled_from(sorted(TEMPLATES)), _PERSON, st.sampled_from(WORDS))
def test_whatever_is_known_of_a_person_no_text_says_it(template, person, word):
    text = text_of(template, person, word=word)
    coded = template in CODES | ABOUT_A_HELPER
    rest = text.replace(person["code"], "") if coded else text
    plain = TEMPLATES[template].replace("{code}", "")
    for name, value in person.items():
        if name != "code" and value not in plain:
            assert value not in rest


def test_a_template_that_grew_is_refused(monkeypatch):
    monkeypatch.setattr("portal.contact.templates.TEMPLATES", {"progress": "长" * 71})
    with pytest.raises(ValueError, match="grew past 70"):
        text_of("progress", {})


def test_every_text_to_a_person_has_its_message_in_the_portal():
    wanted = set(TEMPLATES) - AT_ONCE - OFFICE - ABOUT_A_HELPER
    assert set(MESSAGES) == wanted
    for name in wanted:
        words = message_of(name)
        for sentence in re.split("[。？！，]", f"{words.title}。{words.body}"):
            assert len(sentence) <= 20, sentence


@pytest.mark.parametrize("saying", [SAYING, *SAYINGS.values()])
def test_what_is_said_at_a_door_tells_no_outcome(saying):
    for word in OUTCOMES:
        assert word not in saying
    for sentence in re.split("[。，]", saying):
        assert len(sentence) <= 20


def test_only_known_texts_have_sayings():
    assert set(SAYINGS) <= set(TEMPLATES)


@pytest.mark.parametrize("word", WORDS)
def test_offered_words_are_everyday_and_friendly(word):
    assert len(word) == 2
    word.encode("gb2312")


@pytest.mark.parametrize(
    ("at", "morning"),
    [
        ("2026-11-22T20:59:59", None), ("2026-11-22T21:00:00", "2026-11-23T08:00:00"),
        ("2026-11-22T23:30:00", "2026-11-23T08:00:00"), ("2026-12-31T22:00:00", "2027-01-01T08:00:00"),
        ("2026-11-22T00:00:00", "2026-11-22T08:00:00"), ("2026-11-22T07:59:59", "2026-11-22T08:00:00"),
        ("2026-11-22T08:00:00", None), ("2026-11-22T12:00:00", None),
    ],
)  # fmt: skip
def test_the_night_by_the_clock_in_beijing(at, morning):
    moment = datetime.fromisoformat(at).replace(tzinfo=BEIJING).astimezone(UTC)
    wanted = moment if morning is None else datetime.fromisoformat(morning).replace(tzinfo=BEIJING)
    assert rules.is_quiet(moment) == (morning is not None)
    assert rules.awake(moment) == wanted
    assert rules.awake(moment).tzinfo is UTC


@given(st.integers(1_767_225_600, 1_830_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)))
def test_nobody_is_woken_and_nobody_waits_longer_than_a_night(moment):
    later = rules.awake(moment)
    assert not rules.is_quiet(later)
    assert timedelta(0) <= later - moment <= timedelta(hours=11)


def queue(portal, now, template):
    with portal.database.writing() as session:
        return messages.queue_text(
            session, key_id=None, phone="13812345678", template=template, values=EXAMPLE, now=now
        )


NIGHT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
"""22:00 in Beijing."""


def test_at_night_only_what_cannot_wait(portal):
    for name in TEMPLATES:
        queue(portal, NIGHT, name)
    taken = []
    for _ in range(2):
        sending.send_due(portal.database, taken.append, now=NIGHT)
    assert {message.template for message in taken} == AT_ONCE
    for _ in range(2):
        sending.send_due(portal.database, taken.append, now=NIGHT + timedelta(hours=10))
    assert sorted(message.template for message in taken) == sorted(TEMPLATES)


def test_what_was_refused_in_the_evening_is_not_tried_again_at_night(portal):
    evening = NIGHT - timedelta(hours=1, seconds=10)
    text = queue(portal, evening, "progress")

    def refuse(_message):
        raise sending.NotSent("down")

    sending.send_due(portal.database, refuse, now=evening)
    taken = []
    sending.send_due(portal.database, taken.append, now=NIGHT)
    assert taken == []
    with portal.database.reading() as session:
        waits = session.get_one(TextMessage, text).next_try_at
    assert waits == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    sending.send_due(portal.database, taken.append, now=waits)
    assert len(taken) == 1


@pytest.fixture
def account(portal, now):
    with portal.database.writing() as session:
        return sign_in.open_account(session, "13812345678", now=now).id


def told(portal):
    with portal.database.reading() as session:
        return [message.text for message in messages.latest(session)]


def test_codes_and_warnings_carry_the_word_the_person_chose(portal, account, now):
    with portal.database.writing() as session:
        mine = session.get_one(sign_in.Account, account)
        choices.choose_word(session, mine, " 荷 花 ", now=now)
    later = now + timedelta(minutes=2)
    with portal.database.writing() as session:
        sign_in.request_code(session, "13812345678", device="a", now=later)
        sign_in.request_code(session, "13800000001", device="b", now=later)
        mine = session.get_one(sign_in.Account, account)
        sign_in.change_phone(session, mine, "13900000001", now=later)
    assert sorted("口令：荷花。" in text for text in told(portal)) == [False, True, True]


def test_a_word_is_one_to_four_chinese_characters(portal, account, now):
    with portal.database.writing() as session:
        mine = session.get_one(sign_in.Account, account)
        for word in ("五个字的词", "abc", "荷花1", "荷，花", "🌸", "\U00020000"):
            with pytest.raises(choices.Invalid):
                choices.choose_word(session, mine, word, now=now)


def test_choices_are_sealed_and_can_be_taken_back(portal, account, now):
    with portal.database.writing() as session:
        mine = session.get_one(sign_in.Account, account)
        choices.choose_word(session, mine, "石榴树下", now=now)
        choices.choose_second(session, mine, "13987654321", now=now)
        choices.choose_reminders(session, mine, False, now=now)
        found = choices.of(session, mine)
    assert (found.word, found.second_phone.value, found.reminders) == (
        "石榴树下", "13987654321", False,
    )  # fmt: skip
    stored = b"".join(p.read_bytes() for p in portal.settings.data.glob("portal.sqlite*"))
    for secret in ("石榴树下", "13987654321"):
        assert secret.encode() not in stored
    with portal.database.writing() as session:
        mine = session.get_one(sign_in.Account, account)
        choices.choose_word(session, mine, "", now=now)
        choices.choose_second(session, mine, "", now=now)
        found = choices.of(session, mine)
    assert (found.word, found.second_phone, found.asked) == ("", None, True)
