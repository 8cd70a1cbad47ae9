"""Events from outside back offices: signed, in any order, twice; applied once and in turn.

A request is `timestamp \\n nonce \\n body` under the client's Ed25519 key. Its body is
`{id, seq, kind, at, application_id | reference_no, said}`: `id` a UUID, `seq` counts this
client's events for this application from 1. What comes too early is kept (parked) and
applied when its turn has come; what cannot be is refused and does not use up its number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.casework import chronology, envelopes, events, moves, parking
from portal.casework.envelopes import FROM_OUTSIDE, Envelope
from portal.casework.parking import APPLIED, UNKNOWN_KIND
from portal.casework.parking import PARKED as PARKED
from portal.casework.parking import REFUSED as REFUSED
from portal.casework.tables import OfficeClient, OfficeEvent
from portal.filing.tables import Application
from portal.foundation import audit, rates
from portal.foundation.errors import Conflict, Forbidden, Invalid, Refusal, TooOften
from portal.people.access import covers
from portal.policy.lifecycle import NOTES

_MOST_AN_HOUR = 20_000
_FORGERIES_NOTED_AN_HOUR = 60


@dataclass(frozen=True)
class Outcome:
    """What became of an event: applied or parked; `again` when it had come before."""

    id: UUID
    state: str
    again: bool


def receive(
    session: Session,
    client_name: str,
    body: bytes,
    signature: str,
    timestamp: str,
    nonce: str,
    *,
    now: datetime,
) -> Outcome:
    """Check who speaks, then apply the event, keep it for later, or refuse it.

    The same event again is the same answer and an audit line. Raises SignInNeeded
    (signature_invalid, and nothing else is said), Forbidden for a party that never makes
    this move, Conflict when the case is no longer where the event needs it.
    """
    try:
        client = envelopes.verify(session, client_name, body, signature, timestamp, nonce, now=now)
    except Refusal:
        note_forgery(session, client_name, now=now)
        raise
    fresh = envelopes.keep_nonce(session, client, nonce, now=now)
    return take_in(session, client, body, fresh=fresh, now=now)


def take_in(
    session: Session, client: OfficeClient, body: bytes, *, fresh: bool = True, now: datetime
) -> Outcome:
    """As `receive`, of somebody whose signature was checked. `fresh`: not a request said again."""
    rates.count(
        session, f"office:{client.name}", most=_MOST_AN_HOUR, per=timedelta(hours=1), now=now
    )
    wanted = envelopes.read(body)
    known = session.get(OfficeEvent, wanted.id)
    if known is not None:
        return _again(session, client, known, wanted, now=now)
    if not fresh:
        raise envelopes.wrong()
    return _first_time(session, client, wanted, now=now)


def retry(session: Session, application: Application, *, now: datetime) -> int:
    """Apply what was parked for this application and has its turn now; how many."""
    done = 0
    while any(
        _try(session, row, application, now=now) for row in parking.of_file(session, application)
    ):
        done += 1
    return done


def retry_parked(session: Session, *, now: datetime, limit: int = 200) -> int:
    """For the worker: look at what is parked again; how many could be applied."""
    waiting = parking.some(session, limit)
    found = [_find(session, row.application_id, row.body.get("reference_no")) for row in waiting]
    return sum(retry(session, a, now=now) for a in dict.fromkeys(found) if a is not None)


def oldest_parked(session: Session) -> datetime | None:
    """When the event that waits longest arrived; for the alarm."""
    return parking.oldest(session)


def forget_old(session: Session, *, now: datetime) -> None:
    """Drop nonces older than two days."""
    envelopes.forget_old(session, now=now)


def enroll(
    session: Session, name: str, public_key: bytes, role: str, region_code: str, *, now: datetime
) -> OfficeClient:
    """Let a back office send events for one division, with this key. Replaces an older key."""
    if role not in moves.PARTIES or len(public_key) != 32:
        raise Invalid("后台系统的角色或公钥不对。", code="office_client")
    session.execute(delete(OfficeClient).where(OfficeClient.name == name))
    client = OfficeClient(
        name=name, public_key=public_key, role=role, region_code=region_code, created_at=now
    )
    session.add(client)
    detail = {"client": name, "role": role, "region": region_code}
    audit.record(session, "enroll.office", actor="portal", now=now, detail=detail)
    return client


def note_forgery(session: Session, client_name: str, *, now: datetime) -> None:
    """An audit line for a forged or altered request in the name of a client we know."""
    client = session.get(OfficeClient, client_name)
    if client is None:
        return
    bucket = f"office-forged:{client.name}"
    try:
        rates.count(session, bucket, most=_FORGERIES_NOTED_AN_HOUR, per=timedelta(hours=1), now=now)
    except TooOften:
        return
    audit.record(session, "refuse.signature", actor=f"office:{client.name}", now=now)


def _again(
    session: Session, client: OfficeClient, known: OfficeEvent, wanted: Envelope, *, now: datetime
) -> Outcome:
    if known.client != client.name or known.digest != wanted.digest:
        raise Conflict("这个事件编号已经用过，内容不同。", code="event_id_used")
    detail = {"event": str(known.id), "state": known.state}
    audit.record(
        session, "repeat.event", actor=f"office:{client.name}", subject=known.application_id,
        detail=detail, now=now,
    )  # fmt: skip
    if known.state == REFUSED:
        raise _refused(known.fault or "move_not_allowed")
    return Outcome(known.id, known.state, again=True)


def _first_time(
    session: Session, client: OfficeClient, wanted: Envelope, *, now: datetime
) -> Outcome:
    if wanted.kind in FROM_OUTSIDE and not moves.ever_allowed(wanted.kind, client.role):
        raise Forbidden("这一步不归您办理。", code="party_not_allowed")
    if wanted.at > now + envelopes.SKEW:
        raise Invalid("办理时间在将来。", fields={"at": ["时间还没有到。"]})
    parking.check_room(session, client)
    application = _find(session, wanted.application_id, wanted.reference_no)
    row = OfficeEvent(
        id=wanted.id,
        application_id=_parked_under(application, wanted),
        client=client.name,
        seq=wanted.seq,
        body={**wanted.plain, "said": envelopes.seal(session, application, wanted)},
        digest=wanted.digest,
        state=PARKED,
        received_at=now,
    )
    session.add(row)
    session.flush()
    if application is None:
        known = wanted.kind in FROM_OUTSIDE
        _note(session, row, "unknown_application" if known else UNKNOWN_KIND, now=now)
    elif _try(session, row, application, now=now) or row.fault == UNKNOWN_KIND:
        retry(session, application, now=now)
    if row.state == REFUSED:
        raise _refused(row.fault or "move_not_allowed")
    return Outcome(row.id, row.state, again=False)


def _try(session: Session, row: OfficeEvent, application: Application, *, now: datetime) -> bool:
    """Apply one parked event if its turn has come. False when it stays parked or is refused."""
    client = session.get_one(OfficeClient, row.client)
    events.lock(session, application)
    waits = _waits(session, row, application, client)
    if waits:
        if row.fault != waits:
            _note(session, row, waits, now=now)
        return False
    try:
        _apply(session, row, application, client, now=now)
    except (Conflict, Invalid) as fault:
        row.state, row.body = REFUSED, envelopes.without_words(row.body)
        _note(session, row, fault.code, now=now)
        return False
    row.state, row.fault, row.body = APPLIED, None, envelopes.without_words(row.body)
    session.flush()
    return True


def _waits(
    session: Session, row: OfficeEvent, application: Application, client: OfficeClient
) -> str:
    """Why its turn has not come; empty when it has.

    A file outside the client's division looks like one that is not known yet.
    """
    if client.revoked_at is not None:
        return "client_revoked"
    if row.body["kind"] not in FROM_OUTSIDE:
        return UNKNOWN_KIND
    if not application.submission_no or not covers(
        client.region_code, application.region_path or ""
    ):
        return "unknown_application"
    if row.seq > parking.next_number(session, row, application, client):
        return "gap"
    if not _in_place(session, row, application) and moves.is_early(
        application, row.body["kind"], client.role
    ):
        return "early"
    if moves.is_uninvestigated(row.body["kind"], events.of(session, application)):
        return "two_investigators"
    return ""


def _in_place(session: Session, row: OfficeEvent, application: Application) -> bool:
    """Something that leaves the status, told late, where the case was when it happened."""
    note = NOTES.get(row.body["kind"])
    at = datetime.fromisoformat(row.body["at"])
    happened = events.of(session, application) if note else []
    return note is not None and chronology.status_at(application, happened, at) in note.at


def _apply(
    session: Session,
    row: OfficeEvent,
    application: Application,
    client: OfficeClient,
    *,
    now: datetime,
) -> None:
    if row.seq < parking.next_number(session, row, application, client):
        raise Conflict("这个序号已经用过。", code="seq_used")
    kind, at = row.body["kind"], datetime.fromisoformat(row.body["at"])
    said = envelopes.unseal(session, row.body["said"], row.id)
    happened = events.of(session, application)
    moves.check_time(kind, at, happened)
    events.record(
        session, application, kind, after=events.KINDS[kind],
        party=moves.party(application, kind, client.role, said, happened),
        actor=f"office:{client.name}", said=said, now=now, at=at, event_id=row.id,
    )  # fmt: skip


def _find(
    session: Session, application_id: UUID | None, reference_no: str | None
) -> Application | None:
    """By its id, or by the reference number; both, if both are given, must be of one file."""
    if reference_no is None:
        return session.get(Application, application_id) if application_id else None
    which = select(Application).where(Application.reference_no == reference_no)
    found = session.scalars(which).first()
    if found is None or application_id in (None, parking.named(reference_no), found.id):
        return found
    return None


def _parked_under(application: Application | None, wanted: Envelope) -> UUID:
    if application is not None:
        return application.id
    return wanted.application_id or parking.named(wanted.reference_no or "")


def _note(session: Session, row: OfficeEvent, fault: str, *, now: datetime) -> None:
    row.fault = fault
    detail = {"event": str(row.id), "kind": row.body["kind"], "seq": row.seq, "fault": fault}
    audit.record(
        session, f"{'refuse' if row.state == REFUSED else 'park'}.event",
        actor=f"office:{row.client}", subject=row.application_id, detail=detail, now=now,
    )  # fmt: skip
    session.flush()


def _refused(code: str) -> Conflict:
    return Conflict("案件现在不在这一步，没有记录。", code=code, keeps=True)
