"""The department's side: it sees what was sent to it and nothing else; it answers or sends back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, literal, or_, select
from sqlalchemy.orm import Session

from portal.casework import duties, events, openings
from portal.casework.referral import contents, departments, referrals, trace
from portal.casework.referral.tables import Referral
from portal.casework.said import RESULTS
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people import access
from portal.people.access import Actor, Role
from portal.policy import regions
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import Party, Status

_SHOWN = (referrals.REFERRED, referrals.RECEIVED, referrals.CLOSED)
_GONE = frozenset({Status.WITHDRAWN, Status.NOT_ACCEPTED})
_MOST_LINES, _MOST_WORDS = 200, 200


@dataclass(frozen=True)
class Sheet:
    """All a department reads. `fields` [{label, text, masked, people}]; nothing of the file."""

    referral: Referral
    number: str
    title: str
    sent_from: str
    sentence: str
    fields: tuple[Mapping[str, Any], ...]
    statuses: tuple[Mapping[str, str], ...]
    steps: tuple[trace.Line, ...]


def waiting(session: Session, *, actor: Actor) -> list[Referral]:
    """What was sent to this person's departments, open ones first, then by age. Raises Forbidden."""
    if not actor.holds(Role.DEPARTMENT_CLERK):
        raise Forbidden("这里只给专项部门用。")
    rows = select(Referral).where(_addressed(session, actor), Referral.state.in_(_SHOWN))
    order = (Referral.state == referrals.CLOSED, Referral.made_at, Referral.id)
    found = session.scalars(rows.order_by(*order).limit(_MOST_LINES))
    return [row for row in found if not _is_gone(session, row)]


def sent(session: Session, *, actor: Actor) -> list[Referral]:
    """What a township or county has sent out, open ones first, newest first. Raises Forbidden."""
    duties.check_reader(actor)
    mine = _from_here(actor)
    closed = Referral.state.in_((referrals.CLOSED, referrals.CANCELLED))
    rows = select(Referral).where(mine).order_by(closed, Referral.made_at.desc(), Referral.id)
    return list(session.scalars(rows.limit(_MOST_LINES)))


def find(session: Session, referral_id: UUID, *, actor: Actor, lock: bool = False) -> Referral:
    """A referral to this person's department, or one the township itself answers for.

    Raises NotFound, the same for every other one.
    """
    row = session.get(Referral, referral_id, with_for_update=lock or None, populate_existing=lock)
    if row is None or not (_is_theirs(session, row, actor) or _is_sender(row, actor)):
        raise NotFound("没有找到这件转介。")
    return row


def read(session: Session, catalogue: Catalogue, row: Referral, *, revealed: bool = False) -> Sheet:
    """What was sent; whole numbers only when `revealed`, which the caller has recorded."""
    body = contents.unseal(session, row.key_id, row.id, row.contents_sealed)
    return Sheet(
        referral=row,
        number=referrals.number(row),
        title=catalogue.find(row.program_id).title,
        sent_from=regions.full_name(session, row.from_region_code),
        sentence=body["sentence"],
        fields=tuple(_shown(entry, revealed) for entry in body["fields"]),
        statuses=tuple(body["statuses"]),
        steps=tuple(trace.of(session, row)),
    )


def reveal(
    session: Session, row: Referral, reason: str, words: str = "", *, actor: Actor, now: datetime
) -> None:
    """Whole numbers may be shown with this answer: the reason is kept, the applicant sees it.

    Raises Invalid (reason, words).
    """
    file = session.get(Application, row.application_id) if row.application_id else None
    openings.check(reason, words)
    if file is not None:
        openings.note(session, file, "number", reason, words, actor=actor, now=now)
    note_reading(session, row, "view.referral", actor=actor, now=now, reason=reason)


def note_reading(
    session: Session, row: Referral, what: str, *, actor: Actor, now: datetime, **more: str
) -> None:
    """Who opened it: `read.referral`, `view.referral` (whole numbers), `print.referral`."""
    detail = {
        "referral": str(row.id), "department": row.department, "role": actor.role,
        "region": actor.region_code, **more,
    }  # fmt: skip
    audit.record(
        session, what, actor=str(actor), subject=row.application_id, detail=detail, now=now
    )


def receive(session: Session, row: Referral, *, actor: Actor, now: datetime) -> None:
    """收下. Raises Forbidden, Conflict when it is not waiting."""
    file = _hold(session, row, actor, (referrals.REFERRED,))
    row.state, row.received_at = referrals.RECEIVED, now
    if file is not None and row.moves_file:
        _event(session, file, "referral_received", Status.RECEIVED, None, actor=actor, now=now)
    trace.add(session, row, "received", {}, actor=actor, now=now)


def send_back(
    session: Session, row: Referral, sentence: str, *, actor: Actor, now: datetime
) -> None:
    """退回 with a reason: it is the township's turn again; the bounce is counted."""
    file = _hold(session, row, actor, referrals.OPEN)
    words = _words(sentence, "请写一句为什么退回。")
    row.state, row.bounces = referrals.RETURNED, row.bounces + 1
    if file is not None:
        said = {"sentence": words}
        kind, after = _kind(row, "referral_returned", Status.ACCEPTED)
        _event(session, file, kind, after, said, actor=actor, now=now)
    trace.add(session, row, "returned", {"sentence": words}, actor=actor, now=now)


def close(
    session: Session, row: Referral, result: str, sentence: str, *, actor: Actor, now: datetime
) -> None:
    """The result, in a sentence the applicant reads. Raises Invalid (result, sentence)."""
    if result not in RESULTS:
        raise Invalid("请选结果。", fields={"result": ["请选一种结果。"]})
    words = _words(sentence, "请写一句结果，本人看得到。")
    if row.state == referrals.REFERRED:
        receive(session, row, actor=actor, now=now)
    file = _hold(session, row, actor, (referrals.RECEIVED,))
    row.state, row.closed_at = referrals.CLOSED, now
    if file is not None:
        said = {"result": result, "sentence": words}
        kind, after = _kind(row, "closed", Status.CLOSED)
        _event(session, file, kind, after, said, actor=actor, now=now)
    said = {"sentence": words, "result": RESULTS[result]}
    trace.add(session, row, "closed", said, actor=actor, now=now)


def may_answer(session: Session, row: Referral, *, actor: Actor) -> bool:
    """The department; where it has no account, the township writes its answer down."""
    if row.on_paper:
        ours = actor.holds(*duties.TOWNSHIP) and actor.region_code == row.from_region_code
        return ours or _is_theirs(session, row, actor)
    return _is_theirs(session, row, actor)


def _hold(
    session: Session, row: Referral, actor: Actor, states: Sequence[str]
) -> Application | None:
    """Its file and the row, locked in this order. Raises Forbidden, Conflict."""
    if not may_answer(session, row, actor=actor):
        raise Forbidden("由接收部门答复。", code="party_not_allowed")
    file = session.get(Application, row.application_id) if row.application_id else None
    if file is not None:
        events.lock(session, file)
    session.flush()
    session.refresh(row, with_for_update=True)
    if row.state not in states or _is_gone(session, row):
        raise Conflict("这件转介已经办过这一步。请刷新。", code="move_not_allowed")
    return file


def _event(
    session: Session,
    file: Application,
    kind: str,
    after: Status | None,
    said: Mapping[str, Any] | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    events.record(
        session, file, kind, after=after, party=Party.DEPARTMENT, actor=str(actor), said=said,
        now=now,
    )  # fmt: skip


def _kind(row: Referral, kind: str, after: Status) -> tuple[str, Status | None]:
    """A need found on the way moves nothing: its answer is only told."""
    return (kind, after) if row.moves_file else ("need_answered", None)


def _words(sentence: str, lacking: str) -> str:
    if not sentence.strip():
        raise Invalid(lacking, fields={"sentence": [lacking]})
    return sentence.strip()[:_MOST_WORDS]


def _addressed(session: Session, actor: Actor) -> ColumnElement[bool]:
    names = departments.of(session, actor=actor)
    return and_(Referral.department.in_(names), Referral.region_code == actor.region_code)


def _from_here(actor: Actor) -> ColumnElement[bool]:
    if actor.holds(*duties.TOWNSHIP):
        return Referral.from_region_code == actor.region_code
    path = literal("/").concat(Referral.region_path).concat("/")
    return or_(path.contains(f"/{actor.region_code}/", autoescape=True), literal(False))


def _is_theirs(session: Session, row: Referral, actor: Actor) -> bool:
    to_them = row.department in departments.of(session, actor=actor)
    here = row.region_code == actor.region_code
    return to_them and here and row.state in _SHOWN and not _is_gone(session, row)


def _is_sender(row: Referral, actor: Actor) -> bool:
    reads = actor.holds(*duties.TOWNSHIP, *duties.COUNTY)
    return reads and access.covers(actor.region_code, row.region_path)


def _is_gone(session: Session, row: Referral) -> bool:
    """Withdrawn by the person while it waited."""
    if not row.moves_file or row.application_id is None:
        return False
    return session.get_one(Application, row.application_id).status in _GONE


def _shown(entry: Mapping[str, Any], revealed: bool) -> dict[str, Any]:
    text, masked = entry["text"], False
    if not revealed:
        text, masked = contents.masked(entry["name"], entry["kind"], text)
    people = [[_shown(one, revealed) for one in person] for person in entry.get("people", [])]
    return {"label": entry["label"], "text": text, "masked": masked, "people": people}
