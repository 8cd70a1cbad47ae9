"""Texts through a gateway that behaves as gateways do: limits, refusals, faults, receipts."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from api import create_app
from portal.contact import messages, receipts, sending, standin_gateway
from portal.contact.signing import signed_headers
from portal.contact.standin_gateway import Gateway
from portal.contact.tables import TextMessage
from portal.worker import run_once
from tests.contact.gateways import serving

KEY, PATH = "shared secret", "/api/contact/receipts"
PHONE = "13812345678"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def gateway(clock):
    return Gateway(KEY, clock)


@pytest.fixture
def sender(gateway, clock):
    with serving(gateway) as url:
        yield sending.https_sender(url, KEY, timeout=5, clock=clock)


@pytest.fixture
def post(settings, portal, clock):
    """What the gateway pushes to."""
    told = settings.__class__(**{**vars(settings), "sms": "https", "sms_key": KEY})
    other = portal.__class__(**{**vars(portal), "settings": told})
    client = create_app(other, clock=clock).test_client()

    def run(body, headers):
        headers = {"Content-Type": "application/json", **headers}
        return client.post(PATH, data=body, headers=headers).status_code

    return run


def queue(portal, clock, phone=PHONE, template="progress"):
    with portal.database.writing() as session:
        return messages.queue_text(
            session, key_id=None, phone=phone, template=template, values={"code": "1"}, now=clock()
        )


def row(portal, text_id):
    with portal.database.reading() as session:
        found = session.get_one(TextMessage, text_id)
        session.expunge(found)
        return found


def send(portal, sender, clock):
    return sending.send_due(portal.database, sender, now=clock())


def test_from_queued_to_delivered(portal, clock, gateway, sender, post):
    text = queue(portal, clock)
    assert row(portal, text).state == "queued"
    assert send(portal, sender, clock) == 1
    assert row(portal, text).state == "sent"
    assert gateway.push(post) == 0
    clock.forward(seconds=3)
    assert gateway.push(post) == 1
    assert (row(portal, text).state, row(portal, text).fault) == ("delivered", None)


def test_what_did_not_arrive_says_why(portal, clock, gateway, sender, post):
    endings = {"0404": "MK:0001", "0408": "UNDELIV"}
    texts = {ending: queue(portal, clock, phone=PHONE[:7] + ending) for ending in endings}
    send(portal, sender, clock)
    clock.forward(seconds=3)
    gateway.push(post)
    for ending, fault in endings.items():
        found = row(portal, texts[ending])
        assert (found.state, found.fault) == ("failed", fault)


def test_a_blacklisted_number_fails_at_once_and_is_not_tried_again(portal, clock, sender):
    text = queue(portal, clock, phone=PHONE[:7] + "0444")
    assert send(portal, sender, clock) == 0
    found = row(portal, text)
    assert (found.state, found.fault, found.tries) == ("failed", "isv.BLACK_KEY_CONTROL_LIMIT", 1)
    clock.forward(hours=3)
    send(portal, sender, clock)
    assert row(portal, text).tries == 1


def test_whatever_the_gateway_does_the_text_arrives_once(portal, clock, gateway, sender):
    for number, fault in enumerate(("down", "garbage", "error", "busy", "out_of_money", "slow")):
        phone = f"1381234567{number}"
        gateway.faults.append(fault)
        text = queue(portal, clock, phone=phone)
        assert send(portal, sender, clock) == 0
        assert row(portal, text).state == "queued"
        clock.forward(minutes=1)
        assert send(portal, sender, clock) == 1
        assert row(portal, text).state == "sent"
        assert list(gateway.taken)[number:] == [str(text)]
        assert len(gateway.times[phone]) == 1


def test_one_number_is_not_flooded(portal, clock, gateway, sender):
    texts = [queue(portal, clock) for _ in range(7)]
    for _ in range(90):
        send(portal, sender, clock)
        clock.forward(minutes=1)
        assert all(sum(at > clock() - per for at in gateway.times[PHONE]) <= most
                   for most, per in standin_gateway.LIMITS)  # fmt: skip
    clock.forward(hours=1)
    for _ in range(4):
        send(portal, sender, clock)
        clock.forward(hours=1)
    assert {row(portal, text).state for text in texts} == {"sent"}


def test_receipts_repeated_late_and_in_any_order_end_the_same(portal, clock, gateway, sender, post):
    gateway.faults += ["twice", "twice"]
    texts = [queue(portal, clock), queue(portal, clock, phone=PHONE[:7] + "0404")]
    send(portal, sender, clock)
    clock.forward(hours=30)
    assert gateway.push(post, shuffled=True) == 4
    assert [row(portal, text).state for text in texts] == ["delivered", "failed"]


def test_a_receipt_faster_than_the_answer_to_sending_stays(portal, clock):
    text = queue(portal, clock)

    def faster(message):
        with portal.database.writing() as session:
            receipts.take(session, [receipts.Receipt(message.id, True, "DELIVERED")], now=clock())

    assert send(portal, faster, clock) == 1
    assert row(portal, text).state == "delivered"


def test_what_has_arrived_stays_arrived(portal, clock):
    text = queue(portal, clock)
    with portal.database.writing() as session:
        for arrived, changed in ((False, 1), (False, 0), (True, 1), (False, 0), (True, 0)):
            one = receipts.Receipt(text, arrived, "X")
            assert receipts.take(session, [one], now=clock()) == changed
    assert row(portal, text).state == "delivered"


def report(text, **more):
    return standin_gateway.report(str(text), PHONE, sent_at=more.pop("at")) | more


def test_only_the_gateway_reports_and_only_now(portal, clock, post):
    text = queue(portal, clock)
    body = json.dumps([report(text, at=clock())]).encode()
    for key, late in (("another", 0), (KEY, 600), (KEY, -600)):
        assert post(body, signed_headers(key, body, clock() - timedelta(seconds=late))) == 401
    assert row(portal, text).state == "queued"
    assert post(body, signed_headers(KEY, body, clock())) == 200
    assert row(portal, text).state == "delivered"


def test_an_altered_report_is_refused(portal, clock, post):
    text = queue(portal, clock)
    body = json.dumps([report(text, at=clock())]).encode()
    headers = signed_headers(KEY, body, clock())
    for at in range(0, len(body), 7):
        altered = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert post(altered, headers) == 401
    assert row(portal, text).state == "queued"


def test_what_is_no_report_is_refused(clock, post):
    wrong = ["{}", "[1]", '[{"out_id": 1}]', '[{"out_id":"x","success":"yes","err_code":""}]']
    for body in (text.encode() for text in wrong):
        assert post(body, signed_headers(KEY, body, clock())) == 422


def test_a_report_about_somebody_elses_text_is_taken_and_forgotten(clock, post):
    body = json.dumps([report(uuid4(), at=clock()), report("no uuid", at=clock())]).encode()
    assert post(body, signed_headers(KEY, body, clock())) == 200


def test_without_a_key_nobody_may_report(client, clock):
    body = b"[]"
    headers = {"Content-Type": "application/json", **signed_headers("", body, clock())}
    assert client.post(PATH, data=body, headers=headers).status_code == 401


def test_the_demonstration_shows_what_became_of_a_text(portal, client, clock):
    for phone in (PHONE, PHONE[:7] + "0404", PHONE[:7] + "0444"):
        queue(portal, clock, phone=phone)
    run_once(portal, now=clock())
    clock.forward(seconds=3)
    run_once(portal, now=clock())
    with portal.database.reading() as session:
        assert sorted(session.scalars(select(TextMessage.state))) == [
            "delivered", "failed", "failed",
        ]  # fmt: skip
    page = client.get("/dev/outbox").get_data(as_text=True)
    assert "手机收到了" in page
    assert "没有送到（MK:0001）" in page
