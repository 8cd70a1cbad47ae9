"""The desk's forms beside the front door: where a file belongs, who visits, single photos."""

from uuid import UUID

from flask import Response, request

from api.context import actor, now, session
from api.pages import desk, desk_look, desk_room, go
from portal.casework import colleagues, photo_marks, transfers
from portal.foundation.errors import Conflict, Invalid

pages = desk_room.room("desk_places")


@pages.get("/files/<uuid:application_id>/transfer")
def ask_where(application_id: UUID) -> Response:
    return desk_look.transfer_page(desk.find(application_id))


@pages.post("/files/<uuid:application_id>/transfer")
def transfer(application_id: UUID) -> Response:
    """By the township to another; by the county: where it stays."""
    application, said = desk.find(application_id), request.form
    move = transfers.settle if desk_look.settles(application) else transfers.transfer
    try:
        move(
            session(), application, said.get("place", ""), said.get("sentence", ""),
            actor=actor(), now=now(),
        )  # fmt: skip
    except Invalid as refusal:
        return desk_look.transfer_page(desk.afresh(application_id), refusal)
    return go("/desk/?done=transferred")


@pages.post("/files/<uuid:application_id>/send-back")
def send_back(application_id: UUID) -> Response:
    application, sentence = desk.find(application_id), request.form.get("sentence", "")
    try:
        transfers.send_back(session(), application, sentence, actor=actor(), now=now())
    except Invalid as refusal:
        return desk_look.file_page(desk.afresh(application_id), refusal=refusal, form="send-back")
    return go("/desk/?done=transferred")


@pages.post("/files/<uuid:application_id>/investigator")
def assign(application_id: UUID) -> Response:
    application, chosen = desk.find(application_id), desk.uuid_of(request.form.get("investigator"))
    try:
        colleagues.assign(session(), application, chosen, actor=actor(), now=now())
    except Invalid as refusal:
        return desk_look.file_page(desk.afresh(application_id), refusal=refusal, form="assign")
    return go(desk_look.at(application_id))


@pages.post("/files/<uuid:application_id>/photos/<uuid:document_id>/accept")
def accept_photo(application_id: UUID, document_id: UUID) -> Response:
    """Said twice it is still said once: a key pressed twice is no fault."""
    application = desk.find(application_id)
    try:
        photo_marks.accept(session(), application, document_id, actor=actor(), now=now())
    except Conflict as conflict:
        if conflict.code != "marked_already":
            raise
    return _back(application_id)


@pages.post("/files/<uuid:application_id>/photos/<uuid:document_id>/retake")
def ask_again(application_id: UUID, document_id: UUID) -> Response:
    application, sentence = desk.find(application_id), request.form.get("sentence", "")
    try:
        photo_marks.ask_again(
            session(), application, document_id, sentence, actor=actor(), now=now()
        )
    except Invalid as refusal:
        form = f"retake-{document_id}"
        return desk_look.file_page(desk.afresh(application_id), refusal=refusal, form=form)
    return _back(application_id)


def _back(application_id: UUID) -> Response:
    """To the photo that comes next on the page."""
    number = request.form.get("next", "")
    anchor = f"#photo-{number}" if number.isdecimal() else "#photos"
    return go(desk_look.at(application_id) + anchor)
