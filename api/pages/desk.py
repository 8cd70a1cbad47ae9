"""The clerk's pages: sign in, the queue, a file read beside its photos, what to do with it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, make_response, request

from api import callers, cookies
from api.context import actor, maybe_actor, now, portal, session
from api.pages import desk_look, go, show
from portal.casework import office, queue, stages
from portal.filing import documents
from portal.filing.tables import Application
from portal.foundation.errors import Invalid, NotFound, Refusal, SignInNeeded, TooOften
from portal.handover import bag, embedded
from portal.people import staff

pages = Blueprint("desk", __name__, url_prefix="/desk")

_SIZES = {"large": "prepared", "small": "thumbnail"}


@pages.errorhandler(Refusal)
def refuse(refusal: Refusal) -> Response:
    """The desk's own page for what could not be done; nobody signed in goes to sign in."""
    g.keeps = refusal.keeps
    if isinstance(refusal, SignInNeeded):
        return go("/desk/sign-in")
    answer = show("desk/sorry.html", refusal.status, refusal=refusal, who=None, alerts=0)
    if refusal.retry_after is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


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
    found = queue.lists(session(), actor=actor(), now=now())
    oldest = found.oldest_undelivered
    return desk_look.page(
        "desk/queue.html",
        queue=found,
        undelivered_for=desk_look.age(oldest) if oldest else "",
        done=stages.DESK_WORDS.get(request.args.get("done", ""), ""),
        nothing="nothing" in request.args,
    )


@pages.get("/counts")
def count() -> Response:
    """For the page's own script: whether somebody needs help since it was opened."""
    alerts, waiting = queue.counts(session(), actor=actor())
    return jsonify(alerts=alerts, waiting=waiting)


@pages.post("/next")
def take_next() -> Response:
    found = office.take_next(session(), actor=actor(), now=now())
    return go(desk_look.at(found.id)) if found else go("/desk/?nothing")


@pages.get("/files/<uuid:application_id>")
def read(application_id: UUID) -> Response:
    _note("read.file", application_id)
    return desk_look.file_page(_find(application_id))


@pages.post("/files/<uuid:application_id>/numbers")
def reveal(application_id: UUID) -> Response:
    """Whole numbers, once; that they were looked at is recorded with this answer."""
    application = _find(application_id)
    office.note_reading(session(), application, "view.number", actor=actor(), now=now())
    return desk_look.file_page(application, revealed=True)


@pages.get("/files/<uuid:application_id>/photos/<uuid:document_id>")
def photo(application_id: UUID, document_id: UUID) -> Response:
    """The prepared copy; `?size=small` a thumbnail. Never the bytes as sent."""
    size = _SIZES.get(request.args.get("size", "large"), "prepared")
    _note("read.photo", application_id, document=str(document_id), size=size)
    found = documents.find(session(), _find(application_id), document_id)
    which = documents.open_copy(
        session(), portal().blobs, found, "thumbnail" if size == "thumbnail" else "prepared"
    )
    return _bytes(which, "image/jpeg", "photo.jpg")


@pages.get("/files/<uuid:application_id>/form.pdf")
def form(application_id: UUID) -> Response:
    """The form as it lies in the dossier that was handed over."""
    _note("read.form", application_id)
    row = queue.current(session(), _find(application_id))
    if row is None:
        raise NotFound("材料还在路上，请过一会儿再看。")
    files = bag.unpack(embedded.open_dossier(session(), portal().blobs, row))
    return _bytes(files["form.pdf"], "application/pdf", "form.pdf")


@pages.post("/files/<uuid:application_id>/release")
def release(application_id: UUID) -> Response:
    office.release(session(), _find(application_id), actor=actor(), now=now())
    return go("/desk/")


@pages.post("/files/<uuid:application_id>/accept")
def accept(application_id: UUID) -> Response:
    office.accept(session(), _find(application_id), actor=actor(), now=now())
    return go("/desk/?done=accepted")


@pages.post("/files/<uuid:application_id>/returns")
def ask_for(application_id: UUID) -> Response:
    application = _find(application_id)
    items = [(i, request.form.get(f"say.{i}", "")) for i in request.form.getlist("item")]
    try:
        office.ask_for(
            session(), application, portal().catalogue.find(application.program_id), items,
            again=request.form.get("again", ""), actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return desk_look.file_page(_afresh(application_id), refusal=refusal, form="ask")
    return go("/desk/?done=returned")


@pages.post("/files/<uuid:application_id>/decline")
def decline(application_id: UUID) -> Response:
    application, said = _find(application_id), request.form
    try:
        office.decline(
            session(), application, said.get("reason", ""), said.get("sentence", ""),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return desk_look.file_page(_afresh(application_id), refusal=refusal, form="decline")
    return go("/desk/?done=declined")


@pages.post("/files/<uuid:application_id>/alert")
def answer_alert(application_id: UUID) -> Response:
    application, said = _find(application_id), request.form
    try:
        office.answer_alert(
            session(), application, name=said.get("name", ""), sentence=said.get("sentence", ""),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return desk_look.file_page(_afresh(application_id), refusal=refusal, form="alert")
    return go(desk_look.at(application_id))


@pages.get("/files/<uuid:application_id>/transfer")
def ask_where(application_id: UUID) -> Response:
    return desk_look.transfer_page(_find(application_id))


@pages.post("/files/<uuid:application_id>/transfer")
def transfer(application_id: UUID) -> Response:
    application, said = _find(application_id), request.form
    try:
        office.transfer(
            session(), application, said.get("place", ""), said.get("sentence", ""),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return desk_look.transfer_page(_afresh(application_id), refusal)
    return go("/desk/?done=transferred")


def _find(application_id: UUID) -> Application:
    return office.find(session(), application_id, actor=actor())


def _afresh(application_id: UUID) -> Application:
    """Nothing of a refused act is kept, nor shown."""
    session().rollback()
    return _find(application_id)


def _note(what: str, application_id: UUID, **detail: Any) -> None:
    """Recorded and committed before anything is shown."""
    with portal().database.writing() as short:
        application = office.find(short, application_id, actor=actor())
        office.note_reading(short, application, what, actor=actor(), now=now(), **detail)
        queue.keep(short, application, actor=actor(), now=now())


def _bytes(data: bytes, kind: str, name: str) -> Response:
    answer = make_response(data)
    answer.content_type = kind
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def _signed_in() -> bool:
    try:
        return maybe_actor() is not None
    except SignInNeeded:
        return False
