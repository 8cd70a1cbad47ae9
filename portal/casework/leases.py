"""Who has a file open: taken for one duty, for half an hour, by one person only."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from portal.casework import duties
from portal.casework.duties import DUTIES, Duty, scope
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Conflict, Forbidden
from portal.handover.tables import IntakeDossier
from portal.people.access import Actor
from portal.policy.lifecycle import Status

LEASE = timedelta(minutes=30)
"""So long a file stays with whoever took it without doing anything."""
_AT_ONCE = 50
_SENT_OUT = ("accepted", "reinvestigating", "county_returned", "reviewing")
"""After these events somebody has to go and see."""


def take_next(
    session: Session, *, actor: Actor, duty: str = "", now: datetime
) -> Application | None:
    """The file this person is to work on: the one they have, else the next that nobody has.

    Unanswered alerts first, then urgent ones, then the oldest first filing. It is theirs
    alone for thirty minutes from the last thing they did with it. `duty` is a key of DUTIES,
    by default the first of the person's own. Raises Forbidden for another's duty.
    """
    wanted = _own_duty(actor, duty)
    held = _held_by(wanted, actor)
    for conditions in ((held,), *_bands(_free(wanted, now) & _ready(wanted, actor, now))):
        for file_id in session.scalars(_rows(wanted, actor, *conditions)).all():
            found = _claim(session, file_id, wanted, actor=actor, now=now)
            if found is not None:
                return found
    return None


def keep(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """Still at work on it: thirty minutes more, if it is theirs."""
    if application.held_by == str(actor) and _still_held(application):
        application.held_until = now + LEASE
    row = current(session, application)
    if row is not None and row.leased_by == str(actor) and row.taken_at is None:
        row.leased_until = now + LEASE


def release(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """Put it back for colleagues. Nothing happens when it was not theirs."""
    row = current(session, application)
    dossier = row if row is not None and row.taken_at is None else None
    if str(actor) not in (application.held_by, dossier.leased_by if dossier else None):
        return
    if dossier is not None and dossier.leased_by == str(actor):
        dossier.leased_by = dossier.leased_until = None
    if application.held_by == str(actor):
        application.held_by = application.held_duty = application.held_until = None
    audit.record(session, "release.file", actor=str(actor), subject=application.id, now=now)


def current(session: Session, application: Application) -> IntakeDossier | None:
    """The queue's row for the newest submission, locked; None while it is on its way."""
    rows = select(IntakeDossier).where(
        IntakeDossier.application_id == application.id,
        IntakeDossier.version == application.submission_no,
    )
    return session.scalars(rows.with_for_update()).first()


def reader(session: Session, application: Application, *, now: datetime) -> str | None:
    """Who has it open now, as the audit names them."""
    return readers(session, [application], now=now).get(application.id)


def readers(session: Session, files: Iterable[Application], *, now: datetime) -> dict[UUID, str]:
    """The same for several files; those nobody has open are left out."""
    known = list(files)
    rows = select(IntakeDossier.application_id, IntakeDossier.leased_by).where(
        IntakeDossier.application_id.in_([f.id for f in known]),
        IntakeDossier.taken_at.is_(None),
        IntakeDossier.leased_until > now,
    )
    found = {file: name for file, name in session.execute(rows) if name}
    for file in known:
        if file.held_by and file.held_until and file.held_until > now and _still_held(file):
            found[file.id] = file.held_by
    return found


def check_free(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """Raises Conflict (taken) while a colleague has it open: never two at work on one file."""
    if reader(session, application, now=now) not in (None, str(actor)):
        raise Conflict("同事正在办这一件。", code="taken")


def check_is_open() -> ColumnElement[bool]:
    """Whether a means check was asked for and has no answer yet."""
    return _last_seq("check_requested") > func.coalesce(_last_seq("check_result"), 0)


def _own_duty(actor: Actor, key: str) -> Duty:
    own = duties.of(actor)
    if key:
        own = [duty for duty in own if duty.key == key]
    if not own:
        raise Forbidden("这一步不由您的岗位办理。", code="party_not_allowed")
    return own[0]


def _rows(duty: Duty, actor: Actor, *conditions: ColumnElement[bool]) -> Select[UUID]:
    """Ids in order, few at once. Each status by itself: so the index gives them sorted, and
    none but the first is looked at however many wait."""
    ones = [_of_status(duty, actor, status, *conditions) for status in sorted(duty.statuses)]
    both = union_all(*(select(one.c.filed_at, one.c.id) for one in ones)).subquery()
    return select(both.c.id).order_by(both.c.filed_at, both.c.id).limit(_AT_ONCE)


def _of_status(
    duty: Duty, actor: Actor, status: Status, *conditions: ColumnElement[bool]
) -> Subquery:
    rows = select(Application.filed_at, Application.id).where(
        scope(actor), Application.status == status, *conditions
    )
    if duty.key == "accept":
        rows = rows.join(IntakeDossier, _newest_dossier())
    return rows.order_by(Application.filed_at, Application.id).limit(_AT_ONCE).subquery()


def _bands(condition: ColumnElement[bool]) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Alerts, then what is urgent, then everything."""
    yield condition, Application.alert.is_not(None)
    yield condition, Application.urgent.is_(True)
    yield condition, Application.urgent.is_(False)


def _newest_dossier() -> ColumnElement[bool]:
    return and_(
        IntakeDossier.application_id == Application.id,
        IntakeDossier.version == Application.submission_no,
        IntakeDossier.taken_at.is_(None),
    )


def _held_by(duty: Duty, actor: Actor) -> ColumnElement[bool]:
    holder = IntakeDossier.leased_by if duty.key == "accept" else Application.held_by
    return holder == str(actor)


def _free(duty: Duty, now: datetime) -> ColumnElement[bool]:
    if duty.key == "accept":
        return or_(IntakeDossier.leased_until.is_(None), IntakeDossier.leased_until <= now)
    gone_on = [
        and_(Application.held_duty == d.key, Application.status.not_in(sorted(d.statuses)))
        for d in DUTIES.values()
    ]
    return or_(Application.held_until.is_(None), Application.held_until <= now, *gone_on)


def _ready(duty: Duty, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Whether there is something to do for this duty at this moment."""
    ready: dict[str, ColumnElement[bool]] = {
        "accept": Application.submission_no > 0,
        "visit": _to_visit(actor),
        "review": _to_review(now),
        "check": check_is_open(),
        "decide": ~_prepared_by(actor),
    }
    return ready[duty.key]


def _to_visit(actor: Actor) -> ColumnElement[bool]:
    """Not a colleague's, and not seen yet; or seen, and the answer of the check has come."""
    own = or_(Application.investigator_id.is_(None), Application.investigator_id == actor.id)
    seen = func.coalesce(_last_seq("visit"), 0)
    return and_(
        own, or_(seen < func.coalesce(_last_seq(*_SENT_OUT), 1), _last_seq("check_result") > seen)
    )


def _to_review(now: datetime) -> ColumnElement[bool]:
    """A notice that still hangs has no turn."""
    over = exists().where(
        CaseEvent.application_id == Application.id, CaseEvent.kind == "public_notice",
        CaseEvent.at <= now - timedelta(days=7), CaseEvent.seq == _last_seq("public_notice"),
    )  # fmt: skip
    return or_(Application.status != Status.PUBLIC_NOTICE, over)


def _prepared_by(actor: Actor) -> ColumnElement[bool]:
    """Nobody decides on what they prepared for the township."""
    return exists().where(
        CaseEvent.application_id == Application.id,
        CaseEvent.actor == str(actor),
        CaseEvent.party == "township",
    )


def _last_seq(*kinds: str) -> ColumnElement[int | None]:
    event = aliased(CaseEvent)
    return (
        select(func.max(event.seq))
        .where(event.application_id == Application.id, event.kind.in_(kinds))
        .correlate(Application)
        .scalar_subquery()
    )


def _claim(
    session: Session, file_id: UUID, duty: Duty, *, actor: Actor, now: datetime
) -> Application | None:
    """The row locked and looked at again: two people never get the same."""
    claim = _claim_dossier if duty.key == "accept" else _claim_file
    fresh = claim(session, file_id, duty, actor=actor, now=now)
    if fresh is None:
        return None
    if fresh:
        audit.record(session, "take.file", actor=str(actor), subject=file_id, now=now)
    session.flush()
    return session.get_one(Application, file_id)


def _claim_dossier(
    session: Session, file_id: UUID, _duty: Duty, *, actor: Actor, now: datetime
) -> bool | None:
    """Whether it was not theirs before; None when somebody was faster."""
    row = session.scalars(
        select(IntakeDossier)
        .join(Application, _newest_dossier())
        .where(Application.id == file_id, Application.status == Status.SUBMITTED)
        .with_for_update(skip_locked=True, of=IntakeDossier)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    elsewhere = row.leased_until is not None and row.leased_until > now
    if elsewhere and row.leased_by != str(actor):
        return None
    fresh = row.leased_by != str(actor) or not elsewhere
    row.leased_by, row.leased_until = str(actor), now + LEASE
    return fresh


def _claim_file(
    session: Session, file_id: UUID, duty: Duty, *, actor: Actor, now: datetime
) -> bool | None:
    """Whether it was not theirs before; None when somebody was faster. Whoever takes a visit
    up that nobody was given, has it from now on."""
    row = session.scalars(
        select(Application)
        .where(Application.id == file_id, Application.status.in_(sorted(duty.statuses)))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    elsewhere = row.held_until is not None and row.held_until > now and _still_held(row)
    if elsewhere and row.held_by != str(actor):
        return None
    fresh = row.held_by != str(actor) or not elsewhere
    row.held_by, row.held_duty, row.held_until = str(actor), duty.key, now + LEASE
    if duty.key == "visit" and row.investigator_id is None:
        row.investigator_id = actor.id
    return fresh


def _still_held(file: Application) -> bool:
    """A file that went on to the next duty is nobody's again."""
    duty = DUTIES.get(file.held_duty or "")
    return duty is not None and file.status in duty.statuses
