"""The clerk's pages: sign in, the queue, a file read beside its photos, what to do with it."""

from uuid import UUID

from flask import Response, g, jsonify, request

from api import callers, cookies, desk_reading
from api.context import actor, maybe_actor, now, portal, session
from api.pages import desk_look, desk_nav, desk_room, go
from portal.casework import duties, office, queue
from portal.filing.tables import Application
from portal.foundation.errors import Forbidden, Invalid, SignInNeeded, TooOften
from portal.people import staff

pages = desk_room.room("desk")


@pages.get("/sign-in")
def ask_sign_in() -> Response:
    return go("/desk/") if _signed_in() else desk_look.sign_in_page("", "")


@pages.post("/sign-in")
def sign_in() -> Response:
    name, password, totp = (
        request.form.get(part, "")[:256] for part in ("username", "password", "totp")
    )
    try:
        member = staff.prove(session(), name, password, totp, network=callers.network(), now=now())
    except (Invalid, TooOften) as refusal:
        g.keeps = refusal.keeps
        return desk_look.sign_in_page(name, refusal.message, refusal.status)
    cookies.sign_in_browser(session(), staff=member)
    return go("/desk/")


@pages.post("/sign-out")
def leave() -> Response:
    cookies.sign_out_browser(session())
    return go("/desk/sign-in")


@pages.get("/")
def first_page() -> Response:
    who = actor()
    if not who.holds(*duties.READING):
        return go(desk_nav.first(who)) if desk_nav.links(who) else desk_look.queue_page()
    return desk_look.queue_page()


@pages.get("/counts")
def count() -> Response:
    """For the page's own script: whether somebody needs help since it was opened."""
    alerts, waiting = queue.counts(session(), actor=actor())
    return jsonify(alerts=alerts, waiting=waiting)


@pages.post("/next")
def take_next() -> Response:
    duty = request.form.get("duty", "")
    found = office.take_next(session(), actor=actor(), duty=duty, now=now())
    return go(desk_look.at(found.id)) if found else go("/desk/?nothing")


@pages.get("/find")
def find_one() -> Response:
    """By the number people say over the phone."""
    return go(desk_look.at(queue.find(session(), request.args.get("number", ""), actor=actor()).id))


@pages.get("/keys")
def keys() -> Response:
    """The keys of every page, to print and hang beside the screen."""
    return desk_look.page("desk/keys.html")


@pages.get("/files/<uuid:application_id>")
def read(application_id: UUID) -> Response:
    try:
        desk_reading.note("read.file", application_id)
    except Forbidden as refusal:
        if refusal.code != "reason_needed":
            raise
        return desk_look.reason_page(application_id)
    return desk_look.file_page(desk_reading.opened(application_id))


@pages.post("/files/<uuid:application_id>/reasons")
def open_with_reason(application_id: UUID) -> Response:
    """A supervisor writes why; the file is open to them for half an hour."""
    words = request.form.get("words", "")
    try:
        office.open_with_reason(session(), application_id, words, actor=actor(), now=now())
    except Invalid as refusal:
        return desk_look.reason_page(application_id, refusal)
    return go(desk_look.at(application_id))


@pages.post("/files/<uuid:application_id>/numbers")
def reveal(application_id: UUID) -> Response:
    """Whole numbers, once; why they were looked at is kept with this answer."""
    application, said = find(application_id), request.form
    try:
        office.reveal(
            session(), application, said.get("reason", ""), said.get("words", ""),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return desk_look.file_page(afresh(application_id), refusal=refusal, form="reveal")
    return desk_look.file_page(application, revealed=True)


@pages.get("/files/<uuid:application_id>/photos/<uuid:document_id>")
def photo(application_id: UUID, document_id: UUID) -> Response:
    """The prepared copy under a watermark; `?size=small` a thumbnail. Never the bytes as sent."""
    small = request.args.get("size") == "small"
    return desk_reading.photo(application_id, document_id, small=small)


@pages.get("/files/<uuid:application_id>/form.pdf")
def form(application_id: UUID) -> Response:
    return desk_reading.form(application_id)


@pages.post("/files/<uuid:application_id>/release")
def release(application_id: UUID) -> Response:
    office.release(session(), find(application_id), actor=actor(), now=now())
    return go("/desk/")


@pages.post("/files/<uuid:application_id>/accept")
def accept(application_id: UUID) -> Response:
    office.accept(session(), find(application_id), actor=actor(), now=now())
    return go("/desk/?done=accepted")


@pages.post("/files/<uuid:application_id>/returns")
def ask_for(application_id: UUID) -> Response:
    application = find(application_id)
    items = [(i, request.form.get(f"say.{i}", "")) for i in request.form.getlist("item")]
    try:
        office.ask_for(
            session(), application, portal().catalogue.find(application.program_id), items,
            again=request.form.get("again", ""), superior=uuid_of(request.form.get("superior")),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return desk_look.file_page(afresh(application_id), refusal=refusal, form="ask")
    return go("/desk/?done=returned")


@pages.post("/files/<uuid:application_id>/decline")
def decline(application_id: UUID) -> Response:
    application, said = find(application_id), request.form
    try:
        office.decline(
            session(), application, said.get("reason", ""), said.get("sentence", ""),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return desk_look.file_page(afresh(application_id), refusal=refusal, form="decline")
    return go("/desk/?done=declined")


@pages.post("/files/<uuid:application_id>/alert")
def answer_alert(application_id: UUID) -> Response:
    application, said = find(application_id), request.form
    try:
        office.answer_alert(
            session(), application, name=said.get("name", ""), sentence=said.get("sentence", ""),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return desk_look.file_page(afresh(application_id), refusal=refusal, form="alert")
    return go(desk_look.at(application_id))


def find(application_id: UUID) -> Application:
    return office.find(session(), application_id, actor=actor())


def afresh(application_id: UUID) -> Application:
    """Nothing of a refused act is kept, nor shown."""
    session().rollback()
    return find(application_id)


def _signed_in() -> bool:
    try:
        return maybe_actor() is not None
    except SignInNeeded:
        return False


def uuid_of(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
