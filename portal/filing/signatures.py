"""Signatures: every adult of the household consents to the means check 核对授权书.

Law: 社会救助法 第40条 (the person agrees to be checked). None of them ever blocks a
submission; what is not signed now is signed at the visit.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing import applications
from portal.filing.tables import Application, Document, Signature
from portal.foundation import audit, vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people import sign_in
from portal.people.access import Actor
from portal.people.identity import IdNumber, Phone
from portal.policy import asking
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL

APPLICANT = "applicant"
_ADULT = 18
_LEAST_POINTS, _LEAST_SPAN = 8, 20
_MOST_POINTS, _MOST_STROKES, _WIDEST = 20_000, 400, 10_000

TEXT_VERSION = "2026-11"
TEXT = """家庭经济状况核对授权书

我申请社会救助，或和申请人共同生活。
我同意县级民政部门核对我的收入和财产。
可以查：户籍、婚姻、社保、公积金。
可以查：交税、车辆、房子、存款。
可以查：保险、证券等。
查到的只用于这次救助和以后的复核。
我可以看核对结果。有不同意见可以提出。
我说的情况是真实的。
依据：社会救助法第四十条、第四十一条。
"""

METHODS: Mapping[str, str] = {
    "screen": "在手机上签",
    "code": "用本人手机验证码",
    "paper": "在纸上签后拍照",
    "visit": "入户时签",
}
STRENGTH: Mapping[str, str] = {
    "code": "较强：本人手机收到验证码",
    "paper": "中：纸上签名的照片",
    "screen": "中：屏幕手写",
    "visit": "待签：入户时补签",
}


@dataclass(frozen=True)
class Signer:
    """Somebody asked to sign: `key` is `applicant` or `member:<row>`."""

    key: str
    name: str
    signed: Signature | None


def needed(
    session: Session, application: Application, program: Program, *, now: datetime
) -> list[Signer]:
    """The applicant and every member not known to be a child, with what they signed so far."""
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
    strokes: Sequence[Sequence[Sequence[int]]],
    *,
    actor: Actor,
    now: datetime,
) -> Signature:
    """Keep the strokes ([[x, y], …] in screen points) under the exact text read.

    Raises Invalid signature_empty, or NotFound for somebody who is not asked.
    """
    _check_strokes(strokes)
    signature = _sign(session, application, program, signer, "screen", actor=actor, now=now)
    place = f"signatures.strokes:{signature.id}"
    plain = json.dumps(strokes, separators=(",", ":")).encode()
    signature.strokes_sealed = vault.seal(session, application.key_id, plain, place=place)
    return signature


def request_code(
    session: Session, application: Application, program: Program, signer: str, phone: str,
    *, device: str, network: str = "", now: datetime,
) -> None:  # fmt: skip
    """Send a code to the signer's own phone."""
    _asked(session, application, program, signer, now=now)
    number = Phone.parse(phone).value
    purpose = _purpose(application, signer)
    sign_in.request_code(session, number, purpose=purpose, device=device, network=network, now=now)


def sign_by_code(
    session: Session, application: Application, program: Program, signer: str, phone: str, code: str,
    *, actor: Actor, now: datetime,
) -> Signature:  # fmt: skip
    """The code that reached the signer's phone is the signature.

    Raises what sign_in.prove_code raises.
    """
    number = Phone.parse(phone).value
    sign_in.prove_code(session, number, code, purpose=_purpose(application, signer), now=now)
    signature = _sign(session, application, program, signer, "code", actor=actor, now=now)
    place = f"signatures.phone:{signature.id}"
    signature.phone_sealed = vault.seal_text(session, application.key_id, number, place=place)
    return signature


def sign_on_paper(
    session: Session, application: Application, program: Program, signer: str, document: Document,
    *, actor: Actor, now: datetime,
) -> Signature:  # fmt: skip
    """A page signed on paper and photographed stands for this signer."""
    if document.application_id != application.id:
        raise NotFound("没有找到这张照片。")
    signature = _sign(session, application, program, signer, "paper", actor=actor, now=now)
    signature.document_id = document.id
    return signature


def sign_at_visit(
    session: Session, application: Application, program: Program, signer: str,
    *, actor: Actor, now: datetime,
) -> Signature:  # fmt: skip
    """The person will sign when the investigators come."""
    return _sign(session, application, program, signer, "visit", actor=actor, now=now)


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
    strokes: list[list[list[int]]] = json.loads(plain)
    return strokes


def phone_of(session: Session, application: Application, signature: Signature) -> str:
    """The masked number the code went to, for the office to compare; empty otherwise."""
    if signature.phone_sealed is None:
        return ""
    place = f"signatures.phone:{signature.id}"
    number = vault.unseal_text(session, application.key_id, signature.phone_sealed, place=place)
    return Phone(number).masked


def text_digest() -> bytes:
    return sha256(TEXT.encode()).digest()


def _sign(
    session: Session, application: Application, program: Program, signer: str, method: str,
    *, actor: Actor, now: datetime,
) -> Signature:  # fmt: skip
    found = _asked(session, application, program, signer, now=now)
    if found.signed is not None:
        found.signed.withdrawn_at = now
    signature = Signature(
        application_id=application.id, signer=signer, signer_name_sealed=b"", method=method,
        text_version=TEXT_VERSION, text_digest=text_digest(), signed_at=now,
    )  # fmt: skip
    session.add(signature)
    session.flush()
    place = f"signatures.signer_name:{signature.id}"
    signature.signer_name_sealed = vault.seal_text(
        session, application.key_id, found.name, place=place
    )
    application.changed_at = now
    detail = {"signer": signer, "method": method, "text": TEXT_VERSION}
    audit.record(
        session, "signature.given", actor=str(actor), subject=application.id, detail=detail, now=now
    )
    return signature


def _asked(
    session: Session, application: Application, program: Program, signer: str, *, now: datetime
) -> Signer:
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


def _check_strokes(strokes: Any) -> None:
    """Raises Invalid unless it is a drawing of some size and not too large."""
    points = [p for stroke in _lists(strokes, _MOST_STROKES) for p in _lists(stroke, _MOST_POINTS)]
    if any(len(_lists(p, 2)) != 2 or not all(_is_coordinate(n) for n in p) for p in points):
        raise Invalid("签名没有存好，请再签一次。", code="signature_invalid")
    if len(points) > _MOST_POINTS:
        raise Invalid("签名太复杂了，请再签一次。", code="signature_too_large")
    spans = [max(axis) - min(axis) for axis in zip(*points, strict=True)] if points else [0]
    if len(points) < _LEAST_POINTS or max(spans) < _LEAST_SPAN:
        raise Invalid("还没有签名。请用手指写名字。", code="signature_empty")


def _lists(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) > most:
        raise Invalid("签名没有存好，请再签一次。", code="signature_invalid")
    return list(value)


def _is_coordinate(number: Any) -> bool:
    return (
        isinstance(number, int) and not isinstance(number, bool) and -_WIDEST <= number <= _WIDEST
    )


def _purpose(application: Application, signer: str) -> str:
    return f"sign:{application.id}:{signer}"[:80]
