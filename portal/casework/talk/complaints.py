"""举报投诉: anybody, also without a name, about how an office deals with people; always answered.

社会救助法 第63、68条 name it and count no days: the target is our own. It goes past the office
it is about to the county, or about the county to the prefecture; never to who handled the file.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework.talk import targets
from portal.casework.talk.tables import Complaint
from portal.contact import inbox
from portal.contact.messages import queue_text
from portal.contact.rules import rules
from portal.filing.tables import Application
from portal.foundation import audit, rates, vault
from portal.foundation.errors import Invalid, NotFound
from portal.people import choices
from portal.people.access import ANYONE, Actor
from portal.people.identity import Phone, plain
from portal.people.sign_in import phone_of
from portal.people.tables import Account
from portal.policy import regions
from portal.policy.tables import Region

TOPICS: Mapping[str, str] = {
    "refused": "不给受理，或不给办",
    "slow": "办得太慢",
    "attitude": "态度不好",
    "money": "要钱、要东西",
    "privacy": "把我的事说出去了",
    "unfair": "办得不公平",
    "fraud": "有人骗取救助",
    "other": "别的事",
}
AGAINST: Mapping[str, str] = {
    "village": "村（社区）", "township": "乡镇（街道）", "county": "县民政局", "unsure": "说不清",
}  # fmt: skip
BASIS = "社会救助法 第68条没有写天数"
MOST_CHARACTERS = 1000
MOST_IN_ANSWER = 500
COMPLAINT_KEY = "complaint"
"""Purpose of the key each complaint has of its own."""
_CODE_DIGITS = 16
_PER_DEVICE, _PER_NETWORK, _MISSES = 5, 60, 20
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """What somebody hands in. `named` False leaves no trace of the account and the file."""

    topic: str
    against: str
    place: str
    words: str
    phone: str = ""
    named: bool = True


def hand_in(
    session: Session,
    said: Said,
    *,
    about: Application | None = None,
    account: Account | None = None,
    device: str,
    network: str = "",
    now: datetime,
) -> tuple[Complaint, str]:
    """The complaint, and the code of sixteen digits its writer follows it by: told once, kept
    nowhere. Raises Invalid by field, TooOften.
    """
    place = _place(session, said, about if said.named else None)
    words, phone = _checked(said, place)
    assert place is not None  # noqa: S101 - or it was refused
    _limit(session, device, network, now)
    code = "".join(str(secrets.randbelow(10)) for _ in range(_CODE_DIGITS))
    office, above = _who_answers(session, place, said.against)
    made, key_id = uuid4(), vault.new_key(session, COMPLAINT_KEY, now=now)
    complaint = Complaint(
        id=made, code_index=_index(session, code), key_id=key_id,
        account_id=account.id if account is not None and said.named else None,
        application_id=about.id if about is not None and said.named else None,
        topic=said.topic, region_code=place.code, office_code=office, above_code=above,
        words_sealed=vault.seal_text(session, key_id, words, place=_at("words", made)),
        phone_sealed=vault.seal_text(session, key_id, phone, place=_at("phone", made)) if phone else None,
        created_at=now, due_on=targets.due_on(now, rules().complaint_workdays)[0],
    )  # fmt: skip
    session.add(complaint)
    session.flush()
    who = f"applicant:{complaint.account_id}" if complaint.account_id else str(ANYONE)
    detail = {"topic": said.topic, "office": office}
    audit.record(session, "hand_in.complaint", actor=who, subject=made, detail=detail, now=now)
    return complaint, code


def follow(session: Session, code: str) -> Complaint:
    """Raises NotFound, the same for a code nobody has and for none at all."""
    digits = plain(code)[:40]
    found = session.scalars(
        select(Complaint).where(Complaint.code_index == _index(session, digits))
    ).first()
    if found is None:
        raise NotFound("没有找到。请核对16位数字。")
    return found


def count_miss(session: Session, device: str, *, now: datetime) -> None:
    """A wrong code was tried. Raises TooOften after twenty in an hour."""
    bucket = vault.blind_index(session, "device", device).hex()[:40]
    rates.count(session, f"complaint-miss:{bucket}", most=_MISSES, per=_HOUR, now=now)


def of_account(session: Session, account_id: UUID) -> list[Complaint]:
    """Newest first."""
    rows = select(Complaint).where(Complaint.account_id == account_id)
    return list(session.scalars(rows.order_by(Complaint.created_at.desc(), Complaint.id)))


def answer(
    session: Session, complaint: Complaint, sentence: str, *, actor: Actor, now: datetime
) -> None:
    """Answer in words; the caller has found it for this actor. Raises Invalid.

    Who gave a name is told that there is an answer, by message and text; a number left behind
    gets a text.
    """
    words = sentence.strip()
    if not words or len(words) > MOST_IN_ANSWER:
        text = f"请写答复，最多{MOST_IN_ANSWER}个字。"
        raise Invalid(text, fields={"sentence": [text]})
    complaint.answer_sealed = vault.seal_text(
        session, complaint.key_id, words, place=_at("answer", complaint.id)
    )
    complaint.answered_at, complaint.answered_by = now, str(actor)
    session.flush()
    audit.record(session, "answer.complaint", actor=str(actor), subject=complaint.id, now=now)
    _tell(session, complaint, now=now)


def opened(session: Session, complaint: Complaint, *, now: datetime) -> dict[str, Any]:
    """{topic, place, words, phone, answer, created_at, answered_at, escalated, clock} in words."""
    return {
        "id": complaint.id,
        "topic": TOPICS[complaint.topic],
        "place": regions.full_name(session, complaint.region_code),
        "words": _open(session, complaint, "words", complaint.words_sealed),
        "phone": _open(session, complaint, "phone", complaint.phone_sealed),
        "answer": _open(session, complaint, "answer", complaint.answer_sealed),
        "created_at": complaint.created_at,
        "answered_at": complaint.answered_at,
        "escalated": complaint.escalated_at is not None,
        "application_id": complaint.application_id,
        "clock": None if complaint.answered_at else clock(complaint, now=now),
    }


def clock(complaint: Complaint, *, now: datetime) -> dict[str, Any]:
    days = rules().complaint_workdays
    return targets.bar("complaint", "答复投诉", complaint.created_at, days, now=now, basis=BASIS)


def _checked(said: Said, place: Region | None) -> tuple[str, str]:
    """(words, phone), trimmed. Raises Invalid naming everything that is wrong."""
    words, errors = said.words.replace("\r\n", "\n").strip(), {}
    if place is None:
        errors["place"] = ["请选到县，最好选到乡镇。"]
    if said.topic not in TOPICS:
        errors["topic"] = ["请选是什么事。"]
    if said.against not in AGAINST:
        errors["against"] = ["请选是反映谁。"]
    if not words or len(words) > MOST_CHARACTERS or any(c < " " and c not in "\n\t" for c in words):
        errors["words"] = [f"请说说是什么事，最多{MOST_CHARACTERS}个字。"]
    phone = ""
    try:
        phone = Phone.parse_any(said.phone).value if said.phone.strip() else ""
    except Invalid as refusal:
        errors["phone"] = [refusal.message]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return words, phone


def _place(session: Session, said: Said, about: Application | None) -> Region | None:
    """Where it happened: where the file is, or a county at least."""
    code = (about.region_code if about is not None else None) or said.place
    try:
        found = regions.find(session, code)
    except NotFound:
        return None
    return None if found.level in ("province", "prefecture") else found


def _who_answers(session: Session, place: Region, against: str) -> tuple[str, str | None]:
    """The county of the place and the prefecture; one up for what is said of the county."""
    line = [regions.find(session, c) for c in regions.path(session, place.code).split("/")]
    codes = [region.code for region in line if region.level in ("province", "prefecture", "county")]
    at = len(codes) - (2 if against == "county" else 1)
    return codes[at], codes[at - 1] if at else None


def _limit(session: Session, device: str, network: str, now: datetime) -> None:
    for kind, name, most in (("device", device, _PER_DEVICE), ("network", network, _PER_NETWORK)):
        if name:
            bucket = vault.blind_index(session, kind, name).hex()[:40]
            rates.count(session, f"complaint:{kind}:{bucket}", most=most, per=_HOUR, now=now)


def _tell(session: Session, complaint: Complaint, *, now: datetime) -> None:
    account = session.get(Account, complaint.account_id) if complaint.account_id else None
    phone, word = _open(session, complaint, "phone", complaint.phone_sealed), ""
    if account is not None:
        inbox.put(session, account.id, "complaint_answered", key_id=complaint.key_id, now=now)
        word = choices.word_of(session, account)
        phone = phone or (phone_of(session, account).value if account.phone_sealed else "")
    if phone and Phone(phone).mobile:
        queue_text(
            session, key_id=complaint.key_id, phone=phone, template="complaint_answered",
            values={}, word=word, now=now,
        )  # fmt: skip


def _open(session: Session, complaint: Complaint, column: str, sealed: bytes | None) -> str:
    if sealed is None:
        return ""
    return vault.unseal_text(session, complaint.key_id, sealed, place=_at(column, complaint.id))


def _index(session: Session, code: str) -> bytes:
    return vault.blind_index(session, "complaint", code)


def _at(column: str, complaint_id: UUID) -> str:
    return f"complaints.{column}_sealed:{complaint_id}"
