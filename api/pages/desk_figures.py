"""监管 at the desk: one page of figures to be read in ten seconds, and what lies below them."""

from urllib.parse import urlencode

from flask import Response, request

from api import figuring
from api.context import actor, portal
from api.pages import desk_look, desk_room
from portal.casework import duties, filters
from portal.casework.figures import reading
from portal.casework.figures.reading import Asked, Board, Line

_FILTERS = {
    "place": "place", "program": "program", "step": "status", "clerk": "investigator",
}  # fmt: skip
"""By which filter of the desk's first page a line's files are found."""
pages = desk_room.room("desk_figures")


@pages.get("/figures")
def read() -> Response:
    asked = _asked()
    board = figuring.board(asked)
    return desk_look.page(
        "desk/figures.html", board=board, asked=asked, measures=reading.MEASURES,
        columns=reading.measures(asked.by), cells=reading.cells, link=_link, deeper=lambda line: _deeper(asked, board, line),
        files=lambda line, measure: _files(asked, board, line, measure),
        ways=_ways(asked, board), up=_up(asked),
        program=portal().catalogue.find(asked.program).short if asked.program else "",
    )  # fmt: skip


@pages.get("/figures.xlsx")
def table() -> Response:
    return figuring.sheet(_asked())


def _asked() -> Asked:
    said = request.args
    return Asked(
        said.get("by", "place")[:16], said.get("place", "")[:12], said.get("program", "")[:64]
    )


def _link(asked: Asked, path: str = "/desk/figures") -> str:
    return f"{path}?{urlencode({k: v for k, v in vars(asked).items() if v})}"


def _ways(asked: Asked, board: Board) -> list[tuple[str, str, bool]]:
    """(address, title, whether it is this one) of each grouping."""
    return [
        (_link(Asked(by, asked.place, asked.program)), title, by == asked.by)
        for by, title in board.by.items()
    ]


def _deeper(asked: Asked, board: Board, line: Line) -> str:
    """Where a line leads: a place to what is below it, a program to its places, a step and the
    lowest place to the files themselves."""
    if asked.by == "program":
        return _link(Asked("place", asked.place, line.key))
    if asked.by == "place" and line.key != board.place:
        return _link(Asked("place", line.key, asked.program))
    return _files(asked, board, line, "filed") if line.figures.filed else ""


def _files(asked: Asked, board: Board, line: Line | None, measure: str) -> str:
    """The list of the files a figure counts; empty where there is none, or nobody may see it."""
    whom = asked.by in reading.PEOPLE and line is not None
    if duties.only_watches(actor()) or measure not in ("filed", *filters.FIGURES):
        return ""
    if whom and (asked.by != "clerk" or measure != "overdue"):
        return ""
    said = {"place": board.place, "program": asked.program}
    said["figure"] = measure if measure in filters.FIGURES else ""
    if line is not None:
        said[_FILTERS[asked.by]] = line.key.removeprefix("staff:")
    return f"/desk/?{urlencode({k: v for k, v in said.items() if v})}"


def _up(asked: Asked) -> str:
    beyond = (asked.place and asked.place != actor().region_code) or asked.program
    return "/desk/figures" if beyond else ""
