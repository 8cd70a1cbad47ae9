"""A person's messages, how they want to be told, and complaints: pages without JavaScript."""

from secrets import token_hex
from typing import Any
from uuid import UUID

from flask import Response, g, request

from api import applications as api
from api import complaints as complaining
from api import me
from api.context import maybe_actor, now, portal, session
from api.pages import answers, calling, go, mine, places, safe_next, show
from portal.casework.talk import complaints
from portal.contact import inbox
from portal.contact.rules import rules
from portal.contact.templates import MOST_IN_A_WORD, WORDS
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.clock import spoken
from portal.foundation.errors import Invalid, NotFound, Refusal, TooOften
from portal.people import choices
from portal.people.access import Role
from portal.people.tables import Account
from portal.policy.catalogue import Field, Option

pages = mine.room("talk")

COMPLAINT = (
    Field(
        "against", "choice", "反映谁？",
        options=tuple(Option(key, text) for key, text in complaints.AGAINST.items()),
    ),
    Field("place", "place", "在哪里？", hint="选到县，最好选到乡镇。"),
    Field(
        "topic", "choice", "什么事？",
        options=tuple(Option(key, text) for key, text in complaints.TOPICS.items()),
    ),
    Field("words", "text", "说说经过", hint="什么时候，谁，怎么了。", most=complaints.MOST_CHARACTERS),
    Field("phone", "phone", "您的电话（可不填）", hint="填了，县里能打给您问清楚。"),
)  # fmt: skip


@pages.get("/messages")
def box() -> Response:
    """All messages with their words; once shown they are no longer new."""
    account = me.account()
    found = inbox.of(session(), account.id)
    page = show("pages/messages.html", messages=found, spoken=spoken, about=_abouts(account))
    if any(one.new for one in found) or inbox.unread(session(), account.id):
        with portal().database.writing() as short:
            inbox.mark_read(short, account.id, now=now())
    return page


@pages.get("/code-word")
def ask_word() -> Response:
    return _word_page()


@pages.post("/code-word")
def choose_word() -> Response:
    """One of ours, or an own one, or none; 跳过 is an answer as well."""
    account, form = me.account(), request.form
    typed = "" if "skip" in form else form.get("own", "").strip() or form.get("word", "")
    try:
        choices.choose_word(session(), account, typed[:20], now=now())
    except Invalid as refusal:
        session().rollback()
        return _word_page(refusal)
    return go(safe_next(form.get("next"), otherwise="/me/contact"))


@pages.get("/me/contact")
def contact() -> Response:
    return _contact_page()


@pages.post("/me/contact")
def choose() -> Response:
    """A second number, and whether drafts that wait are spoken of."""
    account, form = me.account(), request.form
    try:
        if "second_phone" in form:
            choices.choose_second(session(), account, form["second_phone"][:40], now=now())
        if "reminders" in form:
            choices.choose_reminders(session(), account, form["reminders"] == "yes", now=now())
    except Invalid as refusal:
        session().rollback()
        return _contact_page(refusal)
    return go("/me/contact")


@pages.get("/complain")
def ask_complaint() -> Response:
    return _complaint_page(answers.Raw(), {})


@pages.post("/complain")
def hand_in_complaint() -> Response:
    raw = answers.typed(request.form)
    if places.press(COMPLAINT, raw):
        return _complaint_page(raw, {})
    try:
        key = request.form.get("key", "")
        given = complaining.handed_in(_wanted(raw), about=_about(), key=key)
    except Invalid as refusal:
        session().rollback()
        return _complaint_page(raw, refusal.fields, status=422)
    return show("pages/complained.html", code=given["code"], due=given["due_on"])


@pages.get("/complaint")
def ask_code() -> Response:
    return show("pages/complaint.html", found=None, code="")


@pages.post("/complaint")
def follow_complaint() -> Response:
    """By the code; it is kept out of addresses."""
    code = request.form.get("code", "")[:40]
    return _followed(code)


@pages.get("/complaint/<code>")
def follow_by_address(code: str) -> Response:
    return _followed(code[:40])


def _followed(code: str) -> Response:
    try:
        found = complaining.followed(code)
    except (NotFound, TooOften) as refusal:
        g.keeps = True
        return show(
            "pages/complaint.html", refusal.status, found=None, code=code, error=refusal.message
        )
    return show("pages/complaint.html", found=found, code=code, spoken=spoken)


def _word_page(refusal: Refusal | None = None) -> Response:
    chosen = choices.of(session(), me.account())
    return show(
        "pages/code_word.html", 422 if refusal else 200, words=WORDS, chosen=chosen.word,
        most=MOST_IN_A_WORD, error=refusal and refusal.message,
        after=safe_next(request.values.get("next"), otherwise="/me/contact"),
        typed=request.form.get("own", ""),
    )  # fmt: skip


def _contact_page(refusal: Refusal | None = None) -> Response:
    account = me.account()
    return show(
        "pages/contact.html", 422 if refusal else 200, chosen=choices.of(session(), account),
        phone=me.about(account)["phone"], error=refusal and refusal.message,
        typed=request.form.get("second_phone", ""),
    )  # fmt: skip


def _complaint_page(raw: answers.Raw, errors: dict[str, list[str]], status: int = 200) -> Response:
    about = _about()
    page = {
        "raw": raw, "errors": errors, "hidden": (), "spot": places.spots(session(), raw),
        "town_only": True,
    }  # fmt: skip
    who = maybe_actor()
    return show(
        "pages/complain.html", status,
        fields=[f for f in COMPLAINT if about is None or f.name != "place"],
        page=page, errors=errors, about=about, unnamed="unnamed" in raw,
        signed_in=who is not None and who.role is Role.APPLICANT and who.proved,
        days=rules().complaint_workdays, key=token_hex(12),
        title=portal().catalogue.find(about.program_id).short if about else "",
    )  # fmt: skip


def _about() -> Application | None:
    """The own file it is about, when the page was reached from there."""
    try:
        wanted = UUID(request.values.get("about", ""))
    except ValueError:
        return None
    found = api.find(wanted)
    calling.about(found.region_path)
    return found


def _wanted(raw: answers.Raw) -> dict[str, Any]:
    place = places.chosen(raw, "place")
    about = _about()
    if "unnamed" in raw and about is not None and not place:
        place = about.region_code or ""
    return {
        **{name: raw.get(name, "")[:4000] for name in ("topic", "against", "words", "phone")},
        "place": place[:12], "named": "unnamed" not in raw,
    }  # fmt: skip


def _abouts(account: Account) -> dict[UUID, str]:
    """Which application a message is about, before its time."""
    programs = portal().catalogue.programs
    return {
        one.id: f"{programs[one.program_id].short}，编号 {one.reference_no}"
        for one in applications.mine(session(), account.id)
    }
