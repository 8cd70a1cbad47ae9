"""转介: one way from a township to a department and back with its answer (社会救助法 第64条)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import duties, events, office
from portal.casework.referral import consents, contents, departments, trace
from portal.casework.referral.tables import Referral, ReferralConsent
from portal.filing.tables import Application, county_of
from portal.foundation import audit, vault
from portal.foundation.errors import Conflict, Forbidden, Invalid
from portal.people.access import Actor
from portal.policy import regions
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Party, Status

REFERRED, RECEIVED, RETURNED, CLOSED, CANCELLED = (
    "referred", "received", "returned", "closed", "cancelled",
)  # fmt: skip
OPEN = (REFERRED, RECEIVED)
BASES = {"ours": "我们自己的目标", "local": "当地转介办法"}
_MOST_WORDS = 200


@dataclass(frozen=True)
class Wanted:
    """To whom (by the program whose department it is), why, and which answers.

    `fields`: answers of the file to send along · `typed`: answers the clerk writes down ·
    `whole`: the application itself goes, and waits for the answer · `on_paper`: although
    the department could read it here.
    """

    program_id: str
    sentence: str
    fields: Sequence[str] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    due_on: date | None = None
    due_basis: str = ""
    whole: bool = False
    on_paper: bool = False


def refer(
    session: Session,
    catalogue: Catalogue,
    application: Application,
    wanted: Wanted,
    *,
    actor: Actor,
    now: datetime,
) -> Referral:
    """Send an application on, or a need found while it was looked at.

    Raises Invalid (program_id, sentence, fields, due_on), Forbidden consent_needed where the
    person has not agreed, Conflict already_referred · move_not_allowed.
    """
    _check_township(session, application, actor)
    target = check(catalogue, wanted)
    events.lock(session, application)
    before = of(session, application)
    if any(r.program_id == target.id and r.state in OPEN for r in before):
        raise Conflict("已经转去，还没有答复。", code="already_referred")
    own = catalogue.find(application.program_id)
    entries = contents.build(session, application, own, target, wanted.fields, wanted.typed)
    consent = _consent(session, application, target, [e["name"] for e in entries])
    told = [] if consent else contents.statuses(session, catalogue, application)
    whole = wanted.whole or (own is target and application.machine == "referral")
    if whole and application.status == Status.SUBMITTED:
        office.accept(session, application, actor=actor, now=now)
    returned = [r for r in before if r.program_id == target.id and r.state == RETURNED]
    row = returned[-1] if returned else _begin(session, application, target, actor, now)
    _fill(session, row, wanted, entries, told, consent=consent, whole=whole)
    _record(session, application, row, wanted, entries, actor=actor, now=now)
    kind = "again" if returned else REFERRED
    trace.add(session, row, kind, {"sentence": wanted.sentence.strip()}, actor=actor, now=now)
    return row


def refer_household(
    session: Session,
    catalogue: Catalogue,
    wanted: Wanted,
    *,
    agreed_how: str = "",
    actor: Actor,
    now: datetime,
) -> Referral:
    """A need found at a household that has no file: only what the clerk writes down travels.

    Raises Invalid, Forbidden (consent_needed where the receiver needs it and `agreed_how` is
    none of phone · visit · paper).
    """
    if not actor.holds(*duties.TOWNSHIP):
        raise Forbidden("转介由乡镇（街道）办。", code="party_not_allowed")
    target = check(catalogue, wanted)
    entries = contents.build(session, None, None, target, (), wanted.typed)
    path = regions.path(session, actor.region_code)
    key_id = vault.new_key(session, "referral", now=now)
    consent = None
    if consents.needed(target):
        names = [e["name"] for e in entries]
        consent = consents.record_without_file(
            session, key_id, target, names, agreed_how, actor=actor, now=now
        )
    row = _row(target, key_id, path, actor, now)
    session.add(row)
    _fill(session, row, wanted, entries, [], consent=consent, whole=False)
    trace.add(session, row, REFERRED, {"sentence": wanted.sentence.strip()}, actor=actor, now=now)
    return row


def stop(
    session: Session,
    application: Application,
    consent_id: UUID,
    *,
    actor: Actor,
    now: datetime,
) -> ReferralConsent:
    """The person takes the consent back: what was sent under it is gone from the receiver's desk.

    Raises NotFound, Conflict not_agreed. Nothing else of the file changes.
    """
    row = consents.find(session, application, consent_id, actor=actor)
    events.lock(session, application)
    consents.take_back(session, row, actor=actor, now=now)
    for referral in of(session, application):
        if referral.consent_id == row.id:
            _cancel(session, application, referral, actor=actor, now=now)
    return row


def target_of(catalogue: Catalogue, program_id: str) -> Program:
    """The program whose department is meant. Raises Invalid (guided) where nothing is sent."""
    target = catalogue.programs.get(program_id)
    if target is None or target.referral is None:
        told = "这一种不转材料。请打印去处单给本人。"
        raise Invalid(told, code="guided", fields={"program_id": [told]})
    return target


def check(catalogue: Catalogue, wanted: Wanted) -> Program:
    """The same, with the words it needs. Raises Invalid (program_id, sentence, due_basis)."""
    target = target_of(catalogue, wanted.program_id)
    if not wanted.sentence.strip():
        raise Invalid("请写一句为什么转。", fields={"sentence": ["请写一句原因。"]})
    if wanted.due_on is not None and wanted.due_basis not in BASES:
        raise Invalid("请写期限的依据。", fields={"due_basis": ["请选依据。"]})
    return target


def of(session: Session, application: Application) -> list[Referral]:
    """Every referral of a file, first to last."""
    rows = select(Referral).where(Referral.application_id == application.id)
    return list(session.scalars(rows.order_by(Referral.made_at, Referral.id)))


def number(row: Referral) -> str:
    """What is said over the phone; it leads to nothing but the referral."""
    return f"ZJ{row.id.hex[:8].upper()}"


def _check_township(session: Session, application: Application, actor: Actor) -> None:
    office.find(session, application.id, actor=actor)
    if not actor.holds(*duties.TOWNSHIP) or actor.region_code != application.region_code:
        raise Forbidden("转介由本乡镇（街道）办。", code="party_not_allowed")


def _consent(
    session: Session, application: Application, target: Program, names: Sequence[str]
) -> ReferralConsent | None:
    if not consents.needed(target):
        return None
    found = consents.standing(session, application, target, names)
    if found is None:
        told = "要先问本人愿不愿意，才能告诉他们。"
        raise Forbidden(told, code="consent_needed", fields={"fields": [told]})
    return found


def _begin(
    session: Session, application: Application, target: Program, actor: Actor, now: datetime
) -> Referral:
    row = _row(target, application.key_id, application.region_path or "", actor, now)
    row.application_id = application.id
    session.add(row)
    return row


def _row(target: Program, key_id: UUID, path: str, actor: Actor, now: datetime) -> Referral:
    assert target.referral is not None  # noqa: S101 - `check` has looked
    return Referral(
        id=uuid4(), key_id=key_id, program_id=target.id, department=target.referral.to,
        region_code=county_of(path) or "", region_path=path, from_region_code=actor.region_code,
        state=REFERRED, on_paper=False, moves_file=False, bounces=0, contents_sealed=b"",
        made_by=str(actor), made_at=now,
    )  # fmt: skip


def _fill(
    session: Session,
    row: Referral,
    wanted: Wanted,
    entries: Sequence[Mapping[str, Any]],
    told: Sequence[Mapping[str, str]],
    *,
    consent: ReferralConsent | None,
    whole: bool,
) -> None:
    """What travels now; a second time under the same number."""
    row.state, row.moves_file, row.received_at = REFERRED, whole, None
    row.due_on, row.due_basis = wanted.due_on, wanted.due_basis or None
    row.consent_id = consent.id if consent else None
    reads = departments.has_account(session, row.department, row.region_code)
    row.on_paper = wanted.on_paper or not reads
    body = {
        "sentence": wanted.sentence.strip()[:_MOST_WORDS],
        "fields": list(entries), "statuses": list(told),
    }  # fmt: skip
    row.contents_sealed = contents.seal(session, row.key_id, row.id, body)
    session.flush()


def _record(
    session: Session,
    application: Application,
    row: Referral,
    wanted: Wanted,
    entries: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    kind, after = ("referred", Status.REFERRED) if row.moves_file else ("need_referred", None)
    said = {
        "to": row.department, "sentence": wanted.sentence,
        "fields": [entry["name"] for entry in entries],
    }  # fmt: skip
    events.record(
        session, application, kind, after=after, party=Party.TOWNSHIP, actor=str(actor),
        said=said, now=now,
    )  # fmt: skip


def _cancel(
    session: Session, application: Application, row: Referral, *, actor: Actor, now: datetime
) -> None:
    """What was sent is emptied; an answer that was given stays on record."""
    waited = row.moves_file and application.status in (Status.REFERRED, Status.RECEIVED)
    row.state = CLOSED if row.state == CLOSED else CANCELLED
    empty = {"sentence": "", "fields": [], "statuses": []}
    row.contents_sealed = contents.seal(session, row.key_id, row.id, empty)
    trace.add(session, row, CANCELLED, {}, actor=actor, now=now)
    if waited:
        events.record(
            session, application, "referral_returned", after=Status.ACCEPTED,
            party=Party.DEPARTMENT, actor=str(actor), said={"sentence": "本人收回了同意。"},
            now=now,
        )  # fmt: skip
    audit.record(
        session, "referral.cancelled", actor=str(actor), subject=application.id, now=now,
        detail={"referral": str(row.id)},
    )  # fmt: skip
