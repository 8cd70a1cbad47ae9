"""Two days without a queue, then everything at once: none lost, none doubled."""

import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from portal import worker
from portal.assembly import Portal
from portal.handover import outbox
from portal.handover.outbox import QueueAway
from portal.serving import free_port
from portal.worker import Rounds
from tests.conftest import NOW
from tests.faults import invariants
from tests.faults.invariants import Acknowledged
from tests.handover import files

OPENED, AWAY = 50, timedelta(days=2)
_STUCK = 600
"""Rounds, a second each, without one file handed over: no row waits longer than five minutes."""


@pytest.mark.parametrize("number", [40, pytest.param(1000, marks=pytest.mark.full)])
def test_after_two_days_it_drains(portal: Portal, number: int) -> None:
    drain_after_two_days(portal, number)


@pytest.mark.rabbitmq
@pytest.mark.parametrize("number", [20, pytest.param(1000, marks=pytest.mark.full)])
def test_after_two_days_without_a_broker(portal: Portal, broker_url: str, number: int) -> None:
    drain_after_two_days(portal, number, queue=broker_url)


def drain_after_two_days(portal: Portal, number: int, *, queue: str = "") -> str:
    """What it took, in words; nightly.py has it for 100,000. Time is moved, not waited for.

    `queue`: through this broker, which nobody answered for at first.
    """
    told, began = Acknowledged(), time.monotonic()
    for person in range(number):
        file_id = files.draft(portal, files.LEAST, phone=f"139{person:08d}")
        receipt = files.submit(portal, file_id)
        if person % max(1, number // 1000) == 0:
            told.receipts.append(receipt)
    handed_in = time.monotonic() - began
    _two_days_away(portal, broker=bool(queue))
    with portal.database.reading() as session:
        assert outbox.undelivered(session) == number
    began = time.monotonic()
    _drain(replace(portal, settings=replace(portal.settings, queue=queue)), number)
    drained = time.monotonic() - began
    invariants.check(portal, told, opened=OPENED)
    return f"{number} files handed in {number / handed_in:.1f}/s, drained {number / drained:.1f}/s"


def nobody_there(_key: str, _dossier: bytes) -> str:
    raise QueueAway


def _two_days_away(portal: Portal, *, broker: bool) -> None:
    dead = f"amqp://portal:none@127.0.0.1:{free_port()}/portal"
    away = replace(portal, settings=replace(portal.settings, queue=dead))
    with closing(Rounds()) as rounds:
        for hours in range(0, 48, 2):
            now = NOW + timedelta(hours=hours)
            if broker:
                worker.run_once(away, now=now, rounds=rounds)
            else:
                assert outbox.drain(portal, nobody_there, now=now) == 0


def _drain(portal: Portal, number: int) -> None:
    """By a worker, round after round."""
    left, now, idle = number, NOW + AWAY, 0
    with closing(Rounds()) as rounds:
        while left:
            worker.run_once(portal, now=now, rounds=rounds)
            now += timedelta(seconds=1)
            with portal.database.reading() as session:
                before, left = left, outbox.undelivered(session)
            idle = 0 if left < before else idle + 1
            assert idle < _STUCK, f"{left} files are stuck"
