"""Two days without a queue, then everything at once: none lost, none doubled."""

import time
from datetime import timedelta
from functools import partial

import pytest

from portal.assembly import Portal
from portal.handover import embedded, outbox
from portal.handover.outbox import QueueAway
from tests.conftest import NOW
from tests.faults import invariants
from tests.faults.invariants import Acknowledged
from tests.handover import files

OPENED, AWAY = 50, timedelta(days=2)


@pytest.mark.parametrize("number", [40, pytest.param(1000, marks=pytest.mark.full)])
def test_after_two_days_it_drains(portal: Portal, number: int) -> None:
    drain_after_two_days(portal, number)


def drain_after_two_days(portal: Portal, number: int) -> str:
    """What it took, in words; nightly.py has it for 100,000. Time is moved, not waited for."""
    told, began = Acknowledged(), time.monotonic()
    for person in range(number):
        file_id = files.draft(portal, files.LEAST, phone=f"139{person:08d}")
        receipt = files.submit(portal, file_id)
        if person % max(1, number // 1000) == 0:
            told.receipts.append(receipt)
    handed_in = time.monotonic() - began
    for hours in range(0, 48, 2):
        assert outbox.drain(portal, nobody_there, now=NOW + timedelta(hours=hours)) == 0
    with portal.database.reading() as session:
        assert outbox.undelivered(session) == number
    began = time.monotonic()
    _drain(portal, number)
    drained = time.monotonic() - began
    invariants.check(portal, told, opened=OPENED)
    return f"{number} files handed in {number / handed_in:.1f}/s, drained {number / drained:.1f}/s"


def nobody_there(_key: str, _dossier: bytes) -> str:
    raise QueueAway


def _drain(portal: Portal, number: int) -> None:
    """As a worker does, round after round: each ends while its leases hold."""
    left, now = number, NOW + AWAY
    deliver = partial(embedded.deliver, portal, now=now)
    while left:
        done = outbox.drain(portal, deliver, now=now, limit=1000)
        assert done, f"{left} files are stuck"
        left -= done
