"""The one-door queue as an outside back office sees it: take the next dossier, say it is whole.

Every request is signed as in `POST /intake/events`: headers X-Client, X-Timestamp, X-Nonce
and X-Signature, an Ed25519 signature over the timestamp, the nonce and the body, each on a
line of its own. A GET has no body; `GET /intake/dossiers/next` is signed in its place.
"""

import base64

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from api.context import now, portal, session
from api.schemas import Strict
from portal.casework import envelopes
from portal.handover import embedded
from portal.handover.embedded import Office
from portal.handover.tables import IntakeDossier

blp = Blueprint("intake", __name__, url_prefix="/intake", description="一门受理队列")
_NEXT = b"GET /intake/dossiers/next"


class TakenSchema(Strict):
    key = fields.String(
        required=True, validate=validate.Length(max=64), metadata={"description": "Dossier-Key"}
    )
    sha256 = fields.String(
        required=True,
        validate=validate.Regexp(r"[0-9a-fA-F]{64}\Z"),
        metadata={"description": "of the zip as received, hex"},
    )


class TakenAnswerSchema(Schema):
    key = fields.String()
    sha256 = fields.String(attribute="digest")
    taken_at = fields.AwareDateTime()


@blp.get("/dossiers/next")
@blp.response(200, content_type="application/zip")
@blp.alt_response(204, description="nothing waits")
def following() -> Response:
    """The next dossier (BagIt zip): the same one until its receipt or two minutes are over."""
    office = _office(_NEXT)
    with portal().database.writing() as writing:
        found = embedded.next_dossier(writing, actor=office, now=now())
        if found is None:
            return Response(status=204)
        writing.expunge(found)
    with portal().database.reading() as reading:
        data = embedded.open_dossier(reading, portal().blobs, found)
    return Response(data, content_type="application/zip", headers=_about(found))


@blp.post("/receipts")
@blp.arguments(TakenSchema)
@blp.response(200, TakenAnswerSchema)
def taken(said: dict[str, str]) -> IntakeDossier:
    """The office has this dossier whole; it leaves the queue. Said twice, it is taken once."""
    office = _office(request.get_data())
    return embedded.take(session(), said["key"], said["sha256"], actor=office, now=now())


def _office(body: bytes) -> Office:
    """Who signed this. Raises SignInNeeded, also for a nonce that was used before."""
    header = request.headers
    names = ("X-Client", "X-Signature", "X-Timestamp", "X-Nonce")
    client_name, signature, timestamp, nonce = (header.get(name, "") for name in names)
    with portal().database.writing() as writing:
        client = envelopes.verify(
            writing, client_name, body, signature, timestamp, nonce, now=now()
        )
        if not envelopes.keep_nonce(writing, client, nonce, now=now()):
            raise envelopes.wrong()
        return Office(client.name, client.region_code)


def _about(found: IntakeDossier) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(found.digest)).decode()
    return {
        "Cache-Control": "no-store",
        "Dossier-Key": found.key,
        "Repr-Digest": f"sha-256=:{digest}:",
        "Content-Disposition": f'attachment; filename="{found.key.replace("/", "-v")}.zip"',
    }
