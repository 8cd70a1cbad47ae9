"""The only judge of who may see or do what with a file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.foundation.errors import Forbidden


class Role(StrEnum):
    """角色. What a signed-in party is; staff are bound to a division."""

    APPLICANT = "applicant"
    ADMINISTRATOR = "administrator"
    TOWNSHIP_CLERK = "township_clerk"
    TOWNSHIP_INVESTIGATOR = "township_investigator"
    TOWNSHIP_REVIEWER = "township_reviewer"
    COUNTY_CLERK = "county_clerk"
    COUNTY_CHECKER = "county_checker"
    COUNTY_CONFIRMER = "county_confirmer"
    DEPARTMENT_CLERK = "department_clerk"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    BACK_OFFICE = "back_office"


class Act(StrEnum):
    """What a mandate may let a helper do: fill in, hand in, follow the progress."""

    FILL = "fill"
    SUBMIT = "submit"
    FOLLOW = "follow"


class Never(StrEnum):
    """What no mandate ever lets a helper do or see; each has its test."""

    CHANGE_PAYEE = "change_payee"
    AGREE = "agree"
    WITHDRAW = "withdraw"
    EARLIER_MANDATES = "earlier_mandates"
    CHECK_RESULTS = "check_results"
    READERS = "readers"
    WHOLE_NUMBERS = "whole_numbers"


NEVER: Mapping[Never, str] = {
    Never.CHANGE_PAYEE: "收款账号不能由别人改。请本人收验证码，或到窗口改。",
    Never.AGREE: "这一项要本人同意。别人不能代替。",
    Never.WITHDRAW: "撤回、删除要本人来办。",
    Never.EARLIER_MANDATES: "以前谁帮过忙，只有本人能看。",
    Never.CHECK_RESULTS: "核对结果只给本人看。",
    Never.READERS: "谁看过材料，只有本人能查。",
    Never.WHOLE_NUMBERS: "交了以后，证件照片只有本人能看。",
}


@dataclass(frozen=True)
class Grant:
    """What one mandate, in force at this moment, lets one account do for one household."""

    mandate: UUID
    helper: UUID
    programs: frozenset[str]
    """Empty: every program."""
    acts: frozenset[str]
    guardian: bool = False

    def covers(self, program_id: str) -> bool:
        return not self.programs or program_id in self.programs


@dataclass(frozen=True)
class Actor:
    """Who acts. `id` of the account or staff row; `region_code` only for staff.

    `proved` is false while a long unused number still has to prove who holds it now. `also`:
    further roles of the same person, as small offices need them. `grant`: the mandate a
    helper acts under in this request, read from the database for it. `link`: what one
    signing link opens, application/signer; such an actor has no account.
    """

    role: Role
    id: UUID
    region_code: str = ""
    name: str = ""
    proved: bool = True
    also: frozenset[Role] = frozenset()
    grant: Grant | None = None
    link: str = ""

    @property
    def mandate(self) -> UUID | None:
        """The mandate acted under; None for oneself and for staff."""
        return self.grant.mandate if self.grant else None

    def under(self, grant: Grant | None) -> "Actor":
        """The same person, acting under this mandate."""
        return replace(self, grant=grant)

    def holds(self, *roles: Role) -> bool:
        """Whether one of these roles is theirs."""
        return self.role in roles or not self.also.isdisjoint(roles)

    def __str__(self) -> str:
        if self.link:
            return f"signer:{self.link}"
        if self.grant is not None:
            return f"helper:{self.id}/{self.grant.mandate}"
        kind = "applicant" if self.role is Role.APPLICANT else "staff"
        return f"{kind}:{self.id}"


ANYONE = Actor(Role.APPLICANT, UUID(int=0))
"""Somebody who did not sign in."""


def may_read(
    actor: Actor,
    *,
    owner: UUID | None,
    region_path: str | None,
    grant: Grant | None = None,
    program_id: str = "",
) -> bool:
    """The owner, a helper whose mandate is in force and covers the program, or staff whose
    division holds the file's township."""
    if actor.role is Role.APPLICANT:
        if owner is not None and owner == actor.id:
            return actor.proved
        helps = grant is not None and grant.helper == actor.id and grant.covers(program_id)
        return actor.proved and helps
    if actor.role is Role.ADMINISTRATOR:
        return False
    return region_path is not None and covers(actor.region_code, region_path)


def may_change(actor: Actor, act: Act) -> bool:
    """Whether this change is among what a helper's mandate names; others need no mandate."""
    return actor.grant is None or act in actor.grant.acts


def without_checks(story: Mapping[str, Any], *, actor: Actor) -> dict[str, Any]:
    """A timeline as this actor may see it: for a helper without what was checked, and found."""
    if actor.grant is None:
        return dict(story)
    told = {name: value for name, value in story.items() if name not in ("checks", "readers")}
    told["history"] = [
        line for line in story.get("history", []) if not str(line["kind"]).startswith("check_")
    ]
    return told


def in_scope(actor: "Actor | str", program_id: str) -> bool:
    """Whether a helper's mandate is about this program; everybody else has no such bounds."""
    grant = actor.grant if isinstance(actor, Actor) else None
    return grant is None or grant.covers(program_id)


def check_act(actor: Actor, *acts: Act) -> None:
    """Raises Forbidden (out_of_scope) for a helper whose mandate names none of these acts."""
    if not any(may_change(actor, act) for act in acts):
        raise Forbidden("委托里没有这一项。请本人来办。", code="out_of_scope")


def refuse_helper(actor: Actor, what: Never) -> None:
    """Raises Forbidden (helper_never) for whoever acts under a mandate."""
    if actor.grant is not None:
        raise Forbidden(NEVER[what], code="helper_never")


def covers(division: str, region_path: str) -> bool:
    """Whether a path like 430000/430200/430211/430211001 leads through `division`.

    Codes alone do not tell: some townships carry the code of a statistical zone.
    """
    return bool(division) and division in region_path.split("/")
