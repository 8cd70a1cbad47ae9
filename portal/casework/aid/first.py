"""先行救助: aid within the township's ceiling at once, papers later; above it the county's road.

社会救助法 第29、50条. No check, no signature and no name may hold it up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import events, moves
from portal.casework.aid import arrival, ceilings, conferences, grants, handing, ledger, papers
from portal.casework.aid.grants import Part
from portal.casework.aid.handing import Handing
from portal.casework.aid.tables import AidConference, AidGrant
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.people.access import Actor, Role
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import Party, Status

_GOING = frozenset({Status.AIDED, Status.MAKING_UP})
_MOST_WORDS = 200


@dataclass(frozen=True)
class Wanted:
    """What is given, in which parts; the first one now if it has no day.

    `document`: the local text and figure of the township's ceiling, where none is known to
    us. `conference_id`: what a 一事一议 agreed to, above any ceiling.
    """

    parts: Sequence[Part]
    cause: str
    document: str = ""
    handing: Handing = Handing()
    conference_id: UUID | None = None

    @property
    def amount(self) -> int:
        return sum(part.amount for part in self.parts)


def give(
    session: Session,
    catalogue: Catalogue,
    application: Application,
    wanted: Wanted,
    *,
    grant_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Aid first: accepted, aided, the list of papers opened; again while papers are made up.

    The same `grant_id` a second time gives nothing.

    Raises Invalid (parts, cause, document), Conflict over_ceiling · fund_short ·
    notice_not_over · move_not_allowed, Forbidden.
    """
    if grant_id is not None and session.get(AidGrant, grant_id) is not None:
        return
    if not wanted.cause.strip():
        raise Invalid("请写一句事由。", fields={"cause": ["请写一句事由。"]})
    handing.hold_box(session, application.region_code, wanted.handing)
    arrival.take_in(session, application, "已先行救助。", actor=actor, now=now)
    if handing.giver(actor, application) is not Party.TOWNSHIP:
        raise Forbidden("先行救助由乡镇（街道）办。", code="party_not_allowed")
    again = application.status in _GOING
    moves.check_time("aided", now, events.of(session, application))
    basis = _basis(session, catalogue, application, wanted, now=now)
    said = {"cause": wanted.cause.strip()[:_MOST_WORDS]}
    said |= {"document": wanted.document.strip()[:_MOST_WORDS]} if wanted.document.strip() else {}
    rows = grants.write(
        session, application, basis, wanted.parts, said, grant_id=grant_id,
        conference_id=wanted.conference_id, actor=actor, now=now,
    )  # fmt: skip
    how = {"how": rows[0].form, "amount": wanted.amount}
    kind, after = ("handed_out", None) if again else ("aided", Status.AIDED)
    events.record(
        session, application, kind, after=after, party=Party.TOWNSHIP, actor=str(actor), said=how,
        now=now,
    )  # fmt: skip
    if rows[0].due_on is None:
        handing.pay(session, application, rows[0], wanted.handing, actor=actor, now=now)
    if not again:
        papers.begin(session, catalogue, application, actor=actor, now=now)


def at_the_window(
    session: Session,
    catalogue: Catalogue,
    person: str,
    wanted: Wanted,
    *,
    key: UUID,
    found_by: str = "",
    address: str = "",
    actor: Actor,
    now: datetime,
) -> Application:
    """For a person without any application. The same `key` again: the same file."""
    known = session.get(AidGrant, key)
    if known is not None:
        return session.get_one(Application, known.application_id)
    ledger.check_keeper(actor)
    handing.hold_box(session, actor.region_code, wanted.handing)
    application = arrival.register(
        session, catalogue, person, wanted.cause, found_by=found_by, address=address,
        actor=actor, now=now,
    )  # fmt: skip
    give(session, catalogue, application, wanted, grant_id=key, actor=actor, now=now)
    arrival.told_at_the_window(session, application, actor=actor, now=now)
    return application


def send_up(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> None:
    """Above the township's ceiling the county decides (国务院令第649号 第48条).

    What was given stays given. Raises Invalid, Conflict, Forbidden.
    """
    if not sentence.strip():
        raise Invalid("请写一句为什么报县里。", fields={"sentence": ["请写一句原因。"]})
    arrival.take_in(session, application, "已报县里定。", actor=actor, now=now)
    if handing.giver(actor, application) is not Party.TOWNSHIP:
        raise Forbidden("这一步由乡镇（街道）办。", code="party_not_allowed")
    events.record(
        session, application, "over_ceiling", after=Status.COUNTY_REVIEW, party=Party.TOWNSHIP,
        actor=str(actor), said={"sentence": sentence}, now=now,
    )  # fmt: skip


def plan(
    session: Session,
    application: Application,
    parts: Sequence[Part],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """一次审批、分阶段发放: how the amount the county decided is given, part by part.

    Raises Invalid when the parts are not that amount, Conflict planned · move_not_allowed,
    Forbidden.
    """
    if not actor.holds(Role.COUNTY_CONFIRMER) or actor.region_code != application.county_code:
        raise Forbidden("发放安排由县民政局定。", code="party_not_allowed")
    events.lock(session, application)
    if application.machine != "emergency":
        raise Conflict("只有临时救助这样安排。", code="another_road")
    decided = decided_amount(session, application)
    if any(g.grant.basis == grants.COUNTY for g in grants.of(session, application)):
        raise Conflict("已经安排过发放。", code="planned")
    if decided is None or application.status not in (Status.APPROVED, Status.PAYING):
        raise Conflict("县里还没有决定。", code="move_not_allowed")
    if sum(part.amount for part in parts) != decided:
        told = f"各笔加起来要等于{ledger.yuan(decided)}元。"
        raise Invalid(told, fields={"parts": [told]})
    grants.write(session, application, grants.COUNTY, parts, {}, actor=actor, now=now)
    if application.status == Status.APPROVED:
        events.record(
            session, application, "paying", after=Status.PAYING, party=Party.COUNTY,
            actor=str(actor), said=None, now=now,
        )  # fmt: skip


def decided_amount(session: Session, application: Application) -> int | None:
    """What the county approved last, 分; None before that."""
    approved = [e for e in events.of(session, application) if e.kind == "approved"]
    if not approved:
        return None
    amount = events.said(session, application, approved[-1]).get("amount")
    return amount if isinstance(amount, int) else None


def _basis(
    session: Session,
    catalogue: Catalogue,
    application: Application,
    wanted: Wanted,
    *,
    now: datetime,
) -> str:
    """By whose word it is given. Raises Conflict over_ceiling, Invalid (document, parts)."""
    before = grants.of(session, application)
    if wanted.conference_id is not None:
        agreed = conferences.find(session, application, wanted.conference_id)
        _check_agreed(agreed, wanted, before)
        return grants.CONFERENCE
    most = ceilings.township(catalogue, application.region_path or "", on=local_date(now))
    if most.value is None:
        if not wanted.document.strip():
            told = "请写本地哪个文件、限额多少。"
            raise Invalid(told, code="document_needed", fields={"document": [told]})
        return grants.TOWNSHIP
    own = sum(g.grant.amount for g in before if g.grant.basis in (grants.SMALL, grants.TOWNSHIP))
    if own + wanted.amount > most.value:
        told = f"超过乡镇限额{ledger.yuan(most.value)}元。"
        raise Conflict(f"{told}请报县里，或提请一事一议。", code="over_ceiling")
    return grants.TOWNSHIP


def _check_agreed(agreed: AidConference, wanted: Wanted, before: Sequence[grants.Given]) -> None:
    used = sum(g.grant.amount for g in before if g.grant.conference_id == agreed.id)
    left = (agreed.amount or 0) - used
    if wanted.amount > left:
        told = f"一事一议同意的还剩{ledger.yuan(left)}元。"
        raise Invalid(told, fields={"amount": [told]})
