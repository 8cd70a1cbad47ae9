"""What the county may want to look at about helpers: counts and coincidences, never verdicts.

Nothing is blocked by any of it. A helper is named by half a name and the end of the number;
who may read files opens them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework.tables import CaseEvent
from portal.filing.mark_tables import Mark
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Forbidden
from portal.people import mandates as given
from portal.people import sign_in
from portal.people.access import Actor, Role
from portal.people.mandate_tables import Mandate
from portal.people.tables import Account
from portal.policy.lifecycle import Status

KINDS = {"account": "同一个收款账号", "phone": "同一个电话", "photo": "同一张照片"}
MANY_A_DAY = 15
"""More households begun in one day than this are pointed out."""
NOT_A_VERDICT = "这不是结论，只是请您看一看。"
WHO = frozenset({Role.COUNTY_CLERK, Role.COUNTY_CONFIRMER, Role.SUPERVISOR, Role.AUDITOR})
"""Who looks at it: nobody who handles single files of a township."""


@dataclass(frozen=True)
class Shared:
    """Several households helped by one account share an account, a phone or a photo, in files
    they have handed in; a draft is nobody's but theirs."""

    kind: str
    text: str
    helper: UUID
    applications: tuple[UUID, ...]
    households: int


@dataclass(frozen=True)
class Helper:
    """What one helper did in the division: plain counts of households and their files."""

    account: UUID
    households: int
    applications: int
    submitted: int
    returned: int
    declined: int
    denied: int
    unsigned: int
    not_me: int
    own_number: int
    """Households whose number turned out to be a helper's."""
    most_in_a_day: int

    @property
    def many(self) -> bool:
        return self.most_in_a_day > MANY_A_DAY


@dataclass(frozen=True)
class Signals:
    """For one county: coincidences first to look at, then every helper's counts."""

    shared: tuple[Shared, ...]
    helpers: tuple[Helper, ...]


def read(session: Session, *, actor: Actor) -> Signals:
    """For the division of this member of staff. Raises Forbidden for whose work it is not."""
    if not actor.holds(*WHO) or not actor.region_code:
        raise Forbidden("这一页给县里管代办的人看。")
    return for_county(session, actor.region_code)


def for_county(session: Session, division: str) -> Signals:
    """Everything about files routed into this division (a code of any level)."""
    files = _files(session, division)
    mandates = _mandates(session, files.values())
    by_helper: dict[UUID, list[Application]] = defaultdict(list)
    for file in files.values():
        for helper in {m.helper_account_id for m in mandates[file.household_id] if _about(m, file)}:
            if helper is not None:
                by_helper[helper].append(file)
    shared = [
        s for helper, own in by_helper.items() for s in _shared(session, helper, own, mandates)
    ]
    counted = [_count(session, helper, own, mandates) for helper, own in by_helper.items()]
    return Signals(
        tuple(sorted(shared, key=lambda s: (-s.households, s.kind, str(s.helper)))),
        tuple(sorted(counted, key=lambda h: (-h.households, str(h.account)))),
    )


def called(session: Session, helper: UUID) -> str:
    """张*，尾号2345: enough to ask the township who that is."""
    rows = select(Mandate).where(Mandate.helper_account_id == helper)
    newest = session.scalars(rows.order_by(Mandate.started_at.desc(), Mandate.id)).first()
    name = given.details(session, newest).helper if newest else ""
    account = session.get(Account, helper)
    known = account is not None and account.phone_sealed is not None
    number = sign_in.phone_of(session, account).last_four if account and known else ""
    half = name[:1] + "*" * max(len(name) - 1, 1) if name else "没有名字"
    return half + (f"，尾号{number}" if number else "")


def _files(session: Session, division: str) -> dict[UUID, Application]:
    rows = select(Application).where(
        Application.household_id.in_(select(Mandate.household_id)),
        Application.region_path.contains(division, autoescape=True),
    )
    return {f.id: f for f in session.scalars(rows) if division in (f.region_path or "").split("/")}


def _mandates(session: Session, files: Iterable[Application]) -> dict[UUID | None, list[Mandate]]:
    found: dict[UUID | None, list[Mandate]] = defaultdict(list)
    households = {f.household_id for f in files}
    rows = select(Mandate).where(Mandate.household_id.in_(households))
    for mandate in session.scalars(rows.order_by(Mandate.started_at)):
        found[mandate.household_id].append(mandate)
    return found


def _about(mandate: Mandate, file: Application) -> bool:
    return not mandate.programs or file.program_id in mandate.programs


def _shared(
    session: Session,
    helper: UUID,
    own: list[Application],
    mandates: dict[UUID | None, list[Mandate]],
) -> list[Shared]:
    handed_in = [f for f in own if f.submission_no]
    households = {f.id: f.household_id for f in handed_in}
    rows = select(Mark).where(Mark.application_id.in_(households))
    found: dict[tuple[str, bytes], dict[UUID, None]] = defaultdict(dict)
    for mark in session.scalars(rows.order_by(Mark.at, Mark.application_id)):
        found[mark.kind, mark.digest][mark.application_id] = None
    for file in handed_in:
        for index in {m.person_index for m in mandates[file.household_id] if m.person_index}:
            found["phone", index][file.id] = None
    return [
        Shared(kind, KINDS[kind], helper, tuple(ids), len({households[i] for i in ids}))
        for (kind, _digest), ids in found.items()
        if len({households[i] for i in ids}) > 1
    ]


def _count(
    session: Session,
    helper: UUID,
    own: list[Application],
    mandates: dict[UUID | None, list[Mandate]],
) -> Helper:
    households = {f.household_id for f in own}
    theirs = [m for h in households for m in mandates[h] if m.helper_account_id == helper]
    events = Counter(
        session.scalars(
            select(CaseEvent.kind).where(CaseEvent.application_id.in_([f.id for f in own]))
        )
    )
    a_day = Counter(local_date(m.started_at) for m in theirs)
    return Helper(
        account=helper,
        households=len(households),
        applications=len(own),
        submitted=sum(f.submission_no > 0 for f in own),
        returned=events["returned"],
        declined=sum(f.status == Status.NOT_ACCEPTED for f in own),
        denied=sum(f.status == Status.DENIED for f in own),
        unsigned=sum("unsigned" in m.flags for m in theirs),
        not_me=sum("not_me" in m.flags for m in theirs),
        own_number=sum("helper_number" in m.flags for m in theirs),
        most_in_a_day=max(a_day.values(), default=0),
    )
