"""What a phone with a PIN keeps of an assistant's village: drawn here, locked there, opened where
there is no signal (static/assets/round.js)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response

from api import roster
from api.context import now, portal, session
from api.pages import helping, mine, offline, show
from api.pages.roster import MOST_AT_ONCE, file_words, grouped
from portal.casework import rounds
from portal.casework.rounds import OPEN, Asked, Line
from portal.filing.tables import Application
from portal.foundation.clock import local
from portal.people.mandate_tables import Mandate
from portal.policy import regions
from portal.policy.catalogue import Program
from portal.policy.characters import initials, plain, syllables

pages = mine.room("roster_copy")

SORTS = ("等您办", "30天没去过", "要补材料")
"""Looked for like a name."""


@dataclass(frozen=True)
class Card:
    """`heard`: what a search finds it by, each behind a blank. `about`: what the phone's records of
    this household begin with. `free`: forms that may be begun."""

    line: Line
    heard: str
    about: dict[str, str]
    free: list[Program]


@pages.get("/roster/copy")
def copy() -> Response:
    """The list without a page around it. Sentences of corrections count as looked at."""
    account, held = roster.assistant()
    lines = rounds.lines(session(), held, account, now=now())
    villages = {one.village_code: regions.find(session(), one.village_code).name for one in held}
    asked, sheets = _by_file(roster.asked(lines)), offline.sheets()
    cards = [(group, [_card(line, asked, sheets) for line in inside])
             for group, inside in grouped(lines, villages)]  # fmt: skip
    return show(
        "pages/roster_copy.html", cards=cards, villages=villages.values(), at=_at(),
        fold=len(lines) > MOST_AT_ONCE, sorts=_counted(cards), asked=asked, sheets=sheets,
        answering=answering, find=portal().catalogue.find, editable=mine.editable,
        file_words=file_words, visit=_visit, file=_file,
    )  # fmt: skip


def answering(one: Asked, program: Program) -> str:
    """Where on the blank sheet it is done: a paper, or the topic of a question; "" for neither."""
    at = f"/fill/{program.id}#{one.application.id}"
    if any(rule.item == one.item for rule in program.documents):
        return f"{at}/photos/{one.item}"
    steps = program.form.steps
    step = next((s.key for s in steps if any(f.name == one.item for f in s.fields)), "")
    return f"{at}/{step}" if step else ""


def _by_file(asked: Sequence[Asked]) -> Mapping[UUID, list[Asked]]:
    found: dict[UUID, list[Asked]] = {}
    for one in asked:
        found.setdefault(one.application.id, []).append(one)
    return found


def _card(line: Line, asked: Mapping[UUID, list[Asked]], sheets: list[Program]) -> Card:
    holds = (line.waiting, line.unvisited, any(file.id in asked for file in line.files))
    sorts = [word for word, one in zip(SORTS, holds, strict=True) if one]
    return Card(line, " ".join(["", *_heard(line), *sorts]), _about(line), _free(line, sheets))


def _heard(line: Line) -> Iterator[str]:
    """What somebody who searches may begin with, as rosters.matches has it."""
    called = plain(line.name)[0]
    yield from (called[at:] for at in range(len(called)))
    yield plain(line.group + line.house)[0]
    yield plain(line.house)[0]
    yield from sorted({*initials(line.name), *syllables(line.name)})


def _counted(cards: Sequence[tuple[str, list[Card]]]) -> list[tuple[str, int]]:
    every = [card for _group, inside in cards for card in inside]
    return [(word, sum(f" {word}" in card.heard for card in every)) for word in ("", *SORTS)]


def _about(line: Line) -> dict[str, str]:
    """Under the mandate in force, or one that is asked for when the file arrives."""
    if line.state == OPEN or line.entry is None:
        return {"person": line.name, "mandate": str(line.mandate)}
    return {"person": line.name, "to": f"/api/roster/households/{line.entry}/mandates"}


def _free(line: Line, sheets: list[Program]) -> list[Program]:
    """Not running, and within the mandate."""
    if line.state != OPEN or line.mandate is None:
        return sheets
    startable = helping.startable(session().get_one(Mandate, line.mandate))
    return [one for one in sheets if one in startable]


def _visit(entry: UUID) -> dict[str, Any]:
    """A visit as the phone's outbox sends it; the phone adds the day."""
    return {
        "entry": str(entry), "to": f"/api/roster/households/{entry}/typed", "page": "/roster",
        "step": "visit", "title": "去过了", "touched": ["on"], "asked": {}, "revision": 0,
    }  # fmt: skip


def _file(program: Program, there: Application | None = None) -> dict[str, Any]:
    """What the phone knows of a file: begun on it, or `there` already, as it was then."""
    told: dict[str, Any] = {"program": program.id, "short": program.short, "seen": {}}
    if there is None:
        return {**told, "begun": True, "here": False}
    return {**told, "begun": False, "here": True, "revision": there.revision}


def _at() -> str:
    """11月22日8点20分."""
    there = local(now())
    return f"{there.month}月{there.day}日{there.hour}点{there.minute}分"
