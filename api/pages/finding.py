"""Looking for help: search by everyday words, and whom to call. Complete without a script."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from markupsafe import Markup, escape

from api import policies
from api.context import session
from api.pages import calling, places, show
from portal.policy import directory
from portal.policy.catalogue import Program
from portal.policy.search import Sentence

pages = Blueprint("finding", __name__)

_SHOWN = 100
_EXAMPLES = ("没钱看病", "房子塌了", "孩子上学", "老人没人管", "没饭吃", "没工作")


@pages.get("/search")
def search() -> Response:
    typed = request.args.get("q", "").strip()
    found = policies.index().search(typed)
    return show(
        "pages/search.html",
        public=True,
        typed=typed[:_SHOWN],
        found=found,
        marked=marked,
        examples=_EXAMPLES,
        together=_together([one.program for one in found.programs]),
    )


@pages.get("/contacts")
def contacts() -> Response:
    """Everybody who answers for a place, and the poster with their numbers."""
    asked = request.args.get("next") or request.args.get("place", calling.chosen())
    place = places.spot(session(), asked, sought=request.args.get("find", "").strip())
    found = [directory.EVERYWHERE]
    if place.code:
        found = directory.of_region(session(), place.code)
    calling.choose(place.code)
    return show("pages/contacts.html", public=True, place=place, contacts=found)


def _together(found: Iterable[Program]) -> str:
    """What of it is applied for here, as the address of a page that has it ticked."""
    ids = [p.id for p in found if p.has_form and not p.travels_alone]
    return urlencode([("program", one) for one in ids])


def marked(sentence: Sentence) -> Markup:
    """The sentence with what was found in <mark>."""
    return Markup("").join(_pieces(sentence))


def _pieces(sentence: Sentence) -> Iterator[Markup]:
    done = 0
    for start, end in sentence.marks:
        yield escape(sentence.text[done:start])
        yield Markup("<mark>{}</mark>").format(sentence.text[start:end])
        done = end
    yield escape(sentence.text[done:])
