"""「同意把这几项告诉……吗」: asked of the person, answered and taken back as easily.

Declining changes nothing else (个人信息保护法 第15、16、23条).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import duties, events, office
from portal.casework.referral import contents
from portal.casework.referral.tables import ReferralConsent
from portal.casework.talk import telling
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy.catalogue import Program

ASKED, AGREED, DECLINED, WITHDRAWN, REPLACED = (
    "asked", "agreed", "declined", "withdrawn", "replaced",
)  # fmt: skip
_WORDS = frozenset({AGREED, DECLINED, WITHDRAWN})
"""What a person said; a question may also wait, or be answered under another one."""
HOW = {"portal": "在救助通上", "phone": "打电话", "visit": "当面", "paper": "书面"}
_MOST_WORDS = 200


def needed(target: Program) -> bool:
    """Whether this receiver is told anything only after a consent of its own (慈善)."""
    return target.referral is not None and bool(target.referral.consent)


def ask(
    session: Session,
    application: Application,
    target: Program,
    fields: Sequence[str],
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> ReferralConsent:
    """The township asks the person; she reads exactly which answers, to whom, and why.

    Raises Invalid, Conflict asked while the same question is open, Forbidden.
    """
    _check_township(session, application, actor)
    events.lock(session, application)
    if any(c.state == ASKED and c.program_id == target.id for c in _rows(session, application)):
        raise Conflict("已经问过，等本人答复。", code="asked")
    row = _new(session, application.key_id, application, target, fields, sentence, actor, now)
    telling.tell(session, application, "consent_asked", said={"sentence": sentence}, now=now)
    return row


def record(
    session: Session,
    application: Application,
    target: Program,
    fields: Sequence[str],
    how: str,
    agrees: bool,
    *,
    actor: Actor,
    now: datetime,
) -> ReferralConsent:
    """What the person said at the door, by phone or on paper. Raises Invalid, Forbidden."""
    _check_township(session, application, actor)
    if how not in HOW or how == "portal":
        raise Invalid("请选本人怎么说的。", fields={"how": ["请选一种。"]})
    events.lock(session, application)
    row = _new(session, application.key_id, application, target, fields, "", actor, now)
    for other in _rows(session, application):
        if other.state == ASKED and other.program_id == target.id and other is not row:
            _settle(session, other, REPLACED, "", actor=actor, now=now)
    _settle(session, row, AGREED if agrees else DECLINED, how, actor=actor, now=now)
    return row


def record_without_file(
    session: Session,
    key_id: UUID,
    target: Program,
    fields: Sequence[str],
    how: str,
    *,
    actor: Actor,
    now: datetime,
) -> ReferralConsent:
    """A household that has no file agreed at the door, by phone or on paper. Raises Invalid."""
    if how not in HOW or how == "portal":
        told = "要先问本人，并写明怎么同意的。"
        raise Forbidden(told, code="consent_needed", fields={"how": [told]})
    row = _new(session, key_id, None, target, fields, "", actor, now)
    _settle(session, row, AGREED, how, actor=actor, now=now)
    return row


def answer(
    session: Session,
    application: Application,
    consent_id: UUID,
    *,
    agrees: bool,
    actor: Actor,
    now: datetime,
) -> ReferralConsent:
    """The person agrees or declines, or changes her mind before anything was sent.

    Raises NotFound, the same for another's; Conflict once it was agreed to or taken back.
    """
    row = find(session, application, consent_id, actor=actor)
    if row.state not in (ASKED, DECLINED):
        raise Conflict("这件事您已经答复过了。", code="answered")
    _settle(session, row, AGREED if agrees else DECLINED, "portal", actor=actor, now=now)
    return row


def take_back(
    session: Session, row: ReferralConsent, *, actor: Actor, now: datetime
) -> ReferralConsent:
    """The consent ends; `referrals.stop` ends what was sent under it. Raises Conflict."""
    if row.state != AGREED:
        raise Conflict("现在没有可收回的同意。", code="not_agreed")
    _settle(session, row, WITHDRAWN, row.how or "portal", actor=actor, now=now)
    return row


def find(
    session: Session, application: Application, consent_id: UUID, *, actor: Actor
) -> ReferralConsent:
    """One of the applicant's own file. Raises NotFound."""
    row = session.get(ReferralConsent, consent_id)
    own = actor.role is Role.APPLICANT and application.account_id == actor.id
    if row is None or row.application_id != application.id or not own:
        raise NotFound("没有找到这件事。")
    return row


def agreed(
    session: Session, application: Application, target: Program, fields: Sequence[str]
) -> bool:
    """Whether these answers may go to this receiver now. The newest word counts; a tick in the
    program's own form, before any other word, is asked and agreed."""
    last = _last_word(session, application, target)
    if last is not None:
        return last.state == AGREED and set(fields) <= set(last.fields)
    return _ticked(session, application, target)


def standing(
    session: Session, application: Application, target: Program, fields: Sequence[str]
) -> ReferralConsent | None:
    """The consent itself, to be kept with what is sent under it; a ticked form becomes one."""
    if not agreed(session, application, target, fields):
        return None
    return _last_word(session, application, target) or _from_the_form(session, application, target)


def of(session: Session, application: Application) -> list[tuple[ReferralConsent, dict[str, Any]]]:
    """All questions of a file, first to last, each with what the person reads."""
    rows = _rows(session, application)
    return [(row, words(session, row)) for row in rows if row.state != REPLACED]


def words(session: Session, row: ReferralConsent) -> dict[str, Any]:
    """{receiver, sentence, labels}."""
    text = vault.unseal_text(session, row.key_id, row.asked_sealed, place=_place(row))
    found: dict[str, Any] = json.loads(text)
    return found


def _new(
    session: Session,
    key_id: UUID,
    application: Application | None,
    target: Program,
    fields: Sequence[str],
    sentence: str,
    actor: Actor,
    now: datetime,
) -> ReferralConsent:
    labels = {f.name: f.label for f in contents.allowed(target)}
    strange = sorted(set(fields) - set(labels))
    if strange:
        raise Invalid("有的内容不能转。", fields=dict.fromkeys(strange, ["这一项不能转。"]))
    if not fields or target.referral is None:
        raise Invalid("请选要告诉的内容。", fields={"fields": ["请至少选一项。"]})
    kept = [name for name in labels if name in set(fields)]
    row = ReferralConsent(
        id=uuid4(), application_id=application.id if application else None, key_id=key_id,
        program_id=target.id, fields=kept, asked_by=str(actor), asked_at=now, state=ASKED,
    )  # fmt: skip
    said = {
        "receiver": target.referral.to, "sentence": sentence.strip()[:_MOST_WORDS],
        "labels": [labels[name] for name in kept],
    }  # fmt: skip
    text = json.dumps(said, ensure_ascii=False)
    row.asked_sealed = vault.seal_text(session, key_id, text, place=_place(row))
    session.add(row)
    session.flush()
    _audit(session, row, "consent.asked", actor=actor, now=now)
    return row


def _last_word(
    session: Session, application: Application, target: Program
) -> ReferralConsent | None:
    said = [
        c for c in _rows(session, application) if c.program_id == target.id and c.state in _WORDS
    ]
    return max(said, key=lambda c: (c.answered_at or c.asked_at, c.asked_at), default=None)


def _ticked(session: Session, application: Application, target: Program) -> bool:
    if application.program_id != target.id or target.referral is None:
        return False
    return applications.answers(session, application).get(target.referral.consent) is True


def _from_the_form(session: Session, application: Application, target: Program) -> ReferralConsent:
    """「我愿意把这张表给慈善组织看」, ticked in the program's own form when it was filed."""
    owner = Actor(Role.APPLICANT, application.account_id or UUID(int=0))
    filed = application.filed_at or application.created_at
    names = [f.name for f in contents.allowed(target)]
    row = _new(session, application.key_id, application, target, names, "", owner, filed)
    _settle(session, row, AGREED, "portal", actor=owner, now=filed)
    return row


def _settle(
    session: Session, row: ReferralConsent, state: str, how: str, *, actor: Actor, now: datetime
) -> None:
    row.state, row.how, row.answered_by, row.answered_at = state, how or None, str(actor), now
    session.flush()
    _audit(session, row, f"consent.{state}", actor=actor, now=now)


def _check_township(session: Session, application: Application, actor: Actor) -> None:
    office.find(session, application.id, actor=actor)
    if not actor.holds(*duties.TOWNSHIP) or actor.region_code != application.region_code:
        raise Forbidden("由本乡镇（街道）来问。", code="party_not_allowed")


def _rows(session: Session, application: Application) -> list[ReferralConsent]:
    rows = select(ReferralConsent).where(ReferralConsent.application_id == application.id)
    return list(session.scalars(rows.order_by(ReferralConsent.asked_at, ReferralConsent.id)))


def _audit(
    session: Session, row: ReferralConsent, what: str, *, actor: Actor, now: datetime
) -> None:
    detail = {"consent": str(row.id), "program": row.program_id, "fields": row.fields}
    audit.record(
        session, what, actor=str(actor), subject=row.application_id, detail=detail, now=now
    )


def _place(row: ReferralConsent) -> str:
    return f"referral_consents.asked:{row.id}"
