"""Texts: short, about nobody, sent at least once and never too late."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from portal.contact import messages, sending
from portal.contact.tables import TextMessage
from portal.foundation import vault
from portal.foundation.settings import Settings, WrongSettings
from tests.killed import killed_at

PHONE = "13812345678"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def queue(portal, now):
    def run(*, at=now, valid=None, key_id=None, template="code_sign_in"):
        with portal.database.writing() as session:
            return messages.queue_text(
                session,
                key_id=key_id,
                phone=PHONE,
                template=template,
                values={"code": "123456"},
                now=at,
                expires_at=None if valid is None else at + valid,
            )

    return run


def refuse(_message):
    raise sending.NotSent("down")


def test_a_text_is_sealed_until_it_is_sent(portal, queue, now):
    queue()
    taken = []
    assert sending.send_due(portal.database, taken.append, now=now) == 1
    assert (taken[0].phone, taken[0].text) == (
        PHONE,
        "【救助通】登录验证码123456，5分钟内有效。不要告诉别人。",
    )
    stored = b"".join(p.read_bytes() for p in portal.settings.data.glob("portal.sqlite*"))
    assert PHONE.encode() not in stored


@pytest.mark.both
def test_nothing_is_sent_twice(portal, queue, now):
    queue()
    sending.send_due(portal.database, sending.standin_sender, now=now)
    assert sending.send_due(portal.database, sending.standin_sender, now=now + MINUTE) == 0


@pytest.mark.both
def test_oldest_first_and_at_most_twenty_at_a_time(portal, queue, now):
    ids = [queue(at=now + n * timedelta(seconds=1)) for n in range(25)]
    taken, later = [], now + MINUTE
    assert sending.send_due(portal.database, taken.append, now=later) == 20
    assert sending.send_due(portal.database, taken.append, now=later) == 5
    assert [message.id for message in taken] == ids


def test_what_is_refused_comes_again_after_growing_pauses(portal, queue, now):
    queue(template="progress")
    tried, at = [], now
    for _ in range(600):
        seen = len(tried)
        asked = []
        sending.send_due(portal.database, lambda m, a=asked: a.append(m) or refuse(m), now=at)
        tried += [at for _ in asked]
        at += timedelta(seconds=5) if len(tried) > seen or len(tried) < 5 else MINUTE
    pauses = [b - a for a, b in zip(tried, tried[1:], strict=False)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= timedelta(seconds=15)
    assert max(pauses) <= timedelta(hours=1, minutes=2)
    taken = []
    assert sending.send_due(portal.database, taken.append, now=at + timedelta(hours=1)) == 1


def test_an_expired_code_is_not_sent_late(portal, queue, now):
    queue(valid=5 * MINUTE)
    sending.send_due(portal.database, refuse, now=now)
    taken = []
    assert sending.send_due(portal.database, taken.append, now=now + 5 * MINUTE) == 0
    assert taken == []
    with portal.database.reading() as session:
        assert session.scalars(select(TextMessage)).one().dropped_at == now + 5 * MINUTE


def test_after_two_days_it_is_given_up(portal, queue, now):
    queue(template="progress")
    taken = []
    assert sending.send_due(portal.database, taken.append, now=now + timedelta(hours=48)) == 0


def test_a_gateway_that_is_down_is_left_alone(portal, queue, now):
    for _ in range(10):
        queue()
    tried = []
    sending.send_due(portal.database, lambda m: tried.append(m) or refuse(m), now=now)
    assert len(tried) == 3


@pytest.mark.both
def test_killed_between_the_gateways_yes_and_our_note(portal, queue, now, tmp_path):
    """It goes again after the lease under the same number, by which the gateway knows it."""
    number, told = queue(valid=5 * MINUTE), tmp_path / "told"

    def gateway(message):
        with told.open("a") as out:
            out.write(f"{message.id}\n")

    portal.database.engine.dispose()
    killed_at("T1", partial(sending.send_due, portal.database, gateway, now=now))
    assert sending.send_due(portal.database, gateway, now=now + MINUTE) == 0
    assert sending.send_due(portal.database, gateway, now=now + 3 * MINUTE) == 1
    assert told.read_text().split() == [str(number)] * 2
    assert sending.send_due(portal.database, gateway, now=now + 4 * MINUTE) == 0


def test_a_crash_while_sending_sends_again_after_the_lease(portal, queue, now):
    queue()

    def crash(_message):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sending.send_due(portal.database, crash, now=now)
    taken = []
    assert sending.send_due(portal.database, taken.append, now=now + MINUTE) == 0
    assert sending.send_due(portal.database, taken.append, now=now + 2 * MINUTE) == 1


def test_a_text_about_an_erased_person_is_not_sent(portal, queue, now):
    with portal.database.writing() as session:
        key_id = vault.new_key(session, "person", now=now)
    queue(key_id=key_id)
    with portal.database.writing() as session:
        vault.destroy_key(session, key_id, now=now)
    taken = []
    assert sending.send_due(portal.database, taken.append, now=now) == 0
    with portal.database.reading() as session:
        assert messages.latest(session) == []


def test_old_texts_go_with_their_own_keys(portal, queue, now):
    with portal.database.writing() as session:
        person = vault.new_key(session, "person", now=now)
    queue()
    queue(key_id=person)
    queue(at=now + timedelta(days=7))
    with portal.database.writing() as session:
        sending.forget_old(session, now=now + timedelta(days=7, seconds=1))
        assert session.scalar(select(func.count()).select_from(TextMessage)) == 1
        purposes = select(vault.DataKey.purpose).where(
            vault.DataKey.purpose.in_(["message", "person"])
        )
        assert sorted(session.scalars(purposes)) == ["message", "person"]


@pytest.mark.parametrize("url", ["http://sms.example.com/", "ftp://x/", "file:///etc/passwd", ""])
def test_only_https_leaves_this_machine(url):
    with pytest.raises(WrongSettings):
        sending.https_sender(url, "k")


def test_the_settings_name_the_sender(tmp_path):
    assert sending.sender_of(Settings(data=tmp_path)) is sending.standin_sender
    with pytest.raises(WrongSettings):
        sending.sender_of(Settings(data=tmp_path, sms="pigeon"))
