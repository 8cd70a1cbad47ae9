"""The one-door queue 一门受理队列 kept in our own database, for offices without one of theirs.

On the delivering side it is a stranger: it knows a file only by what the dossier says, and
answers with a receipt under a key of its own.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.filing.preparing import Stores
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.blobs import Blobs, begins
from portal.foundation.crash import crash_point
from portal.foundation.errors import Conflict, Forbidden, NotFound
from portal.handover import bag, dossier, frozen, receipts
from portal.handover.tables import IntakeDossier
from portal.people.access import Actor, Role

LEASE = timedelta(minutes=2)


@dataclass(frozen=True)
class Office:
    """An outside back office that proved its key, bound to its division."""

    name: str
    region_code: str
    role: Role = Role.BACK_OFFICE

    def __str__(self) -> str:
        return f"office:{self.name}"


Caller = Actor | Office
_OFFICE = frozenset({Role.TOWNSHIP_CLERK, Role.COUNTY_CLERK, Role.BACK_OFFICE})


def deliver(portal: Stores, key: str, data: bytes, *, now: datetime) -> str:
    """Keep a dossier and sign for it. The same key again: the same receipt, nothing new.

    Raises bag.WrongBag when the dossier is damaged or is not the one its key names.
    """
    crash_point("B1")
    body = dossier.contents(data)
    if key != f"{body['application_id']}/{body['version']}":
        raise bag.WrongBag("another file than its key says")
    given = _given(portal, key)
    if given is not None:
        return given
    blob = _store(portal, key, UUID(body["application_id"]), data)
    with suppress(IntegrityError):  # another worker was faster: its receipt counts
        _insert(portal, key, body, data, blob, now=now)
    crash_point("B3")
    given = _given(portal, key)
    assert given is not None  # noqa: S101 - just inserted, by us or by the faster one
    return given


def next_dossier(session: Session, *, actor: Caller, now: datetime) -> IntakeDossier | None:
    """The file this caller is to read next: urgent ones first, then the oldest.

    For two minutes from each asking it is hers alone, and asking again gives the same one.
    That she got it is recorded. Raises Forbidden for anybody but an office.
    """
    _check_office(actor)
    mine = (IntakeDossier.leased_by == str(actor)) & (IntakeDossier.leased_until > now)
    free = or_(IntakeDossier.leased_until.is_(None), IntakeDossier.leased_until <= now)
    for state in (mine, free):
        found = _lease(session, state & _within(actor), caller=str(actor), now=now)
        if found is not None:
            _record(session, "dossier.read", found, actor=str(actor), now=now)
            crash_point("B4")
            return found
    return None


def hold(
    session: Session, *, actor: Office, until: datetime, now: datetime, most: int
) -> list[IntakeDossier]:
    """What lies ready for an office that fetches files: hers until then, urgent ones first.

    Asked again it holds the same ones; those that nobody has are added. That each lies ready
    is recorded once.
    """
    free = or_(IntakeDossier.leased_until.is_(None), IntakeDossier.leased_until <= now)
    mine = IntakeDossier.leased_by == str(actor)
    rows = (
        select(IntakeDossier)
        .where(IntakeDossier.taken_at.is_(None), _within(actor), or_(mine, free))
        .order_by(IntakeDossier.urgent.desc(), IntakeDossier.received_at, IntakeDossier.key)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = list(session.scalars(rows))
    for one in found:
        if one.leased_by != str(actor):
            _record(session, "dossier.read", one, actor=str(actor), now=now)
        one.leased_by, one.leased_until = str(actor), until
    session.flush()
    return found


def open_dossier(session: Session, blobs: Blobs, found: IntakeDossier) -> bytes:
    """The bytes of what `next_dossier` gave. Raises NotFound when it was erased."""
    application = session.get_one(Application, found.application_id)
    try:
        return vault.unseal(
            session, application.key_id, blobs.read(found.blob), place=_place(found.key)
        )
    except (vault.Unreadable, FileNotFoundError) as fault:
        raise NotFound("这份材料已经删除。") from fault


def take(session: Session, key: str, digest: str, *, actor: Caller, now: datetime) -> IntakeDossier:
    """The office says it has this dossier whole; said twice, it is still taken once.

    Raises NotFound for an unknown key or another division's, Conflict when `digest` is
    another file's or a colleague has it.
    """
    _check_office(actor)
    rows = select(IntakeDossier).where(IntakeDossier.key == key, _within(actor))
    found = session.scalars(rows.with_for_update()).first()
    if found is None:
        raise NotFound("队列里没有这份材料。")
    if found.digest != digest.strip().lower():
        raise Conflict("收到的材料不完整，请再取一次。", code="digest_mismatch")
    caller = str(actor)
    if found.taken_by == caller:
        return found
    elsewhere = found.leased_by != caller and (found.leased_until or now) > now
    if found.taken_by is not None or elsewhere:
        raise Conflict("同事正在看这份材料。", code="taken")
    found.taken_by, found.taken_at = caller, now
    session.flush()
    _record(session, "dossier.taken", found, actor=caller, now=now)
    crash_point("B5")
    return found


def move(session: Session, application: Application, *, actor: str, now: datetime) -> None:
    """After a transfer: every dossier of this file stands, untaken, in the new place's queue."""
    rows = select(IntakeDossier).where(IntakeDossier.application_id == application.id)
    for found in session.scalars(rows.with_for_update()):
        found.region_code = application.region_code or ""
        found.region_path = application.region_path or ""
        found.taken_by = found.taken_at = found.leased_by = found.leased_until = None
        _record(session, "dossier.moved", found, actor=actor, now=now)
    session.flush()


def blob_names(session: Session, prefix: str = "") -> set[str]:
    """Every blob a dossier is kept in; the sweep must leave these."""
    return set(
        session.scalars(select(IntakeDossier.blob).where(begins(IntakeDossier.blob, prefix)))
    )


def _given(portal: Stores, key: str) -> str | None:
    with portal.database.reading() as session:
        return session.scalar(select(IntakeDossier.receipt).where(IntakeDossier.key == key))


def _store(portal: Stores, key: str, application_id: UUID, data: bytes) -> str:
    with portal.database.reading() as session:
        application = session.get_one(Application, application_id)
        sealed = vault.seal(session, application.key_id, data, place=_place(key))
    return portal.blobs.put(sealed)


def _insert(
    portal: Stores, key: str, body: Mapping[str, Any], data: bytes, blob: str, *, now: datetime
) -> None:
    digest, office = sha256(data).hexdigest(), body["office"]
    with portal.database.writing() as session:
        said = {"key": key, "sha256": digest, "received_at": frozen.stamp(now), "size": len(data)}
        receipt = receipts.canonical(receipts.signed(session, "intake", said)).decode()
        found = IntakeDossier(
            key=key,
            application_id=UUID(body["application_id"]),
            version=body["version"],
            region_code=office["region_code"],
            region_path=office["region_path"],
            urgent=body["urgent"],
            blob=blob,
            digest=digest,
            size=len(data),
            receipt=receipt,
            received_at=now,
        )
        _keep_reader(session, found)
        session.add(found)
        session.flush()
        crash_point("B2")
        _record(session, "dossier.queued", found, actor="portal", now=now)


def _keep_reader(session: Session, found: IntakeDossier) -> None:
    """Who reads the version before goes on with this one."""
    before = session.scalars(
        select(IntakeDossier)
        .where(IntakeDossier.application_id == found.application_id)
        .order_by(IntakeDossier.version.desc())
        .limit(1)
    ).first()
    if before is not None:
        found.leased_by, found.leased_until = before.leased_by, before.leased_until


def _lease(
    session: Session, wanted: ColumnElement[bool], *, caller: str, now: datetime
) -> IntakeDossier | None:
    """The first of the wanted files that nobody has taken; one table, so two callers differ."""
    first = (
        select(IntakeDossier.id)
        .where(IntakeDossier.taken_at.is_(None), wanted)
        .order_by(IntakeDossier.urgent.desc(), IntakeDossier.received_at, IntakeDossier.key)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(
        update(IntakeDossier)
        .where(IntakeDossier.id == first.scalar_subquery())
        .values(leased_by=caller, leased_until=now + LEASE)
        .returning(IntakeDossier)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).first()


def _check_office(actor: Caller) -> None:
    if actor.role not in _OFFICE and not (isinstance(actor, Actor) and actor.holds(*_OFFICE)):
        raise Forbidden("只有受理窗口能取材料。")


def _within(actor: Caller) -> ColumnElement[bool]:
    """The same rule as access.covers, said in SQL."""
    if not actor.region_code:
        return literal(False)
    path = literal("/").concat(IntakeDossier.region_path).concat("/")
    return path.contains(f"/{actor.region_code}/", autoescape=True)


def _record(
    session: Session, action: str, found: IntakeDossier, *, actor: str, now: datetime
) -> None:
    detail = {"key": found.key, "sha256": found.digest, "region": found.region_code}
    audit.record(session, action, actor=actor, subject=found.application_id, detail=detail, now=now)


def _place(key: str) -> str:
    return f"intake_dossiers.blob:{key}"
