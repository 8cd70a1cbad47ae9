"""「同意把这几项告诉……吗」: asked on the applicant's phone, answered there, taken back there."""

from uuid import UUID

from flask import Response, request

from api import referring
from api.context import session
from api.pages import go, mine, show
from portal.casework.referral import consents, told
from portal.filing.tables import Application
from portal.foundation.errors import NotFound

pages = mine.room("agreeing")

_AT = "/applications/<uuid:application_id>/referral-consents/<uuid:consent_id>"


@pages.get(_AT)
def question(application_id: UUID, consent_id: UUID) -> Response:
    application, program = mine.my(application_id)
    return show(
        "pages/referral_consent.html", application=application, program=program,
        q=_question(application, consent_id), at=mine.at,
    )  # fmt: skip


@pages.post(_AT)
def answer(application_id: UUID, consent_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    agrees = request.form.get("agrees") == "yes"
    referring.answer(application, consent_id, agrees=agrees)
    return go(mine.at(application, "referral-consents", str(consent_id)))


@pages.post(f"{_AT}/withdrawal")
def take_back(application_id: UUID, consent_id: UUID) -> Response:
    application, _program = mine.my(application_id)
    referring.take_back(application, consent_id)
    return go(mine.at(application, "referral-consents", str(consent_id)))


def _question(application: Application, consent_id: UUID) -> dict[str, object]:
    for row, words in consents.of(session(), application):
        if row.id == consent_id:
            return told.question(row, words)
    raise NotFound("没有找到这件事。")
