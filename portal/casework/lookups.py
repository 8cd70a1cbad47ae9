"""Asking about a case without an account: the stage and nothing else."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import timeline
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import rates, vault
from portal.foundation.errors import NotFound
from portal.people.identity import plain
from portal.policy.catalogue import Catalogue

_PER_NUMBER, _PER_DEVICE = 5, 30


def stage(
    session: Session,
    catalogue: Catalogue,
    reference_no: str,
    last_four: str,
    *,
    device: str,
    now: datetime,
) -> dict[str, Any]:
    """Stage, whose turn, what next, by when, whom to call.

    The same answer and the same work for a number that does not exist and for wrong
    digits: NotFound. Raises TooOften.
    """
    number, four = plain(reference_no)[:20], plain(last_four).upper()[:8]
    rates.count(
        session, f"lookup-device:{device}", most=_PER_DEVICE, per=timedelta(hours=1), now=now
    )
    digest = vault.blind_index(session, "lookup", number).hex()[:40]
    rates.count(session, f"lookup:{digest}", most=_PER_NUMBER, per=timedelta(hours=1), now=now)
    index = applications.last_four_index(session, number, four)
    found = session.scalars(
        select(Application).where(
            Application.reference_no == number,
            Application.last_four_index == index,
            Application.submission_no > 0,
        )
    ).first()
    if found is None:
        raise NotFound("没有找到。请核对编号和后四位。", keeps=True)
    return timeline.stage_only(session, found, catalogue, now=now)
