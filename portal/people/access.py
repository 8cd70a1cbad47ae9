"""The only judge of who may see or do what with a file."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """角色. What a signed-in party is; staff are bound to a division."""

    APPLICANT = "applicant"
    ADMINISTRATOR = "administrator"
    TOWNSHIP_CLERK = "township_clerk"
    COUNTY_CLERK = "county_clerk"
    BACK_OFFICE = "back_office"


@dataclass(frozen=True)
class Actor:
    """Who acts. `id` of the account or staff row; `region_code` only for staff.

    `proved` is false while a long unused number still has to prove who holds it now.
    """

    role: Role
    id: UUID
    region_code: str = ""
    name: str = ""
    proved: bool = True

    def __str__(self) -> str:
        kind = "applicant" if self.role is Role.APPLICANT else "staff"
        return f"{kind}:{self.id}"


ANYONE = Actor(Role.APPLICANT, UUID(int=0))
"""Somebody who did not sign in."""


def may_read(actor: Actor, *, owner: UUID | None, region_path: str | None) -> bool:
    """The owner, or staff whose division holds the file's township."""
    if actor.role is Role.APPLICANT:
        return actor.proved and owner is not None and owner == actor.id
    if actor.role is Role.ADMINISTRATOR:
        return False
    return region_path is not None and covers(actor.region_code, region_path)


def covers(division: str, region_path: str) -> bool:
    """Whether a path like 430000/430200/430211/430211001 leads through `division`.

    Codes alone do not tell: some townships carry the code of a statistical zone.
    """
    return bool(division) and division in region_path.split("/")
