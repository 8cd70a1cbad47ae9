"""What the pages of one household share: its drafts filled in together, each question once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from flask import g, request

from api import acting
from api import applications as api
from api.context import SAFE, actor, portal, session
from api.pages import calling, mine
from portal.filing import applications, family, sharing, walk
from portal.filing.applications import Answer
from portal.filing.tables import Application
from portal.filing.walk import Page
from portal.foundation.errors import NotFound
from portal.people import households
from portal.people.tables import Household
from portal.policy.catalogue import Program


@dataclass(frozen=True)
class Together:
    """The walk through all drafts of one household. `revision` grows with every save."""

    household: Household
    drafts: list[Application]
    programs: list[Program]
    kept: Mapping[str, Mapping[str, Answer]]
    answers: Mapping[str, Mapping[str, Any]]
    """Both by program; the answers as this actor may see them."""
    granted: list[str]
    pages: list[Page] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        return self.household.id

    def files(self) -> list[tuple[Application, Program]]:
        return list(zip(self.drafts, self.programs, strict=True))

    @property
    def revision(self) -> int:
        return family.moment(self.drafts)

    def open_pages(self) -> list[Page]:
        """Those with a question that applies now."""
        return walk.open_pages(self.pages, self.answers)

    def context(self, page: Page) -> dict[str, Any]:
        return walk.context(page, self.answers)

    def is_carried(self, page: Page) -> bool:
        """Whether an answer on it was said for an earlier file and nobody has looked yet."""
        return any(
            name in self.kept[program] and self.kept[program][name].carried
            for name, programs in page.asks.items()
            for program in programs
        )

    def is_asked_otherwise(self, page: Page) -> bool:
        """Whether an answer on it was given when the question was another."""
        others = {p.id: applications.asked_otherwise(p, self.kept[p.id]) for p in self.programs}
        return any(
            name in others[program] for name, programs in page.asks.items() for program in programs
        )

    def file_of(self, program_id: str) -> Application:
        return next(one for one in self.drafts if one.program_id == program_id)

    def page(self, key: str) -> Page:
        """Raises NotFound."""
        for page in self.pages:
            if page.key == key:
                return page
        raise NotFound("没有这一步。")


def my(household_id: UUID) -> Household:
    """The signed-in resident's own household, or one they act for.

    Raises NotFound, SignInNeeded, Forbidden.
    """
    api.resident()
    household = acting.household(session(), household_id, lock=request.method not in SAFE)
    acting.check_page()
    return household


def load(household_id: UUID) -> Together:
    """Raises what `my` raises."""
    return of(my(household_id))


def of(household: Household) -> Together:
    """Reads everything anew: after a save the answers are the new ones."""
    catalogue = portal().catalogue
    drafts = family.drafts(session(), household, catalogue, actor=actor())
    programs = [catalogue.at(one.program_id, one.region_path) for one in drafts]
    kept = {one.program_id: applications.kept_answers(session(), one) for one in drafts}
    granted = family.recognised(session(), household)
    known = [sharing.RECOGNISED] if granted else []
    if drafts:
        calling.about(drafts[0].region_path)
    seen = {p.id: mine.answers(a, p) for a, p in zip(drafts, programs, strict=True)}
    pages = [_own(page) for page in walk.pages(programs, known=known)]
    g.sheet = sheet(programs)
    return Together(
        household, drafts, programs, kept, seen, granted, [p for p in pages if p.fields]
    )


def sheet(programs: list[Program]) -> str:
    """The blank form of all these matters (/fill/…), with a + also where there is one only; the
    phone keeps it. Empty without any."""
    names = [program.id for program in programs]
    return "+".join(names) if len(names) != 1 else f"{names[0]}+"


def _own(page: Page) -> Page:
    """The questions this actor may answer: agreeing is the person's own."""
    if actor().grant is None:
        return page
    return replace(page, fields=tuple(f for f in page.fields if f.kind != "consent"))


def at(home: "Together | Household", *parts: str) -> str:
    return "/".join([f"/household/{home.id}", *parts])


def name_of(household: Household) -> str:
    """What a family is called on a button; 我家 or 这一家 while nobody said a name."""
    named = households.called(session(), household)
    return f"{named}家" if named else "我家" if actor().grant is None else "这一家"


def walked_with(application: Application) -> str | None:
    """The address of the walk this draft is part of: with the household's other drafts, or
    where a status it has been granted need not be asked again. None when it stands alone."""
    if application.household_id is None or application.submission_no:
        return None
    catalogue = portal().catalogue
    if catalogue.find(application.program_id).travels_alone:
        return None
    household = session().get_one(Household, application.household_id)
    others = family.siblings(session(), application, catalogue, actor=actor())
    if others or family.recognised(session(), household):
        return at(household)
    return None
