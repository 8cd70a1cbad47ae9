"""Where a case stands, without an account; and the emergency call."""

from typing import Any

from flask_smorest import Blueprint

from api import callers, idempotent, schemas
from api.context import maybe_actor, now, portal, session
from portal.casework import lookups
from portal.foundation import rates
from portal.handover import urgent
from portal.people.access import Role

blp = Blueprint("status", __name__, url_prefix="/api", description="查进度")


@blp.post("/status-lookups")
@blp.arguments(schemas.StatusLookupSchema)
@blp.response(200, schemas.StageSchema)
def look_up(wanted: dict[str, str]) -> dict[str, Any]:
    """Reference number + last four digits (identity number, else phone) → the stage only."""
    return lookups.stage(
        session(), portal().catalogue, wanted["reference_no"], wanted["last_four"],
        device=callers.device(), now=now(),
    )  # fmt: skip


@blp.post("/urgent-requests")
@blp.arguments(schemas.UrgentSchema)
@blp.response(201, schemas.UrgentAnswerSchema)
def ask_for_help(wanted: dict[str, Any]) -> dict[str, Any]:
    """「我现在就需要帮助」: no sign-in; the township sees it at once."""
    return urgent_request(wanted)


def urgent_request(wanted: dict[str, Any], *, key: str | None = None) -> dict[str, Any]:
    """{"reference_no", "receipt"}; said again under its key, the same."""
    return idempotent.anyones("urgent", wanted, lambda: _filed(wanted), key=key)


def _filed(wanted: dict[str, Any]) -> idempotent.Told:
    if network := callers.network():  # many phones share one: a flood stops, a village does not
        rates.count(session(), f"urgent:{network}", most=urgent.MOST, per=urgent.WINDOW, now=now())
    who = maybe_actor()
    account = who.id if who is not None and who.role is Role.APPLICANT else None
    program = portal().catalogue.find("linshi")
    said = urgent.answers(program, wanted)
    application, receipt = urgent.ask(session(), program, said, account_id=account, now=now())
    return {"reference_no": application.reference_no, "receipt": receipt}, application.key_id
