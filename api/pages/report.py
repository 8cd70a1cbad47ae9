"""主动发现 without signing in: three fields, and a code to ask by."""

from flask import Response, g, request

from api import leads as reporting
from api.context import session
from api.pages import answers, mine, places, show
from portal.casework.leads.reporting import MOST_CHARACTERS
from portal.foundation.errors import Invalid, NotFound, TooOften
from portal.policy.catalogue import Field

pages = mine.room("report")

QUESTIONS = (
    Field("place", "place", "在哪里？", hint="选到村最好，至少选到乡镇。"),
    Field("what", "text", "有什么难处？", hint="比如：老人病了没人管。", most=MOST_CHARACTERS),
    Field("find", "text", "怎么找到这家人？", hint="名字、外号、门牌、电话，写知道的。"),
)


@pages.get("/report")
def ask() -> Response:
    return _page(answers.Raw(), {})


@pages.post("/report")
def hand_in() -> Response:
    raw = answers.typed(request.form)
    if places.press(QUESTIONS, raw):
        return _page(raw, {})
    said = {name: raw.get(name, "")[:2000] for name in ("what", "find")}
    try:
        given = reporting.reported(said | {"place": places.chosen(raw, "place")[:12]})
    except Invalid as refusal:
        session().rollback()
        return _page(raw, refusal.fields, status=422)
    return show("pages/report_sent.html", code=given["code"])


@pages.get("/report/answer")
def ask_code() -> Response:
    return show("pages/report_answer.html", state="", code="")


@pages.post("/report/answer")
def follow() -> Response:
    """By the code; it is kept out of addresses."""
    code = request.form.get("code", "")[:40]
    try:
        state = reporting.followed(code)
    except (NotFound, TooOften) as refusal:
        g.keeps = True
        return show(
            "pages/report_answer.html", refusal.status, state="", code=code, error=refusal.message
        )
    return show("pages/report_answer.html", state=state, code=code)


def _page(raw: answers.Raw, errors: dict[str, list[str]], status: int = 200) -> Response:
    page = {
        "raw": raw, "errors": errors, "hidden": (), "spot": places.spots(session(), raw),
        "town_only": True,
    }  # fmt: skip
    return show("pages/report.html", status, fields=QUESTIONS, page=page, errors=errors)
