"""Signatures: every adult of the household consents to the means check 核对授权书.

Law: 社会救助法 第40条 (the person agrees to be checked). None of them ever blocks a
submission; what is not signed now is signed at the visit. Nobody agrees for an adult but a
guardian for who cannot; a helper only lends the phone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing import applications, outside
from portal.filing.signing_words import HERE, LINK, PLAIN, words_for
from portal.filing.signing_words import METHODS as METHODS
from portal.filing.signing_words import STRENGTH as STRENGTH
from portal.filing.signing_words import TEXT as TEXT
from portal.filing.signing_words import TEXT_VERSION as TEXT_VERSION
from portal.filing.signing_words import How as How
from portal.filing.signing_words import strength as strength
from portal.filing.signing_words import text_digest as text_digest
from portal.filing.tables import Application, Document, Signature
from portal.foundation import audit, vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Forbidden, NotFound
from portal.people import access, codes, handwriting, mandate_basis, mandates, sign_in
from portal.people.access import Act, Actor, Never
from portal.people.handwriting import Strokes
from portal.people.identity import IdNumber, Phone
from portal.policy import asking
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL

APPLICANT = "applicant"
_ADULT = 18


@dataclass(frozen=True)
class Signer:
    """Somebody asked to sign: `key` is `applicant`, `member:<row>` or `outside:<id>`."""

    key: str
    name: str
    signed: Signature | None


def needed(
    session: Session, application: Application, program: Program, *, now: datetime
) -> list[Signer]:
    """The applicant, every member not known to be a child, and whom an office asked outside
    the household, with what they signed so far."""
    answers = applications.answers(session, application)
    if application.urgent or not asking.consent_asked(program, answers):
        return []
    signed = {s.signer: s for s in of(session, application)}
    today = local_date(now)
    people = [(APPLICANT, answers.get("applicant_name") or "申请人")]
    people += [
        (f"member:{row['row']}", row.get("name") or f"家庭成员{number}")
        for number, row in enumerate(answers.get("members") or [], 1)
        if not _is_child(row, today)
    ]
    people += [(one.key, one.name) for one in outside.signers(session, application)]
    return [Signer(key, name, signed.get(key)) for key, name in people]


def of(session: Session, application: Application) -> list[Signature]:
    """The signatures in force, oldest first."""
    rows = select(Signature).where(
        Signature.application_id == application.id, Signature.withdrawn_at.is_(None)
    )
    return list(session.scalars(rows.order_by(Signature.signed_at, Signature.id)))


def sign_on_screen(
    session: Session,
    application: Application,
    program: Program,
    signer: str,
    strokes: Strokes,
    *,
    how: How = PLAIN,
    actor: Actor,
    now: datetime,
) -> Signature:
    """Keep the strokes ([[x, y], …] in screen points) under the exact text read.

    Raises Invalid signature_empty, NotFound for somebody who is not asked, Forbidden when a
    helper who is no guardian would sign as one.
    """
    plain = handwriting.written(strokes)
    signature = _sign(session, application, program, signer, "screen", how, actor=actor, now=now)
    place = f"signatures.strokes:{signature.id}"
    signature.strokes_sealed = vault.seal(session, application.key_id, plain, place=place)
    return signature


def request_code(
    session: Session, application: Application, program: Program, signer: str, phone: str,
    *, device: str, network: str = "", actor: Actor = access.ANYONE, now: datetime,
) -> None:  # fmt: skip
    """Send a code to the signer's own phone; never, for a helper, to a number helpers use."""
    asked(session, application, program, signer, actor=actor, now=now)
    number = _own_number(session, phone, actor=actor)
    purpose = _purpose(application, signer)
    sign_in.request_code(session, number, purpose=purpose, device=device, network=network, now=now)


def sign_by_code(
    session: Session, application: Application, program: Program, signer: str, phone: str, code: str,
    *, how: How = PLAIN, actor: Actor, now: datetime,
) -> Signature:  # fmt: skip
    """The code that reached the signer's phone is the signature.

    Raises what sign_in.prove_code raises.
    """
    number = _own_number(session, phone, actor=actor)
    sign_in.prove_code(session, number, code, purpose=_purpose(application, signer), now=now)
    signature = _sign(session, application, program, signer, "code", how, actor=actor, now=now)
    place = f"signatures.phone:{signature.id}"
    signature.phone_sealed = vault.seal_text(session, application.key_id, number, place=place)
    return signature


def sign_on_paper(
    session: Session, application: Application, program: Program, signer: str, document: Document,
    *, how: How = PLAIN, actor: Actor, now: datetime,
) -> Signature:  # fmt: skip
    """A page signed on paper and photographed stands for this signer."""
    if document.application_id != application.id:
        raise NotFound("没有找到这张照片。")
    signature = _sign(session, application, program, signer, "paper", how, actor=actor, now=now)
    signature.document_id = document.id
    return signature


def sign_at_visit(
    session: Session, application: Application, program: Program, signer: str,
    *, how: How = PLAIN, actor: Actor, now: datetime,
) -> Signature:  # fmt: skip
    """The person will sign when the investigators come."""
    return _sign(session, application, program, signer, "visit", how, actor=actor, now=now)


def withdraw(
    session: Session, application: Application, program: Program, signer: str,
    *, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """Take the consent back; what was handed in before stays as it was (个人信息保护法 第15条).

    For the signer behind a link and for the owner. Raises NotFound when nothing is signed,
    Forbidden for a helper.
    """
    access.refuse_helper(actor, Never.WITHDRAW)
    found = asked(session, application, program, signer, actor=actor, now=now)
    if found.signed is None:
        raise NotFound("还没有签名，不用撤回。")
    found.signed.withdrawn_at = application.changed_at = now
    detail = {"signer": signer, "method": found.signed.method}
    audit.record(
        session, "signature.withdrawn", actor=str(actor), subject=application.id, detail=detail,
        now=now,
    )  # fmt: skip
    session.flush()


def withdrawn(session: Session, application: Application) -> list[str]:
    """The signers whose consent was taken back and not given again; for the visit."""
    rows = select(Signature.signer).where(
        Signature.application_id == application.id, Signature.withdrawn_at.is_not(None)
    )
    standing = {row.signer for row in of(session, application)}
    return sorted(set(session.scalars(rows)) - standing)


def name_of(session: Session, application: Application, signature: Signature) -> str:
    place = f"signatures.signer_name:{signature.id}"
    return vault.unseal_text(session, application.key_id, signature.signer_name_sealed, place=place)


def strokes_of(
    session: Session, application: Application, signature: Signature
) -> list[list[list[int]]]:
    """Empty unless it was made on a screen."""
    if signature.strokes_sealed is None:
        return []
    place = f"signatures.strokes:{signature.id}"
    plain = vault.unseal(session, application.key_id, signature.strokes_sealed, place=place)
    return handwriting.read(plain)


def phone_of(session: Session, application: Application, signature: Signature) -> str:
    """The masked number the code went to, for the office to compare; empty otherwise."""
    if signature.phone_sealed is None:
        return ""
    place = f"signatures.phone:{signature.id}"
    number = vault.unseal_text(session, application.key_id, signature.phone_sealed, place=place)
    return Phone(number).masked


def _sign(
    session: Session, application: Application, program: Program, signer: str, method: str,
    how: How, *, actor: Actor, now: datetime,
) -> Signature:  # fmt: skip
    access.check_act(actor, Act.FILL)
    found = asked(session, application, program, signer, actor=actor, now=now)
    _check_hand(found, how, actor)
    if found.signed is not None:
        found.signed.withdrawn_at = now
    signature = Signature(
        application_id=application.id, signer=signer, signer_name_sealed=b"", method=method,
        text_version=TEXT_VERSION, text_digest=text_digest(signer), text=words_for(signer),
        device=how.device or None, via=LINK if actor.link else HERE, mandate_id=actor.mandate,
        signed_as="guardian" if how.guardian else None, signed_at=now,
    )  # fmt: skip
    session.add(signature)
    session.flush()
    place = f"signatures.signer_name:{signature.id}"
    signature.signer_name_sealed = vault.seal_text(
        session, application.key_id, found.name, place=place
    )
    application.changed_at = now
    detail = {"signer": signer, "method": method, "text": TEXT_VERSION}
    if how.offline_at is not None:
        detail["offline_at"] = how.offline_at.isoformat()
    audit.record(
        session, "signature.given", actor=str(actor), subject=application.id, detail=detail, now=now
    )
    return signature


def _check_hand(found: Signer, how: How, actor: Actor) -> None:
    """A guardian only with such a mandate and for the applicant; people outside the household
    only by their own link; what somebody signed is not signed over by a helper."""
    signed, grant = found.signed, actor.grant
    if how.guardian and not (grant and grant.guardian and found.key == APPLICANT):
        raise Forbidden(access.NEVER[Never.AGREE], code="helper_never")
    if found.key.startswith("outside:") and not actor.link:
        raise Forbidden("他要自己打开链接来签。", code="own_link")
    lent = signed is not None and signed.mandate_id == actor.mandate and signed.method != "code"
    if grant and signed is not None and signed.method != "visit" and not lent:
        raise Forbidden(access.NEVER[Never.WITHDRAW], code="helper_never")


def asked(
    session: Session, application: Application, program: Program, signer: str,
    *, actor: Actor, now: datetime,
) -> Signer:  # fmt: skip
    """Raises NotFound for somebody who is not asked, Conflict for a closed file."""
    if actor.link and actor.link != link_of(application, signer):
        raise NotFound("没有找到这位签名人。")
    if application.status in FINAL:
        raise Conflict("这份申请已经办结，不用再签。", code="closed")
    for found in needed(session, application, program, now=now):
        if found.key == signer:
            return found
    raise NotFound("没有找到这位签名人。")


def _is_child(row: Mapping[str, Any], today: date) -> bool:
    born = _birth(row)
    return born is not None and _age(born, today) < _ADULT


def _birth(row: Mapping[str, Any]) -> date | None:
    if row.get("id_number"):
        return IdNumber.parse(row["id_number"]).birth_date
    return date.fromisoformat(row["birth_date"]) if row.get("birth_date") else None


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def link_of(application: Application, signer: str) -> str:
    """What a signing link opens, as an Actor carries it."""
    return f"{application.id}/{signer[:36]}"


def _own_number(session: Session, phone: str, *, actor: Actor) -> str:
    """Raises Invalid (helper_number) when a helper would sign with a helper's phone."""
    number = Phone.parse(phone)
    if actor.grant is not None and mandates.is_helper_number(
        session, codes.phone_index(session, number)
    ):
        raise mandate_basis.helper_number()
    return number.value


def _purpose(application: Application, signer: str) -> str:
    return f"sign:{application.id}:{signer}"[:80]
