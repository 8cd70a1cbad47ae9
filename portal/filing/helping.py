"""Helping another: their household and drafts begun by a helper, told, claimed, followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.filing import applications, family, sharing, signatures, telling
from portal.filing.tables import Application
from portal.foundation import audit, rates
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people import access, households, mandate_terms, mandates, sign_in
from portal.people.access import Act, Actor
from portal.people.identity import PersonName, plain
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import APPEAL, FLAGS, Said
from portal.people.tables import Account, Household
from portal.policy.catalogue import Catalogue, Program

GUARDIAN_UNPROVED, GUARDIAN_SEEN = "guardian_unproved", "guardian_seen"
_CLAIMS_PER_DAY = 5
_DAY = timedelta(days=1)
_FILLED_IN_BY: Mapping[str, str] = {
    "kin": "relative", "neighbour": "neighbour", "cadre": "cadre", "assistant": "assistant",
    "township": "other", "guardian": "guardian",
}  # fmt: skip


def begin(
    session: Session,
    kind: str,
    said: Said,
    *,
    programs: Sequence[str] = (),
    acts: Sequence[str] = tuple(Act),
    helper: Account,
    actor: Actor,
    now: datetime,
) -> Mandate:
    """A household for somebody else and the mandate to help it; the person is told at once.

    Raises what mandates.start raises; nobody is asked to sign first.
    """
    mandate_terms.checked(kind, said)
    household = households.start(
        session, account_id=None, created_by=helper.id, actor=actor, now=now
    )
    mandate = mandates.start(
        session, household, kind, said, programs=programs, acts=acts, helper=helper, actor=actor,
        now=now,
    )  # fmt: skip
    telling.of_mandate(session, mandate, now=now)
    return mandate


def appoint(
    session: Session,
    household: Household,
    kind: str,
    said: Said,
    *,
    programs: Sequence[str] = (),
    acts: Sequence[str] = tuple(Act),
    helper_phone: str,
    actor: Actor,
    now: datetime,
) -> Mandate:
    """The owner names a helper by number; it is the helper's once they sign in with it.

    The answer is the same whether or not the number has an account. Raises Invalid by field.
    """
    if kind == "proactive":
        raise Invalid("请选他是您的什么人。", fields={"kind": ["请选他是您的什么人。"]})
    helper = sign_in.find_account(session, helper_phone)
    if helper is not None and helper.id == household.account_id:
        message = "这是您自己的号码。请填帮忙人的。"
        raise Invalid(message, fields={"helper_phone": [message]})
    return mandates.start(
        session, household, kind, said, programs=programs, acts=acts, helper=helper,
        helper_phone=helper_phone, actor=actor, now=now,
    )  # fmt: skip


def start(
    session: Session,
    mandate: Mandate,
    catalogue: Catalogue,
    program: Program,
    *,
    own_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> Application:
    """A draft for the household helped; the running one when there is one already.

    Who fills in, and whom for, is written down. Raises NotFound when the mandate is over or
    does not cover the program, Forbidden outside its acts.
    """
    granted = mandates.grant(session, mandate.household_id, program.id, actor=actor, now=now)
    if granted is None:
        waits = mandates.WAITS in mandate.flags
        raise NotFound("他还没同意您帮。同意了，再点传。" if waits else "没有找到这份委托。")
    access.check_act(actor.under(granted), Act.FILL)
    household = mandates.household_of(session, mandate)
    running = family.open_in(session, household, program.id)
    if running is not None:
        return running
    helper = actor.under(granted)
    application = sharing.start(
        session, household, catalogue, program, own_id=own_id, actor=helper, now=now
    )
    kept = applications.answers(session, application)
    names = {f.name for f in program.form.fields} - set(kept)
    known = {n: v for n, v in _known(session, mandate).items() if n in names and v}
    revision = application.revision
    sharing.save(session, application, catalogue, known, revision=revision, actor=helper, now=now)
    return application


def over(session: Session, mandate: Mandate, *, now: datetime) -> bool:
    """Whether it has ended: revoked, past its date, its helper no assistant any more, or every
    file decided sixty days ago."""
    if not mandates.standing(mandate, now=now) or mandates.suspended(session, mandate, now=now):
        return True
    files = in_scope(session, mandate)
    return bool(files) and all(
        file.decided_at is not None and now >= file.decided_at + APPEAL for file in files
    )


def in_scope(session: Session, mandate: Mandate) -> list[Application]:
    """The household's files this mandate is about, oldest first; no thrown-away drafts."""
    found = family.of(session, mandates.household_of(session, mandate))
    return [f for f in found if not mandate.programs or f.program_id in mandate.programs]


def visible(session: Session, mandate: Mandate, *, now: datetime) -> list[Application]:
    """The files the helper may open at this moment; none once the mandate is over."""
    if not mandates.in_force(session, mandate, now=now):
        return []
    return [
        file
        for file in in_scope(session, mandate)
        if file.decided_at is None or now < file.decided_at + APPEAL
    ]


@dataclass(frozen=True)
class Question:
    """What the investigator asks the person at the visit, and about which mandate."""

    code: str
    sentence: str
    mandate: UUID | None


def at_visit(session: Session, application: Application) -> list[Question]:
    """Everything about help and signatures that is left to ask face to face."""
    found = []
    if application.household_id is not None:
        for mandate in mandates.of_household(session, application.household_id):
            if not mandate.programs or application.program_id in mandate.programs:
                found += [Question(code, FLAGS[code], mandate.id) for code in flags(mandate)]
    if signatures.withdrawn(session, application):
        found.append(Question("sign_withdrawn", "有人撤回了核对授权。请当面问。", None))
    return found


def flags(mandate: Mandate) -> list[str]:
    """What the office should look at, as codes of FLAGS."""
    unproved = mandate.kind == "guardian" and not mandate.proof_id
    codes = [*mandate.flags]
    if unproved and GUARDIAN_SEEN not in codes:
        codes.append(GUARDIAN_UNPROVED)
    return [code for code in codes if code in FLAGS]


def offers(session: Session, account: Account) -> list[Mandate]:
    """Mandates in which this account's number was named as the person's own, of households
    that nobody has claimed yet."""
    if account.phone_index is None:
        return []
    rows = (
        select(Mandate)
        .join(Household, Household.id == Mandate.household_id)
        .where(Mandate.person_index == account.phone_index, Household.account_id.is_(None))
        .order_by(Mandate.started_at.desc())
    )
    return list(session.scalars(rows))


def claim(
    session: Session,
    account: Account,
    mandate: Mandate,
    proof: str,
    *,
    by_code: bool = False,
    actor: Actor,
    now: datetime,
) -> Household:
    """The household becomes the account's: the person helped has come themselves.

    `proof`: the last six of the applicant's identity number, or the name where no number is
    known. `by_code`: found by the code of a slip, not by the number named. The helper keeps
    the mandate. Raises Forbidden for a helper's number, Conflict when
    it has an owner, Invalid (wrong_proof) and TooOften past five a day, which are kept.
    """
    rates.count(session, f"claim:{account.id}", most=_CLAIMS_PER_DAY, per=_DAY, now=now)
    household = _unclaimed(session, mandate.household_id, account)
    if not _proves(session, household, mandate, proof):
        fields = {"proof": ["和填的不一样。请再看一遍。"]}
        raise Invalid("没有对上。请再看一遍。", code="wrong_proof", fields=fields, keeps=True)
    if by_code:
        mandates.flag(mandate, "claimed_by_code")
    return give_to(session, household.id, account, actor=actor, now=now)


def give_to(
    session: Session, household_id: UUID, account: Account, *, actor: Actor, now: datetime
) -> Household:
    """The household and its files become the account's. Raises Forbidden for a helper's number,
    Conflict when it has an owner."""
    household = _unclaimed(session, household_id, account)
    household.account_id = account.id
    own = Application.household_id == household.id, Application.account_id.is_(None)
    session.execute(update(Application).where(*own).values(account_id=account.id))
    audit.record(session, "household.claimed", actor=str(actor), subject=household.id, now=now)
    session.flush()
    return household


def check_unclaimed(household: Household) -> None:
    """Raises Conflict when somebody owns it."""
    if household.account_id is not None:
        raise Conflict("这一家已经有人认领了。", code="claimed")


def _unclaimed(session: Session, household_id: UUID, account: Account) -> Household:
    household = session.get_one(Household, household_id, with_for_update=True)
    if account.phone_index is None or mandates.is_helper_number(session, account.phone_index):
        raise Forbidden(
            "这个号码在帮别人办事，不能认领。请本人用自己的手机号。", code="helper_never"
        )
    check_unclaimed(household)
    return household


def _proves(session: Session, household: Household, mandate: Mandate, proof: str) -> bool:
    numbers = [
        str(number)
        for file in family.of(session, household)
        if (number := applications.answers(session, file).get("applicant_id_number"))
    ]
    if numbers:
        return any(number[-6:] == plain(proof).upper() for number in numbers)
    try:
        named = PersonName.parse(mandates.details(session, mandate).person)
        return PersonName.parse(proof).key == named.key
    except Invalid:
        return False


def _known(session: Session, mandate: Mandate) -> dict[str, Any]:
    """What the mandate itself says of the two people, as answers."""
    said = mandates.details(session, mandate)
    helper = session.get(Account, mandate.helper_account_id or UUID(int=0))
    number = sign_in.phone_of(session, helper).value if helper and helper.phone_sealed else ""
    by = _FILLED_IN_BY.get(said.role if mandate.kind == "proactive" else mandate.kind, "other")
    return {
        "filled_in_by": by, "helper_name": said.helper, "helper_phone": number,
        "helper_words": said.why, "applicant_name": said.person, "phone": said.phone,
    }  # fmt: skip
