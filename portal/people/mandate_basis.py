"""How a person says yes to being helped: on a screen, on paper, by code, before witnesses, aloud.

None of them is ever demanded: what is not signed now is asked about at the visit.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.foundation import vault
from portal.foundation.blobs import Blobs, begins
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people import codes, handwriting, mandates
from portal.people.access import Actor
from portal.people.audio_check import Heard
from portal.people.handwriting import Strokes
from portal.people.identity import PersonName, Phone
from portal.people.mandate_tables import Mandate

BASES: Mapping[str, str] = {
    "own": "本人登录后委托",
    "code": "本人手机验证码",
    "paper": "纸上签名，拍了照",
    "screen": "本人在屏幕上签名",
    "witnesses": "两位见证人",
    "audio": "本人说话的录音",
    "none": "主动帮助，没有委托",
}
UNSIGNED = "还没有签字"
_OWN_PHONE = frozenset({"own", "code"})
"""Proved by the person's own phone; nothing weaker takes their place."""
_PAYEE_OPEN = timedelta(minutes=10)
_LONGEST = 60


def on_screen(
    session: Session, mandate: Mandate, strokes: Strokes,
    *, offline_at: datetime | None = None, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """The person's own hand. `offline_at`: when, as a phone without a signal says. Raises Invalid
    signature_empty and its like."""
    plain = handwriting.written(strokes)
    _check_standing(session, mandate, now=now)
    key_id = mandates.household_of(session, mandate).key_id
    mandate.strokes_sealed = vault.seal(session, key_id, plain, place=_strokes_place(mandate))
    detail = {"offline_at": offline_at.isoformat()} if offline_at else {}
    _stands(session, mandate, "screen", actor=actor, now=now, **detail)


def strokes_of(session: Session, mandate: Mandate) -> list[list[list[int]]]:
    """Empty unless it was signed on a screen."""
    if mandate.strokes_sealed is None:
        return []
    key_id = mandates.household_of(session, mandate).key_id
    sealed, place = mandate.strokes_sealed, _strokes_place(mandate)
    return handwriting.read(vault.unseal(session, key_id, sealed, place=place))


def name_phone(
    session: Session, mandate: Mandate, phone: str, *, actor: Actor, now: datetime
) -> None:
    """The person's own number, once: afterwards only the person may be asked about another.

    Raises Invalid for none, Conflict when another was named.
    """
    number, known = Phone.parse(phone).value, mandates.details(session, mandate).phone
    if known and known != number:
        raise Conflict("他的号码已经填过了。填错了请打12349。", code="phone_named")
    if not known:
        household = mandates.household_of(session, mandate)
        mandates.tell_more(session, household, mandate, {"phone": number})
        mandate.person_index = codes.phone_index(session, Phone(number))
        mandates.unflag(mandate, "no_phone")
        mandates.note(session, "mandate.phone_named", mandate, actor=str(actor), now=now)


def request_code(
    session: Session,
    mandate: Mandate,
    *,
    purpose: str = "mandate",
    phone: str = "",
    device: str,
    network: str = "",
    now: datetime,
) -> None:
    """Send a code to the person's own phone: `phone`, else the number named.

    `purpose`: mandate (agree to the help) or payee (agree to another account). Raises Invalid
    (no_phone; helper_number: never one that a helper uses).
    """
    _check_standing(session, mandate, now=now)
    number = phone or mandates.details(session, mandate).phone
    if not number:
        raise Invalid(
            "还没有填他自己的手机号。", fields={"phone": ["请填他自己的手机号。"]}, code="no_phone"
        )
    if mandates.is_helper_number(session, codes.phone_index(session, Phone.parse(number))):
        raise helper_number()
    codes.request_code(
        session, number, purpose=_purpose(purpose, mandate), device=device, network=network, now=now
    )


def by_code(
    session: Session, mandate: Mandate, code: str, *, phone: str = "", actor: Actor, now: datetime
) -> None:
    """The code that reached the person's phone. Raises what codes.prove_code raises."""
    _check_standing(session, mandate, now=now)
    number = phone or mandates.details(session, mandate).phone
    codes.prove_code(session, number, code, purpose=_purpose("mandate", mandate), now=now)
    _stands(session, mandate, "code", actor=actor, now=now)


def payee_by_code(
    session: Session, mandate: Mandate, code: str, *, phone: str = "", actor: Actor, now: datetime
) -> None:
    """The person lets the payee account be changed within ten minutes."""
    _check_standing(session, mandate, now=now)
    number = phone or mandates.details(session, mandate).phone
    codes.prove_code(session, number, code, purpose=_purpose("payee", mandate), now=now)
    mandates.open_payee(session, mandate, until=now + _PAYEE_OPEN, actor=actor, now=now)


def before_witnesses(
    session: Session, mandate: Mandate, witnesses: Sequence[Mapping[str, str]],
    *, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """Two people who heard the yes: {name, relation} each, neither of them the helper.

    Raises Invalid by field: witness_1, witness_2.
    """
    _check_standing(session, mandate, now=now)
    told = _checked(witnesses, helper=mandates.details(session, mandate).helper)
    household = mandates.household_of(session, mandate)
    mandates.tell_more(session, household, mandate, {"witnesses": told})
    _stands(session, mandate, "witnesses", actor=actor, now=now)


def witnesses_of(session: Session, mandate: Mandate) -> list[dict[str, str]]:
    found: list[dict[str, str]] = mandates.opened(session, mandate).get("witnesses", [])
    return found


def on_paper(
    session: Session, mandate: Mandate, document_id: UUID, *, actor: Actor, now: datetime
) -> None:
    """A photo of the signed paper is among the household's documents."""
    mandate.paper_id = document_id
    _stands(session, mandate, "paper", actor=actor, now=now)


def proved_guardian(
    session: Session, mandate: Mandate, document_id: UUID, *, actor: Actor, now: datetime
) -> None:
    """A photo that shows the guardian to be one (户口本, 出生证明, 判决书 …)."""
    mandate.proof_id = document_id
    mandates.note(session, "mandate.guardian_proof", mandate, actor=str(actor), now=now)


def photo_gone(session: Session, document_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The photo was taken out again: what rested on it has to be signed anew."""
    rows = select(Mandate).where(
        (Mandate.paper_id == document_id) | (Mandate.proof_id == document_id)
    )
    for mandate in session.scalars(rows).all():
        if mandate.proof_id == document_id:
            mandate.proof_id = None
        if mandate.paper_id == document_id:
            mandate.paper_id = None
            if mandate.basis == "paper":
                mandate.basis = mandate.basis_at = None
                mandates.flag(mandate, "unsigned")
        mandates.note(session, "mandate.photo_gone", mandate, actor=str(actor), now=now)


def seal_and_store(session: Session, blobs: Blobs, mandate: Mandate, heard: Heard) -> str:
    """The name of the blob that now safely holds the recording; never inside a writing session."""
    key_id = mandates.household_of(session, mandate).key_id
    return blobs.put(vault.seal(session, key_id, heard.data, place=_audio_place(mandate)))


def aloud(
    session: Session, mandate: Mandate, heard: Heard, blob: str, *, actor: Actor, now: datetime
) -> None:
    """A recording of the person saying yes. Kept, given to the office, analysed by nobody."""
    _check_standing(session, mandate, now=now)
    mandate.audio_blob, mandate.audio_type = blob, heard.kind
    mandate.audio_size = len(heard.data)
    _stands(session, mandate, "audio", actor=actor, now=now)


def audio_of(session: Session, blobs: Blobs, mandate: Mandate) -> Heard:
    """The recording, for the office that listens to it. Raises NotFound."""
    if mandate.audio_blob is None or mandate.audio_type is None:
        raise NotFound("没有录音。")
    key_id = mandates.household_of(session, mandate).key_id
    sealed = blobs.read(mandate.audio_blob)
    data = vault.unseal(session, key_id, sealed, place=_audio_place(mandate))
    return Heard(mandate.audio_type, data)


def blob_names(session: Session, prefix: str = "") -> set[str]:
    """Every recording; the sweep must leave these."""
    rows = select(Mandate.audio_blob).where(begins(Mandate.audio_blob, prefix))
    return {name for name in session.scalars(rows) if name is not None}


def helper_number() -> Invalid:
    message = "这是帮忙的人的号码。请填他本人的。"
    return Invalid(message, code="helper_number", fields={"phone": [message]})


def _stands(
    session: Session, mandate: Mandate, basis: str, *, actor: Actor, now: datetime, **detail: str
) -> None:
    if mandate.basis not in _OWN_PHONE or basis in _OWN_PHONE:
        mandate.basis, mandate.basis_at = basis, now
    mandates.unflag(mandate, "unsigned", mandates.WAITS)
    mandates.note(
        session, "mandate.confirmed", mandate, actor=str(actor), now=now, basis=basis, **detail
    )
    session.flush()


def _check_standing(session: Session, mandate: Mandate, *, now: datetime) -> None:
    stands = mandates.standing(mandate, now=now)
    if not stands or mandates.suspended(session, mandate, now=now):
        raise Conflict("这份委托已经取消了。", code="mandate_over")


def _checked(witnesses: Sequence[Mapping[str, str]], *, helper: str) -> list[dict[str, str]]:
    errors: dict[str, list[str]] = {}
    told: list[dict[str, str]] = []
    for number in (1, 2):
        given: Mapping[str, Any] = witnesses[number - 1] if len(witnesses) >= number else {}
        try:
            name = PersonName.parse(str(given.get("name", ""))).value
        except Invalid as refusal:
            errors[f"witness_{number}"] = [refusal.message]
            continue
        if name == helper or any(name == one["name"] for one in told):
            errors[f"witness_{number}"] = ["见证人要两个人，不能是帮忙的人。"]
        told.append({"name": name, "relation": str(given.get("relation", "")).strip()[:_LONGEST]})
    if errors:
        raise Invalid("见证人要写两位。", fields=errors)
    return told


def _purpose(purpose: str, mandate: Mandate) -> str:
    return f"{purpose}:{mandate.id}"


def _strokes_place(mandate: Mandate) -> str:
    return f"mandates.strokes:{mandate.id}"


def _audio_place(mandate: Mandate) -> str:
    return f"mandates.audio:{mandate.id}"
