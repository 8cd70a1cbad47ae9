"""Health, metrics, and the manual."""

from itertools import chain

from flask import Response, current_app, jsonify
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from api import gate, pages
from api.context import now, portal, session
from portal import measures

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
    figures = (
        measures.of_installation(session(), portal().settings, now=now()),
        measures.of_neighbours(session(), portal().blobs),
    )
    for name, words, value in chain(*figures):
        Gauge(name, words, registry=registry).set(value)
    found = generate_latest(registry) + generate_latest(gate.REGISTRY)
    return Response(found, content_type=CONTENT_TYPE_LATEST)


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
