"""Photos of papers: one section an item, complete without a script."""

from dataclasses import dataclass
from uuid import UUID

from flask import Response, request

from api.context import actor, now, portal, reader, session
from api.pages import go, mine, show
from portal.filing import applications, documents
from portal.filing.tables import Application, Document
from portal.foundation.errors import BadRequest, NotFound, Refusal
from portal.policy import conditions
from portal.policy.catalogue import Program

pages = mine.room("photos")

STATES = {
    documents.RECEIVED: "已收到，正在整理",
    documents.PREPARED: "已存好",
    documents.UNREADABLE: "打不开，请重拍",
}


@dataclass(frozen=True)
class Section:
    """One paper: what it is, and the photos of it so far."""

    item: str
    title: str
    hint: str
    shared: bool
    photos: list[Document]


@pages.get("/applications/<uuid:application_id>/photos")
def all_papers(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    return _page(application, program, sections(application, program))


@pages.get("/applications/<uuid:application_id>/photos/<item>")
def one_paper(application_id: UUID, item: str) -> Response:
    application, program = mine.my(application_id)
    return _page(application, program, [_section(application, program, item)], one=True)


@pages.post("/applications/<uuid:application_id>/photos/<item>")
def add(application_id: UUID, item: str) -> Response:
    """Every photo chosen, all safely on disk before any is written down."""
    try:
        _add_all(application_id, item)
    except Refusal as refused:
        session().rollback()
        application, program = mine.my(application_id)
        section = [_section(application, program, item)]
        wrong = {item: [refused.message]}
        return _page(application, program, section, one=True, errors=wrong, status=refused.status)
    return go(f"/applications/{application_id}/{_after(item)}")


@pages.post("/applications/<uuid:application_id>/photos/<item>/<uuid:document_id>/removal")
def remove(application_id: UUID, item: str, document_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    document = documents.find(session(), application, document_id)
    documents.remove(session(), document, actor=actor(), now=now())
    return go(mine.at(application, _after(item)))


def sections(application: Application, program: Program) -> list[Section]:
    """The papers that help, those the office looks up itself, and whatever was sent already."""
    answers = applications.answers(session(), application)
    sent = documents.of(session(), application)
    have = {photo.item for photo in sent}
    rules = [r for r in program.documents if r.item in have or conditions.holds(r.when, answers)]
    return [
        Section(r.item, r.title, r.hint, r.need == "shared", [p for p in sent if p.item == r.item])
        for r in sorted(rules, key=lambda r: r.need == "shared")
    ]


def _section(application: Application, program: Program, item: str) -> Section:
    photos = [p for p in documents.of(session(), application) if p.item == item]
    for rule in program.documents:
        if rule.item == item:
            return Section(item, rule.title, rule.hint, rule.need == "shared", photos)
    if item in (documents.OTHER, documents.SIGNED_PAGE):
        title = "签过字的纸" if item == documents.SIGNED_PAGE else "其他材料"
        return Section(item, title, "把纸放平，拍清楚字。", False, photos)
    raise NotFound("没有这项材料。")


def _add_all(application_id: UUID, item: str) -> None:
    who = actor()
    applications.find(reader(), application_id, actor=who)
    chosen = [file for file in request.files.getlist("photo") if file.filename]
    if not chosen:
        raise BadRequest("还没有选照片。请先选一张。")
    received = [documents.check(file.read(), None) for file in chosen]
    blobs = portal().blobs
    stored = [documents.seal_and_store(reader(), blobs, application_id, one) for one in received]
    application, program = mine.my(application_id)
    for one, blob in zip(received, stored, strict=True):
        documents.add(
            session(), application, program, item=item, received=one, blob=blob,
            actor=who, now=now(),
        )  # fmt: skip


def _after(item: str) -> str:
    """Where an upload without a script goes on: the page it was sent from."""
    return f"photos/{item}" if request.form.get("one") else f"photos#{item}"


def _page(
    application: Application,
    program: Program,
    papers: list[Section],
    *,
    one: bool = False,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    return show(
        "pages/photos.html",
        status,
        application=application,
        program=program,
        sections=papers,
        one=one,
        errors=errors or {},
        states=STATES,
        advice=documents.advice,
        editable=mine.editable(application),
        at=mine.at,
    )
