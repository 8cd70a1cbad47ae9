"""Redis is away: codes by text are closed with a plain sentence, everything else is open."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from api import create_app
from portal.assembly import opened
from portal.contact.tables import TextMessage
from portal.serving import free_port


@pytest.fixture
def away(settings, clock):
    """An app whose Redis is not there."""
    with opened(replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}/0")) as portal:
        yield create_app(portal, clock=clock)


def test_no_code_is_sent_and_programs_are_told_why(away):
    answer = away.test_client().post("/api/auth/sms-codes", json={"phone": "13812345678"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert (answer.json["code"], answer.json["message"]) == (
        "sms_away", "现在发不了验证码。请过几分钟再试。",
    )  # fmt: skip
    portal = away.extensions["portal"]
    with portal.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(TextMessage)) == 0


def test_people_read_it_on_a_page(away):
    client = away.test_client()
    hidden = re.search(r'name="csrf" (?:content|value)="([^"]+)"', client.get("/sign-in").text)
    assert hidden is not None
    answer = client.post("/sign-in", data={"phone": "13812345678", "csrf": hidden.group(1)})
    assert answer.status_code == 503
    assert "现在发不了验证码" in answer.text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/healthz", "/readyz", "/api/programs"])
def test_everything_else_is_open(away, path):
    assert away.test_client().get(path, follow_redirects=True).status_code == 200


def test_a_code_sent_before_still_signs_in(away, settings, client):
    """Proving is counted in the database meanwhile."""
    client.post("/api/auth/sms-codes", json={"phone": "13812345678"})
    wrong = {"phone": "13812345678", "code": "000000"}
    answer = away.test_client().post("/api/auth/sessions", json=wrong)
    assert answer.status_code == 422
    assert answer.json["code"] == "wrong_code"
