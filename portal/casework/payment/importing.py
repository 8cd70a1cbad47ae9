"""Taking a bank's file in: all of it or nothing, the same file and the same month once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.casework.payment import reading
from portal.casework.payment.reading import Line
from portal.casework.payment.tables import Payment, PaymentFile
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.clock import local_date
from portal.foundation.errors import Forbidden, Invalid
from portal.foundation.vault import DataKey
from portal.people import access
from portal.people.access import Actor, Role
from portal.people.names import PersonName
from portal.policy.spreadsheets import Fault

IMPORTERS = (Role.COUNTY_CLERK, Role.COUNTY_CONFIRMER)
_AT_ONCE = 500
_UNKNOWN = "没有这个申请编号，或不在您的县。"


@dataclass(frozen=True)
class Plan:
    """What an import would do. Nothing is done while there are faults."""

    region_code: str
    digest: bytes
    lines: Sequence[tuple[UUID, Line]]
    faults: Sequence[Fault]
    total: int

    @property
    def failed(self) -> int:
        return sum(line.failed for _id, line in self.lines)


def plan(session: Session, file: Path, region_code: str, *, now: datetime) -> Plan:
    """Read and compare; writes nothing. Raises NotRead."""
    digest = sha256(file.read_bytes()).digest()
    found = reading.read(file, today=local_date(now))
    faults, known = list(found.faults), dict[str, UUID]()
    for start in range(0, len(found.lines), _AT_ONCE):
        some = found.lines[start : start + _AT_ONCE]
        faults += _checked(session, some, region_code, known)
        session.expunge_all()
    before = session.scalars(select(PaymentFile).where(PaymentFile.digest == digest)).first()
    if before is not None:
        day = local_date(before.imported_at).isoformat()
        faults.insert(0, Fault(1, f"这个文件{day}已经导入过。"))
    lines = [(known[one.reference_no], one) for one in found.lines if one.reference_no in known]
    return Plan(region_code, digest, lines, sorted(faults, key=lambda f: f.line), found.total)


def carry_out(session: Session, made: Plan, *, actor: str, now: datetime) -> UUID:
    """Writes a plan without faults, in the caller's transaction, with a line of audit."""
    assert not made.faults, "a plan with faults is not carried out"  # noqa: S101
    file = PaymentFile(
        id=uuid4(), region_code=made.region_code, digest=made.digest, lines=len(made.lines),
        total=made.total, imported_by=actor, imported_at=now,
    )  # fmt: skip
    session.add(file)
    session.flush()
    for start in range(0, len(made.lines), _AT_ONCE):
        session.execute(
            insert(Payment), [_row(file.id, *one) for one in made.lines[start : start + _AT_ONCE]]
        )
    detail = {"file": str(file.id), "lines": file.lines, "total": file.total}
    audit.record(session, "import.payments", actor=actor, detail=detail, now=now)
    return file.id


def told(made: Plan, *, dry_run: bool) -> list[str]:
    """What was done or would be, line by line, for who imports."""
    if made.faults:
        return [*map(str, made.faults), f"有 {len(made.faults)} 处要改，什么都没有写入。"]
    done = "试运行，没有写入" if dry_run else "已导入"
    counts = f"{len(made.lines)} 笔，发了 {made.total / 100:.2f} 元"
    return [f"{done}：{counts}，没发成 {made.failed} 笔。"]


def check_importer(actor: Actor) -> None:
    """Raises Forbidden for everybody but those who pay at the county."""
    if not actor.holds(*IMPORTERS):
        raise Forbidden("发放文件由县民政局导入。", code="party_not_allowed")


def _checked(
    session: Session, lines: Sequence[Line], region_code: str, known: dict[str, UUID]
) -> Iterator[Fault]:
    """Faults of some lines; the others go into `known`."""
    numbers = [line.reference_no for line in lines]
    rows = session.scalars(select(Application).where(Application.reference_no.in_(numbers)))
    found = {file.reference_no: file for file in rows}
    keys = select(DataKey).where(DataKey.id.in_([file.key_id for file in found.values()]))
    held = list(session.scalars(keys))
    paid = _paid(session, list(found.values()))
    for line in lines:
        fault = _fault(session, line, found.get(line.reference_no), region_code, paid)
        if fault:
            yield Fault(line.number, fault)
        else:
            known[line.reference_no] = found[line.reference_no].id
    del held


def _fault(
    session: Session,
    line: Line,
    file: Application | None,
    region_code: str,
    paid: Mapping[tuple[UUID, str], bool],
) -> str:
    if file is None or not file.submission_no or not _is_in(file, region_code):
        return _UNKNOWN
    name = applications.answers(session, file).get("applicant_name")
    if name and not _is_same(str(name), line.name):
        return "姓名和申请编号对不上。"
    if paid.get((file.id, line.month)):
        return f"这一户{line.month}已经发过。"
    return ""


def _is_same(one: str, other: str) -> bool:
    try:
        return PersonName.parse(one).key == PersonName.parse(other).key
    except Invalid:
        return one == other


def _is_in(file: Application, region_code: str) -> bool:
    return access.covers(region_code, file.region_path or "")


def _paid(session: Session, files: Sequence[Application]) -> dict[tuple[UUID, str], bool]:
    rows = select(Payment.application_id, Payment.month).where(
        Payment.application_id.in_([file.id for file in files]), Payment.failed.is_(False)
    )
    return dict.fromkeys(session.execute(rows), True)


def _row(file_id: UUID, application_id: UUID, line: Line) -> dict[str, object]:
    return {
        "id": uuid4(), "file_id": file_id, "application_id": application_id, "month": line.month,
        "amount": line.amount, "subsidy": line.subsidy, "paid_on": line.paid_on,
        "failed": line.failed, "why": line.why,
    }  # fmt: skip
