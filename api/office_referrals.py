"""/api/office/…: 转介 from the township's side and the department's; on desk pages as well."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from api import desk_reading, referring
from api import referral_schemas as schemas
from api.office_schemas import OfficeReasonSchema
from portal.casework.referral.receiving import Sheet
from portal.casework.referral.tables import Referral, ReferralConsent

blp = Blueprint("office_referrals", __name__, url_prefix="/api/office", description="转介")

_AT = "/applications/<uuid:application_id>"
_ONE = "/referrals/<uuid:referral_id>"
_PDF = "application/pdf"


@blp.get("/referrals")
@blp.response(200, schemas.SentReferralSchema(many=True))
def every() -> Sequence[Referral]:
    """To a department what was sent to it and nothing else; to others what they sent."""
    return referring.every()


@blp.post("/referrals")
@blp.arguments(schemas.HouseholdReferralSchema)
@blp.response(201, schemas.SentReferralSchema)
def refer_household(said: dict[str, Any]) -> Referral:
    """A need found at a household without a file."""
    return referring.refer_household(said)


@blp.post(f"{_AT}/referrals")
@blp.arguments(schemas.ReferralInSchema)
@blp.response(201, schemas.SentReferralSchema)
def refer(said: dict[str, Any], application_id: UUID) -> Referral:
    """403 consent_needed: the receiver is told nothing before the person agreed."""
    return referring.refer(application_id, said)


@blp.post(f"{_AT}/referral-consents")
@blp.arguments(schemas.ConsentAskSchema)
@blp.response(201, schemas.ReferralConsentSchema)
def ask(said: dict[str, Any], application_id: UUID) -> ReferralConsent:
    """同意把这几项告诉……吗: she is asked in the portal."""
    return referring.ask(application_id, said)


@blp.post(f"{_AT}/referral-consents/records")
@blp.arguments(schemas.ConsentRecordSchema)
@blp.response(201, schemas.ReferralConsentSchema)
def record(said: dict[str, Any], application_id: UUID) -> ReferralConsent:
    """What she said by phone, at the door or on paper."""
    return referring.record(application_id, said)


@blp.get(_ONE)
@blp.response(200, schemas.ReferralSheetSchema)
def read(referral_id: UUID) -> Sheet:
    """Numbers masked. That it was opened is recorded."""
    return referring.sheet(referral_id)


@blp.post(f"{_ONE}/numbers")
@blp.arguments(OfficeReasonSchema)
@blp.response(200, schemas.ReferralSheetSchema)
def reveal(why: dict[str, str], referral_id: UUID) -> Sheet:
    """Whole numbers, once; the reason is kept and shown to the applicant."""
    return referring.reveal(referral_id, **why)


@blp.get(f"{_ONE}/sheet.pdf")
@blp.response(200, content_type=_PDF)
def sheet(referral_id: UUID) -> Response:
    """转介单, for a department without an account. That it was printed is recorded."""
    return desk_reading.as_file(referring.printed(referral_id), _PDF, "referral.pdf")


@blp.get("/ways/<program_id>.pdf")
@blp.response(200, content_type=_PDF)
def way(program_id: str) -> Response:
    """去处单: whom to go to; nothing about anybody."""
    return desk_reading.as_file(referring.way(program_id), _PDF, "way.pdf")


@blp.post(f"{_ONE}/receipts")
@blp.response(201, schemas.SentReferralSchema)
def receive(referral_id: UUID) -> Referral:
    return referring.receive(referral_id)


@blp.post(f"{_ONE}/returns")
@blp.arguments(schemas.ReferralSentenceSchema)
@blp.response(201, schemas.SentReferralSchema)
def send_back(said: dict[str, str], referral_id: UUID) -> Referral:
    return referring.send_back(referral_id, said["sentence"])


@blp.post(f"{_ONE}/results")
@blp.arguments(schemas.ReferralResultSchema)
@blp.response(201, schemas.SentReferralSchema)
def close(said: dict[str, str], referral_id: UUID) -> Referral:
    """The sentence is read by the applicant."""
    return referring.close(referral_id, said["result"], said["sentence"])
