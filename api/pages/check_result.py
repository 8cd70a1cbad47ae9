"""The applicant's check: the own record, an appointment moved, a dispute; without JavaScript."""

from uuid import UUID

from flask import Response, request

from api import applications as api
from api.context import actor, now, portal, reader, session
from api.pages import go, mine, show
from portal.casework.survey import disputes, results, visits
from portal.filing import applications, documents, photo_check
from portal.filing.photo_check import Received
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Invalid, NotFound, Refusal

pages = mine.room("check_result")

_AT = "/applications/<uuid:application_id>"


@pages.get(f"{_AT}/check-result")
def read(application_id: UUID) -> Response:
    return _page(mine.my(application_id)[0])


@pages.post(f"{_AT}/disputes")
def dispute(application_id: UUID) -> Response:
    """One sentence; photos, if any, are safely kept before it is written down."""
    file = applications.find(reader(), application_id, actor=actor(), now=now())
    disputes.check_owner(file, actor())
    try:
        received = _photos(application_id)
        application = api.find(application_id)
        disputes.make(
            session(), application, request.form.get("sentence", ""), actor=actor(), now=now()
        )
        _add(application, received)
    except (Invalid, Conflict) as refusal:
        session().rollback()
        return _page(api.find(application_id), refusal)
    return go(mine.at(application, "check-result"))


@pages.post(f"{_AT}/visit-changes")
def ask_other_time(application_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    try:
        visits.ask_other_time(
            session(), application, request.form.get("sentence", ""), actor=actor(), now=now()
        )
    except (Invalid, Conflict) as refusal:
        session().rollback()
        return _page(api.find(application_id), refusal, "visit")
    return go(mine.at(application))


@pages.get("/my-checks")
def others() -> Response:
    """Own records in the files of others: found by the phone this person signed with."""
    api.resident()
    found = results.mine(session(), actor=actor())
    return show("pages/my_checks.html", records=found)


def _page(
    application: Application, refusal: Refusal | None = None, form: str = "dispute"
) -> Response:
    found = results.for_applicant(session(), application, actor=actor(), now=now())
    if found is None:
        raise NotFound("还没有约上门，也没有核对。")
    return show(
        "pages/check_result.html",
        refusal.status if refusal else 200,
        application=application,
        program=api.program_of(application),
        visit=found["visit"],
        check=found["check"],
        own=results.own_record(session(), application, actor=actor()),
        refusal=refusal,
        form=form,
        typed=request.form,
        at=mine.at,
    )


def _photos(application_id: UUID) -> list[tuple[Received, str]]:
    """All of them on disk before any writer waits for us."""
    sent = [one for one in request.files.getlist("photo") if one.filename]
    received = [photo_check.check(one.stream.read(), None) for one in sent]
    store = portal().blobs
    return [
        (one, documents.seal_and_store(reader(), store, application_id, one)) for one in received
    ]


def _add(application: Application, received: list[tuple[Received, str]]) -> None:
    for photo, blob in received:
        documents.add(
            session(), application, api.program_of(application), item=documents.OTHER,
            received=photo, blob=blob, actor=actor(), now=now(),
        )  # fmt: skip
