"""/api/households: one family's file, its several applications filled in and handed in together."""

from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint

from api import acting, schemas
from api import applications as api
from api import household_schemas as shapes
from api.context import SAFE, actor, now, portal, session
from api.idempotent import once
from api.pages import together
from api.pages.together import Together
from api.self_checks import ready
from portal.casework import events
from portal.casework.talk import telling
from portal.filing import applications, family, guarding, sharing
from portal.filing.tables import Application
from portal.filing.walk import Page
from portal.foundation.errors import Invalid, NotFound
from portal.handover import joint, submission
from portal.people import access, households
from portal.people.access import Act
from portal.people.tables import Household
from portal.policy import conditions, regions
from portal.policy.eligibility import carrying, questions
from portal.policy.lifecycle import MOVES, Status

blp = Blueprint("households", __name__, url_prefix="/api/households", description="家庭")

_CAN_SAY_NO = frozenset(m.before for m in MOVES if m.after is Status.WITHDRAWN) | {Status.DRAFT}


@blp.get("")
@blp.response(200, shapes.FamilySchema(many=True))
def mine() -> list[dict[str, Any]]:
    found = households.of_account(session(), api.resident().id)
    return [_shape(one) for one in found]


@blp.post("")
@once
@blp.arguments(shapes.FamilyInSchema)
@blp.response(201, shapes.WholeFamilySchema)
def begin(wanted: dict[str, Any]) -> dict[str, Any]:
    """A household of one's own, with one draft a program."""
    account = api.resident()
    household = households.start(
        session(), account_id=account.id, region_code=_region(wanted["region"]), actor=actor(),
        now=now(),
    )  # fmt: skip
    carry(add_matters(household, wanted["programs"]), wanted["said"])
    return _whole(household)


@blp.get("/<uuid:household_id>")
@blp.response(200, shapes.WholeFamilySchema)
def one(household_id: UUID) -> dict[str, Any]:
    return _whole(find(household_id))


@blp.post("/<uuid:household_id>/applications")
@once
@blp.arguments(shapes.MattersInSchema)
@blp.response(201, schemas.ApplicationSchema(many=True))
def add(wanted: dict[str, Any], household_id: UUID) -> list[Application]:
    """Further drafts, filled with what the household has said before."""
    files = add_matters(find(household_id), wanted["programs"])
    carry(files, wanted["said"])
    return files


@blp.put("/<uuid:household_id>/answers")
@blp.arguments(shapes.FamilyAnswersInSchema)
@blp.response(200, shapes.WholeFamilySchema)
def save(body: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """One page into every draft that asks it; 409 names what somebody else changed meanwhile."""
    household = find(household_id)
    page = together.of(household).page(body["page"])
    unknown = set(body["answers"]) - {f.name for f in page.fields}
    if unknown:
        raise Invalid("有几处要改一下。", fields={name: ["没有这一项。"] for name in unknown})
    sharing.save_page(
        session(), household, portal().catalogue, page, body["answers"], since=body["since"],
        actor=actor(), now=now(),
    )  # fmt: skip
    return _whole(household)


@blp.post("/<uuid:household_id>/submission")
@blp.arguments(shapes.HandInSchema)
@blp.response(201, shapes.ReceiptsSchema)
def submit(body: dict[str, Any], household_id: UUID) -> dict[str, Any]:
    """All of them or none; each has its own receipt. Repeated, it answers with the same."""
    household = find(household_id)
    access.check_act(actor(), Act.SUBMIT)
    files = {one.id: one for one in _visible(household)}
    if any(one not in files for one in body["applications"]):
        raise NotFound("没有找到这份申请。")
    chosen = [files[one] for one in dict.fromkeys(body["applications"])]
    given = joint.submit(session(), household, chosen, portal().catalogue, actor=actor(), now=now())
    telling.submitted(session(), *chosen, now=now())
    receipts = list(given.values())
    return {"receipts": receipts, "receipt": _as_one(receipts)}


def find(household_id: UUID) -> Household:
    """The resident's own household, or one they help with, locked when it is about to change."""
    api.resident()
    return acting.household(session(), household_id, lock=request.method not in SAFE)


def add_matters(household: Household, wanted: list[str]) -> list[Application]:
    """A draft for every wanted program the household has no file of yet; all files wanted.

    What goes to charity is never begun along with others. Raises Invalid, NotFound.
    """
    access.check_act(actor(), Act.FILL)
    catalogue, found = portal().catalogue, []
    for program in [catalogue.find(one) for one in dict.fromkeys(wanted)]:
        if program.travels_alone:
            raise Invalid(f"{program.short}要另外单独办。", code="travels_alone")
        if not access.in_scope(actor(), program.id):
            raise NotFound("没有找到这份委托。")
        running = family.open_in(session(), household, program.id)
        found.append(
            running
            or sharing.start(session(), household, catalogue, program, actor=actor(), now=now())
        )
    return found


def carry(files: list[Application], said: dict[str, Any]) -> None:
    """The self-check's answers, into the questions nobody has answered for these drafts; what
    cannot be read is left out, not refused."""
    reading = questions.read(ready().questions, said)
    told = {name: value for name, value in said.items() if name not in reading.errors}
    for file in files:
        if not told or file.status != Status.DRAFT:
            continue
        kept = applications.kept_answers(session(), file)
        form = portal().catalogue.find(file.program_id).form
        new = {
            name: value
            for name, value in carrying.answers_for(form, told).items()
            if name not in kept or kept[name].carried
        }
        sharing.save(
            session(), file, portal().catalogue, new, revision=file.revision, actor=actor(),
            now=now(),
        )  # fmt: skip


def _as_one(receipts: list[dict[str, Any]]) -> dict[str, Any]:
    """What a phone shows of them together: all numbers, and each photo once."""
    photos = {photo["sha256"]: photo for one in receipts for photo in one["photos"]}
    numbers = "、".join(one["reference_no"] for one in receipts)
    return {"reference_no": numbers, "photos": list(photos.values())}


def why_opened(application: Application) -> str:
    """The office's own sentence, where it opened the file itself; else empty."""
    if not application.carried_why:
        return ""
    for event in events.of(session(), application):
        if event.kind in ("next_tier", "matter_added"):
            return str(events.said(session(), application, event).get("sentence", ""))
    return ""


def can_say_no(application: Application) -> bool:
    """「这一件不要办」: to what an office opened, by the person alone, while it can be taken back."""
    opened = bool(application.carried_why) and application.status in _CAN_SAY_NO
    return opened and actor().grant is None


def _visible(household: Household) -> list[Application]:
    mine = family.of(session(), household)
    return [one for one in mine if guarding.open_to(one, actor=actor(), now=now())]


def _shape(household: Household) -> dict[str, Any]:
    return {
        "id": household.id,
        "name": households.called(session(), household),
        "region_code": household.region_code,
        "created_at": household.created_at,
        "recognised": family.recognised(session(), household),
        "applications": [_matter(one) for one in _visible(household)],
    }


def _matter(application: Application) -> dict[str, Any]:
    own = {name: getattr(application, name) for name in schemas.ApplicationSchema().fields}
    return {**own, "why": why_opened(application), "can_say_no": can_say_no(application)}


def _whole(household: Household) -> dict[str, Any]:
    walk = together.of(household)
    lacking = {p.id: submission.lacking(session(), file, p) for file, p in walk.files()}
    return {
        **_shape(household),
        "revision": walk.revision,
        "pages": [_page(walk, page, lacking) for page in walk.pages],
        "ready": [file.id for file, p in walk.files() if not lacking[p.id]],
    }


def _page(walk: Together, page: Page, lacking: dict[str, dict[str, list[str]]]) -> dict[str, Any]:
    known, own = walk.context(page), {f.name for f in page.fields}
    looked_at = {name for f in page.fields for name in conditions.names(f.when)} - own
    return {
        "key": page.key,
        "title": page.title,
        "lead": page.lead,
        "fields": page.fields,
        "asks": {name: list(programs) for name, programs in page.asks.items()},
        "answers": {name: known[name] for name in known if name in own},
        "known": {name: known[name] for name in known if name in looked_at},
        "missing": [
            f.name for f in page.fields if any(f.name in lacking[p] for p in page.asks[f.name])
        ],
        "carried": walk.is_carried(page),
    }


def _region(code: str) -> str | None:
    """Raises Invalid for an unknown one."""
    try:
        return regions.find(session(), code).code if code else None
    except NotFound as fault:
        raise Invalid("没有这个地方。", fields={"region": ["请重新选择。"]}) from fault
