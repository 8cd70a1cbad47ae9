"""Money for the box: the township asks, the county confirms; never the same person twice."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework.aid import ceilings, ledger
from portal.casework.aid.tables import PettyFund, PettyFundLine, PettyFundRequest
from portal.foundation import audit, vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor
from portal.policy.catalogue import Catalogue

_MOST_WORDS = 200


def ask(
    session: Session,
    fund: PettyFund,
    catalogue: Catalogue,
    kind: str,
    amount: int,
    reason: str,
    *,
    key: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> PettyFundRequest:
    """The township asks: opening (once) · top_up · difference (may be below zero), 分.

    The same `key` again is the same request.

    The rule of the place (in principle ≤ 20,000 yuan) is kept where one is known. Raises
    Invalid (amount, reason), Conflict opened · not_opened, Forbidden.
    """
    ledger.check_keeper(actor, fund)
    if kind not in ledger.BOOKED:
        raise Invalid("没有这一种。", fields={"kind": ["请重新选。"]})
    ledger.check_amount(abs(amount) if kind == ledger.DIFFERENCE else amount)
    if not reason.strip():
        raise Invalid("请写一句原因。", fields={"reason": ["请写一句原因。"]})
    ledger.lock(session, fund)
    known = session.get(PettyFundRequest, key) if key else None
    if known is not None and known.fund_id == fund.id:
        return known
    _check_order(fund, kind)
    _check_ceiling(fund, catalogue, amount, now=now)
    request = PettyFundRequest(
        id=key or uuid4(), fund_id=fund.id, kind=kind, amount=amount, requested_by=str(actor),
        requested_at=now,
    )  # fmt: skip
    request.reason_sealed = _sealed(session, fund, request, "reason", reason)
    session.add(request)
    session.flush()
    _audit(session, fund, request, "fund.asked", actor=actor, now=now)
    return request


def grant(
    session: Session,
    fund: PettyFund,
    request_id: UUID,
    catalogue: Catalogue,
    *,
    actor: Actor,
    now: datetime,
) -> PettyFundLine:
    """The county confirms, and the line is booked.

    Raises Forbidden (party_not_allowed, own_preparation), Conflict answered, Invalid when
    the box would hold more than the place allows.
    """
    request = _open(session, fund, request_id, actor=actor)
    _check_order(fund, request.kind)
    _check_ceiling(fund, catalogue, request.amount, now=now)
    said = {"reason": reason(session, fund, request)}
    line = ledger.append(
        session, fund, request.kind, request.amount, said, request_id=request.id, actor=actor,
        now=now,
    )  # fmt: skip
    _answer(request, granted=True, actor=actor, now=now)
    _audit(session, fund, request, "fund.granted", actor=actor, now=now)
    return line


def refuse(
    session: Session, fund: PettyFund, request_id: UUID, why: str, *, actor: Actor, now: datetime
) -> PettyFundRequest:
    """The county says no, and why. Raises Invalid, Forbidden, Conflict answered."""
    request = _open(session, fund, request_id, actor=actor)
    if not why.strip():
        raise Invalid("请写一句原因。", fields={"why": ["请写一句原因。"]})
    request.answer_sealed = _sealed(session, fund, request, "answer", why)
    _answer(request, granted=False, actor=actor, now=now)
    _audit(session, fund, request, "fund.refused", actor=actor, now=now)
    return request


def waiting(session: Session, funds: Sequence[PettyFund]) -> list[PettyFundRequest]:
    """What the county has not answered, oldest first."""
    rows = select(PettyFundRequest).where(
        PettyFundRequest.fund_id.in_([f.id for f in funds]), PettyFundRequest.granted.is_(None)
    )
    return list(session.scalars(rows.order_by(PettyFundRequest.requested_at, PettyFundRequest.id)))


def reason(session: Session, fund: PettyFund, request: PettyFundRequest) -> str:
    sealed, place = request.reason_sealed, _place(request, "reason")
    return vault.unseal_text(session, fund.key_id, sealed, place=place)


def _open(session: Session, fund: PettyFund, request_id: UUID, *, actor: Actor) -> PettyFundRequest:
    ledger.check_county(actor, fund)
    ledger.lock(session, fund)
    request = session.get(PettyFundRequest, request_id, populate_existing=True)
    if request is None or request.fund_id != fund.id:
        raise NotFound("没有这份备用金申请。")
    if request.granted is not None:
        raise Conflict("这份申请已经答复过。", code="answered")
    if request.requested_by == str(actor):
        raise Forbidden("自己申请的，请同事确认。", code="own_preparation")
    return request


def _check_order(fund: PettyFund, kind: str) -> None:
    if kind == ledger.OPENING and fund.last_seq:
        raise Conflict("这本账已经开账。要加钱请申请补充。", code="opened")
    if kind != ledger.OPENING and not fund.last_seq:
        raise Conflict("还没有开账。请先申请开账。", code="not_opened")


def _check_ceiling(fund: PettyFund, catalogue: Catalogue, amount: int, *, now: datetime) -> None:
    most = ceilings.petty_fund(catalogue, fund.region_path, on=local_date(now))
    if amount <= 0 or most.value is None or fund.balance + amount <= most.value:
        return
    room = max(most.value - fund.balance, 0)
    told = f"备用金最多{ledger.yuan(most.value)}元，现在还能补{ledger.yuan(room)}元。"
    raise Invalid(told, code="over_ceiling", fields={"amount": [told]})


def _answer(request: PettyFundRequest, *, granted: bool, actor: Actor, now: datetime) -> None:
    request.granted, request.answered_by, request.answered_at = granted, str(actor), now


def _sealed(
    session: Session, fund: PettyFund, request: PettyFundRequest, column: str, words: str
) -> bytes:
    text = words.strip()[:_MOST_WORDS]
    return vault.seal_text(session, fund.key_id, text, place=_place(request, column))


def _audit(
    session: Session,
    fund: PettyFund,
    request: PettyFundRequest,
    what: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    detail = {"request": str(request.id), "kind": request.kind, "amount": request.amount}
    audit.record(session, what, actor=str(actor), subject=fund.id, detail=detail, now=now)


def _place(request: PettyFundRequest, column: str) -> str:
    return f"petty_fund_requests.{column}:{request.id}"
