"""Taking a bank's file in: all of it or nothing, the same file and the same month once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.casework.payment import payable, reading
from portal.casework.payment.payable import Standing
from portal.casework.payment.reading import Line
from portal.casework.payment.tables import Payment, PaymentFile
from portal.casework.talk import telling
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
TEMPLATE = "payment_failed"


@dataclass(frozen=True)
class Plan:
    """What an import would do. Nothing is done while there are faults; `warnings` hinder nothing."""

    region_code: str
    digest: bytes
    lines: Sequence[tuple[UUID, Line]]
    faults: Sequence[Fault]
    total: int
    warnings: Sequence[Fault] = ()

    @property
    def failed(self) -> int:
        return sum(line.failed for _id, line in self.lines)

    @property
    def unpaid(self) -> list[Fault]:
        """What the bank could not pay, with its reason."""
        failed = [line for _id, line in self.lines if line.failed]
        return [Fault(one.number, f"{one.reference_no}：{_why(one)}") for one in failed]


@dataclass(frozen=True)
class _Known:
    """What is known of some lines' files before they are looked at one by one."""

    files: Mapping[str, Application]
    paid: frozenset[tuple[UUID, str]]
    standings: Mapping[UUID, Standing]


def plan(session: Session, file: Path, region_code: str, *, now: datetime) -> Plan:
    """Read and compare; writes nothing. Raises NotRead."""
    digest = sha256(file.read_bytes()).digest()
    found = reading.read(file, today=local_date(now))
    faults, warnings = list(found.faults), list[Fault]()
    known = dict[str, UUID]()
    for start in range(0, len(found.lines), _AT_ONCE):
        for line, fault, warning in _checked(
            session, found.lines[start : start + _AT_ONCE], region_code, known
        ):
            faults += [Fault(line.number, fault)] if fault else []
            warnings += [Fault(line.number, warning)] if warning else []
        session.expunge_all()
    before = session.scalars(select(PaymentFile).where(PaymentFile.digest == digest)).first()
    if before is not None:
        day = local_date(before.imported_at).isoformat()
        faults.insert(0, Fault(1, f"这个文件{day}已经导入过。"))
    lines = [(known[one.reference_no], one) for one in found.lines if one.reference_no in known]
    faults.sort(key=lambda fault: fault.line)
    return Plan(region_code, digest, lines, faults, found.total, warnings)


def carry_out(session: Session, made: Plan, *, actor: str, now: datetime) -> UUID:
    """Writes a plan without faults, in the caller's transaction, with a line of audit; whom the
    bank could not pay is told."""
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
    for application_id, line in made.lines:
        if line.failed:
            _tell(session, application_id, line, now=now)
    detail = {"file": str(file.id), "lines": file.lines, "total": file.total}
    audit.record(session, "import.payments", actor=actor, detail=detail, now=now)
    return file.id


def told(made: Plan, *, dry_run: bool) -> list[str]:
    """What was done or would be, line by line, for who imports."""
    if made.faults:
        return [*map(str, made.faults), f"有 {len(made.faults)} 处要改，什么都没有写入。"]
    done = "试运行，没有写入" if dry_run else "已导入"
    counts = f"{len(made.lines)} 笔，发了 {made.total / 100:.2f} 元"
    summed = f"{done}：{counts}，没发成 {made.failed} 笔。"
    failed = [f"没发成：第{one.line}行 {one.words}" for one in made.unpaid]
    return [summed, *failed, *(f"请再看看：{one}" for one in made.warnings)]


def check_importer(actor: Actor) -> None:
    """Raises Forbidden for everybody but those who pay at the county."""
    if not actor.holds(*IMPORTERS):
        raise Forbidden("发放文件由县民政局导入。", code="party_not_allowed")


def _checked(
    session: Session, lines: Sequence[Line], region_code: str, known: dict[str, UUID]
) -> Iterator[tuple[Line, str, str]]:
    """Each of some lines with its fault and its warning; those without a fault go into `known`."""
    numbers = [line.reference_no for line in lines]
    rows = session.scalars(select(Application).where(Application.reference_no.in_(numbers)))
    files = [one for one in rows if one.submission_no and _is_in(one, region_code)]
    keys = select(DataKey).where(DataKey.id.in_([file.key_id for file in files]))
    held = list(session.scalars(keys))
    found = _Known(
        {file.reference_no: file for file in files}, _paid(session, files),
        payable.standings(session, files),
    )  # fmt: skip
    for line in lines:
        fault, warning = _fault(session, line, found), ""
        if not fault:
            file = found.files[line.reference_no]
            known[line.reference_no] = file.id
            warning = payable.warning(line, found.standings[file.id])
        yield line, fault, warning
    del held


def _fault(session: Session, line: Line, found: _Known) -> str:
    file = found.files.get(line.reference_no)
    if file is None:
        return _UNKNOWN
    name = applications.answers(session, file).get("applicant_name")
    if name and name != line.name and not _is_same(str(name), line.name):
        return "姓名和申请编号对不上。"
    if not found.standings[file.id].is_paid(file, line.month):
        return payable.NOT_PAID
    if (file.id, line.month) in found.paid:
        return f"这一户{line.month}已经发过。"
    return ""


def _is_same(one: str, other: str) -> bool:
    try:
        return PersonName.parse(one).key == PersonName.parse(other).key
    except Invalid:
        return one == other


def _is_in(file: Application, region_code: str) -> bool:
    return access.covers(region_code, file.region_path or "")


def _paid(session: Session, files: Sequence[Application]) -> frozenset[tuple[UUID, str]]:
    rows = select(Payment.application_id, Payment.month).where(
        Payment.application_id.in_([file.id for file in files]), Payment.failed.is_(False)
    )
    return frozenset((file_id, month) for file_id, month in session.execute(rows))


def _tell(session: Session, application_id: UUID, line: Line, *, now: datetime) -> None:
    file = session.get_one(Application, application_id)
    words = {"sentence": f"{line.month}的钱，银行说：{_why(line)}。"}
    telling.tell(session, file, TEMPLATE, said=words, now=now)


def _why(line: Line) -> str:
    return line.why.rstrip("。") or "银行没有写原因"


def _row(file_id: UUID, application_id: UUID, line: Line) -> dict[str, object]:
    return {
        "id": uuid4(), "file_id": file_id, "application_id": application_id, "month": line.month,
        "amount": line.amount, "subsidy": line.subsidy, "paid_on": line.paid_on,
        "failed": line.failed, "why": line.why,
    }  # fmt: skip
