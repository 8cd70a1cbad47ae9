"""The desk's talk with people: answering messages, telling in person, complaints, all our words."""

from secrets import token_hex
from typing import Any
from uuid import UUID

from flask import Response, request

from api import complaints as complaining
from api import office_talk
from api.context import actor, now, portal, session
from api.pages import desk_look, desk_room, go
from portal.casework import duties, office, timeline
from portal.casework.talk import answering, complaints, errands, thread
from portal.contact import in_person
from portal.contact.rules import rules
from portal.contact.templates import (
    CODES,
    EXAMPLE,
    MESSAGES,
    MOST_CHARACTERS,
    MOST_IN_A_WORD,
    TEMPLATES,
    WORDS,
    message_of,
    saying_of,
    text_of,
)
from portal.filing.tables import Application
from portal.foundation.errors import Invalid, NotFound, TooLarge, WrongType
from portal.policy import regions
from portal.policy.catalogue import Program

pages = desk_room.room("desk_talk")

FORM = "talk"


def panel(application: Application, program: Program) -> dict[str, Any] | None:
    """What static/desk/parts/talk.html is given; None when there is nothing to show now."""
    who = actor()
    may_write = who.holds(*duties.TOWNSHIP, *duties.COUNTY)
    lines = thread.lines(session(), application, actor=who)
    if not lines and not may_write:
        return None
    if may_write and request.method == "GET" and any(line.new for line in lines):
        with portal().database.writing() as short:
            thread.mark_seen(short, application, actor=who, now=now())
    return {
        "lines": lines, "may_write": may_write, "key": token_hex(12),
        "clock": thread.clock(session(), application, now=now()),
        "most": thread.MOST_CHARACTERS,
    }  # fmt: skip


@pages.get("/messages")
def waiting() -> Response:
    """Whose people wait for an answer."""
    return desk_look.page(
        "desk/messages.html", waiting=thread.waiting(session(), actor=actor(), now=now()),
        days=rules().answer_workdays,
    )  # fmt: skip


@pages.post("/files/<uuid:application_id>/messages")
def write(application_id: UUID) -> Response:
    try:
        office_talk.written(application_id)
    except (Invalid, TooLarge, WrongType) as refusal:
        session().rollback()
        application = office.find(session(), application_id, actor=actor())
        told = Invalid(refusal.message, fields=refusal.fields or {"text": [refusal.message]})
        return desk_look.file_page(application, refusal=told, form=FORM)
    return go(desk_look.at(application_id) + "#talk")


@pages.get("/files/<uuid:application_id>/messages/<uuid:message_id>/voice")
def voice(application_id: UUID, message_id: UUID) -> Response:
    return office_talk.heard(application_id, message_id)


@pages.get("/tasks")
def to_tell() -> Response:
    return _tasks_page()


@pages.post("/tasks/<uuid:errand_id>/completions")
def told(errand_id: UUID) -> Response:
    try:
        errands.finish(session(), errand_id, request.form.get("how", ""), actor=actor(), now=now())
    except Invalid as refusal:
        session().rollback()
        return _tasks_page(refusal)
    return go("/desk/tasks?done")


@pages.get("/complaints")
def complaints_list() -> Response:
    return desk_look.page(
        "desk/complaints.html", found=answering.lists(session(), actor=actor()),
        topics=complaints.TOPICS, places=_place, clock=_clock, day=timeline.day_text,
        days=rules().complaint_workdays, done="done" in request.args,
    )  # fmt: skip


@pages.get("/complaints/<uuid:complaint_id>")
def complaint(complaint_id: UUID) -> Response:
    return _complaint_page(complaint_id)


@pages.post("/complaints/<uuid:complaint_id>/answers")
def answer(complaint_id: UUID) -> Response:
    found = answering.find(session(), complaint_id, actor=actor(), to_answer=True)
    try:
        complaints.answer(
            session(), found, request.form.get("sentence", ""), actor=actor(), now=now()
        )
    except Invalid as refusal:
        session().rollback()
        return _complaint_page(complaint_id, refusal)
    return go("/desk/complaints?done")


@pages.get("/templates")
def words() -> Response:
    """Every text and message there is, as people get it, with the longest code word."""
    duties.check_staff(actor())
    longest = max(WORDS, key=len) + "词" * (MOST_IN_A_WORD - len(max(WORDS, key=len)))
    return desk_look.page(
        "desk/templates.html", most=MOST_CHARACTERS, rules=rules(), word=longest,
        rows=[_template(name, longest) for name in TEMPLATES],
    )  # fmt: skip


def _template(name: str, word: str) -> dict[str, Any]:
    text = text_of(name, EXAMPLE, word=word)
    told = message_of(name) if name in MESSAGES else None
    saying = saying_of(name) if told and name not in CODES else ""
    return {"name": name, "text": text, "length": len(text), "told": told, "saying": saying}


def _tasks_page(refusal: Invalid | None = None) -> Response:
    who = actor()
    return desk_look.page(
        "desk/tasks.html", 422 if refusal else 200,
        waiting=[(e, f, _place(e.region_code)) for e, f in errands.waiting(session(), actor=who)],
        over=errands.done_lately(session(), actor=who), why=in_person.WHY, how=in_person.HOW,
        not_found=in_person.NOT_FOUND, sayings=in_person.sayings, refusal=refusal,
        may_do=who.holds(*duties.TOWNSHIP, *duties.COUNTY), done="done" in request.args,
    )  # fmt: skip


def _complaint_page(complaint_id: UUID, refusal: Invalid | None = None) -> Response:
    """A refused answer shows the page again; its reading was recorded when it was opened."""
    if refusal is None:
        found = complaining.opened(complaint_id)
    else:
        row = answering.find(session(), complaint_id, actor=actor())
        found = complaints.opened(session(), row, now=now())
    return desk_look.page(
        "desk/complaint.html", 422 if refusal else 200, found=found, refusal=refusal,
        may_answer=actor().holds(*answering.ANSWERING) and not found["answered_at"],
        most=complaints.MOST_IN_ANSWER, typed=request.form.get("sentence", ""),
    )  # fmt: skip


def _clock(complaint: Any) -> dict[str, Any]:
    return complaints.clock(complaint, now=now())


def _place(code: str) -> str:
    try:
        return regions.full_name(session(), code)
    except NotFound:
        return code
