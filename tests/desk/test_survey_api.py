"""The same acts for programs: JSON in, JSON out, and what each role gets."""

import pytest

from portal.casework import survey
from portal.casework.survey import register
from portal.filing.tables import Application
from portal.people import consents, staff
from portal.people.access import Role
from portal.people.tables import Account
from tests.casework import households
from tests.conftest import NOW
from tests.desk.clerks import hire
from tests.handover import files
from tests.pages.furnished import cookie

STAFF = {
    "chen": (Role.TOWNSHIP_INVESTIGATOR, files.TOWNSHIP),
    "liu": (Role.TOWNSHIP_INVESTIGATOR, files.TOWNSHIP),
    "he": (Role.COUNTY_CHECKER, files.COUNTY),
    "wang": (Role.TOWNSHIP_INVESTIGATOR, files.NEIGHBOUR),
    "bu": (Role.DEPARTMENT_CLERK, files.COUNTY),
}


@pytest.fixture
def file_id(portal):
    return households.accepted(portal, signed=("applicant", "member:w"))


@pytest.fixture
def call(client, portal, file_id):
    """A request of somebody of the office, below the file's address."""
    tokens = {}

    def send(name, method, path, body=None):
        if name not in tokens:
            role, region = STAFF[name]
            password, uri = hire(portal, name, region, role, name)
            said = {"username": name, "password": password, "totp": staff.code_at(uri, NOW)}
            signed = client.post("/api/auth/staff-sessions", json=said)
            assert signed.status_code == 201, signed.json
            tokens[name] = signed.json["access_token"]
        headers = {"Authorization": f"Bearer {tokens[name]}"}
        address = f"/api/office/applications/{file_id}/{path}"
        return client.open(address, method=method, json=body, headers=headers)

    return send


@pytest.fixture
def resident(app, portal, file_id):
    client = app.test_client()
    with portal.database.writing() as session:
        account = session.get_one(Account, session.get_one(Application, file_id).account_id)
        consents.give(session, account, consents.KINDS, now=NOW)
        account_id = account.id
    token = client.post(
        "/api/auth/sessions/refresh", json={"refresh_token": cookie(portal, account_id, now=NOW)}
    ).json["access_token"]

    def send(method, path, body=None, key="k"):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        return client.open(path, method=method, json=body, headers=headers)

    return send


def investigators(call):
    call("liu", "GET", "survey")
    found = call("chen", "GET", "survey").json["survey"]["people"]
    return [one["id"] for one in found]


def test_a_survey_through_the_api(call, portal, file_id):
    who = investigators(call)
    visit = {"at": "2026-11-23T02:00:00+00:00", "investigators": who}
    assert call("chen", "POST", "visits", visit).status_code == 201
    body = {
        "revision": 0, "on": "2026-11-22", "how": ["letters"], "investigators": who,
        "lines": {"income_wage": {"state": "corrected", "value": 600000, "why": "看了工资条。"}},
    }  # fmt: skip
    saved = call("chen", "PUT", "survey", body)
    assert saved.json["survey"]["revision"] == 1
    assert call("liu", "PUT", "survey", body).json["code"] == "survey_conflict"
    wrong = {"revision": 1, "lines": {"income_wage": {"state": "corrected", "value": "unsure"}}}
    assert "lines.income_wage" in call("chen", "PUT", "survey", wrong).json["fields"]
    assert call("chen", "PUT", "survey", {"revision": 1, "verdict": "no"}).status_code == 422
    assert call("liu", "POST", "survey-completions").status_code == 201
    assert call("liu", "POST", "survey-completions").status_code == 409
    panel = call("he", "GET", "survey-panel").json
    assert panel["survey"]["done"]["changed"][0]["found"] == "6,000.00 元"
    with portal.database.reading() as session:
        assert survey.household_income(session, session.get_one(Application, file_id)).surveyed


def test_a_check_through_the_api(call, portal, file_id, resident):
    asked = call("chen", "POST", "check-requests")
    assert (asked.status_code, asked.json["state"]) == (201, register.ASKED)
    assert call("chen", "POST", "check-starts").status_code == 403
    assert call("he", "POST", "check-starts").json["state"] == register.RUNNING
    households.answered(portal)
    at = f"/api/applications/{file_id}"
    before = resident("GET", f"{at}/check").json
    assert before["own"] is None
    assert before["check"]["check"]["state"] == register.ANSWERED
    people = call("he", "GET", "check").json["check"]["people"]
    assert [len(one["lines"]) for one in people] == [14, 14, 0, 0]
    said = {"outcome": "differs", "sentence": "存款多一些。"}
    assert call("he", "POST", "check-results", said).status_code == 201
    own = resident("GET", f"{at}/check").json["own"]
    assert own["record"]["name"] == "刘桂香"
    assert len(own["record"]["lines"]) == 14
    body = {"sentence": "那笔钱是借的。"}
    assert resident("POST", f"{at}/disputes", body).json["status"] == "check_dispute"
    assert resident("POST", f"{at}/disputes", body).headers["Idempotent-Replay"] == "true"
    assert resident("POST", f"{at}/disputes", body, key="again").status_code == 409
    assert (
        call("wang", "POST", "dispute-answers", {"outcome": "kept", "sentence": "x"}).status_code
        == 404
    )
    line = {"record": people[0]["id"], "item": "bank_deposits"}
    answer = {"outcome": "corrected", "sentence": "看了借条。", "lines": [line]}
    assert call("chen", "POST", "dispute-answers", answer).json["status"] == "surveying"
    told = resident("GET", f"{at}/check").json["check"]["check"]["dispute"]
    assert told["answer"] == "看了借条。"
    assert resident("GET", "/api/me/checks").json == {"records": []}


def test_who_has_no_business_here_reads_nothing(call):
    for path in ("survey", "survey-panel", "survey.pdf", "check"):
        assert call("wang", "GET", path).status_code == 404
        assert call("bu", "GET", path).status_code in (403, 404)


def test_a_stranger_reads_nothing(app, portal, file_id):
    other = app.test_client()
    with portal.database.writing() as session:
        stranger = session.get_one(Account, files.resident(session, "13812349999").id)
        consents.give(session, stranger, consents.KINDS, now=NOW)
        stranger_id = stranger.id
    token = other.post(
        "/api/auth/sessions/refresh", json={"refresh_token": cookie(portal, stranger_id, now=NOW)}
    ).json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert other.get(f"/api/applications/{file_id}/check", headers=headers).status_code == 404
    assert other.get(f"/api/office/applications/{file_id}/check", headers=headers).status_code in (
        403,
        404,
    )
