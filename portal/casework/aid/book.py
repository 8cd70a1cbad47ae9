"""The petty fund's book on paper and as a table: what stands in each column."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import copying, duties
from portal.casework.aid import ledger
from portal.casework.aid.ledger import Entry
from portal.casework.aid.tables import PettyFund, PettyFundRequest
from portal.filing.tables import Application
from portal.foundation.clock import spoken
from portal.people.access import Actor
from portal.people.tables import Staff

KINDS = {
    ledger.OPENING: "开账", ledger.TOP_UP: "补充", ledger.DIFFERENCE: "盘点差额",
    ledger.PAYMENT: "发放", ledger.COUNTER: "冲正",
}  # fmt: skip
HEADINGS = (
    "笔", "时间", "种类", "申请编号", "收入（元）", "支出（元）", "结余（元）", "说明", "经办",
)  # fmt: skip


def rows(session: Session, entries: list[Entry], *, actor: Actor) -> Iterator[tuple[str, ...]]:
    """Under HEADINGS; amounts 元, never below zero, as there is a column for each way."""
    for entry in entries:
        line = entry.line
        yield (
            str(line.seq),
            spoken(line.at),
            KINDS[line.kind] + ("（已冲正）" if entry.countered else ""),
            reference(session, entry),
            f"{entry.into / 100:.2f}" if entry.into else "",
            f"{entry.out / 100:.2f}" if entry.out else "",
            f"{line.balance / 100:.2f}",
            words(entry, actor=actor),
            who(session, entry),
        )


def as_csv(session: Session, fund: PettyFund, mark: str, *, actor: Actor) -> bytes:
    """The whole book as a table to keep; no cell of it is a formula."""
    lines = rows(session, ledger.entries(session, fund), actor=actor)
    return copying.as_csv([HEADINGS, *lines], mark)


def reference(session: Session, entry: Entry) -> str:
    """The number of the application a line belongs to; empty for the box's own lines."""
    if entry.line.application_id is None:
        return ""
    return session.get_one(Application, entry.line.application_id).reference_no


def words(entry: Entry, *, actor: Actor) -> str:
    """Why, to whom and who saw it, in one cell; supervision reads figures, not people."""
    if entry.line.application_id is not None and duties.only_watches(actor):
        return ""
    said = entry.said
    parts = (
        said.get("reason", ""),
        said.get("what", ""),
        f"交给{said['to']}" if said.get("to") else "",
        f"见证{said['witness']}" if said.get("witness") else "",
    )
    return "；".join(part.rstrip("。") for part in parts if part)


def who(session: Session, entry: Entry) -> str:
    """Who wrote the line; where two people booked it, both."""
    wrote = _name(session, entry.line.actor)
    if entry.line.request_id is None:
        return wrote
    asked = session.get_one(PettyFundRequest, entry.line.request_id).requested_by
    return f"{_name(session, asked)}申请，{wrote}确认"


def _name(session: Session, actor: str) -> str:
    kind, _, rest = actor.partition(":")
    member = session.get(Staff, UUID(rest)) if kind == "staff" else None
    return member.display_name if member else ""
