"""Who has agreed to be checked: signatures in force, those given at the visit, and who is not asked.

社会救助法 第40条 (the person agrees), 第41条 (an obligor outside the household: only when
necessary, and with own consent). Nobody without consent is checked; it holds up nobody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.survey import investigators
from portal.casework.survey.tables import CheckObligor, VisitSignature
from portal.filing import applications, outside, signatures
from portal.filing.tables import Application, Signature
from portal.foundation import vault
from portal.foundation.errors import Conflict, Refusal
from portal.people.access import Actor, Role
from portal.people.codes import phone_index
from portal.people.identity import Phone
from portal.people.tables import Account
from portal.policy.catalogue import Program

NO_CONSENT, NO_NUMBER, CHILD = "no_consent", "no_number", "child"
WHY_NOT: Mapping[str, str] = {
    NO_CONSENT: "没有授权，入户时问本人",
    NO_NUMBER: "没有身份证号，入户时问",
    CHILD: "没满18岁，不单独核对",
    "withdrawn": "本人收回了授权",
}
"""Why somebody is left out of a check; never a reason against the application."""
_PROMISED = "visit"
OBLIGOR = "check_obligors.said_sealed"


@dataclass(frozen=True)
class Person:
    """Somebody whose income and property may matter.

    `key`: applicant · member:<row> · obligor:<id>. `signed`: the signature in force; `promised`:
    will sign at the visit. `why_not`: a key of WHY_NOT, or empty when this person is checked.
    `by_link`: an obligor whom the office asked to sign by a link.
    """

    key: str
    name: str
    id_number: str
    why_not: str
    signed: Signature | None = None
    promised: bool = False
    phone: bytes | None = None
    by_link: bool = False


def people(
    session: Session, application: Application, program: Program, *, now: datetime
) -> list[Person]:
    """The applicant, the household and any obligors, each with the consent that counts.

    Raises Conflict (not_asked) where no consent is asked for: in an emergency, or when the
    household's status is recognised already (社会救助法 第42条).
    """
    asked = {one.key: one for one in signatures.needed(session, application, program, now=now)}
    if not asked:
        raise Conflict("这份申请不用核对。", code="not_asked")
    taken = _taken(session, application)
    answers = applications.answers(session, application)
    found = []
    for key, name, number in _household(answers):
        signer = asked.get(key)
        signed = signer.signed if signer else None
        counts = signed if signed is not None and _counts(signed, taken) else None
        why = CHILD if signer is None else NO_CONSENT if counts is None else ""
        found.append(
            Person(
                key, name, number, why or ("" if number else NO_NUMBER), counts,
                promised=signed is not None and counts is None,
                phone=_own_phone(session, application, counts),
            )
        )  # fmt: skip
    found = _only_theirs(session, application, answers, found)
    return found + obligors(session, application)


def in_force(session: Session, application: Application, key: str) -> bool:
    """Whether this person's consent still stands; looked at again before every question."""
    if key.startswith("obligor:"):
        return any(o.key == key and not o.why_not for o in obligors(session, application))
    taken = _taken(session, application)
    signed = [s for s in signatures.of(session, application) if s.signer == key]
    return any(_counts(one, taken) for one in signed)


def take(
    session: Session,
    application: Application,
    program: Program,
    key: str,
    *,
    actor: Actor,
    now: datetime,
) -> Signature:
    """A person signs the 核对授权书 in front of the investigators.

    Raises NotFound for somebody who is not asked, Conflict when it has been signed.
    """
    investigators.check_duty(actor, application, Role.TOWNSHIP_INVESTIGATOR)
    events.lock(session, application)
    if in_force(session, application, key):
        raise Conflict("这个人已经签过了。", code="signed_before")
    signature = signatures.sign_at_visit(session, application, program, key, actor=actor, now=now)
    session.add(
        VisitSignature(
            signature_id=signature.id, application_id=application.id, taken_by=actor.id,
            taken_at=now,
        )
    )  # fmt: skip
    session.flush()
    return signature


def obligors(session: Session, application: Application) -> list[Person]:
    """Who agreed on paper, or is asked by a link and not let off since."""
    rows = select(CheckObligor).where(CheckObligor.application_id == application.id)
    asked = {one.key: one for one in outside.signers(session, application)}
    signed = {one.signer: one for one in signatures.of(session, application)}
    found = []
    for row in session.scalars(rows.order_by(CheckObligor.added_at, CheckObligor.id)):
        said = sealed.unseal(session, application, OBLIGOR, row.id, row.said_sealed)
        link = said.get("link", "")
        if not link or link in asked:
            found.append(_as_person(row, said, signed.get(link)))
    return found


def _as_person(row: CheckObligor, said: Mapping[str, Any], signed: Signature | None) -> Person:
    agreed = row.consented_at is not None or signed is not None
    number = said.get("id_number", "")
    why = NO_CONSENT if not agreed else "" if number else NO_NUMBER
    return Person(
        f"obligor:{row.id}", said.get("name", ""), number, why, signed, by_link="link" in said
    )


def _household(answers: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(key, name, identity number) of everybody declared."""
    own = answers.get("applicant_name") or "申请人"
    found = [(signatures.APPLICANT, own, answers.get("applicant_id_number") or "")]
    for number, row in enumerate(answers.get("members") or (), 1):
        name = row.get("name") or f"家庭成员{number}"
        found.append((f"member:{row['row']}", name, row.get("id_number") or ""))
    return found


def _counts(signed: Signature, taken: set[UUID]) -> bool:
    """A promise to sign at the visit is no consent yet."""
    return signed.method != _PROMISED or signed.id in taken


def _taken(session: Session, application: Application) -> set[UUID]:
    rows = select(VisitSignature.signature_id).where(
        VisitSignature.application_id == application.id
    )
    return set(session.scalars(rows))


def _own_phone(
    session: Session, application: Application, signed: Signature | None
) -> bytes | None:
    """The index of the phone a code was signed with."""
    if signed is None or signed.phone_sealed is None:
        return None
    place = f"signatures.phone:{signed.id}"
    try:
        number = vault.unseal_text(session, application.key_id, signed.phone_sealed, place=place)
    except vault.Unreadable:
        return None
    return phone_index(session, Phone(number))


def _only_theirs(
    session: Session, application: Application, answers: Mapping[str, Any], found: list[Person]
) -> list[Person]:
    """A phone tells who somebody is only if one person signed with it, and it is neither the
    account's nor a helper's: no record of one person may reach another."""
    phones = [one.phone for one in found]
    account = session.get(Account, application.account_id) if application.account_id else None
    others = {account.phone_index if account else None, _helper(session, answers)}
    return [
        one
        if phones.count(one.phone) == 1 and one.phone not in others
        else replace(one, phone=None)
        for one in found
    ]


def _helper(session: Session, answers: Mapping[str, Any]) -> bytes | None:
    try:
        return phone_index(session, Phone.parse_any(answers.get("helper_phone") or ""))
    except Refusal:
        return None
