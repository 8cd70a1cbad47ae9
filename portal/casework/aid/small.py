"""小额快救: person, cause, amount and handling are recorded, and nothing else is asked for.

No means check, no public notice, no signature (2026 opinion, 二（一）; 社会救助法 第50条).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.aid import arrival, ceilings, grants, handing, ledger, papers
from portal.casework.aid.ceilings import Standard
from portal.casework.aid.grants import Part
from portal.casework.aid.handing import Handing
from portal.casework.aid.tables import AidGrant
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Forbidden, Invalid
from portal.people.access import Actor
from portal.policy import regions
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import Party, Status

_ITEMS = ("person", "cause", "handling")


@dataclass(frozen=True)
class Wanted:
    """The four items, and how it was given. `amount` 分.

    `standard`: which local text puts one month of 低保 above the minimum we know, if the
    amount is above it. `finish`: nothing more is to come, close the file.
    """

    person: str
    cause: str
    amount: int
    handling: str
    form: str = "cash"
    handing: Handing = Handing()
    standard: str = ""
    finish: bool = False


def give(
    session: Session,
    catalogue: Catalogue,
    application: Application,
    wanted: Wanted,
    *,
    grant_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Register and give in one act: accepted, its alert answered, registered, aided.

    Raises Invalid (person, cause, amount, handling; over_one_month), Conflict fund_short ·
    not_opened · move_not_allowed, Forbidden.
    """
    check(catalogue, application.region_path or "", wanted, now=now)
    handing.hold_box(session, application.region_code, wanted.handing)
    arrival.take_in(session, application, "已给小额快救。", actor=actor, now=now)
    if handing.giver(actor, application) is not Party.TOWNSHIP:
        raise Forbidden("小额快救由乡镇（街道）办。", code="party_not_allowed")
    said = {"cause": wanted.cause, "amount": wanted.amount, "handling": wanted.handling}
    how = {"how": wanted.form, "amount": wanted.amount}
    for kind, after, told in (("registered_small", None, said), ("aided", Status.AIDED, how)):
        events.record(
            session, application, kind, after=after, party=Party.TOWNSHIP, actor=str(actor),
            said=told, now=now,
        )  # fmt: skip
    words = {name: getattr(wanted, name).strip() for name in (*_ITEMS, "standard")}
    part = grants.write(
        session, application, grants.SMALL, [Part(wanted.amount, wanted.form)],
        {name: text for name, text in words.items() if text}, grant_id=grant_id, actor=actor,
        now=now,
    )[0]  # fmt: skip
    handing.pay(session, application, part, wanted.handing, actor=actor, now=now)
    if wanted.finish:
        papers.finish(session, application, "小额快救已给，留存登记。", actor=actor, now=now)


def at_the_window(
    session: Session,
    catalogue: Catalogue,
    wanted: Wanted,
    *,
    key: UUID,
    found_by: str = "",
    address: str = "",
    actor: Actor,
    now: datetime,
) -> Application:
    """For a person without any application, in one screen. The same `key` again: the same file."""
    known = session.get(AidGrant, key)
    if known is not None:
        return session.get_one(Application, known.application_id)
    ledger.check_keeper(actor)
    handing.hold_box(session, actor.region_code, wanted.handing)
    check(catalogue, regions.path(session, actor.region_code), wanted, now=now)
    application = arrival.register(
        session, catalogue, wanted.person, wanted.cause, found_by=found_by, address=address,
        actor=actor, now=now,
    )  # fmt: skip
    give(session, catalogue, application, wanted, grant_id=key, actor=actor, now=now)
    arrival.told_at_the_window(session, application, actor=actor, now=now)
    return application


def check(catalogue: Catalogue, path: str, wanted: Wanted, *, now: datetime) -> None:
    """The four items and the ceiling. Raises Invalid naming each."""
    wrong = {name: ["请写一句。"] for name in _ITEMS if not getattr(wanted, name).strip()}
    if wrong:
        raise Invalid("小额快救只要四项，还差几项。", fields=wrong)
    ledger.check_amount(wanted.amount)
    standard = ceilings.one_month(catalogue, path, on=local_date(now))
    if standard.higher is None or wanted.amount <= standard.higher:
        return
    if standard.floor and wanted.standard.strip():
        return
    told = f"小额快救最多{ledger.yuan(standard.higher)}元（一个月低保标准）。"
    fields = {"amount": [told, "再多请按先行救助办。"]}
    if standard.floor:
        fields["standard"] = ["当地标准更高的，请写文件和金额。"]
    raise Invalid(told, code="over_one_month", fields=fields)


def is_above_the_lower(standard: Standard, amount: int) -> bool:
    """Whether the office is to look which of the two standards holds here."""
    return standard.lower is not None and amount > standard.lower
