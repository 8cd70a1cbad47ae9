"""The township's petty fund 备用金: lines are only ever added, and the book always balances.

Every verb that adds a line holds the fund's row until the transaction ends: two clerks at
the same moment write one after the other, and the box never goes below nothing. The fund
is locked before the file, and the file before its audit chain, so that nobody waits for ever.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.casework.aid.tables import PettyFund, PettyFundLine
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people import access
from portal.people.access import Actor, Role
from portal.policy import regions

OPENING, TOP_UP, DIFFERENCE, PAYMENT, COUNTER = (
    "opening", "top_up", "difference", "payment", "counter",
)  # fmt: skip
BOOKED = frozenset({OPENING, TOP_UP, DIFFERENCE})
"""What two people put into the book: the township asks, the county confirms."""
KEEPERS = (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_REVIEWER)
READERS = (*KEEPERS, Role.COUNTY_CLERK, Role.COUNTY_CONFIRMER, Role.SUPERVISOR, Role.AUDITOR)
MOST = 10**9
"""No single line is above ten million yuan: a slip of the finger."""
_UNKNOWN = "没有找到这本备用金账。"


@dataclass(frozen=True)
class Entry:
    """A line as people read it: amounts 分, `said` opened or empty once it was erased."""

    line: PettyFundLine
    said: Mapping[str, Any]
    countered: bool = False

    @property
    def into(self) -> int:
        return max(self.line.amount, 0)

    @property
    def out(self) -> int:
        return max(-self.line.amount, 0)


def fund_of(session: Session, region_code: str) -> PettyFund | None:
    """The book of a township, or None while it has none."""
    return session.scalars(select(PettyFund).where(PettyFund.region_code == region_code)).first()


def found(session: Session, region_code: str, *, actor: Actor, now: datetime) -> PettyFund:
    """The township's book, begun empty if there is none. Raises Forbidden, Invalid."""
    check_keeper(actor)
    if actor.region_code != region_code:
        raise Forbidden("只能管本乡镇（街道）的备用金。", code="another_township")
    fund = fund_of(session, region_code)
    if fund is not None:
        return fund
    if regions.find(session, region_code).level != "township":
        raise Invalid("备用金按乡镇（街道）设。", fields={"region": ["请选到乡镇（街道）。"]})
    fund = PettyFund(
        id=uuid4(), region_code=region_code, region_path=regions.path(session, region_code),
        key_id=vault.new_key(session, "petty_fund", now=now), balance=0, last_seq=0,
        opened_at=now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(fund)
    except IntegrityError:  # a colleague began it at the same moment
        return session.scalars(select(PettyFund).where(PettyFund.region_code == region_code)).one()
    audit.record(session, "fund.begun", actor=str(actor), subject=fund.id, now=now)
    return fund


def find(session: Session, fund_id: UUID, *, actor: Actor) -> PettyFund:
    """A book of the reader's division. Raises NotFound, the same for another's; Forbidden."""
    if not actor.holds(*READERS):
        raise Forbidden("备用金账只给经办、县级和监管看。")
    fund = session.get(PettyFund, fund_id)
    if fund is None or not access.covers(actor.region_code, fund.region_path):
        raise NotFound(_UNKNOWN)
    return fund


def all_of(session: Session, *, actor: Actor) -> list[PettyFund]:
    """Every book of the reader's division, by township. Raises Forbidden."""
    if not actor.holds(*READERS):
        raise Forbidden("备用金账只给经办、县级和监管看。")
    rows = select(PettyFund).order_by(PettyFund.region_code)
    return [f for f in session.scalars(rows) if access.covers(actor.region_code, f.region_path)]


def pay(
    session: Session,
    fund: PettyFund,
    amount: int,
    application: Application,
    said: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> PettyFundLine:
    """Hand `amount` 分 out of the box for one application. `said`: what, to, witness.

    Raises Conflict fund_short when the box holds less, Invalid, Forbidden.
    """
    check_keeper(actor, fund)
    check_amount(amount)
    return append(
        session, fund, PAYMENT, -amount, said, application=application, actor=actor, now=now
    )


def counter(
    session: Session,
    fund: PettyFund,
    line_id: UUID,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> PettyFundLine:
    """Undo a line by its opposite; the line itself stays. 冲正.

    What two people booked only the county undoes. Raises NotFound, Invalid (reason),
    Conflict countered · is_counter · fund_short.
    """
    line = session.get(PettyFundLine, line_id)
    if line is None or line.fund_id != fund.id:
        raise NotFound("没有这一笔。")
    if line.kind in BOOKED:
        check_county(actor, fund)
    else:
        check_keeper(actor, fund)
    if not reason.strip():
        raise Invalid("请写明为什么冲正。", fields={"reason": ["请写一句原因。"]})
    lock(session, fund)
    if line.kind == COUNTER:
        raise Conflict("冲正的一笔不能再冲正。请另记一笔。", code="is_counter")
    if line.id in _countered(session, fund):
        raise Conflict("这一笔已经冲正过。", code="countered")
    application = session.get(Application, line.application_id) if line.application_id else None
    return append(
        session, fund, COUNTER, -line.amount, {"reason": reason.strip()[:200]},
        application=application, corrects=line, actor=actor, now=now,
    )  # fmt: skip


def append(
    session: Session,
    fund: PettyFund,
    kind: str,
    amount: int,
    said: Mapping[str, Any],
    *,
    application: Application | None = None,
    corrects: PettyFundLine | None = None,
    request_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> PettyFundLine:
    """The one place a line is written, under the fund's lock. Raises Conflict fund_short."""
    lock(session, fund)
    balance = fund.balance + amount
    if balance < 0:
        raise Conflict(f"备用金只剩{yuan(fund.balance)}元，不够。", code="fund_short")
    line = PettyFundLine(
        id=uuid4(), fund_id=fund.id, seq=fund.last_seq + 1, kind=kind, amount=amount,
        balance=balance, application_id=application.id if application else None,
        corrects_id=corrects.id if corrects else None, request_id=request_id,
        actor=str(actor), at=now,
    )  # fmt: skip
    key_id = application.key_id if application else fund.key_id
    line.said_sealed = vault.seal_text(
        session, key_id, json.dumps(dict(said), ensure_ascii=False), place=_place(line)
    )
    fund.balance, fund.last_seq = balance, line.seq
    session.add(line)
    session.flush()
    detail = {
        "fund": str(fund.id), "line": str(line.id), "seq": line.seq, "kind": kind,
        "amount": amount,
    }  # fmt: skip
    subject = application.id if application else fund.id
    audit.record(session, "fund.line", actor=str(actor), subject=subject, detail=detail, now=now)
    return line


def entries(
    session: Session, fund: PettyFund, *, after: int = 0, until: int | None = None
) -> list[Entry]:
    """Lines behind number `after`, up to `until`, first to last."""
    rows = select(PettyFundLine).where(PettyFundLine.fund_id == fund.id, PettyFundLine.seq > after)
    if until is not None:
        rows = rows.where(PettyFundLine.seq <= until)
    undone = _countered(session, fund)
    return [
        Entry(line, said(session, fund, line), line.id in undone)
        for line in session.scalars(rows.order_by(PettyFundLine.seq))
    ]


def said(session: Session, fund: PettyFund, line: PettyFundLine) -> dict[str, Any]:
    """The words of a line; empty once the application they belong to was erased."""
    key_id = fund.key_id
    if line.application_id is not None:
        key_id = session.get_one(Application, line.application_id).key_id
    try:
        text = vault.unseal_text(session, key_id, line.said_sealed, place=_place(line))
    except vault.Unreadable:
        return {}
    opened: dict[str, Any] = json.loads(text)
    return opened


def note_reading(
    session: Session, fund: PettyFund, what: str, *, actor: Actor, now: datetime
) -> None:
    """Who looked at the book: `read.fund`, or took it out: `export.fund`."""
    detail = {"lines": fund.last_seq}
    audit.record(session, what, actor=str(actor), subject=fund.id, detail=detail, now=now)


def faults(session: Session, fund: PettyFund) -> list[str]:
    """What does not add up, in words; nothing as long as every line came through `append`."""
    wrong, balance = [], 0
    lines = session.scalars(
        select(PettyFundLine).where(PettyFundLine.fund_id == fund.id).order_by(PettyFundLine.seq)
    )
    count = 0
    for count, line in enumerate(lines, 1):
        balance += line.amount
        if line.seq != count:
            wrong.append(f"第{count}笔缺了")
        if line.balance != balance or balance < 0:
            wrong.append(f"第{line.seq}笔的结余不对")
    if (fund.balance, fund.last_seq) != (balance, count):
        wrong.append("账面结余和各笔合计不一致")
    return wrong


def check_amount(amount: int) -> None:
    """Raises Invalid unless it is a sum one can hand out, 分."""
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= MOST:
        raise Invalid("金额不对。", fields={"amount": ["请写大于零的金额。"]})


def yuan(amount: int) -> str:
    """1234.50 or 1234."""
    sign, rest = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}{rest // 100}" if rest % 100 == 0 else f"{sign}{rest // 100}.{rest % 100:02d}"


def check_keeper(actor: Actor, fund: PettyFund | None = None) -> None:
    """Raises Forbidden for anybody but those who keep this township's box."""
    ours = fund is None or actor.region_code == fund.region_code
    if not actor.holds(*KEEPERS) or not ours:
        raise Forbidden("备用金由本乡镇（街道）经办。", code="party_not_allowed")


def check_county(actor: Actor, fund: PettyFund) -> None:
    """Raises Forbidden for anybody but the county that confirms here."""
    inside = access.covers(actor.region_code, fund.region_path)
    if not actor.holds(Role.COUNTY_CONFIRMER) or not inside:
        raise Forbidden("这一步由县民政局确认。", code="party_not_allowed")


def lock(session: Session, fund: PettyFund) -> None:
    """The row as it is now, held until the transaction ends; own changes are written first."""
    session.flush()
    session.refresh(fund, with_for_update=True)


def _countered(session: Session, fund: PettyFund) -> Sequence[UUID]:
    rows = select(PettyFundLine.corrects_id).where(
        PettyFundLine.fund_id == fund.id, PettyFundLine.corrects_id.is_not(None)
    )
    return [one for one in session.scalars(rows) if one is not None]


def _place(line: PettyFundLine) -> str:
    return f"petty_fund_lines.said:{line.id}"
