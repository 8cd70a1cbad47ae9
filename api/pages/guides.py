"""How a program's guide, time limits and amounts are said on a page."""

from datetime import date

from markupsafe import Markup, escape

from api.context import portal, session
from portal.policy import amounts, deadlines, guide, regions
from portal.policy.catalogue import Amount, Deadline, Program

_AREAS = {"urban": "城市", "rural": "农村", "all": ""}

days = deadlines.words


def standards(program_id: str, code: str, *, on: date) -> list[tuple[str, str]]:
    """What is paid in a place: (城市低保标准, sentences). Empty without a place or a figure."""
    if not code:
        return []
    path = regions.path(session(), code)
    found = amounts.in_force(portal().catalogue, program_id, path, on=on)
    return [(_named(a), amounts.words(a, on=on)) for a in found]


def history(program_id: str, code: str, *, on: date) -> list[tuple[str, str]]:
    """What once was paid in a place, averages among it, newest first."""
    if not code:
        return []
    path = regions.path(session(), code)
    found = amounts.history(portal().catalogue, program_id, path, on=on)
    return [(_named(amount), words) for amount, words in found]


def has_amounts(program_id: str) -> bool:
    """Whether anything is published of what the program pays."""
    return any(amount.program == program_id for amount in portal().catalogue.amounts)


def limits(program: Program, code: str) -> list[Deadline]:
    """The time limits everywhere, and those of the place."""
    here = regions.path(session(), code).split("/") if code else []
    return [d for d in program.deadlines if not d.region or d.region in here]


def _named(amount: Amount) -> str:
    return f"{_AREAS[amount.area]}{amount.item}"


def cited(text: str) -> Markup:
    """The sentence, and its source in quieter letters."""
    words, source = guide.parted(text)
    if not source:
        return escape(words)
    return Markup('{}<span class="plain source">{}</span>').format(words, source)


def under(program: Program, heading: str) -> tuple[str, ...]:
    """The lines of the guide below one of its headings; empty when it has no such part."""
    blocks = guide.blocks(program.guide)
    for number, block in enumerate(blocks[:-1]):
        if block.kind == "heading" and block.texts[0] == heading:
            return blocks[number + 1].texts
    return ()
