"""The four ways to sign, as JSON and as pages ask for them."""

from typing import Any

from sqlalchemy.orm import Session

from api import callers
from api.context import actor, now, portal
from portal.filing import documents, shared_papers, signatures
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Invalid
from portal.people.access import Actor
from portal.policy.catalogue import Program


def sign_as(
    open_session: Session,
    application: Application,
    program: Program,
    body: dict[str, Any],
    who: Actor | None = None,
) -> None:
    """One of the four ways to sign; raises Invalid when the way lacks what it needs.

    `who`: the holder of a signing link, instead of who is signed in.
    """
    if body["text_version"] != signatures.TEXT_VERSION:
        raise Conflict("授权书更新了。请重新看一遍再签。", code="consent_changed")
    signer, method = body["signer"], body["method"]
    common = (open_session, application, program, signer)
    how = signatures.How(
        callers.device_kind(),
        guardian=bool(body.get("as_guardian")),
        offline_at=body.get("offline_at"),
    )
    by: dict[str, Any] = {"how": how, "actor": who or actor(), "now": now()}
    if method == "screen":
        given = signatures.sign_on_screen(*common, body.get("strokes") or [], **by)
    elif method == "visit":
        given = signatures.sign_at_visit(*common, **by)
    elif method == "paper":
        document = documents.find(open_session, application, _needed(body, "document_id"))
        given = signatures.sign_on_paper(*common, document, **by)
    elif body.get("code"):
        given = signatures.sign_by_code(*common, _needed(body, "phone"), body["code"], **by)
    else:
        return signatures.request_code(
            *common, _needed(body, "phone"), device=callers.device(), network=callers.network(),
            actor=by["actor"], now=now(),
        )  # fmt: skip
    by.pop("how")
    return shared_papers.share_signature(open_session, application, given, portal().catalogue, **by)


def _needed(body: dict[str, Any], name: str) -> Any:
    if name not in body:
        raise Invalid("还差一项。", fields={name: ["这一项要填。"]})
    return body[name]
