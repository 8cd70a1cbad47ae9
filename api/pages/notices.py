"""公示 for the village, without signing in: what hangs now, and an objection with a code."""

from secrets import token_hex
from uuid import UUID

from flask import Response, g, request

from api import public_notices as api
from api.context import now, session
from api.pages import answers, go, mine, places, show
from portal.casework.publicity import board, objecting
from portal.foundation.errors import Conflict, Invalid, NotFound, TooOften
from portal.policy.catalogue import Field

pages = mine.room("notices")

QUESTIONS = (
    Field("sentence", "text", "您有什么意见？", hint="比如：他家有小汽车。", most=objecting.MOST_CHARACTERS),
    Field("name", "text", "您是谁（可不填）", most=objecting.MOST_IN_NAME),
    Field("phone", "text", "您的电话（可不填）", most=objecting.MOST_IN_PHONE),
)  # fmt: skip


@pages.after_request
def _unseen(answer: Response) -> Response:
    return api.unseen(answer)


@pages.get("/notices")
def choose() -> Response:
    """Down to the village; a village chosen leads to its own page."""
    asked = request.args.get("next") or request.args.get("place", "")
    place = places.spot(session(), asked, sought=request.args.get("find", "").strip())
    if place.code and not place.next:
        return go(f"/notices/{place.code}")
    return show("pages/notices.html", place=place)


@pages.get("/notices/<code>")
def hanging(code: str) -> Response:
    number = request.args.get("page", "1")
    try:
        found = api.page(code, int(number) if number.isdecimal() and len(number) < 6 else 1)
    except Invalid:
        return go("/notices")
    return show("pages/notices_here.html", board=found, kinds=board.KINDS)


@pages.get("/notices/objections")
def ask_code() -> Response:
    return show("pages/notice_answer.html", states=[], code="")


@pages.post("/notices/objections")
def follow() -> Response:
    """By the code; it is kept out of addresses."""
    code = request.form.get("code", "")[:40]
    try:
        states = api.followed(code)
    except (NotFound, TooOften) as refusal:
        g.keeps = True
        return show(
            "pages/notice_answer.html", refusal.status, states=[], code=code, error=refusal.message
        )
    return show("pages/notice_answer.html", states=states, code=code)


@pages.get("/notices/<uuid:notice_id>/objections")
def ask(notice_id: UUID) -> Response:
    return _page(notice_id, answers.Raw(), {})


@pages.post("/notices/<uuid:notice_id>/objections")
def hand_in(notice_id: UUID) -> Response:
    raw = answers.typed(request.form)
    said = {field.name: raw.get(field.name, "")[:2000] for field in QUESTIONS}
    try:
        given = api.objected(notice_id, said, key=request.form.get("key", ""))
    except (Invalid, Conflict) as refusal:
        session().rollback()
        fields = refusal.fields or {"sentence": [refusal.message]}
        return _page(notice_id, raw, fields, status=refusal.status)
    return show("pages/notice_sent.html", code=given["code"])


def _page(
    notice_id: UUID, raw: answers.Raw, errors: dict[str, list[str]], status: int = 200
) -> Response:
    posting = board.find(session(), notice_id, now=now())
    page = {"raw": raw, "errors": errors, "hidden": ()}
    return show(
        "pages/notice_object.html", status, posting=posting, fields=QUESTIONS, page=page,
        errors=errors, key=token_hex(12),
    )  # fmt: skip
