"""Consents: told first, given one by one, withdrawn as easily."""

import re

import pytest
from sqlalchemy import func, select

from portal.foundation.errors import Conflict, Invalid
from portal.people import consents, sign_in
from portal.people.tables import Consent

HEADINGS = {
    "general": "谁来处理",
    "sensitive": "谁来处理",
    "means_check": "谁来核对",
    "handover": "转交给谁",
}


@pytest.fixture
def session(portal):
    with portal.database.writing() as session:
        yield session


@pytest.fixture
def account(session, now):
    return sign_in.open_account(session, "13812345678", now=now)


@pytest.mark.parametrize("kind", consents.KINDS)
def test_a_text_says_who_what_why_how_long_and_which_rights(kind):
    headings = [heading for heading, _ in consents.TEXTS[kind].parts]
    assert HEADINGS[kind] in headings
    assert {"为了什么", "保存多久", "您的权利"} <= set(headings)
    assert any(word in heading for heading in headings for word in ("什么",))


@pytest.mark.parametrize("kind", consents.KINDS)
def test_sentences_are_short(kind):
    text = consents.TEXTS[kind]
    lines = [text.agree, *(line for _, lines in text.parts for line in lines)]
    for sentence in re.split("[。！？]", "。".join(lines)):
        assert len(sentence) <= 20, sentence


def test_each_is_given_on_its_own(session, account, now):
    assert consents.missing(session, account) == ["general", "sensitive", "handover"]
    consents.give(session, account, ["sensitive"], now=now)
    assert consents.missing(session, account) == ["general", "handover"]
    consents.give(session, account, ["general", "handover"], now=now)
    assert consents.missing(session, account) == []
    assert consents.given(session, account)["means_check"] is None


def test_giving_twice_leaves_one_line(session, account, now):
    for _ in range(2):
        consents.give(session, account, consents.KINDS, now=now)
    assert session.scalar(select(func.count()).select_from(Consent)) == 4


def test_a_withdrawn_consent_stays_on_record(session, account, now):
    consents.give(session, account, consents.KINDS, now=now)
    consents.withdraw(session, account, ["handover"], now=now)
    assert consents.missing(session, account) == ["handover"]
    assert consents.withdrawn(session, account.id, "handover")
    assert not consents.withdrawn(session, account.id, "general")
    assert session.scalar(select(func.count()).select_from(Consent)) == 4
    consents.give(session, account, ["handover"], now=now)
    assert consents.missing(session, account) == []


def test_a_changed_text_is_asked_for_again(session, account, now):
    consents.give(session, account, consents.KINDS, now=now)
    session.scalars(select(Consent).where(Consent.kind == "general")).one().text_digest = b"old"
    session.flush()
    assert consents.missing(session, account) == ["general"]


def test_an_old_version_is_not_taken(session, account, now):
    with pytest.raises(Conflict) as refused:
        consents.give(session, account, ["general"], versions={"general": "2020-01"}, now=now)
    assert refused.value.code == "consent_changed"


@pytest.mark.parametrize("verb", [consents.give, consents.withdraw])
def test_unknown_kinds(session, account, now, verb):
    with pytest.raises(Invalid):
        verb(session, account, ["everything"], now=now)
