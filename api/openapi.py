"""Writes the API manual's snapshot: python -m api.openapi tests/api/openapi.json."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from api import create_app
from portal.assembly import open_portal
from portal.foundation.clock import utc_now
from portal.foundation.installation import install
from portal.foundation.settings import Settings


def manual() -> dict[str, Any]:
    """OpenAPI 3.1 of the whole JSON API, as GET /api/openapi.json answers it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        install(settings, now=utc_now())
        portal = open_portal(settings)
        app = create_app(portal)
        spec: dict[str, Any] = app.extensions["openapi"].spec.to_dict()
        portal.database.engine.dispose()
    return spec


def text(spec: dict[str, Any]) -> str:
    """The one way to write it, so that a difference is a difference of the API."""
    return json.dumps(spec, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(manual()), encoding="utf-8")
