"""Photos of papers: one section an item, complete without a script."""

import re
from dataclasses import dataclass, replace
from urllib.parse import quote
from uuid import UUID

from flask import Response, request

from api import acting, security
from api.context import actor, now, portal, reader, session
from api.pages import go, mine, show, together
from api.pages.together import Together
from portal.filing import applications, documents, paper_items, shared_papers
from portal.filing.tables import Application, Document
from portal.foundation.errors import BadRequest, NotFound, Refusal
from portal.policy import conditions
from portal.policy.catalogue import Program

pages = mine.room("photos")
pages.after_request(security.with_camera)

UNSORTED = paper_items.UNSORTED

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
    file: Application
    """Where a photo taken here goes first; the household's other drafts have it too."""


@pages.get("/applications/<uuid:application_id>/photos")
def all_papers(application_id: UUID) -> Response:
    application, program = mine.my(application_id)
    papers = sections(application, program) + _beside(application, program)
    pile = _section(application, program, UNSORTED) if mine.editable(application) else None
    return _page(application, program, papers, pile=pile)


@pages.get("/applications/<uuid:application_id>/photos/<item>")
def one_paper(application_id: UUID, item: str) -> Response:
    application, program = mine.my(application_id)
    return _page(application, program, [_section(application, program, item)], one=True)


@pages.get("/household/<uuid:household_id>/photos")
def papers_of_all(household_id: UUID) -> Response:
    """Every paper any of the household's drafts asks, once."""
    walk = together.load(household_id)
    if not walk.drafts:
        return go(together.at(walk))
    return _together(walk, joint_sections(walk), pile=_joint_pile(walk))


@pages.get("/household/<uuid:household_id>/photos/<item>")
def one_of_all(household_id: UUID, item: str) -> Response:
    walk = together.load(household_id)
    found = [section for section in joint_sections(walk) if section.item == item]
    if not found:
        raise NotFound("没有这项材料。")
    return _together(walk, found, one=True)


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
    return go(_after(application_id, item))


@pages.post("/applications/<uuid:application_id>/photos/<item>/<uuid:document_id>/removal")
def remove(application_id: UUID, item: str, document_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    document = documents.find(session(), application, document_id)
    catalogue = portal().catalogue
    shared_papers.remove_photo(
        session(), application, document, catalogue, actor=actor(), now=now()
    )
    return go(_after(application_id, item))


def sections(application: Application, program: Program) -> list[Section]:
    """The papers that help, those the office looks up itself, and whatever was sent already."""
    answers = applications.answers(session(), application)
    sent = documents.of(session(), application)
    have = {photo.item for photo in sent}
    rules = [r for r in program.documents if r.item in have or conditions.holds(r.when, answers)]
    return [
        Section(
            r.item,
            r.title,
            r.hint,
            r.need == "shared",
            [p for p in sent if p.item == r.item],
            application,
        )
        for r in sorted(rules, key=lambda r: r.need == "shared")
    ]


def seen(photo: Document) -> bool:
    return documents.shown_to(session(), photo, actor=actor())


def _loose(photo: Document) -> bool:
    """Whether it may still be put under another paper."""
    return seen(photo) and not documents.handed_in(session(), photo)


def _beside(application: Application, program: Program) -> list[Section]:
    """What was sent beside the program's own papers."""
    have = {photo.item for photo in documents.of(session(), application)}
    items = [i for i in paper_items.TITLES if i in have and i != UNSORTED]
    return [_section(application, program, item) for item in items]


def joint_sections(walk: Together) -> list[Section]:
    """The sections of all drafts: a photo in several of them is shown once."""
    found: dict[str, Section] = {}
    for file, program in walk.files():
        for new in sections(file, program):
            old = found.get(new.item, new)
            have = {photo.sent_digest for photo in old.photos}
            more = [photo for photo in new.photos if photo.sent_digest not in have]
            found[new.item] = replace(
                old, shared=old.shared and new.shared, photos=[*old.photos, *more]
            )
    return sorted(found.values(), key=lambda section: section.shared)


def _joint_pile(walk: Together) -> Section:
    """In the draft with most papers: a photo never leaves its file, so there it is sorted."""
    file, program = max(walk.files(), key=lambda one: len(sections(*one)))
    return _section(file, program, UNSORTED)


def _together(
    walk: Together, papers: list[Section], *, one: bool = False, pile: Section | None = None
) -> Response:
    return show(
        "pages/photos.html",
        application=walk,
        home=walk.id,
        sections=papers,
        pile=pile,
        one=one,
        errors={},
        states=STATES,
        advice=documents.advice,
        editable=True,
        seen=seen,
        loose=_loose,
        back=_back(),
        at=together.at,
        file_at=mine.at,
    )


def _section(application: Application, program: Program, item: str) -> Section:
    photos = [p for p in documents.of(session(), application) if p.item == item]
    for rule in program.documents:
        if rule.item == item:
            shared = rule.need == "shared"
            return Section(item, rule.title, rule.hint, shared, photos, application)
    if item in paper_items.TITLES:
        hint = "把纸放平，拍清楚字。" if item != UNSORTED else "一次拍几张都行，拍完再分。"
        return Section(item, paper_items.TITLES[item], hint, False, photos, application)
    raise NotFound("没有这项材料。")


def _back() -> str:
    """The step that led here to photograph something."""
    key = request.args.get("back") or request.form.get("return", "")
    return key if re.fullmatch(r"[a-z_]+(-[a-z]+)?", key) else ""


def _add_all(application_id: UUID, item: str) -> None:
    acting.find(reader(), application_id)
    chosen = [file for file in request.files.getlist("photo") if file.filename]
    if not chosen:
        raise BadRequest("还没有选照片。请先选一张。")
    received = [documents.check(file.read(), None) for file in chosen]
    blobs = portal().blobs
    stored = [documents.seal_and_store(reader(), blobs, application_id, one) for one in received]
    application, _program = mine.my(application_id)
    for one, blob in zip(received, stored, strict=True):
        shared_papers.add_photo(
            session(), application, portal().catalogue, item=item, received=one, blob=blob,
            actor=actor(), now=now(),
        )  # fmt: skip


def _after(application_id: UUID, item: str) -> str:
    """Where an upload without a script goes on: the page it was sent from."""
    home = request.form.get("home", type=lambda text: UUID(text))
    start = f"/household/{home}" if home else f"/applications/{application_id}"
    back = _back()
    if request.form.get("one"):
        return f"{start}/photos/{item}" + (f"?back={quote(back)}" if back else "")
    return f"{start}/photos#{item}"


def _page(
    application: Application,
    program: Program,
    papers: list[Section],
    *,
    one: bool = False,
    pile: Section | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    return show(
        "pages/photos.html",
        status,
        application=application,
        program=program,
        sections=papers,
        pile=pile,
        one=one,
        errors=errors or {},
        states=STATES,
        advice=documents.advice,
        editable=mine.editable(application),
        seen=seen,
        loose=_loose,
        back=_back(),
        at=mine.at,
        file_at=mine.at,
    )
