"""Told by WeChat: who has no number hears there, and somebody goes when WeChat does not take it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.casework import office
from portal.casework.talk import errands, follow_up, telling
from portal.contact import inbox, sending
from portal.contact.tables import TextMessage
from portal.contact.wechat import open_wechat
from portal.people import choices, sign_in, wechat, wechat_messages, wechat_quotas
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

SEND = "/cgi-bin/message/subscribe/send"


@pytest.fixture
def settings(settings, weixin):
    return replace(settings, wechat="standin", wechat_url=weixin.url)


@pytest.fixture
def file(portal, weixin):
    """A file of somebody whose only way in is WeChat."""
    file_id = cases.handed_in(portal)
    with portal.database.writing() as session:
        mine = account_of(session, file_id)
        mine.phone_index = mine.phone_sealed = None
        wechat.bind(session, mine, weixin.state.openid("alice"), now=NOW)
    return file_id


def account_of(session, file_id):
    return session.get_one(sign_in.Account, cases.file_of(session, file_id).account_id)


def allow(portal, weixin, file_id, moment):
    weixin.state.accept("alice", f"standin-{moment}")
    with portal.database.writing() as session:
        wechat_quotas.note(session, account_of(session, file_id), {moment: "accept"}, now=NOW)


def accept(portal, file_id):
    with portal.database.writing() as session:
        office.accept(session, cases.file_of(session, file_id), actor=files.clerk(), now=NOW)


def send(portal):
    way = wechat_messages.way(
        open_wechat(portal.settings, portal.database), portal.database, now=NOW
    )
    taken = []
    sending.send_due(portal.database, taken.append, wechat=way, now=NOW)
    follow_up.follow_up(portal.database, now=NOW)
    return [message.phone for message in taken]


def sent_to(portal):
    with portal.database.reading() as session:
        return [e.why for e, _file in errands.waiting(session, actor=files.clerk())]


def test_without_a_number_weixin_carries_it_and_nobody_goes(portal, weixin, file):
    allow(portal, weixin, file, "submitted")
    accept(portal, file)
    assert send(portal) == []
    assert [what for _who, what in weixin.sent()] == ["您的申请已受理"]
    assert sent_to(portal) == []
    with portal.database.reading() as session:
        [message, *_older] = inbox.of(session, account_of(session, file).id)
        assert message.template == "accepted"


def test_nothing_allowed_somebody_goes(portal, weixin, file):
    accept(portal, file)
    assert (send(portal), weixin.sent(), sent_to(portal)) == ([], [], ["no_phone"])


@pytest.mark.parametrize("how", [{"errcode": 43101}, {"errcode": 45009}, {"status": 502}])
def test_what_weixin_does_not_take_goes_to_the_number_in_the_answers(portal, weixin, file, how):
    allow(portal, weixin, file, "submitted")
    weixin.fails(SEND, **how)
    accept(portal, file)
    assert (send(portal), send(portal)) == ([], [files.LEAST["phone"]])


def test_and_when_that_does_not_take_it_either_somebody_goes(portal, weixin, file):
    def never(_message):
        raise sending.NeverSent("isv.MOBILE_NUMBER_ILLEGAL")

    allow(portal, weixin, file, "submitted")
    weixin.fails(SEND, errcode=43101)
    accept(portal, file)
    send(portal)
    sending.send_due(portal.database, never, now=NOW)
    follow_up.follow_up(portal.database, now=NOW)
    assert sent_to(portal) == ["undelivered"]


def test_the_second_number_chosen_comes_first(portal, weixin, file):
    allow(portal, weixin, file, "submitted")
    weixin.fails(SEND, errcode=43101)
    with portal.database.writing() as session:
        choices.choose_second(session, account_of(session, file), "13900000077", now=NOW)
    accept(portal, file)
    send(portal)
    assert send(portal) == ["13900000077"]
    assert sent_to(portal) == []


def test_handed_in_it_is_told_once(portal, weixin, file):
    allow(portal, weixin, file, "submitted")
    for _ in range(3):
        with portal.database.writing() as session:
            telling.submitted(session, cases.file_of(session, file), now=NOW)
    assert send(portal) == []
    assert [what for _who, what in weixin.sent()] == ["申请已提交，尚未受理"]
    with portal.database.reading() as session:
        rows = session.scalars(select(TextMessage).where(TextMessage.account_id.is_not(None))).all()
        assert [row.state for row in rows] == ["delivered"]
