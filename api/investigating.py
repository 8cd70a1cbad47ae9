"""What the desk's pages and its JSON share: one act each over the verbs of the survey room."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, request

from api import desk_reading
from api.context import actor, now, portal, reader, session
from portal.casework.survey import look, paper, results, surveying, visit_photos
from portal.casework.survey.tables import VisitPhoto
from portal.filing import documents, photo_check
from portal.filing.tables import Application
from portal.foundation.errors import Invalid
from portal.policy.catalogue import Program


def survey_panel(application: Application) -> dict[str, Any] | None:
    return look.summary(session(), application, _program(application), actor=actor(), now=now())


def check_panel(application: Application) -> dict[str, Any] | None:
    return look.check(session(), application, _program(application), actor=actor(), now=now())


def survey(application: Application) -> dict[str, Any]:
    return look.form(session(), application, _program(application), actor=actor(), now=now())


def read_survey(application_id: UUID) -> Application:
    """Recorded before anything is shown."""
    desk_reading.note("read.survey", application_id)
    return desk_reading.opened(application_id)


def read_check(application_id: UUID) -> Application:
    """The lines of every report: recorded by itself, for it is more than the file."""
    desk_reading.note("read.check", application_id)
    return desk_reading.opened(application_id)


def details(application: Application) -> dict[str, Any] | None:
    return results.for_office(session(), application)


def save(application: Application, changes: Mapping[str, Any], revision: int) -> Application:
    surveying.save(
        session(), application, _program(application), changes, revision=revision,
        actor=actor(), now=now(),
    )  # fmt: skip
    return application


def finish(application: Application) -> Application:
    surveying.finish(session(), application, _program(application), actor=actor(), now=now())
    return application


def sheet(application: Application, *, blank: bool) -> Response:
    """入户调查表 on one page, to take along or to file."""
    pdf = paper.render(
        session(), application, _program(application), blank=blank, mark=desk_reading.mark(),
        now=now(),
    )  # fmt: skip
    return desk_reading.as_file(pdf, "application/pdf", "survey.pdf")


def receive_photos(application_id: UUID) -> list[tuple[photo_check.Received, str]]:
    """Every photo of the request checked and on disk before any writer waits."""
    sent = request.files.getlist("photo")
    if not sent or not sent[0].filename:
        raise Invalid("没有收到照片。请再选一次。", fields={"photo": ["没有收到照片。"]})
    return [_kept(application_id, one.stream.read()) for one in sent]


def add_photos(
    application: Application, received: Sequence[tuple[photo_check.Received, str]]
) -> list[VisitPhoto]:
    return [
        visit_photos.add(session(), application, photo, blob, actor=actor(), now=now())
        for photo, blob in received
    ]


def photo(application_id: UUID, photo_id: UUID) -> Response:
    """The prepared copy; that it was looked at is recorded."""
    desk_reading.note("read.photo", application_id, document=str(photo_id), size="prepared")
    application = desk_reading.opened(application_id)
    copy = visit_photos.open_copy(session(), portal().blobs, application, photo_id)
    return desk_reading.as_file(copy, "image/jpeg", "visit.jpg")


def _kept(application_id: UUID, data: bytes) -> tuple[photo_check.Received, str]:
    received = photo_check.check(data, None)
    blob = documents.seal_and_store(reader(), portal().blobs, application_id, received)
    return received, blob


def _program(application: Application) -> Program:
    return portal().catalogue.find(application.program_id)
