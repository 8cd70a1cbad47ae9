"""The clocks over HTTP: the bar on both sides, the extension form, the board, the nudge."""

import re
from datetime import timedelta

import pytest

from portal.casework import events, standin_office
from portal.casework.clock import escalation, watching
from portal.people import staff
from portal.people.access import Role
from tests.api.walk import Resident
from tests.casework import cases
from tests.casework.clock.walks import walk
from tests.casework.test_intake_events import enroll, send
from tests.conftest import NOW
from tests.desk.clerks import Clerk, hire, signed_in
from tests.handover import files

DAY = timedelta(days=1)


@pytest.fixture
def file(portal):
    return cases.handed_in(portal)


@pytest.fixture
def clerk(app, portal, file):
    return signed_in(app, portal)


@pytest.fixture
def her(app, portal):
    return Resident(app.test_client(), portal).sign_in()


def text(answer):
    return answer.get_data(as_text=True)


def late(portal, clock, days=4):
    clock.forward(days=days)
    watching.look(portal.database, portal.catalogue, now=clock())
    escalation.escalate(portal.database, portal.catalogue, now=clock())


def test_the_file_page_shows_the_same_clocks_as_the_applicants(portal, clerk, her, file):
    page = text(clerk.get(f"/desk/files/{file}"))
    mine = her.get(f"/api/applications/{file}/clocks").json
    running = [row for row in mine["bar"] if row["state"] == "running"]
    assert [row["key"] for row in running] == ["acceptance"]
    for row in running:
        assert row["title"] in page
        assert row["words"] in page
        assert row["basis"] in page
    assert her.get(f"/api/applications/{file}/timeline").json["timeline"]["clock"] == mine


def test_the_clerk_extends_with_a_listed_reason(portal, app, clerk, file):
    with portal.database.writing() as session:
        walk(session, cases.file_of(session, file), "accepted")
    at = f"/desk/files/{file}"
    assert "调查难度大" in text(clerk.get(at))
    refused = clerk.post(f"{at}/extensions", {"reason": "hard_survey", "sentence": ""}, at=at)
    assert refused.status_code == 422
    assert "申请人会看到这句话" in text(refused)
    done = clerk.post(
        f"{at}/extensions", {"reason": "hard_survey", "sentence": "两处房子都要查。"}, at=at
    )
    assert done.status_code == 303
    page = text(clerk.get(at))
    assert "调查难度大，已延长" in page
    assert 'value="hard_survey"' not in page


def test_the_board_shows_what_is_late_and_what_waits_from_outside(
    portal, client, app, clock, clerk, file
):
    enroll(portal)
    with portal.database.writing() as session:
        odd = standin_office.event(file, 1, "drone_survey", at=NOW)
        send(session, odd)
    late(portal, clock)
    renewed = signed_in_again(app, portal, clock)
    page = text(renewed.get("/desk/clock"))
    assert "超2个工作日" in page
    assert "drone_survey" in page
    assert "这种事件认不得，已留存" in page
    assert "乡镇（街道）、县民政局" in page


def signed_in_again(app, portal, clock):
    """A clerk of today: tokens do not live for days."""
    password, uri = hire(portal, "hong")
    one = Clerk(app.test_client())
    form = {"username": "hong", "password": password, "totp": staff.code_at(uri, clock())}
    assert one.post("/desk/sign-in", form, at="/desk/sign-in").status_code == 303
    return one


def test_the_nudge_over_http(portal, app, clock, file):
    clock.forward(days=4)
    her = Resident(app.test_client(), portal).sign_in()
    found = her.get(f"/api/applications/{file}/clocks").json
    assert found["nudge"]["possible"]
    first = her.post(f"/api/applications/{file}/nudges")
    assert first.status_code == 201, first.json
    assert first.json["nudge"] == {
        "possible": False, "number": 1, "text": "今天催过了。下个工作日还没办，可以再催。",
    }  # fmt: skip
    again = her.post(f"/api/applications/{file}/nudges")
    assert (again.status_code, again.json["code"]) == (409, "nudged_today")


def test_the_nudge_is_a_button_without_javascript(portal, app, clock, file):
    clock.forward(days=4)
    browser = app.test_client()
    her = Resident(browser, portal).sign_in()
    token = her.headers["Authorization"].removeprefix("Bearer ")
    browser.set_cookie("access", token)
    page = text(browser.get(f"/applications/{file}"))
    assert "催一催" in page
    csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
    done = browser.post(f"/applications/{file}/nudges", data={"csrf": csrf})
    assert done.status_code == 303
    after = text(browser.get(f"/applications/{file}"))
    assert "催一催" not in after
    assert "今天催过了" in after
    with portal.database.reading() as session:
        kinds = [e.kind for e in events.of(session, cases.file_of(session, file))]
        assert kinds == ["nudged"]


@pytest.mark.parametrize(
    ("role", "region", "status"),
    [
        (Role.TOWNSHIP_CLERK, files.TOWNSHIP, 200), (Role.COUNTY_CONFIRMER, files.COUNTY, 200),
        (Role.SUPERVISOR, "430900", 200), (Role.DEPARTMENT_CLERK, files.COUNTY, 403),
        (Role.ADMINISTRATOR, files.COUNTY, 403),
    ],
)  # fmt: skip
def test_who_sees_the_board(app, portal, file, role, region, status):
    someone = signed_in(app, portal, "wang", role=role, region=region)
    assert someone.get("/desk/clock").status_code == status
