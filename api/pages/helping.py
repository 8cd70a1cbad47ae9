"""Helping somebody else: begun, entered and left, and how the person says yes."""

from secrets import token_hex
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Response, g, request

from api import acting
from api import applications as api
from api import mandates as verbs
from api.context import actor, now, portal, session
from api.pages import forgetting, go, mine, safe_next, show
from portal.casework import stages
from portal.filing import helping, telling
from portal.filing.tables import Application
from portal.foundation import idempotency
from portal.foundation.clock import spoken
from portal.foundation.errors import NotFound, Refusal
from portal.people import appointments, consents, mandate_papers, mandates, revoke_codes
from portal.people.mandate_basis import BASES, UNSIGNED
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import ALL, KINDS, ROLES
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL, Status

pages = mine.room("helping")

ONE = "/helping/<uuid:mandate_id>"
_NAMES = ("kind", "role", "relation", "person", "phone", "helper", "why")


@pages.get("/apply/<program_id>/for-another")
def ask_whom(program_id: str) -> Response:
    program = portal().catalogue.find(program_id)
    if consents.missing(session(), api.resident()):
        return go("/consents?next=" + quote(request.path, safe="/"))
    acting.check_mandate(None)
    return _whom(program, {}, {})


@pages.post("/apply/<program_id>/for-another")
def begin(program_id: str) -> Response:
    """A household and a draft for somebody else; one press makes one, however often it comes."""
    program = portal().catalogue.find(program_id)
    try:
        application = _begin(program)
    except Refusal as refused:
        if refused.status in (401, 403):
            raise
        session().rollback()
        return _whom(program, refused.fields or {"kind": [refused.message]}, request.form, 422)
    mandate = actor().mandate
    assert mandate is not None  # noqa: S101 - begun by a helper
    acting.enter(mandate)
    return go(f"/helping/{mandate}/yes?next={mine.at(application, 'tasks')}")


@pages.get("/helping")
def everybody() -> Response:
    account = api.resident()
    helped = [_line(one) for one in mandates.of_helper(session(), account)]
    assistant = bool(appointments.of_account(session(), account.id))
    return show("pages/helping.html", helped=helped, assistant=assistant)


@pages.get(ONE)
def one(mandate_id: UUID) -> Response:
    mandate = mine_only(mandate_id)
    if helping.over(session(), mandate, now=now()):
        forgetting.of_over(mandate)
        return show("pages/helping_over.html", line=_line(mandate))
    acting.check_mandate(mandate.id)
    return show(
        "pages/helping_one.html", line=_line(mandate), programs=startable(mandate),
        way=telling.way(session(), mandate), spoken=spoken,
        owned=mandates.household_of(session(), mandate).account_id is not None,
    )  # fmt: skip


@pages.get(f"{ONE}/enter")
def ask_enter(mandate_id: UUID) -> Response:
    """Before another household's pages open, and after ten minutes of nobody touching them."""
    mandate, bar = mine_only(mandate_id), acting.bar()
    if helping.over(session(), mandate, now=now()):
        return go(f"/helping/{mandate.id}")
    before = None if bar is None or bar.mandate == mandate.id else bar
    if before is None:
        g.bar = None
    name = mandates.details(session(), mandate).person
    idle = before is None and acting.intended()[0] == mandate.id
    after = safe_next(request.args.get("next"), f"/helping/{mandate.id}")
    return show(
        "pages/acting_enter.html", mandate=mandate, name=verbs.veiled(name) if idle else name,
        before=before, idle=idle, after=after,
    )  # fmt: skip


@pages.post(f"{ONE}/enter")
def enter(mandate_id: UUID) -> Response:
    acting.enter(mine_only(mandate_id).id)
    return go(safe_next(request.form.get("next"), f"/helping/{mandate_id}"))


@pages.get("/helping/leave")
def ask_leave() -> Response:
    """To one's own pages, or to another household."""
    after = safe_next(request.args.get("next"), "/helping")
    return show("pages/acting_leave.html", after=after) if acting.bar() else go(after)


@pages.post("/helping/leave")
def leave() -> Response:
    acting.leave()
    return go(safe_next(request.form.get("next"), "/helping"))


@pages.post(f"{ONE}/programs")
def another_program(mandate_id: UUID) -> Response:
    program = portal().catalogue.find(request.form.get("program", ""))
    application = _start(mine_only(mandate_id), program)
    return go(mine.at(application, "tasks" if mine.editable(application) else ""))


@pages.post(f"{ONE}/end")
def end(mandate_id: UUID) -> Response:
    """The helper no longer helps."""
    mandates.revoke(session(), mine_only(mandate_id), actor=actor(), now=now())
    acting.leave()
    return go("/helping")


@pages.get(f"{ONE}/slip.pdf")
def slip(mandate_id: UUID) -> Response:
    """For a person without a phone: who helps, and the code that ends it."""
    mandate = mine_only(mandate_id)
    if helping.over(session(), mandate, now=now()):
        raise NotFound()
    code, url = revoke_codes.opened(session(), mandate), portal().settings.public_url
    said = mandates.details(session(), mandate)
    titles = verbs.titles(mandate)
    return _pdf(mandate_papers.slip(mandate, said, code, titles, url=url), "slip")


@pages.get("/helping/authorisation.pdf")
def authorisation() -> Response:
    """A blank one, to print and sign."""
    return _pdf(mandate_papers.blank(), "authorisation")


def _begin(program: Program) -> Application:
    account = api.resident()
    key, who = request.form.get("key", "")[:64] or token_hex(12), str(actor())
    route = request.path[:160]
    said = idempotency.claim(session(), key, actor=who, route=route, request=b"", now=now())
    if said is not None and said.application_id is not None:
        return acting.find(session(), said.application_id)
    wanted: dict[str, Any] = {name: request.form.get(name, "")[:64] for name in _NAMES}
    if wanted["role"]:
        wanted["kind"] = "proactive"
    mandate = verbs.given({**wanted, "programs": _scope(program)})
    assert mandate.helper_account_id == account.id  # noqa: S101
    application = _start(mandate, program)
    idempotency.answered(
        session(), key, actor=who, route=route, status=303, answer=b"",
        application_id=application.id,
    )  # fmt: skip
    return acting.find(session(), application.id)


def _scope(program: Program) -> list[str]:
    """The program begun, unless the helper says that it is about everything."""
    return [] if request.form.get("scope") == ALL else [program.id]


def _start(mandate: Mandate, program: Program) -> Application:
    catalogue = portal().catalogue
    return helping.start(session(), mandate, catalogue, program, actor=actor(), now=now())


def _whom(
    program: Program, errors: dict[str, list[str]], typed: Any, status: int = 200
) -> Response:
    return show(
        "pages/for_another.html", status, program=program, kinds=KINDS, roles=ROLES,
        errors=errors, typed=typed, key=typed.get("key") or token_hex(12),
        scope=typed.get("scope", "one"),
    )  # fmt: skip


def mine_only(mandate_id: UUID) -> Mandate:
    """Where the signed-in resident is the helper. Raises NotFound."""
    account = api.resident()
    mandate = mandates.find(session(), mandate_id, actor=actor())
    if mandate.helper_account_id != account.id:
        raise NotFound("没有找到这份委托。")
    return mandate


def _line(mandate: Mandate) -> dict[str, Any]:
    """One household helped: half a name and no file once it is over."""
    told = verbs.shown(mandate)
    return {
        "mandate": mandate,
        "name": told["person"],
        "over": told["over"],
        "waits": mandates.WAITS in mandate.flags,
        "kind": KINDS[mandate.kind],
        "titles": verbs.titles(mandate),
        "basis": BASES.get(mandate.basis or "", UNSIGNED),
        "files": [] if told["over"] else files_of(mandate),
    }


def files_of(mandate: Mandate) -> list[dict[str, Any]]:
    catalogue = portal().catalogue
    return [
        {
            "title": catalogue.find(file.program_id).short,
            "label": stages.LABELS[Status(file.status)],
            "yours": stages.turn(Status(file.status)) == "you" and file.status not in FINAL,
            "path": mine.at(file, "tasks") if mine.editable(file) else mine.at(file),
            "at": mine.at(file),
        }
        for file in helping.visible(session(), mandate, now=now())
    ]


def startable(mandate: Mandate) -> list[Program]:
    """Programs within the mandate that the household has no running file for."""
    if mandates.WAITS in mandate.flags:
        return []
    running = {f.program_id for f in helping.in_scope(session(), mandate) if f.status not in FINAL}
    return [
        p
        for p in portal().catalogue.programs.values()
        if p.has_form and p.id not in running and (not mandate.programs or p.id in mandate.programs)
    ]


def _pdf(data: bytes, name: str) -> Response:
    answer = Response(data, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
