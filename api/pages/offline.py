"""What opens without a signal: the service worker, all guides on one page, a blank sheet of every
form, and a page that says what still works. Nothing here is personal."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from flask import Blueprint, Response, g, make_response, request
from markupsafe import Markup

from api import assets, security
from api.context import portal
from api.pages import answers, go, guides, show, steps
from portal.filing import walk
from portal.filing.walk import Page
from portal.foundation.errors import NotFound
from portal.people import mandate_terms
from portal.policy import conditions, guide
from portal.policy.catalogue import DocumentRule, Field, Program, Step
from portal.policy.form_definition import Condition

pages = Blueprint("offline", __name__)

KEPT = ("/", "/self-check", "/guides", "/offline", "/waiting", "/fill/dibao", "/fill/linshi")
"""The other sheets are kept once somebody has looked at their program."""
_MODULES = (
    "assets/app.js", "assets/check.js", "assets/place.js", "shared/eligibility.js",
    "shared/conditions.js", "assets/photo.js", "assets/photo-worker.js", "assets/store.js",
    "assets/upload.js", "assets/camera.js", "assets/outbox.js", "assets/sync.js", "assets/post.js",
    "assets/draft.js", "assets/form.js", "assets/sheet.js", "assets/seal.js", "assets/app.css",
)  # fmt: skip
_HELPING = (
    "assets/lock.js", "assets/round.js", "assets/sign.js", "assets/signing.js",
    "assets/signing.html",
)  # fmt: skip
"""Beside them and the page of the round, on phones that opened a page of helping."""
_HELPS = re.compile(r"/(?:roster|helping|for-another)(?![a-z]).*|/apply/[a-z]+/for-another")
_BESIDE = ("assets/over.js", "assets/lock.js")
"""Beside a form: what was typed for another one, and the PIN for whoever begins it for somebody."""
_SHEET_OF = re.compile(r"/(?:apply|guide|fill)/([a-z]+)")
_RULES = "/api/self-checks/rules?words=false&region="
_SOURCE = assets.STATIC / "assets" / "sw.js"
_ID = re.compile(r'(?<= )(id|for|aria-describedby)="')


@dataclass(frozen=True)
class Blank:
    """A sheet: of one program, or of all a household fills in together, whose id then holds a +.
    `papers`: each with the number of the file its photos go to."""

    id: str
    short: str
    steps: Sequence[Step | Page]
    papers: Sequence[tuple[DocumentRule, int]]
    apart: frozenset[str] = frozenset()
    """Names that several pages ask, in different words."""
    signed: Condition | None = None
    """When signatures are asked for; of a family's matters each has its own, with a signal."""

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for step in self.steps for field in step.fields)


@pages.get("/sw.js")
def service_worker() -> Response:
    """Its first line names the version of everything it keeps; browsers look for a new one."""
    kept = [*KEPT, _RULES, *(assets.url(name) for name in _MODULES)]
    text = _SOURCE.read_text(encoding="utf-8")
    helping = _for_helping()
    version = sha256((text + "".join(kept + helping)).encode()).hexdigest()[:10]
    lists = {"VERSION": version, "KEPT": kept, "HELPING": helping}
    head = "".join(f"const {name} = {json.dumps(one)};\n" for name, one in lists.items())
    answer = make_response(head + text)
    answer.content_type = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "max-age=3600"
    return answer


def _for_helping() -> list[str]:
    return ["/round", *(assets.url(name) for name in _HELPING)]


@pages.after_app_request
def _name_what_to_keep(answer: Response) -> Response:
    """Whoever looks at a program, or at a family's matters, with a signal can fill in the form
    without one, and who helps others has the page of the round: the service worker keeps what is
    named here."""
    if _HELPS.fullmatch(request.path):
        answer.headers["X-Keep"] = " ".join(_for_helping())
    own = _SHEET_OF.fullmatch(request.path)
    program = portal().catalogue.programs.get(own[1]) if own else None
    name = program.id if program and _has_sheet(program) else g.get("sheet")
    if name and answer.status_code == 200:
        answer.headers["X-Keep"] = " ".join([f"/fill/{name}", *map(assets.url, _BESIDE)])
    return answer


@pages.get("/guides")
def all_guides() -> Response:
    """Every guide on one page, to be read without a signal."""
    found = [
        (program, guide.blocks(program.guide))
        for program in guide.in_order(portal().catalogue.programs)
    ]
    return show("pages/guides.html", public=True, found=found, cited=guides.cited)


@pages.get("/waiting")
def waiting() -> Response:
    """What this phone has not sent yet: its scripts know, the portal does not."""
    return show("pages/waiting.html", public=True)


@pages.get("/fill/<program_id>")
def sheet(program_id: str) -> Response:
    """All topics of a form, blank: what the phone fills in without a signal. With + between
    several programs, or after one: the common form of a household with these matters."""
    sheet = _of_all(program_id) if "+" in program_id else _of_one(program_id)
    if sheet is None:
        return go(f"/guide/{program_id}")
    page = steps.page_knows(sheet.fields, answers.Raw(), {}, {}) | {"sheet": True}
    blank = show(
        "pages/fill.html", public=True, program=sheet, page=page, papers=sheet.papers,
        kinds=mandate_terms.KINDS, own_ids=_own_ids,
    )  # fmt: skip
    return security.with_camera(blank)


def _of_one(program_id: str) -> Blank | None:
    program = portal().catalogue.find(program_id)
    if not _has_sheet(program):
        return None
    papers = [(rule, 0) for rule in program.documents]
    signed = {} if program.consent_needed else program.consent_when
    return Blank(program.id, program.short, program.form.steps, papers, signed=signed)


def _of_all(program_id: str) -> Blank:
    """As the household's own pages put them together; the same for every household.

    Raises NotFound: what goes by itself, or stands there twice, is never filled in together.
    """
    names = [name for name in program_id.split("+") if name]
    programs = [portal().catalogue.find(name) for name in names]
    if not names or len(set(names)) < len(names) or not all(_has_sheet(p) for p in programs):
        raise NotFound("没有这张表。")
    found = walk.pages(programs)
    apart = frozenset(name for page in found for name in page.apart)
    short = "、".join(program.short for program in programs)
    return Blank(program_id, short, found, _papers(programs, apart), apart)


def _papers(programs: list[Program], apart: frozenset[str]) -> list[tuple[DocumentRule, int]]:
    """Each paper once, its photos in the first file that always asks it, else the first that may."""
    found: dict[str, list[tuple[DocumentRule, int]]] = {}
    for number, program in enumerate(programs):
        for rule in program.documents:
            found.setdefault(rule.item, []).append((rule, number))
    return [
        (
            _any([rule for rule, _file in rules], apart),
            next((file for rule, file in rules if rule.when is None), rules[0][1]),
        )
        for rules in found.values()
    ]


def _any(rules: list[DocumentRule], apart: frozenset[str]) -> DocumentRule:
    """Asked when any file asks it; always, where one name may mean two questions on the sheet."""
    all_whens = [rule.when for rule in rules]
    whens = [when for n, when in enumerate(all_whens) if when not in all_whens[:n]]
    always = any(when is None or apart.intersection(conditions.names(when)) for when in whens)
    need = "shared" if all(rule.need == "shared" for rule in rules) else "helpful"
    when = None if always else {"any": whens} if len(whens) > 1 else whens[0]
    return replace(rules[0], need=need, when=when)


def _own_ids(html: str, page: str) -> str:
    """What a question's label leads to, where another page of the sheet asks one of its name."""
    return Markup(_ID.sub(rf'\1="{page}.', html))  # noqa: S704 - our own template drew it


@pages.get("/round")
def round_without_signal() -> Response:
    """An assistant's village, blank: the phone has the cards, where there is a PIN."""
    return show("pages/round.html", public=True)


@pages.get("/offline")
def without_signal() -> Response:
    """Which forms can be begun here: two always, the others once somebody has looked at them."""
    others = [p for p in sheets() if f"/fill/{p.id}" not in KEPT]
    return show("pages/offline.html", public=True, others=others)


def sheets() -> list[Program]:
    """Programs whose form can be filled in without a signal."""
    return [p for p in guide.in_order(portal().catalogue.programs) if _has_sheet(p)]


def _has_sheet(program: Program) -> bool:
    return program.has_form and not program.travels_alone
