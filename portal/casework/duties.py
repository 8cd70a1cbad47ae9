"""Who does what at the desk: the work each role takes up, and the files it may see at all."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, literal

from portal.filing.tables import Application
from portal.foundation.errors import Forbidden
from portal.people.access import Actor, Role
from portal.policy.lifecycle import Status

TOWNSHIP = frozenset({Role.TOWNSHIP_CLERK, Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_REVIEWER})
COUNTY = frozenset({Role.COUNTY_CLERK, Role.COUNTY_CHECKER, Role.COUNTY_CONFIRMER})
WATCHING = frozenset({Role.SUPERVISOR, Role.AUDITOR})
READING = TOWNSHIP | COUNTY | WATCHING
"""Who may open a file of their division; a department gets what is referred to it, elsewhere."""
DESK = READING | {Role.DEPARTMENT_CLERK}
SUPERIOR = frozenset({Role.TOWNSHIP_REVIEWER}) | COUNTY
"""Who may agree that an applicant is asked a second time."""


@dataclass(frozen=True)
class Duty:
    """One kind of work: whose it is, and in which statuses a file waits for it."""

    key: str
    role: Role
    title: str
    statuses: frozenset[Status]
    empty: str


_S = Status
DUTIES: Mapping[str, Duty] = {
    duty.key: duty
    for duty in (
        Duty(
            "accept", Role.TOWNSHIP_CLERK, "等受理", frozenset({_S.SUBMITTED}),
            "没有等受理的申请。",
        ),
        Duty(
            "visit", Role.TOWNSHIP_INVESTIGATOR, "要调查",
            frozenset({_S.ACCEPTED, _S.SURVEYING, _S.CHECK_DISPUTE, _S.REINVESTIGATING, _S.REVIEWING}),
            "没有要调查的申请。",
        ),
        Duty(
            "review", Role.TOWNSHIP_REVIEWER, "要初审",
            frozenset({_S.FIRST_REVIEW, _S.PUBLIC_NOTICE, _S.REINVESTIGATING}), "没有要初审的申请。",
        ),
        Duty(
            "check", Role.COUNTY_CHECKER, "要核对",
            frozenset(
                {_S.ACCEPTED, _S.SURVEYING, _S.CHECK_DISPUTE, _S.REINVESTIGATING,
                 _S.COUNTY_REVIEW, _S.REVIEWING}
            ),
            "没有要核对的申请。",
        ),
        Duty(
            "decide", Role.COUNTY_CONFIRMER, "要审核确认",
            frozenset({_S.COUNTY_REVIEW, _S.APPROVED, _S.REVIEWING, _S.GRADUATING}),
            "没有要审核确认的申请。",
        ),
    )
}  # fmt: skip
"""Who takes what up, in the order a file walks."""


def of(actor: Actor) -> list[Duty]:
    """The work this person takes up; empty for those who only look."""
    return [duty for duty in DUTIES.values() if actor.holds(duty.role)]


def check_staff(actor: Actor) -> None:
    """Raises Forbidden for anybody who has nothing to do at the desk."""
    if not actor.holds(*DESK) or not actor.region_code:
        raise Forbidden("这里只给经办、监管和审计的人用。")


def check_reader(actor: Actor) -> None:
    """Raises Forbidden for anybody who may not open files."""
    check_staff(actor)
    if not actor.holds(*READING):
        raise Forbidden("这里的申请不由您这个部门看。")


def only_watches(actor: Actor) -> bool:
    """Whether a single file needs a written reason first: figures are their work, files are not."""
    return actor.holds(Role.SUPERVISOR) and not actor.holds(*TOWNSHIP, *COUNTY, Role.AUDITOR)


def scope(actor: Actor) -> ColumnElement[bool]:
    """Which files a member of staff may see: the same rule as access.covers, said in SQL.

    Township staff see their own township's, county staff the whole county's. Only prefecture
    and province go by the beginning of the path: they count, they do not take files.
    """
    if not actor.holds(*READING) or not actor.region_code:
        return literal(False)
    if actor.holds(*TOWNSHIP):
        return Application.region_code == actor.region_code
    return within(actor.region_code)


def within(place: str) -> ColumnElement[bool]:
    """Which files lie in a township, a county, or whatever is above."""
    if len(place) > _COUNTY_DIGITS:
        return Application.region_code == place
    if len(place) == _COUNTY_DIGITS and not place.endswith("00"):
        return Application.county_code == place
    path = literal("/").concat(Application.region_path).concat("/")
    return path.contains(f"/{place}/", autoescape=True)


_COUNTY_DIGITS = 6
