"""Pages for everybody, without signing in: home, guides, help now, status, the look."""

from secrets import token_hex

from flask import Blueprint, Response, g, request

from api.context import now, portal, session
from api.pages import answers, calling, go, guides, places, safe_next, show, unread
from api.status import urgent_request
from portal.casework import lookups
from portal.contact import inbox
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid, NotFound
from portal.policy import guide
from portal.policy.catalogue import Field, Option

pages = Blueprint("home", __name__)

_YEAR = 31536000
_FIRST = ("dibao", "linshi", "tekun")
"""Those most people come for; every other program of the data follows by itself."""
_NEWS = 3
_SIZES, _THEMES = ("1", "2", "3", "4"), ("l", "d", "h")

HELP = (
    Field("place", "place", "您在哪里？", hint="选到乡镇，或写地名来找。"),
    Field("found_by", "text", "怎么找到您？", hint="写电话，或说在哪里等。"),
    Field(
        "needs", "choices", "出了什么事？",
        options=(Option("food", "没饭吃"), Option("shelter", "没地方住")),
    ),
    Field("happened", "text", "还想说的（可不填）", hint="说几句就行。", most=1000),
)  # fmt: skip

_LACKING = {
    "place": "请选您在哪个乡镇（街道）。",
    "found_by": "写个电话，或说在哪里等。",
    "needs": "请选一样，或写几句。",
}


@pages.get("/")
def home() -> Response:
    """`place`: the code of a poster leads here with its village chosen. Who is signed in sees
    their new messages first."""
    programs = portal().catalogue.programs
    first = [programs[name] for name in _FIRST if name in programs]
    others = [p for p in guide.in_order(programs) if p.id not in _FIRST]
    place = places.known(session(), request.args.get("place", ""))
    calling.choose(place.code if place else "")
    who = unread.resident()
    news = [one for one in inbox.of(session(), who.id, limit=_NEWS) if one.new] if who else []
    return show("pages/home.html", public=who is None, first=first, others=others, news=news)


@pages.get("/guide/<program_id>")
def read_guide(program_id: str) -> Response:
    program = portal().catalogue.find(program_id)
    place = places.spot(session(), _place_asked(), deepest="county")
    calling.choose(place.code)
    return show(
        "pages/guide.html",
        public=True,
        program=program,
        place=place,
        blocks=guide.blocks(program.guide),
        standards=guides.standards(program.id, place.code, on=local_date(now())),
        paid=guides.has_amounts(program.id),
        limits=guides.limits(program, place.code),
        history=guides.history(program.id, place.code, on=local_date(now())),
        cited=guides.cited,
        days=guides.days,
        stale=guide.stale(program, on=local_date(now())),
    )


@pages.get("/help-now")
def help_now() -> Response:
    return _help_page(answers.Raw(), {})


@pages.post("/help-now")
def ask_for_help() -> Response:
    raw = answers.typed(request.form)
    if places.press(HELP, raw):
        return _help_page(raw, {})
    try:
        given = urgent_request(_wanted(raw), key=request.form.get("key", ""))
    except Invalid as refused:
        return _help_page(raw, _by_question(refused.fields), status=422)
    return show("pages/help_sent.html", reference=given["reference_no"])


@pages.get("/status")
def status() -> Response:
    return show("pages/status.html", found=None, number=request.args.get("no", ""))


@pages.post("/status")
def look_up() -> Response:
    number, four = request.form.get("reference_no", ""), request.form.get("last_four", "")
    device = request.remote_addr or ""
    try:
        found = lookups.stage(session(), portal().catalogue, number, four, device=device, now=now())
    except NotFound as refused:
        g.keeps = refused.keeps
        return show("pages/status.html", 404, found=None, number=number, error=refused.message)
    return show("pages/status.html", found=found, number=number)


@pages.post("/prefs")
def prefer() -> Response:
    """Letter size and light or dark, for a year; needs no script and no account."""
    answer = go(safe_next(request.form.get("back"), otherwise="/"))
    for name, allowed in (("size", _SIZES), ("theme", _THEMES)):
        if request.form.get(name) in allowed:
            secure = portal().settings.secure
            answer.set_cookie(
                name,
                request.form[name],
                max_age=_YEAR,
                samesite="Lax",
                secure=secure,
                httponly=True,
            )
    return answer


def _place_asked() -> str:
    return request.args.get("next") or request.args.get("place", calling.chosen())


def _help_page(raw: answers.Raw, errors: dict[str, list[str]], status: int = 200) -> Response:
    page = {"raw": raw, "errors": errors, "hidden": (), "spot": places.spots(session(), raw)}
    return show(
        "pages/help_now.html", status, fields=HELP, page=page, errors=errors, key=token_hex(12)
    )


def _wanted(raw: answers.Raw) -> dict[str, object]:
    """As POST /api/urgent-requests takes it."""
    said = answers.read(HELP, raw).values
    return {
        "place": said["place"] or {},
        "found_by": said["found_by"] or "",
        "needs": said["needs"] or [],
        "happened": said["happened"] or "",
        "name": "",
    }


def _by_question(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """A refusal names the program's questions; this page asks three, in its own words."""
    asked = {"emergency_place": "place", "phone": "found_by", "applicant_name": "found_by"}
    wrong = {asked.get(name, name if name in _LACKING else "needs") for name in fields}
    return {name: [words] for name, words in _LACKING.items() if name in wrong}
