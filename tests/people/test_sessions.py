"""Refresh tokens: a new one each time, a lost answer given again, reuse found out."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from portal.contact.tables import TextMessage
from portal.foundation.errors import Refusal, SignInNeeded
from portal.people import sign_in
from portal.people.tables import Account, RefreshToken

SECOND = timedelta(seconds=1)


class Person:
    """One account in the database, and what its phone does."""

    def __init__(self, portal, now):
        self.portal, self.now = portal, now
        with portal.database.writing() as session:
            account = sign_in.open_account(session, "13812345678", now=now)
            self.id = account.id

    def issue(self):
        with self.portal.database.writing() as session:
            return sign_in.issue(session, account=session.get_one(Account, self.id), now=self.now)

    def rotate(self, token, after=timedelta(0)):
        with self.portal.database.writing() as session:
            try:
                owner, successor = sign_in.rotate(session, token, now=self.now + after)
            except Refusal as refusal:
                if refusal.keeps:
                    session.commit()
                raise
            assert owner.id == self.id
            return successor

    def version(self):
        with self.portal.database.reading() as session:
            return session.get_one(Account, self.id).session_version


@pytest.fixture
def person(portal, now):
    return Person(portal, now)


def test_each_use_gives_a_new_token(person):
    first = person.issue()
    second = person.rotate(first)
    third = person.rotate(second)
    assert len({first, second, third}) == 3


def test_a_lost_answer_is_given_again_for_thirty_seconds(person):
    first = person.issue()
    second = person.rotate(first)
    assert person.rotate(first, 30 * SECOND) == second
    person.rotate(second, 31 * SECOND)


def test_reuse_after_that_ends_everything_and_tells_the_person(person):
    first = person.issue()
    second = person.rotate(first)
    version = person.version()
    with pytest.raises(SignInNeeded) as refused:
        person.rotate(first, 31 * SECOND)
    assert refused.value.code == "session_ended"
    with pytest.raises(SignInNeeded):
        person.rotate(second, 32 * SECOND)
    assert person.version() > version
    with person.portal.database.reading() as session:
        assert session.scalars(select(TextMessage.template)).all() == ["session_ended"]


def test_another_sign_in_survives_the_end_of_one_family(person):
    first, elsewhere = person.issue(), person.issue()
    person.rotate(first)
    with pytest.raises(SignInNeeded):
        person.rotate(first, 60 * SECOND)
    person.rotate(elsewhere, 61 * SECOND)


def test_lost_answers_never_sign_anybody_out(person):
    """Two hundred uses over a weak network: half of the answers are lost and asked for again."""
    chance, token, at = Random(7), person.issue(), timedelta(0)
    for _ in range(200):
        successor = person.rotate(token, at)
        while chance.random() < 0.5:
            assert person.rotate(token, at + 20 * SECOND) == successor
        token, at = successor, at + timedelta(minutes=10)


def test_tokens_end_after_thirty_idle_days(person):
    with pytest.raises(SignInNeeded):
        person.rotate(person.issue(), timedelta(days=30))
    late = person.rotate(person.issue(), timedelta(days=29))
    person.rotate(late, timedelta(days=58))


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "\u4e2d", "\x00"])
def test_unknown_tokens(person, token):
    with pytest.raises(SignInNeeded):
        person.rotate(token)


def test_tokens_are_stored_only_as_digests(person):
    token = person.issue()
    with person.portal.database.reading() as session:
        row = session.scalars(select(RefreshToken)).one()
        assert token.encode() not in row.digest


def test_signing_out_ends_this_session_and_raises_the_version(person):
    first, elsewhere = person.issue(), person.issue()
    version = person.version()
    with person.portal.database.writing() as session:
        sign_in.end(session, first, now=person.now)
        sign_in.end(session, "unknown", now=person.now)
    assert person.version() == version + 1
    with pytest.raises(SignInNeeded):
        person.rotate(first)
    person.rotate(elsewhere)


def test_signing_out_everywhere(person):
    tokens = [person.issue(), person.issue()]
    with person.portal.database.writing() as session:
        sign_in.end_all(session, account=session.get_one(Account, person.id), now=person.now)
    for token in tokens:
        with pytest.raises(SignInNeeded):
            person.rotate(token)
