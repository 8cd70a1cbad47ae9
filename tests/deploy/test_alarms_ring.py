"""What people suffer from rings: the figures are brought about, and the rule's own words are judged."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from api import create_app
from portal import worker
from portal.assembly import Portal, opened
from portal.casework.clock import heartbeat
from portal.contact import messages, sending, unsent
from portal.foundation.settings import Settings
from portal.people.codes import request_code
from portal.serving import free_port
from tests.conftest import NOW, Clock
from tests.deploy.test_alarms import RULES

MINUTE = timedelta(minutes=1)
_RULE = re.compile(
    r"(max|min|sum)(?: by \(\w+\) )?\((increase\()?(portal_\w+)(?:\[\w+\]\))?\) ([<>]) ([\d.]+)"
)
_LENGTHS = {"": 0, "m": 1, "h": 60, "d": 1440}
_FOLD: dict[str, Callable[[list[float]], float]] = {"max": max, "min": min, "sum": max}
Figures = dict[str, list[float]]


def shown(client: FlaskClient) -> Figures:
    """Every figure as Prometheus reads it, whatever its labels."""
    found: Figures = {}
    for line in client.get("/metrics").text.splitlines():
        if line.startswith("portal_"):
            name, value = line.rsplit(" ", 1)
            found.setdefault(name.partition("{")[0], []).append(float(value))
    return found


def holds(alarm: str, figures: Figures, before: Figures | None = None) -> bool:
    """Whether the rule's expression is true; of a rising count, since `before`."""
    [rule] = [rule for rule in RULES if rule["alert"] == alarm]
    parts = _RULE.fullmatch(rule["expr"])
    assert parts, rule
    fold, rising, name, sign, limit = parts.groups()
    value = _FOLD[fold](figures[name])
    if rising:
        value = max(f - b for f, b in zip(figures[name], (before or {})[name], strict=True))
    return value > float(limit) if sign == ">" else value < float(limit)


def minutes(alarm: str) -> int:
    """How long it has to hold."""
    [rule] = [rule for rule in RULES if rule["alert"] == alarm]
    amount, unit = re.fullmatch(r"(\d+)(\w)", rule.get("for", "0m")).groups()  # type: ignore[union-attr]
    return int(amount) * _LENGTHS[unit]


def longest(
    portal: Portal, client: FlaskClient, clock: Clock, send: sending.Sender
) -> dict[str, int]:
    """Somebody asks for a code each minute; for how many minutes in a row each alarm held."""
    run = dict.fromkeys(("TextsNotSent", "TextsLost"), 0)
    most = dict(run)
    for minute in range(20):
        with portal.database.writing() as session:
            request_code(session, f"139{minute:08d}", device=f"d{minute}", now=clock())
        for _ in range(2):
            sending.send_due(portal.database, send, now=clock())
            clock.forward(seconds=30)
        figures = shown(client)
        for alarm in run:
            run[alarm] = run[alarm] + 1 if holds(alarm, figures) else 0
            most[alarm] = max(most[alarm], run[alarm])
    return most


def refuse(_message: messages.Message) -> None:
    raise sending.NotSent


def test_a_gateway_that_refuses_rings(portal: Portal, client: FlaskClient, clock: Clock) -> None:
    """Codes are dropped when they are too old: what waits never grows old."""
    held = longest(portal, client, clock, refuse)
    assert held["TextsLost"] >= 10
    assert held["TextsLost"] > minutes("TextsLost")


def test_a_gateway_that_works_does_not(portal: Portal, client: FlaskClient, clock: Clock) -> None:
    assert set(longest(portal, client, clock, sending.standin_sender).values()) == {0}


def queue(portal: Portal, template: str, at: timedelta) -> None:
    with portal.database.writing() as session:
        messages.queue_text(
            session, key_id=None, phone="13812345678", template=template, values={"code": "123456"},
            now=NOW + at, expires_at=None,
        )  # fmt: skip


def test_other_texts_grow_old_however_far_a_refusal_puts_them_off(portal: Portal) -> None:
    queue(portal, "progress", timedelta())
    for minute in range(60):
        sending.send_due(portal.database, refuse, now=NOW + minute * MINUTE)
    with portal.database.reading() as session:
        assert unsent.oldest(session, now=NOW + 60 * MINUTE) == NOW


def test_what_waits_for_the_morning_is_not_late(portal: Portal) -> None:
    """NOW is nine in the morning in Beijing."""
    queue(portal, "progress", timedelta(hours=11, minutes=59))
    sending.send_due(portal.database, refuse, now=NOW + timedelta(hours=11, minutes=59))
    night = NOW + timedelta(hours=15)
    sending.send_due(portal.database, refuse, now=night)
    with portal.database.reading() as session:
        assert unsent.oldest(session, now=night) is None
    queue(portal, "code_sign_in", timedelta(hours=14))
    with portal.database.reading() as session:
        assert unsent.oldest(session, now=night) == NOW + timedelta(hours=14)


@pytest.mark.parametrize(
    ("code", "lost"), [("isv.MOBILE_NUMBER_ILLEGAL", 0), ("isv.PARAM_LENGTH_LIMIT", 3)]
)
def test_one_wrong_number_is_no_alarm_words_that_never_go_are(
    portal: Portal, code: str, lost: int
) -> None:
    def never(_message: messages.Message) -> None:
        raise sending.NeverSent(code)

    for _ in range(3):
        queue(portal, "progress", timedelta())
    sending.send_due(portal.database, never, now=NOW)
    with portal.database.reading() as session:
        assert unsent.lost(session, now=NOW) == lost
        assert unsent.lost(session, now=NOW + unsent.LOOKED_BACK) == 0


@pytest.fixture
def without_redis(settings: Settings, clock: Clock) -> Iterator[FlaskClient]:
    with opened(replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}/0")) as portal:
        yield create_app(portal, clock=clock).test_client()


def test_codes_refused_for_want_of_redis_ring(without_redis: FlaskClient) -> None:
    before = shown(without_redis)
    for number in range(6):
        phone = {"phone": f"1390000000{number}"}
        assert without_redis.post("/api/auth/sms-codes", json=phone).status_code == 503
    figures = shown(without_redis)
    assert holds("RedisAway", figures)
    assert holds("ServiceAway", figures, before)
    assert not holds("ServiceAway", before, before)


def test_a_store_nobody_answers_for_rings(
    settings: Settings, clock: Clock, client: FlaskClient
) -> None:
    away = replace(
        settings, blob_url="s3://papers/x", s3_endpoint=f"http://127.0.0.1:{free_port()}",
        s3_key="k", s3_secret="s",
    )  # fmt: skip
    with opened(away) as portal:
        assert holds("StoreAway", shown(create_app(portal, clock=clock).test_client()))
    figures = shown(client)
    assert not holds("StoreAway", figures)
    assert not holds("RedisAway", figures)


def test_one_worker_of_several_that_stops_rings(
    portal: Portal, client: FlaskClient, clock: Clock
) -> None:
    for name in ("one", "two"):
        heartbeat.beat(portal.database, name, now=NOW)
    clock.forward(minutes=6)
    heartbeat.beat(portal.database, "two", now=clock())
    figures = shown(client)
    assert holds("OneWorkerStopped", figures)
    assert not holds("WorkerSilent", figures)
    clock.forward(days=1, minutes=1)
    heartbeat.beat(portal.database, "two", now=clock())
    assert not holds("OneWorkerStopped", shown(client)), "taken away"


def test_a_step_that_fails_each_time_rings(
    portal: Portal, client: FlaskClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_more: object) -> int:
        raise ValueError

    rounds = worker.Rounds()
    with monkeypatch.context() as patched:
        patched.setattr(sending, "send_due", fail)
        for _ in range(3):
            worker.run_once(portal, now=clock(), rounds=rounds)
            clock.forward(minutes=1)
        assert holds("StepsFailing", shown(client))
    for _ in range(2):
        worker.run_once(portal, now=clock(), rounds=rounds)
        clock.forward(minutes=1)
    assert not holds("StepsFailing", shown(client))
    rounds.close()


def test_what_the_database_is_asked_wrongly_is_our_fault_and_rings(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(_words: str) -> None:
        raise OperationalError("SELECT", {}, Exception("no such column: x"))

    before = shown(client)
    monkeypatch.setattr("api.system.text", ask)
    assert {client.get("/readyz").status_code for _ in range(6)} == {500}
    assert holds("PortalFaults", shown(client), before)
