"""Acting for somebody else: whose file this request is in, and whose bar the browser shows.

What a helper may do is judged in the database at every request (applications.find). The
cookie here only remembers for whom the person at this browser means to act, so that no page
of another household opens without being asked for, or after ten minutes of nobody touching it.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask, Response, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import context
from portal.filing import applications, guarding
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.audit_tables import AuditEntry
from portal.foundation.errors import Forbidden, NotFound, SignInNeeded
from portal.people import appointments, households, mandates
from portal.people.access import ANYONE, Actor, Role
from portal.people.mandate_tables import Mandate
from portal.people.tables import Household

COOKIE = "acting"
IDLE = timedelta(minutes=10)
_ROUND = "round"
_ROSTER = "/roster"
_MOST_BESIDE = 9
_STAYS = timedelta(hours=12)


@dataclass(frozen=True)
class Bar:
    """Whose file is open: shown coloured on every page meanwhile.

    `number` of `of` households this browser has open side by side; `after` comes next, and
    `names` is where all stand.
    """

    mandate: UUID
    name: str
    number: int = 1
    of: int = 1
    after: UUID | None = None
    names: str = "/helping"

    @property
    def appointed(self) -> bool:
        """Whether an assistant acts: their phone has a PIN."""
        return self.names == _ROSTER


def install(app: Flask) -> None:
    app.after_request(_write)


def find(session: Session, application_id: UUID, *, lock: bool = False) -> Application:
    """The actor's own file, or one of a household they help; then they act under the mandate.

    A helper's look is written down before anything is shown. Raises NotFound, SignInNeeded.
    """
    who, now = context.actor(), context.now()
    application = applications.find(session, application_id, actor=who, lock=lock, now=now)
    granted = guarding.granted(session, application, actor=who, now=now)
    context.act_under(granted)
    if granted is not None and request.method in context.SAFE:
        note_look(application.id, context.actor(), now)
    return application


def household(session: Session, household_id: UUID, *, lock: bool = False) -> Household:
    """The actor's own household, or one they help; then they act under the mandate.

    Raises NotFound, SignInNeeded.
    """
    who, now = context.actor(), context.now()
    found = households.find(session, household_id, actor=who, now=now, lock=lock)
    own = found.account_id is not None and found.account_id == who.id
    granted = None if own else mandates.grant(session, found.id, actor=who, now=now)
    context.act_under(granted)
    if granted is not None and request.method in context.SAFE:
        note_look(found.id, context.actor(), now)
    return found


def check_page() -> None:
    """`check_mandate` for a page of one application or household; call after `find`."""
    check_mandate(context.actor().mandate)


def check_mandate(mandate: UUID | None) -> None:
    """A page of another household opens only while acting for it, and no own page meanwhile.

    Raises Forbidden (acting_needed); `g.enter` is where to go first. A form that was filled
    in is never refused for this.
    """
    meant, fresh = intended()
    if mandate is not None and mandate == meant and fresh:
        return enter(mandate)
    if request.method not in context.SAFE or (mandate is None and not fresh):
        return None
    g.enter = f"/helping/{mandate}/enter" if mandate else "/helping/leave"
    raise Forbidden("请先说清楚您在为谁办。", code="acting_needed")


def intended() -> tuple[UUID | None, bool]:
    """For whose mandate this browser means to act, and whether it was touched lately."""
    mandate, _, stamp = request.cookies.get(COOKIE, "").partition(".")
    try:
        touched = datetime.fromtimestamp(int(stamp), context.now().tzinfo)
        return UUID(mandate), touched <= context.now() < touched + IDLE
    except (ValueError, OverflowError, OSError):
        return None, False


def enter(mandate: UUID) -> None:
    """From this answer on the browser acts for this household."""
    g.set_acting = f"{mandate}.{int(context.now().timestamp())}"


def leave() -> None:
    g.set_acting = ""


def bar() -> Bar | None:
    """Whom this browser acts for now; None for oneself, and once the mandate is over."""
    if "bar" not in g:
        g.bar = _bar()
    return g.bar  # type: ignore[no-any-return]


def _bar() -> Bar | None:
    """That of the file on the page, else of the household meant."""
    try:
        who = context.maybe_actor()
    except SignInNeeded:
        return None
    wanted = who.mandate or _meant() if who and who.role is Role.APPLICANT else None
    if who is None or wanted is None:
        return None
    mandate = _mine(wanted, who)
    if mandate is None:
        return None
    name = mandates.details(context.session(), mandate).person
    beside = [one for one in _beside() if one == wanted or _mine(one, who)]
    at = beside.index(wanted)
    known = appointments.of_account(context.session(), who.id)
    return Bar(
        wanted, name, at + 1, len(beside), beside[(at + 1) % len(beside)],
        _ROSTER if known else "/helping",
    )  # fmt: skip


def _mine(mandate_id: UUID, who: Actor) -> Mandate | None:
    """The helper's own, not over, and not taken away with an appointment."""
    session, now = context.session(), context.now()
    try:
        mandate = mandates.find(session, mandate_id, actor=who)
    except NotFound:
        return None
    stands = mandate.helper_account_id == who.id and mandates.standing(mandate, now=now)
    return mandate if stands and not mandates.suspended(session, mandate, now=now) else None


def _beside() -> list[UUID]:
    """The households this browser has open side by side, in the order they were opened."""
    kept = []
    for text in request.cookies.get(_ROUND, "").split(".")[:_MOST_BESIDE]:
        with suppress(ValueError):
            kept.append(UUID(text))
    meant = _meant() or (context.maybe_actor() or ANYONE).mandate
    if meant is None or meant in kept:
        return kept
    return [*kept[-_MOST_BESIDE + 1 :], meant]


def _meant() -> UUID | None:
    chosen: str | None = g.get("set_acting")
    if chosen is not None:
        return UUID(chosen.partition(".")[0]) if chosen else None
    mandate, fresh = intended()
    return mandate if fresh else None


def note_look(application_id: UUID, who: Actor, now: datetime) -> None:
    """One line a look; the same page again within ten minutes is the same look."""
    what = request.endpoint or ""
    rows = select(AuditEntry.detail).where(
        AuditEntry.subject == application_id, AuditEntry.at > now - IDLE,
        AuditEntry.actor == str(who), AuditEntry.action == "helper.looked",
    )  # fmt: skip
    if any(f'"{what}"' in detail for detail in context.reader().scalars(rows)):
        return
    with context.portal().database.writing() as short:
        audit.record(
            short, "helper.looked", actor=str(who), subject=application_id, now=now,
            detail={"what": what},
        )  # fmt: skip


def _write(response: Response) -> Response:
    value = g.get("set_acting")
    if value is not None and response.status_code < 400:
        _set(response, COOKIE, value)
        _set(response, _ROUND, ".".join(one.hex for one in _beside()))
    return response


def _set(response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=int(_STAYS.total_seconds()) if value else 0, httponly=True,
        samesite="Lax", secure=context.portal().settings.secure,
    )  # fmt: skip
