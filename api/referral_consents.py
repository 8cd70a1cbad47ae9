"""/api/applications/{id}/referral-consents: what the applicant is asked, and her answers."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from api import applications as api
from api import referral_schemas as schemas
from api import referring
from api.context import session
from portal.casework.referral import consents, told
from portal.casework.referral.tables import ReferralConsent

blp = Blueprint(
    "referral_consents", __name__, url_prefix="/api/applications", description="转介前的同意"
)

_AT = "/<uuid:application_id>/referral-consents"


@blp.get(_AT)
@blp.response(200, schemas.ReferralQuestionSchema(many=True))
def questions(application_id: UUID) -> list[dict[str, Any]]:
    """Exactly which answers, to whom, and why."""
    asked = consents.of(session(), api.find(application_id))
    return [told.question(row, words) for row, words in asked]


@blp.post(f"{_AT}/<uuid:consent_id>/answers")
@blp.arguments(schemas.ConsentAnswerSchema)
@blp.response(201, schemas.ReferralConsentSchema)
def answer(said: dict[str, bool], application_id: UUID, consent_id: UUID) -> ReferralConsent:
    """Declining changes nothing else."""
    return referring.answer(api.find(application_id), consent_id, agrees=said["agrees"])


@blp.delete(f"{_AT}/<uuid:consent_id>")
@blp.response(200, schemas.ReferralConsentSchema)
def take_back(application_id: UUID, consent_id: UUID) -> ReferralConsent:
    """What was sent under it is gone from the receiver's desk."""
    return referring.take_back(api.find(application_id), consent_id)
