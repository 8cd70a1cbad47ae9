"""One last look at everything of a household, one button, one page with all receipts."""

from datetime import datetime
from uuid import UUID

from flask import Response, request

from api.context import actor, now, portal, session
from api.pages import go, jointly, mine, show, together
from api.pages.together import Together
from portal.casework.talk import telling
from portal.foundation.clock import spoken
from portal.foundation.errors import Invalid
from portal.handover import joint, submission
from portal.people import access
from portal.people.access import Act

pages = mine.room("hand_in")


@pages.get("/household/<uuid:household_id>/sign")
def sign(household_id: UUID) -> Response:
    """To the signing page of the first file that asks it: signed there it is signed in all."""
    walk = together.load(household_id)
    signing = jointly.todo(session(), walk, now=now()).signing
    return go(mine.at(signing, "sign") if signing else together.at(walk, "check"))


@pages.get("/household/<uuid:household_id>/check")
def check(household_id: UUID) -> Response:
    walk = together.load(household_id)
    return _page(walk, {}) if walk.drafts else go(together.at(walk))


@pages.post("/household/<uuid:household_id>/check")
def submit(household_id: UUID) -> Response:
    """Those that are ticked, all or none."""
    walk = together.load(household_id)
    access.check_act(actor(), Act.SUBMIT)
    chosen = [one for one in walk.drafts if str(one.id) in request.form.getlist("file")]
    try:
        joint.submit(
            session(), walk.household, chosen, portal().catalogue, actor=actor(), now=now()
        )
        telling.submitted(session(), *chosen, now=now())
    except Invalid as refused:
        return _page(walk, refused.fields, {one.id for one in chosen}, status=422)
    return go(together.at(walk, "receipt"))


@pages.get("/household/<uuid:household_id>/receipt")
def receipts(household_id: UUID) -> Response:
    household = together.my(household_id)
    files = [one for one in joint.handed_in_last(session(), household) if _own(one.program_id)]
    if not files:
        return go(together.at(household))
    given = [(one, submission.receipt(session(), one)) for one in files]
    submitted = datetime.fromisoformat(given[0][1]["submitted_at"])
    return show(
        "pages/receipts.html",
        household=household,
        receipts=given,
        submitted=spoken(submitted),
        at=mine.at,
        home=together.at(household),
    )


def _own(program_id: str) -> bool:
    return access.in_scope(actor(), program_id)


def _page(
    walk: Together,
    errors: dict[str, list[str]],
    chosen: set[UUID] | None = None,
    status: int = 200,
) -> Response:
    todo = jointly.todo(session(), walk, now=now())
    if chosen is None:
        chosen = {one.id for one in walk.drafts}
    return show(
        "pages/check_all.html",
        status,
        walk=walk,
        todo=todo,
        chosen=chosen,
        said=jointly.said(session(), walk),
        errors=errors,
        at=together.at,
        file_at=mine.at,
    )
