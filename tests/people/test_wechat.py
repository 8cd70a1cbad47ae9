"""WeChat and accounts: one openid, one account; sealed, never told; messages as allowed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.contact import messages, sending
from portal.contact.messages import DELIVERED, FAILED, SENT
from portal.contact.tables import TextMessage
from portal.contact.wechat import open_wechat
from portal.foundation.errors import Conflict, SignInNeeded, TooOften
from portal.people import sign_in, wechat, wechat_events, wechat_messages, wechat_quotas
from portal.people.tables import Account
from portal.people.wechat_tables import WechatBinding

ALICE, BOB = "oAlice_0123456789abcdefghijk", "oBob_0123456789abcdefghijklm"
PHONE = "13812345678"
SEND = "/cgi-bin/message/subscribe/send"
HALF_YEAR = timedelta(days=181)


@pytest.fixture
def settings(settings, weixin):
    return replace(settings, wechat="standin", wechat_url=weixin.url)


@pytest.fixture
def line(portal, weixin, clock):
    weixin.state.clock = clock
    found = open_wechat(portal.settings, portal.database, clock=clock)
    return replace(found, line=replace(found.line, timeout=0.3))


@pytest.fixture
def do(portal):
    def run(verb, *args, **more):
        with portal.database.writing() as session:
            return verb(session, *args, **more)

    return run


def account(session, openid=ALICE):
    return wechat.account_of(session, openid)


def test_the_first_time_opens_an_account_without_a_number(portal, now):
    with portal.database.writing() as session:
        first = wechat.open_account(session, ALICE, now=now)
        assert wechat.open_account(session, ALICE, now=now) == first
        assert wechat.open_account(session, BOB, now=now) != first
        assert first.phone_sealed is None
        assert wechat.openid_of(session, first) == ALICE
    stored = b"".join(p.read_bytes() for p in portal.settings.data.glob("portal.sqlite*"))
    assert ALICE.encode() not in stored


def test_two_first_times_at_once_make_one_account(portal, now):
    def enter(_turn):
        with portal.database.writing() as session:
            return wechat.open_account(session, ALICE, now=now).id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(enter, range(6)))) == 1
    with portal.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_a_long_absence_asks_weixin_for_no_proof(portal, now):
    with portal.database.writing() as session:
        wechat.open_account(session, ALICE, now=now)
        found = wechat.open_account(session, ALICE, now=now + HALF_YEAR)
        assert not sign_in.needs_proof(found, now + HALF_YEAR)


def test_a_number_in_doubt_is_let_go(portal, now):
    """The number's new holder signed in: what WeChat opens must not open for both."""
    later = now + HALF_YEAR
    with portal.database.writing() as session:
        mine = sign_in.open_account(session, PHONE, now=now)
        wechat.bind(session, mine, ALICE, now=now)
        sign_in.open_account(session, PHONE, now=later)
        token = sign_in.issue(session, account=mine, now=later)
        assert sign_in.needs_proof(mine, later)
        assert wechat.open_account(session, ALICE, now=later) == mine
        assert not sign_in.needs_proof(mine, later)
        assert sign_in.find_account(session, PHONE) is None
        with pytest.raises(SignInNeeded):
            sign_in.rotate(session, token, now=later)


def test_a_number_only_weixin_named_asks_for_proof_at_the_first_code(portal, now):
    """The button's number may be somebody else's by now."""
    with portal.database.writing() as session:
        mine = wechat.open_account(session, ALICE, now=now)
        token = sign_in.issue(session, account=mine, now=now)
        sign_in.give_number(session, mine, PHONE, now=now)
        assert sign_in.open_account(session, PHONE, now=now) == mine
        assert sign_in.needs_proof(mine, now)
        with pytest.raises(SignInNeeded):
            sign_in.rotate(session, token, now=now)
        sign_in.prove_person(session, mine, "01001X", ["43092319000101001X"], now=now)
        assert not sign_in.needs_proof(sign_in.open_account(session, PHONE, now=now), now)


def test_one_weixin_for_one_account(do, portal, now):
    with portal.database.writing() as session:
        mine = sign_in.open_account(session, PHONE, now=now)
        other = sign_in.open_account(session, "13900000001", now=now)
        wechat.bind(session, mine, ALICE, now=now)
        wechat.bind(session, mine, ALICE, now=now)
        with pytest.raises(Conflict) as refused:
            wechat.bind(session, other, ALICE, now=now)
        assert refused.value.code == "wechat_taken"
        wechat.bind(session, mine, BOB, now=now)
        assert account(session) is None
        assert account(session, BOB).id == mine.id
        assert session.scalar(select(func.count()).select_from(WechatBinding)) == 1


def test_who_has_a_number_lets_weixin_go_and_who_has_none_does_not(do, portal, now):
    with portal.database.writing() as session:
        mine = sign_in.open_account(session, PHONE, now=now)
        wechat.bind(session, mine, ALICE, now=now)
        wechat_quotas.note(session, mine, {"submitted": "accept"}, now=now)
        wechat.let_go(session, mine, now=now)
        wechat.let_go(session, mine, now=now)
        assert (account(session), wechat_quotas.of(session, mine)) == (None, [])
        with pytest.raises(Conflict) as refused:
            wechat.let_go(session, wechat.open_account(session, BOB, now=now), now=now)
        assert refused.value.code == "phone_needed"


def test_a_network_may_try_six_hundred_times_an_hour(do, now):
    for _ in range(600):
        do(wechat.count_try, "village", now=now)
    with pytest.raises(TooOften):
        do(wechat.count_try, "village", now=now)
    do(wechat.count_try, "neighbour", now=now)


# messages


@pytest.fixture
def person(do, portal, weixin, now):
    """Alice, with a number and WeChat, who allowed two messages on her phone and in the portal."""
    openid = weixin.state.openid("alice")
    with portal.database.writing() as session:
        mine = sign_in.open_account(session, PHONE, now=now)
        wechat.bind(session, mine, openid, now=now)
        for _ in range(2):
            wechat_quotas.note(session, mine, {"submitted": "accept"}, now=now)
        weixin.state.accept("alice", "standin-submitted", 2)
        return mine.id


@pytest.fixture
def queue(portal, person, now):
    def run(template="accepted", phone=PHONE):
        with portal.database.writing() as session:
            key_id = session.get_one(Account, person).key_id
            return messages.queue_text(
                session, key_id=key_id, phone=phone, template=template, values={}, now=now,
                account_id=person,
            )  # fmt: skip

    return run


@pytest.fixture
def send(portal, line, now):
    """Everything that waits; the texts that went by the gateway."""

    def run(at=now):
        taken = []
        way = wechat_messages.way(line, portal.database, now=at)
        sending.send_due(portal.database, taken.append, wechat=way, now=at)
        return [m.text for m in taken]

    return run


def row(portal, message_id):
    with portal.database.reading() as session:
        found = session.get_one(TextMessage, message_id)
        session.expunge(found)
        return found


def left(portal, person):
    with portal.database.reading() as session:
        quotas = wechat_quotas.of(session, session.get_one(Account, person))
        return {moment: (n, said) for moment, n, said in quotas}


@pytest.mark.sqlite_first
def test_what_was_allowed_goes_by_weixin_and_not_by_text(portal, weixin, queue, send, person):
    message = queue()
    assert send() == []
    assert weixin.sent() == [(weixin.state.openid("alice"), "您的申请已受理")]
    [sent] = weixin.state.outbox
    assert sent["page"] == "pages/messages/messages"
    assert sent["data"]["time3"]["value"] == "2026年11月22日 09:00"
    assert (row(portal, message).state, left(portal, person)["submitted"][0]) == (DELIVERED, 1)


@pytest.mark.sqlite_first
def test_one_acceptance_is_one_message_the_third_goes_by_text(weixin, queue, send):
    for _ in range(3):
        queue()
    assert len(send()) == 1
    assert len(weixin.sent()) == 2


@pytest.mark.sqlite_first
def test_nothing_about_other_moments_goes_by_weixin(weixin, queue, send):
    for template in ("returned", "progress", "draft_waiting", "wechat_bound"):
        queue(template)
    assert len(send()) == 4
    assert weixin.sent() == []


@pytest.mark.sqlite_first
@pytest.mark.parametrize(
    ("how", "remain"),
    [({"errcode": 43101}, (0, "reject")), ({"errcode": 45009}, (2, "accept")),
     ({"errcode": 47003}, (2, "accept")), ({"errcode": 40003}, (2, "accept")),
     ({"status": 502}, (1, "accept")), ({"silence": 0.5}, (1, "accept"))],
    ids=["43101", "45009", "47003", "40003", "502", "不出声"],
)  # fmt: skip
def test_whatever_weixin_says_the_person_is_told(portal, weixin, queue, send, person, how, remain):
    weixin.fails(SEND, **how)
    message = queue()
    assert send() == ["【救助通】您的申请已受理。请打开救助通看进度。"]
    assert (row(portal, message).state, left(portal, person)["submitted"]) == (SENT, remain)


@pytest.mark.sqlite_first
def test_a_token_that_ran_out_is_no_reason_for_a_text(weixin, queue, send):
    weixin.fails(SEND, errcode=42001)
    queue()
    assert send() == []
    assert len(weixin.sent()) == 1


@pytest.mark.sqlite_first
def test_weixin_down_for_long_costs_texts_no_time(weixin, queue, send):
    weixin.fails(SEND, status=502, times=99)
    weixin.fails("/cgi-bin/stable_token", status=502, times=99)
    for _ in range(2):
        queue()
    assert len(send()) == 2


def test_off_everything_goes_by_text(portal, queue, now):
    queue()
    taken = []
    sending.send_due(portal.database, taken.append, wechat=None, now=now)
    assert len(taken) == 1


@pytest.mark.sqlite_first
def test_without_a_number_what_weixin_refuses_has_failed(portal, weixin, queue, send):
    """So that follow_up looks for another way."""
    weixin.fails(SEND, errcode=43101)
    message = queue(phone="")
    assert send() == []
    assert (row(portal, message).state, row(portal, message).fault) == (FAILED, "no_phone")


def event(kind, openid, **entry):
    return {"Event": kind, "FromUserName": openid, "MsgType": "event", "List": entry}


@pytest.mark.sqlite_first
def test_switched_off_in_weixin_it_goes_by_text(weixin, line, do, queue, send, now):
    openid = weixin.state.openid("alice")
    off = {"TemplateId": "standin-submitted", "SubscribeStatusString": "reject"}
    do(wechat_events.take, line, event("subscribe_msg_change_event", openid, **off), now=now)
    queue()
    assert len(send()) == 1
    assert weixin.sent() == []


@pytest.mark.sqlite_first
def test_what_did_not_arrive_after_all_goes_by_text_once(
    portal, weixin, line, do, queue, send, now
):
    message = queue()
    send()
    lost = {"MsgID": row(portal, message).wechat_no, "ErrorCode": "2", "ErrorStatus": "failed"}
    told = event("subscribe_msg_sent_event", weixin.state.openid("alice"), **lost)
    for _ in range(3):
        do(wechat_events.take, line, told, now=now)
        do(wechat_events.take, line, {**told, "CreateTime": 5}, now=now)
    assert len(send()) == 1
    assert send() == []
    assert len(weixin.sent()) == 1


@pytest.mark.sqlite_first
def test_what_arrived_is_left_alone(portal, weixin, line, do, queue, send, now):
    message = queue()
    send()
    came = {"MsgID": row(portal, message).wechat_no, "ErrorCode": "0", "ErrorStatus": "success"}
    do(wechat_events.take, line, event("subscribe_msg_sent_event", "o", **came), now=now)
    assert send() == []
    assert row(portal, message).state == DELIVERED


@pytest.mark.parametrize("listed", [None, [], "x", [1], {}], ids=["无", "空", "字", "数", "对象"])
def test_events_nobody_knows_are_left_alone(line, do, now, listed):
    for kind in ("subscribe_msg_change_event", "subscribe_msg_sent_event", "wxa_media_check"):
        do(wechat_events.take, line, {"Event": kind, "List": listed}, now=now)


@pytest.mark.sqlite_first
def test_who_unbinds_hears_by_text(portal, weixin, do, queue, send, person, now):
    queue()
    with portal.database.writing() as session:
        wechat.let_go(session, session.get_one(Account, person), now=now)
    assert len(send()) == 1
    assert weixin.sent() == []
