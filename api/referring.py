"""What the desk's referral pages and its JSON share: one act each over the verbs of the room."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api.context import actor, now, portal, session
from portal.casework import office
from portal.casework.referral import consents, receiving, referrals, slip
from portal.casework.referral.receiving import Sheet
from portal.casework.referral.referrals import Wanted
from portal.casework.referral.tables import Referral, ReferralConsent
from portal.filing.tables import Application
from portal.people.access import Role


def every() -> Sequence[Referral]:
    """To a department what was sent to it, to a township or county what it sent."""
    if actor().holds(Role.DEPARTMENT_CLERK):
        return receiving.waiting(session(), actor=actor())
    return receiving.sent(session(), actor=actor())


def refer(application_id: UUID, said: Mapping[str, Any]) -> Referral:
    application = office.find(session(), application_id, actor=actor())
    return referrals.refer(
        session(), portal().catalogue, application, wanted(said), actor=actor(), now=now()
    )


def refer_household(said: Mapping[str, Any]) -> Referral:
    rest = {name: value for name, value in said.items() if name != "agreed_how"}
    return referrals.refer_household(
        session(), portal().catalogue, wanted(rest), agreed_how=said["agreed_how"],
        actor=actor(), now=now(),
    )  # fmt: skip


def sheet(referral_id: UUID) -> Sheet:
    """What was sent, numbers masked. That it was opened is recorded first."""
    note(referral_id, "read.referral")
    return receiving.read(session(), portal().catalogue, found(referral_id))


def reveal(referral_id: UUID, reason: str, words: str) -> Sheet:
    """The same with whole numbers; the reason is kept with this answer."""
    row = found(referral_id)
    receiving.reveal(session(), row, reason, words, actor=actor(), now=now())
    return receiving.read(session(), portal().catalogue, row, revealed=True)


def receive(referral_id: UUID) -> Referral:
    row = found(referral_id)
    receiving.receive(session(), row, actor=actor(), now=now())
    return row


def send_back(referral_id: UUID, sentence: str) -> Referral:
    row = found(referral_id)
    receiving.send_back(session(), row, sentence, actor=actor(), now=now())
    return row


def close(referral_id: UUID, result: str, sentence: str) -> Referral:
    row = found(referral_id)
    receiving.close(session(), row, result, sentence, actor=actor(), now=now())
    return row


def printed(referral_id: UUID) -> bytes:
    """转介单 with whole numbers; that it was printed is recorded first."""
    note(referral_id, "print.referral")
    row = found(referral_id)
    return slip.sheet(session(), portal().catalogue, row, actor=actor(), now=now())


def way(program_id: str) -> bytes:
    """去处单: nothing about anybody."""
    return slip.way(session(), portal().catalogue, program_id, actor().region_code, now=now())


def ask(application_id: UUID, said: Mapping[str, Any]) -> ReferralConsent:
    """同意把这几项告诉……吗: a question to the applicant."""
    application = office.find(session(), application_id, actor=actor())
    target = portal().catalogue.find(said["program_id"])
    return consents.ask(
        session(), application, target, said["fields"], said["sentence"], actor=actor(), now=now()
    )


def record(application_id: UUID, said: Mapping[str, Any]) -> ReferralConsent:
    """What she said at the door, by phone or on paper."""
    application = office.find(session(), application_id, actor=actor())
    target = portal().catalogue.find(said["program_id"])
    return consents.record(
        session(), application, target, said["fields"], said["how"], said["agrees"],
        actor=actor(), now=now(),
    )  # fmt: skip


def answer(application: Application, consent_id: UUID, *, agrees: bool) -> ReferralConsent:
    """The applicant's own word."""
    return consents.answer(
        session(), application, consent_id, agrees=agrees, actor=actor(), now=now()
    )


def take_back(application: Application, consent_id: UUID) -> ReferralConsent:
    return referrals.stop(session(), application, consent_id, actor=actor(), now=now())


def note(referral_id: UUID, what: str) -> None:
    """Committed before anything is shown."""
    with portal().database.writing() as short:
        row = receiving.find(short, referral_id, actor=actor())
        receiving.note_reading(short, row, what, actor=actor(), now=now())


def found(referral_id: UUID) -> Referral:
    return receiving.find(session(), referral_id, actor=actor())


def wanted(said: Mapping[str, Any]) -> Wanted:
    return Wanted(**{**said, "fields": tuple(said["fields"])})
