"""Telling the person helped: of the mandate and of every submission, never through a helper."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.contact.messages import About, queue_text
from portal.filing import marks
from portal.people import choices, codes, mandates, revoke_codes, sign_in
from portal.people.identity import Phone
from portal.people.mandate_tables import Mandate
from portal.people.tables import Account

MOST_OTHER_HOUSEHOLDS = 2
"""A number that is the own one in more households than these and this is a helper's."""


@dataclass(frozen=True)
class Way:
    """How the person is reached. `phone` None: by a printed slip, and asked at the visit.

    `why`: own (the owner's account) · named (typed, and nobody else's) · helper_number ·
    shared_number · no_phone.
    """

    phone: Phone | None
    why: str

    @property
    def refused(self) -> bool:
        """A number was given, but it is not one to tell the person through."""
        return self.why in ("helper_number", "shared_number")


def way(session: Session, mandate: Mandate) -> Way:
    """Judged anew each time: a number may become a helper's later."""
    household = mandates.household_of(session, mandate)
    owner = session.get(Account, household.account_id) if household.account_id else None
    if owner is not None and owner.phone_index is not None and owner.phone_sealed is not None:
        claimed = household.created_by != owner.id
        if claimed and mandates.is_helper_number(session, owner.phone_index):
            return Way(None, "helper_number")
        return Way(sign_in.phone_of(session, owner), "own")
    number = mandates.details(session, mandate).phone
    if not number:
        return Way(None, "no_phone")
    index = codes.phone_index(session, Phone(number))
    if mandates.is_helper_number(session, index):
        return Way(None, "helper_number")
    if marks.households_with(session, index, but=household.id) > MOST_OTHER_HOUSEHOLDS:
        return Way(None, "shared_number")
    return Way(Phone(number), "named")


def of_payee(session: Session, mandate: Mandate, *, now: datetime) -> Way:
    """Tell the person that the office let another payee account be entered today; whom no text
    reaches stood before the office just now, and nothing is asked again."""
    found = way(session, mandate)
    return _tell(session, mandate, "payee_opened", now=now) if found.phone else found


def of_mandate(session: Session, mandate: Mandate, *, now: datetime) -> Way:
    """Tell the person that somebody helps in their name, with the code that ends it."""
    return _tell(session, mandate, "mandate_given", now=now)


def of_submission(
    session: Session, mandate: Mandate, application_id: UUID, *, now: datetime
) -> Way:
    """Tell the person that somebody handed in a file in their name."""
    return _tell(session, mandate, "helper_submitted", application_id, now=now)


def not_arrived(session: Session, mandate_id: UUID, queued_at: datetime) -> None:
    """The text of that moment reached nobody: they count as untold, and the visit asks."""
    mandate = session.get(Mandate, mandate_id, with_for_update=True)
    if mandate is None or mandate.revoked_at is not None:
        return
    mandates.flag(mandate, "undelivered")
    if mandate.told_at == queued_at:
        mandate.told_at = None


def _tell(
    session: Session,
    mandate: Mandate,
    template: str,
    application_id: UUID | None = None,
    *,
    now: datetime,
) -> Way:
    found = way(session, mandate)
    mandates.unflag(mandate, "helper_number", "shared_number", "no_phone")
    if found.phone is None:
        mandates.flag(mandate, found.why)
    else:
        key_id = mandates.household_of(session, mandate).key_id
        code = revoke_codes.opened(session, mandate)
        queue_text(
            session, key_id=key_id, phone=found.phone.value, template=template,
            values={"code": code}, now=now,
            word=choices.word_for(session, codes.phone_index(session, found.phone)),
            about=About(application_id, mandate_id=mandate.id),
        )  # fmt: skip
        mandate.told_at = now
    mandates.note(
        session, "mandate.told", mandate, actor="portal", now=now, how=found.why, template=template
    )
    return found
