"""Erasing a person (个人信息保护法 第47条): what goes, what stays, and why it stays.

The keys of everything sealed for the person are destroyed and the rows removed; what is left is
bare rows that the audit record names. A file that was handed in is an archive of the office: it
goes only when its place's published period is over, and none is guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.casework import file_rows, person_rows
from portal.casework.talk.tables import Complaint
from portal.filing import lending
from portal.filing.tables import Application
from portal.foundation import audit, retention, vault
from portal.foundation.errors import Invalid, NotFound
from portal.people import appointments, sign_in
from portal.people.tables import Account, Household
from portal.policy.lifecycle import FINAL, Status

REASONS: Mapping[str, str] = {
    "asked": "本人要求",
    "withdrawn": "本人撤回了同意",
    "over": "用不着了，或者期限到了",
    "unlawful": "本来就不该收",
}
RUNNING = "还在办。先办完，或者本人撤回。"
ARCHIVED = "交过的申请是救助档案，保存期以受理地规定为准。"
LENT = "照片还没抄到同一家的另一份申请，过几分钟再来。"
APPOINTED = "还是协理员。先结束任命。"
UNANSWERED = "举报投诉还没答复。"
_YEAR = timedelta(days=365.25)


@dataclass
class Plan:
    """Who, what goes, and (what, why) of everything that stays."""

    account: Account | None
    gone: list[Application] = field(default_factory=list)
    households: list[Household] = field(default_factory=list)
    emptied: list[Household] = field(default_factory=list)
    """They belong to a file that stays: only what they keep beside it goes."""
    complaints: list[Complaint] = field(default_factory=list)
    stays: list[tuple[str, str]] = field(default_factory=list)
    with_account: bool = False


@dataclass(frozen=True)
class Done:
    """What went: rows by table, names of blobs to delete, keys that were destroyed."""

    rows: dict[str, int]
    blobs: frozenset[str]
    keys: int


def find(session: Session, who: str) -> Account | Application:
    """By the account's number (a UUID), a phone number, or a file's ten digits where the person
    has no account. Raises NotFound."""
    digits = "".join(who.split())
    account = None
    if len(digits) == 11:
        account = sign_in.find_account(session, digits)
    elif len(digits) == 10:
        file = session.scalars(
            select(Application).where(Application.reference_no == digits)
        ).first()
        if file is not None and file.account_id is None:
            return file
        account = session.get(Account, file.account_id) if file is not None else None
    else:
        account = session.get(Account, _uuid(digits))
    if account is None:
        raise NotFound("没有找到这个人。")
    return account


def plan(session: Session, who: Account | Application, *, now: datetime) -> Plan:
    """Everything of one person, sorted. Changes nothing."""
    account = who if isinstance(who, Account) else None
    owned = _households(session, who)
    made, kept = Plan(account), []
    for file in _files(session, who, owned):
        reason = _why_kept(session, file, now=now)
        if reason:
            kept.append(file)
            made.stays.append((f"申请 {file.reference_no}", reason))
        else:
            made.gone.append(file)
    running = any(file.status not in FINAL for file in kept)
    homes = {file.household_id for file in kept}
    made.households = [one for one in owned if one.id not in homes]
    made.emptied = [] if running else [one for one in owned if one.id in homes]
    if account is not None:
        _judge_account(session, made, account, running=running, now=now)
    return made


def carry_out(
    session: Session, made: Plan, *, reason: str, confirmed_by: tuple[UUID, UUID], now: datetime
) -> Done:
    """Do it, in the caller's transaction. Two different people have said yes.

    Raises Invalid for one person twice or an unknown reason.
    """
    if reason not in REASONS or len(set(confirmed_by)) != 2:
        raise Invalid("要两个人确认，并写明原因。", code="not_confirmed")
    files = [file.id for file in made.gone]
    removed = file_rows.remove(session, files)
    keys = set(removed.keys) | {_bare(session, file_id, now=now) for file_id in files}
    rows, blobs = dict(removed.rows), set(removed.blobs)
    for home in made.households:
        rows, blobs = _add(rows, blobs, person_rows.remove_household(session, home, now=now))
        keys.add(home.key_id)
    for home in made.emptied:
        person_rows.empty_household(session, home, now=now)
    for one in made.complaints:
        one.account_id = one.phone_sealed = None
    if made.account is not None and made.with_account:
        rows, blobs = _add(rows, blobs, person_rows.remove_account(session, made.account, now=now))
        keys.add(made.account.key_id)
    destroyed = sum(_destroy(session, key_id, now=now) for key_id in keys)
    _record(session, made, reason, confirmed_by, destroyed, now=now)
    return Done(rows, frozenset(blobs), destroyed)


def _why_kept(session: Session, file: Application, *, now: datetime) -> str:
    """Empty for what may go."""
    if lending.lent_out(session, file):
        return LENT
    if not file.submission_no:
        return ""
    if file.status not in FINAL or file.closed_at is None:
        return RUNNING
    rule = retention.archive(file.region_path)
    if rule is None:
        return ARCHIVED
    if now < file.closed_at + rule.years * _YEAR:
        return f"救助档案要保存{rule.years}年（{rule.source}）。"
    return ""


def _judge_account(
    session: Session, made: Plan, account: Account, *, running: bool, now: datetime
) -> None:
    complaints = session.scalars(select(Complaint).where(Complaint.account_id == account.id)).all()
    made.complaints = [one for one in complaints if one.answered_at is not None]
    made.stays += [("举报投诉", UNANSWERED) for one in complaints if one.answered_at is None]
    held = appointments.of_account(session, account.id)
    appointed = any(one.ends_at is None or one.ends_at > now for one in held)
    if running:
        made.stays.append(("账户、手机号", "有申请在办，要找得到人。"))
    if appointed:
        made.stays.append(("账户、手机号", APPOINTED))
    made.with_account = not (running or appointed)


def _households(session: Session, who: Account | Application) -> list[Household]:
    if isinstance(who, Account):
        return list(session.scalars(select(Household).where(Household.account_id == who.id)))
    home = session.get(Household, who.household_id) if who.household_id else None
    return [home] if home is not None and home.account_id is None else []


def _files(
    session: Session, who: Account | Application, owned: list[Household]
) -> list[Application]:
    own = Application.account_id if isinstance(who, Account) else Application.id
    mine = or_(own == who.id, Application.household_id.in_([one.id for one in owned]))
    return list(session.scalars(select(Application).where(mine).order_by(Application.created_at)))


def _bare(session: Session, file_id: UUID, *, now: datetime) -> UUID:
    """Nothing is left of the file but its number; the key that sealed it."""
    file = session.get_one(Application, file_id)
    if file.status not in FINAL:
        file.status, file.closed_at = Status.WITHDRAWN, now
    file.answers_sealed, file.changed_at = b"", now
    file.household_index = file.last_four_index = None
    file.held_by = file.held_duty = file.held_until = None
    return file.key_id


def _destroy(session: Session, key_id: UUID, *, now: datetime) -> int:
    if session.get_one(vault.DataKey, key_id).destroyed_at is not None:
        return 0
    vault.destroy_key(session, key_id, now=now)
    return 1


def _add(
    rows: dict[str, int], blobs: set[str], more: file_rows.Removed
) -> tuple[dict[str, int], set[str]]:
    names = {*rows, *more.rows}
    return {n: rows.get(n, 0) + more.rows.get(n, 0) for n in names}, blobs | more.blobs


def _record(
    session: Session, made: Plan, reason: str, by: tuple[UUID, UUID], keys: int, *, now: datetime
) -> None:
    """Numbers and codes only; for whom it was done is the account's number, which names nobody."""
    session.flush()
    told = {
        "reason": reason, "confirmed_by": sorted(f"staff:{one}" for one in by), "keys": keys,
        "account": str(made.account.id) if made.account else None,
        "whole": made.with_account, "files": [str(file.id) for file in made.gone],
        "stays": len(made.stays),
    }  # fmt: skip
    audit.record(session, "erase.person", actor="portal", detail=told, now=now)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as fault:
        raise NotFound("没有找到这个人。") from fault
