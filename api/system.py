"""Health, metrics, and the manual."""

from flask import Response, current_app, jsonify
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text

from api import pages
from api.context import now, session
from portal.casework import intake_events
from portal.filing.tables import Application, Document
from portal.handover import outbox
from portal.handover.tables import OutboxRow

blp = Blueprint("system", __name__, description="运行状态")


class StateSchema(Schema):
    status = fields.String()


@blp.get("/healthz")
@blp.response(200, StateSchema)
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@blp.get("/readyz")
@blp.response(200, StateSchema)
def ready() -> dict[str, str]:
    """The database answers too."""
    session().execute(text("SELECT 1"))
    return {"status": "ok"}


@blp.get("/metrics")
@blp.response(200, content_type="text/plain")
def metrics() -> Response:
    """Prometheus text: counts and ages, never a person."""
    registry = CollectorRegistry()
    oldest = outbox.oldest_undelivered(session())
    age = (now() - oldest).total_seconds() if oldest else 0.0
    _gauge(
        registry, "portal_outbox_oldest_seconds", "age of the oldest undelivered submission", age
    )
    waiting = select(func.count()).where(OutboxRow.delivered_at.is_(None))
    _gauge(
        registry,
        "portal_outbox_waiting",
        "submissions without a receipt",
        session().scalar(waiting),
    )
    unprepared = select(func.count()).where(Document.state == "received")
    _gauge(
        registry, "portal_photos_waiting", "photos not yet prepared", session().scalar(unprepared)
    )
    alerts = select(func.count()).where(
        Application.alert.is_not(None), Application.alert_answered_at.is_(None)
    )
    _gauge(
        registry, "portal_alerts_open", "urgent calls nobody answered yet", session().scalar(alerts)
    )
    parked = intake_events.oldest_parked(session())
    waited = (now() - parked).total_seconds() if parked else 0.0
    _gauge(
        registry, "portal_events_parked_oldest_seconds", "age of the oldest parked event", waited
    )
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@blp.get("/api/openapi.json")
@blp.response(200)
def openapi() -> Response:
    return jsonify(current_app.extensions["openapi"].spec.to_dict())


@blp.get("/api/docs")
@blp.response(200, content_type="text/html")
def docs() -> Response:
    """The same manual, drawn as a page."""
    spec = current_app.extensions["openapi"].spec.to_dict()
    return pages.show("pages/docs.html", spec=spec, public=True)


def _gauge(registry: CollectorRegistry, name: str, words: str, value: float | None) -> None:
    Gauge(name, words, registry=registry).set(value or 0)
