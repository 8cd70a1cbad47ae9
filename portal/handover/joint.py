"""Handing in several files of one household at once: all of them, or none."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing import family, sharing
from portal.filing.tables import Application
from portal.foundation.errors import Invalid
from portal.handover import submission
from portal.people.access import Actor
from portal.people.tables import Household
from portal.policy.catalogue import Catalogue


def submit(
    session: Session,
    household: Household,
    chosen: Sequence[Application],
    catalogue: Catalogue,
    *,
    actor: Actor,
    now: datetime,
) -> dict[UUID, dict[str, Any]]:
    """A signed receipt for every chosen file, each with its own reference number.

    All are looked at before the first leaves. Raises Invalid (incomplete, by field; nothing
    chosen) and whatever submission.submit raises; the caller then commits nothing.
    """
    if not chosen:
        raise Invalid("请至少勾一件。", fields={"file": ["请至少勾一件。"]})
    programs = {one.id: catalogue.at(one.program_id, one.region_path) for one in chosen}
    for one in chosen:
        sharing.tell_granted(session, one, programs[one.id], household, now=now)
    lacking: dict[str, list[str]] = {}
    for one in chosen:
        lacking |= submission.lacking(session, one, programs[one.id])
    if lacking:
        raise Invalid("还差几项，填好就能提交。", code="incomplete", fields=lacking)
    return {
        one.id: submission.submit(session, one, programs[one.id], actor=actor, now=now)
        for one in chosen
    }


def handed_in_last(session: Session, household: Household) -> list[Application]:
    """The files that were handed in together last, in the order they were begun."""
    sent = [one for one in family.of(session, household) if one.submission_no]
    last = max((one.filed_at for one in sent if one.filed_at), default=None)
    return [one for one in sent if one.filed_at == last]
