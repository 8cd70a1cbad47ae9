"""How a program's guide, time limits and amounts are said on a page."""

import re
from datetime import date

from markupsafe import Markup, escape

from api.context import portal, session
from portal.policy import amounts, guide, regions
from portal.policy.catalogue import Program

_AREAS = {"urban": "城市", "rural": "农村", "all": ""}
_SOURCE = re.compile(
    r"(.*?)(（[^（）]*(?:法|办法|意见|通知|规程)[^（）]*(?:（[^（）]*）[^（）]*)*）)\Z"
)


def standards(program_id: str, code: str, *, on: date) -> list[tuple[str, str]]:
    """What is paid in a place: (城市, sentences). Empty without a place or a figure."""
    if not code:
        return []
    path = regions.path(session(), code)
    found = amounts.in_force(portal().catalogue, program_id, path, on=on)
    return [(_AREAS[a.area], amounts.words(a, on=on)) for a in found]


def cited(text: str) -> Markup:
    """The sentence, and its source in quieter letters."""
    parts = _SOURCE.match(text)
    if parts is None:
        return escape(text)
    return Markup('{}<span class="plain source">{}</span>').format(*parts.groups())


def under(program: Program, heading: str) -> tuple[str, ...]:
    """The lines of the guide below one of its headings; empty when it has no such part."""
    blocks = guide.blocks(program.guide)
    for number, block in enumerate(blocks[:-1]):
        if block.kind == "heading" and block.texts[0] == heading:
            return blocks[number + 1].texts
    return ()
