"""An assistant's roster: the village by group, what waits, who was not visited."""

from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, g, request

from api import acting, roster, roster_leads, roster_tasks
from api.context import now, portal, session
from api.pages import go, mine, show
from portal.casework import rounds, stages
from portal.casework.rounds import Line
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.errors import Refusal
from portal.policy import regions
from portal.policy.lifecycle import Status

pages = mine.room("village_roster")

NOWHERE = "没写哪个组"
MOST_AT_ONCE = 60
"""More households than these, and the groups come first: an old phone shows no thousand."""
_NAMES = ("name", "group", "house", "village")


@pages.get("/roster")
def first_page() -> Response:
    return _page()


@pages.post("/roster/households")
def add() -> Response:
    said = {name: request.form.get(name, "")[:64] for name in _NAMES}
    try:
        made = roster.added(said)
    except Refusal as refused:
        if refused.status in (401, 403):
            raise
        g.keeps = refused.keeps
        return _page(refused)
    return go(f"/roster#h-{made.id}")


@pages.post("/roster/households/<uuid:entry_id>/removal")
def remove(entry_id: UUID) -> Response:
    roster.removed(entry_id)
    return go(_back("main"))


@pages.post("/roster/households/<uuid:entry_id>/visits")
def visit(entry_id: UUID) -> Response:
    roster.visited(entry_id)
    return go(_back(f"h-{entry_id}"))


@pages.post("/roster/households/<uuid:entry_id>/mandates")
def help_them(entry_id: UUID) -> Response:
    """One tap; then the person says yes. In the midst of another household it is asked first."""
    mandate = roster.begun(entry_id)
    if mandate.basis is not None:
        return go(f"/helping/{mandate.id}")
    if acting.bar() is None:
        acting.enter(mandate.id)
    return go(f"/helping/{mandate.id}/yes")


@pages.get("/roster/corrections")
def corrections() -> Response:
    return show("pages/roster_corrections.html", homes=_by_home(roster.asked()), at=mine.at)


@pages.get("/roster/paused")
def paused() -> Response:
    """Nobody touched the roster for ten minutes: the names are off the screen."""
    return show("pages/roster_paused.html")


def _by_home(asked: list[rounds.Asked]) -> list[tuple[Line, list[rounds.Asked]]]:
    homes: dict[UUID | None, list[rounds.Asked]] = {}
    for one in asked:
        homes.setdefault(one.line.mandate, []).append(one)
    return [(found[0].line, found) for found in homes.values()]


def _page(refused: Refusal | None = None) -> Response:
    account, held = roster.assistant()
    words = request.args.get("words", "")[:64]
    only = request.args.get("only", "")
    every = rounds.lines(session(), held, account, now=now())
    found = rounds.chosen(every, words=words, only=only)
    names = {one.village_code: regions.find(session(), one.village_code).name for one in held}
    groups, inside = grouped(found, names), request.args.get("in", "")[:64]
    if inside:
        groups = [group for group in groups if group[0] == inside]
    fold = not inside and len(found) > MOST_AT_ONCE
    return show(
        "pages/roster.html", refused.status if refused else 200, groups=groups, fold=fold,
        inside=inside,
        words=words, only=only if only in rounds.FILTERS else "", villages=names, found=len(found),
        count={name: len(rounds.chosen(every, only=name)) for name in ("", *rounds.FILTERS)},
        leads=roster_leads.count(), tasks=roster_tasks.count(), asked=any(_returned(line) for line in every), file_words=file_words, visited=_visited,
        typed=request.form, errors=refused.fields or {"name": [refused.message]} if refused else {},
    )  # fmt: skip


def grouped(found: list[Line], villages: dict[str, str]) -> list[tuple[str, list[Line]]]:
    """Headed by the group; by the village as well for who has several."""
    several = len(villages) > 1

    def heading(line: Line) -> str:
        village = villages.get(line.village, "")
        return (village if several else "") + (line.group or NOWHERE)

    return [(words, list(lines)) for words, lines in groupby(found, key=heading)]


def _returned(line: Line) -> bool:
    return any(file.status == Status.RETURNED for file in line.files)


def file_words(file: Application) -> str:
    """低保：还没提交."""
    return f"{portal().catalogue.find(file.program_id).short}：{stages.LABELS[Status(file.status)]}"


def _visited(line: Line) -> str:
    """今天去过 · 11月3日去过 · 还没去过."""
    if line.visited_on is None:
        return "还没去过"
    day = line.visited_on
    return "今天去过了" if day == local_date(now()) else f"{day.month}月{day.day}日去过"


def _back(anchor: str) -> str:
    """Where the tap was made, searched or filtered as it was."""
    asked = {name: request.form.get(name, "")[:64] for name in ("words", "only", "in")}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/roster{'?' if query else ''}{query}#{anchor}"
