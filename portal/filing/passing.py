"""A household's file from a helper's phone to the person's own, or into a helper's hands.

give: the helper shows a code, the person takes the file over on their own phone; the helper
goes on only if they say so. ask: the person shows a code, a helper says who they are, and
the mandate begins with the person's yes on their own phone.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing import helping, telling
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people import households, mandate_terms, mandates, pass_codes
from portal.people.access import Actor
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import Said
from portal.people.pass_codes import ASK, GIVE
from portal.people.pass_tables import PassCode
from portal.people.tables import Account, Household

WAITING, ASKED, TAKEN, REFUSED, OVER = "waiting", "asked", "taken", "refused", "over"
"""What became of a code: nobody came · a helper asks · done · the person said no · too late."""


@dataclass(frozen=True)
class Seen:
    """What whoever typed the code is shown before saying anything. Of `ask` only half a name."""

    row: PassCode
    person: str
    helper: str
    files: tuple[Application, ...]


@dataclass(frozen=True)
class Offer:
    """Who wants to help: as they say themselves."""

    kind: str
    said: Said


def give(
    session: Session, mandate: Mandate, *, actor: Actor, now: datetime
) -> tuple[PassCode, str]:
    """The helper's code: whoever types it may take the household over.

    Raises NotFound when the mandate opens nothing any more, Conflict when it has an owner.
    """
    if not helping.visible(session, mandate, now=now):
        raise NotFound("没有可以转的申请。")
    household = mandates.household_of(session, mandate)
    helping.check_unclaimed(household)
    made = pass_codes.make(session, household, GIVE, mandate_id=mandate.id, actor=actor, now=now)
    _note(session, "pass.shown", made[0], actor=actor, now=now)
    return made


def ask(
    session: Session, household: Household, *, actor: Actor, now: datetime
) -> tuple[PassCode, str]:
    """The person's code: whoever types it may ask to help. Raises NotFound for another's."""
    if household.account_id != actor.id:
        raise households.unknown()
    made = pass_codes.make(session, household, ASK, actor=actor, now=now)
    _note(session, "pass.shown", made[0], actor=actor, now=now)
    return made


def look(session: Session, code: str, *, actor: Actor, now: datetime) -> Seen:
    """Whose file a code is about, and what is in it; nothing of its answers.

    Raises Invalid (wrong_code), Conflict (own_code) for who shows it.
    """
    row = _typed(session, code, actor=actor, now=now)
    household = session.get_one(Household, row.household_id)
    if row.way == ASK:
        return Seen(row, veiled(households.called(session, household)), "", ())
    mandate = _given(session, row, now=now)
    said = mandates.details(session, mandate)
    return Seen(row, said.person, said.helper, tuple(helping.visible(session, mandate, now=now)))


def take(
    session: Session, account: Account, code: str, *, goes_on: bool, actor: Actor, now: datetime
) -> Household:
    """The household belongs to this account from now on. The helper's mandate ends, or goes on
    as the person's own word. Raises what look and helping.give_to raise."""
    row = _typed(session, code, lock=True, actor=actor, now=now)
    if row.way != GIVE:
        raise Conflict("这个码是请人帮忙的。", code="other_way")
    mandate = _given(session, row, now=now)
    household = helping.give_to(session, row.household_id, account, actor=actor, now=now)
    row.taken_by, row.ended_at = account.id, now
    mandates.flag(mandate, "passed_on")
    if goes_on:
        mandate.basis, mandate.basis_at = "own", now
        mandates.unflag(mandate, "unsigned", "no_phone")
        mandates.note(session, "mandate.confirmed", mandate, actor=str(actor), now=now, basis="own")
        telling.of_mandate(session, mandate, now=now)
    else:
        mandates.revoke(session, mandate, actor=actor, now=now)
    _note(session, "pass.taken", row, actor=actor, now=now, goes_on=goes_on)
    return household


def offer(session: Session, code: str, offered: Offer, *, actor: Actor, now: datetime) -> PassCode:
    """A helper says who they are and waits for the person's yes; the code is used up.

    Raises Invalid by field, and what look raises.
    """
    row = _typed(session, code, lock=True, actor=actor, now=now)
    if row.way != ASK:
        raise Conflict("这个码是把申请转给本人的。", code="other_way")
    household = session.get_one(Household, row.household_id)
    person = households.called(session, household) or offered.said.person
    if offered.kind == "proactive":
        raise Invalid("请选您是他的什么人。", fields={"kind": ["请选您是他的什么人。"]})
    said = mandate_terms.checked(offered.kind, Said(**{**vars(offered.said), "person": person}))
    words = {"kind": offered.kind, **vars(said)}
    row.said_sealed = vault.seal_text(
        session, household.key_id, json.dumps(words, ensure_ascii=False), place=_place(row)
    )
    row.taken_by, row.expires_at = actor.id, now + pass_codes.STAYS
    _note(session, "pass.offered", row, actor=actor, now=now)
    session.flush()
    return row


def offered(session: Session, row: PassCode) -> Offer:
    """Raises NotFound while nobody offered."""
    if row.said_sealed is None:
        raise NotFound("还没有人来接。")
    key_id = session.get_one(Household, row.household_id).key_id
    words = json.loads(vault.unseal_text(session, key_id, row.said_sealed, place=_place(row)))
    return Offer(words.pop("kind"), Said(**words))


def answer(
    session: Session, pass_id: UUID, *, agrees: bool, actor: Actor, now: datetime
) -> Mandate | None:
    """The person's yes, on their own phone, begins the mandate; a no leaves nothing behind.

    Raises NotFound for anybody else's, Conflict (pass_over) when it was answered or too late.
    """
    row = pass_codes.find(session, pass_id, actor=actor, lock=True)
    household = session.get_one(Household, row.household_id, with_for_update=True)
    if row.way != ASK or household.account_id != actor.id:
        raise NotFound("没有找到这次交接。")
    if row.taken_by is None or not pass_codes.is_live(row, now=now):
        raise Conflict("这次过时了。请再出示一次。", code="pass_over")
    wanted, row.ended_at, mandate = offered(session, row), now, None
    if agrees:
        helper = session.get_one(Account, row.taken_by)
        mandate = mandates.start(
            session, household, wanted.kind, wanted.said, helper=helper, actor=actor, now=now
        )
        mandate.basis, row.mandate_id = "code", mandate.id
        telling.of_mandate(session, mandate, now=now)
    row.said_sealed = None
    _note(session, "pass.answered", row, actor=actor, now=now, agrees=agrees)
    session.flush()
    return mandate


def state(row: PassCode, *, now: datetime) -> str:
    """WAITING, ASKED, TAKEN, REFUSED or OVER."""
    if row.way == GIVE:
        done, asked = row.taken_by is not None, False
    else:
        done, asked = row.mandate_id is not None, row.taken_by is not None
    if done:
        return TAKEN
    if not pass_codes.is_live(row, now=now):
        return REFUSED if asked and row.ended_at is not None else OVER
    return ASKED if asked else WAITING


def veiled(name: str) -> str:
    """石**: enough for who knows it; empty for no name."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def _typed(
    session: Session, code: str, *, lock: bool = False, actor: Actor, now: datetime
) -> PassCode:
    row = pass_codes.typed(session, code, lock=lock, now=now)
    if row.made_by == actor.id:
        raise Conflict("这是您自己出示的码。请对方来扫。", code="own_code")
    return row


def _given(session: Session, row: PassCode, *, now: datetime) -> Mandate:
    """The mandate under which the code was shown. Raises Forbidden once it is over: what a
    helper may not open any more, they may not give away either."""
    mandate = session.get_one(Mandate, row.mandate_id, populate_existing=True)
    if not helping.visible(session, mandate, now=now):
        raise Forbidden("帮忙的人不能转了。请到窗口办。", code="mandate_over")
    return mandate


def _note(
    session: Session, action: str, row: PassCode, *, actor: Actor, now: datetime, **more: object
) -> None:
    detail = {"pass": str(row.id), "way": row.way, **more}
    audit.record(
        session, action, actor=str(actor), subject=row.household_id, detail=detail, now=now
    )


def _place(row: PassCode) -> str:
    return f"pass_codes.said:{row.id}"
