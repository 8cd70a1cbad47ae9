"""What was signed on a phone without a signal, arriving later: one signer's consent, or the mandate.

It never holds up the file: what cannot stand is said to be signed again.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from api import sign_ways
from api.context import actor, now, session
from portal.filing import applications, signed_offline
from portal.filing.signatures import APPLICANT
from portal.filing.signed_offline import Offline
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people import mandate_basis, mandates
from portal.people.mandate_terms import TEXT_VERSION
from portal.policy.catalogue import Program

MANDATE = "mandate"
Way = tuple[str, str]
"""An address, and a sentence: who signs again there. Without a name, for the phone keeps it."""


def taken(application: Application, program: Program, body: dict[str, Any]) -> list[Way]:
    """Empty when it stands, or when what the person said since then does."""
    said_at = min(body["at"] / 1000, now().timestamp())
    given = Offline(datetime.fromtimestamp(said_at, UTC), body["name"], body["strokes"])
    grant = actor().grant
    try:
        if body["signer"] != MANDATE:
            _consent(application, program, body, given)
        elif grant is not None:
            _mandate(grant.mandate, body["version"], given)
    except (Conflict, Forbidden, Invalid, NotFound):
        if body["signer"] == MANDATE and grant is not None:
            return [(f"/helping/{grant.mandate}/yes", "委托要请他再签一次。")]
        return [(f"/applications/{application.id}/signers", _who(application, body["signer"]))]
    return []


def _consent(
    application: Application, program: Program, body: dict[str, Any], given: Offline
) -> None:
    signer = body["signer"]
    by: dict[str, Any] = {"actor": actor(), "now": now()}
    if signed_offline.is_settled(session(), application, program, signer, given, **by):
        return
    said = {"signer": signer, "method": "screen", "strokes": given.strokes}
    wanted = {**said, "text_version": body["version"], "offline_at": given.at}
    sign_ways.sign_as(session(), application, program, wanted)


def _mandate(mandate_id: UUID, version: str, given: Offline) -> None:
    mandate = mandates.find(session(), mandate_id, actor=actor(), lock=True)
    later = mandate.basis_at is not None and mandate.basis_at >= given.at
    if later or mandate_basis.strokes_of(session(), mandate) == given.strokes:
        return
    if version != TEXT_VERSION:
        raise Conflict("委托书更新了。请重新看一遍再签。", code="consent_changed")
    mandate_basis.on_screen(
        session(), mandate, given.strokes, offline_at=given.at, actor=actor(), now=now()
    )


def _who(application: Application, signer: str) -> str:
    if signer == APPLICANT:
        return "申请人要再签一次。"
    members = applications.answers(session(), application).get("members") or []
    rows = [f"member:{row['row']}" for row in members]
    return (
        f"家里第{rows.index(signer) + 1}个人要再签一次。"
        if signer in rows
        else "有家人要再签一次。"
    )
