"""The desk's page of village assistants: suspended, brought back, handed over, factor reset."""

import io
import re

import pytest
from sqlalchemy import select

from portal.foundation.audit_tables import AuditEntry
from portal.people.access import Role
from portal.people.appointment_tables import Appointment
from tests.api.assisted import HEIR, assistant
from tests.api.test_messages import Member
from tests.desk.clerks import signed_in
from tests.people import assistants


@pytest.fixture
def li(app, portal):
    return assistant(app, portal)


@pytest.fixture
def clerk(app, portal, li):
    return signed_in(app, portal, region=assistants.TOWNSHIP)


def page(clerk) -> str:
    answer = clerk.get("/desk/assistants")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def press(clerk, li, what: str, **form: str) -> None:
    at = f"/desk/assistants/{li.appointment}/{what}"
    answer = clerk.post(at, form, at="/desk/assistants")
    assert answer.status_code == 303, answer.get_data(as_text=True)


def test_listed_with_village_number_and_standing(clerk):
    shown = page(clerk)
    for words in (assistants.NAME, "13900000001", "全村", "在岗"):
        assert words in shown


def test_suspended_and_brought_back(clerk, li, portal):
    assert li.get("/api/roster").status_code == 200
    press(clerk, li, "suspension")
    assert li.get("/api/roster").status_code == 401, "with the very next request"
    assert "已停用" in page(clerk)
    press(clerk, li, "resumption")
    assert "在岗" in page(clerk)
    with portal.database.reading() as session:
        rows = select(AuditEntry.action, AuditEntry.actor).where(
            AuditEntry.action.like("assistant.%ed")
        )
        by = dict(session.execute(rows).all())
    assert by["assistant.suspended"].startswith("staff:")
    assert by["assistant.resumed"].startswith("staff:")


def test_the_second_factor_is_reset(clerk, li):
    press(clerk, li, "factor-reset")
    assert "还没设动态码" in page(clerk)
    assert li.get("/api/roster").status_code == 401


def test_handed_over_to_another(app, portal, clerk, li):
    li.help(li.add("石桂香", "3组").json["id"])
    with portal.database.reading() as session:
        village = assistants.villages(session)[1]
    heir = assistant(app, portal, HEIR, village=village, name="王协理")
    press(clerk, li, "hand-over", to=str(heir.appointment))
    shown = page(clerk)
    assert "不再担任" in shown
    assert "王协理" in shown
    (line,) = heir.lines()
    assert (line["name"], line["state"]) == ("石桂香", "to_ask")


def test_to_nobody_is_said(clerk, li):
    at = f"/desk/assistants/{li.appointment}/hand-over"
    said = {"": "请选谁来接手", "x": "请选谁来接手", str(li.appointment): "另一个人"}
    for to, words in said.items():
        answer = clerk.post(at, {"to": to}, at="/desk/assistants")
        assert answer.status_code in (409, 422)
        assert words in answer.get_data(as_text=True)
    assert "在岗" in page(clerk)


def test_appointed_from_a_list_tried_first(portal, clerk):
    with portal.database.reading() as session:
        village = assistants.villages(session)[1]
        other = assistants.villages(session, "430923103")[0]
    head, good = "地区代码,姓名,手机,组", f"{village},赵协理,13900000009,3组"

    def send(*lines, **more):
        body = io.BytesIO("\n".join((head, *lines)).encode())
        answer = clerk.post(
            "/desk/assistants", {"file": (body, "list.csv"), **more}, at="/desk/assistants"
        )
        return answer.status_code, answer.get_data(as_text=True)

    status, shown = send(good, f"{other},钱协理,13900000008,")
    assert (status, "第3行：这个村不归您这里管。" in shown) == (422, True)
    status, shown = send(good, **{"try": "1"})
    assert (status, "新增 1 人" in shown, "赵协理" in page(clerk)) == (200, True, False)
    status, shown = send(good)
    assert (status, "已任命：新增 1 人" in shown, "赵协理" in page(clerk)) == (200, True, True)
    assert clerk.post("/desk/assistants", {}, at="/desk/assistants").status_code == 422


def test_no_other_office(app, portal, li):
    others = [(Role.TOWNSHIP_CLERK, "430923118"), (Role.COUNTY_CLERK, "430481"),
              (Role.TOWNSHIP_REVIEWER, assistants.TOWNSHIP), (Role.SUPERVISOR, "430900")]  # fmt: skip
    for role, region in others:
        other = signed_in(app, portal, f"{role}-x".replace("_", "-"), region=region, role=role)
        seen = other.get("/desk/assistants")
        assert seen.status_code == 403 or assistants.NAME not in seen.get_data(as_text=True)
        listed = {"file": (io.BytesIO(b"x"), "x.csv")}
        assert other.post("/desk/assistants", listed, at="/desk/").status_code in (403, 422)
        for what in ("suspension", "resumption", "factor-reset", "hand-over"):
            at = f"/desk/assistants/{li.appointment}/{what}"
            answer = other.post(at, {"to": str(li.appointment)}, at="/desk/")
            assert answer.status_code in (403, 404)
    with portal.database.reading() as session:
        assert session.get_one(Appointment, li.appointment).suspended_at is None
    assert li.get("/api/roster").status_code == 200


def test_the_same_by_json(app, portal, li):
    clerk = Member(app, portal, Role.TOWNSHIP_CLERK, assistants.TOWNSHIP, "json")
    (found,) = clerk.get("/api/office/assistants").json
    assert (found["id"], found["name"]) == (str(li.appointment), assistants.NAME)
    at = f"/api/office/assistants/{li.appointment}"
    for verb, state in (("suspension", True), ("resumption", False), ("factor-reset", False)):
        assert clerk.post(f"{at}/{verb}", None).status_code == 204
        assert clerk.get("/api/office/assistants").json[0]["suspended"] is state
    assert clerk.post(f"{at}/hand-over", {}).status_code == 422
    nobody = {"to": "00000000-0000-4000-8000-000000000000"}
    assert clerk.post(f"{at}/hand-over", nobody).status_code == 404
    foreign = Member(app, portal, Role.TOWNSHIP_CLERK, "430923118", "far")
    assert foreign.get("/api/office/assistants").json == []
    assert foreign.post(f"{at}/suspension", None).status_code == 404
