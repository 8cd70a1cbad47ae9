"""/dev/mini/: only in demonstration mode; before it was built it says how to build it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api import create_app, dev_mini
from portal.assembly import opened
from portal.foundation.settings import Mode, Settings

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


@contextmanager
def served(settings: Settings) -> Iterator[FlaskClient]:
    with opened(settings) as portal:
        yield create_app(portal).test_client()


def test_before_it_is_built_it_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev_mini, "MADE", tmp_path)
    with served(settings) as client:
        page = client.get("/dev/mini/").get_data(as_text=True)
        assert "Node" in page
        assert "make mini" in page
        assert client.get("/dev/mini/app.js").status_code == 404
        (tmp_path / "index.html").write_text("<title>救助通</title>")
        (tmp_path / "app.js").write_text("1")
        answer = client.get("/dev/mini/app.js")
        assert answer.mimetype == "text/javascript"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert client.get("/dev/mini").headers["Location"].endswith("/dev/mini/")


@pytest.mark.parametrize("name", ["../package.json", "..%2fpackage.json", "app.map", "x.js"])
def test_nothing_else_is_served(settings: Settings, name: str) -> None:
    with served(settings) as client:
        assert client.get(f"/dev/mini/{name}").status_code == 404


def test_production_has_no_such_page(settings: Settings) -> None:
    production = replace(
        settings, mode=Mode.PRODUCTION, public_url="https://jiuzhutong.example", sms="https",
        sms_url="https://sms.example", sms_key="k", back_office="none", check_platform="off",
        wechat="off", trusted_proxies=1,
    )  # fmt: skip
    with served(replace(production, mode=Mode.DEMO)) as client:
        assert client.get("/dev/mini/").status_code == 200
    with served(production) as client:
        assert client.get("/dev/mini/").status_code in (401, 404)
