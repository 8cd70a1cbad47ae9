"""/api/households: begun, filled in page by page, added to, handed in; and the desk's one more."""

from typing import Any
from uuid import UUID

import pytest

from portal.assembly import Portal
from portal.casework import next_tier
from portal.filing.tables import Application
from portal.people.access import Role
from portal.policy.lifecycle import Status
from tests.api.walk import ANSWERS, Resident
from tests.casework import cases
from tests.conftest import Clock
from tests.desk.clerks import signed_in
from tests.handover.files import TOWNSHIP

REST = {
    "emergency_place": {"code": TOWNSHIP, "address": ""}, "what_happened": "突然病了。",
}  # fmt: skip


@pytest.fixture
def her(client, portal) -> Resident:
    return Resident(client, portal).sign_in()


def begin(her: Resident, *programs: str, key: str = "home-1") -> dict[str, Any]:
    body = {"programs": list(programs)}
    made = her.post("/api/households", body, **{"Idempotency-Key": key})
    assert made.status_code == 201, made.json
    return made.json


def save(
    her: Resident, home: dict[str, Any], page: str, answers: dict[str, Any], **how: int
) -> Any:
    body = {"page": page, "answers": answers, "since": how.get("since", home["revision"])}
    return her.put(f"/api/households/{home['id']}/answers", body)


def fill(her: Resident, home: dict[str, Any]) -> dict[str, Any]:
    told = ANSWERS | REST
    for page in home["pages"]:
        answers = {n: told[n] for n in page["asks"] if n in told and n != "reason"}
        if page["key"] == "reason":
            answers = {"reason": ["illness"]}
        saved = save(her, home, page["key"], answers)
        assert saved.status_code == 200, saved.json
        home = saved.json
    return home


def test_begun_filled_in_and_handed_in_together(her: Resident) -> None:
    home = begin(her, "dibao", "linshi", "dibao")
    assert [a["program_id"] for a in home["applications"]] == ["dibao", "linshi"]
    assert begin(her, "dibao", "linshi", "dibao")["id"] == home["id"], "repeated"
    home = fill(her, home)
    assert home["name"] == ANSWERS["applicant_name"]
    ids = [a["id"] for a in home["applications"]]
    path = f"/api/households/{home['id']}/submission"
    sent = her.post(path, {"applications": ids})
    assert sent.status_code == 201, sent.json
    numbers = [r["reference_no"] for r in sent.json["receipts"]]
    assert numbers == [a["reference_no"] for a in home["applications"]]
    assert her.post(path, {"applications": ids}).json == sent.json
    listed = her.get("/api/households").json
    assert [a["status"] for a in listed[0]["applications"]] == ["submitted"] * 2


def test_the_walk_can_be_drawn_and_says_what_is_lacking(her: Resident) -> None:
    home = begin(her, "dibao", "linshi")
    asked = [f["name"] for page in home["pages"] for f in page["fields"]]
    whole = {f["name"] for f in her.get("/api/programs/dibao").json["form"]["steps"][1]["fields"]}
    assert whole <= set(asked)
    reasons = [page["key"] for page in home["pages"] if "reason" in page["asks"]]
    assert len(reasons) == 2, "one name, two questions"
    missing = {page["key"]: page["missing"] for page in home["pages"] if page["missing"]}
    assert missing["applicant"] == ["applicant_name"]
    assert home["ready"] == []
    home = fill(her, home)
    assert home["ready"] == [a["id"] for a in home["applications"]]
    assert not any(page["missing"] for page in home["pages"])
    assert {(a["why"], a["can_say_no"]) for a in home["applications"]} == {("", False)}


def test_the_self_checks_answers_come_along(her: Resident) -> None:
    said = {"happened": ["medical_cost"], "area": "rural", "moon": "x", "people": "wrong"}
    body = {"programs": ["dibao", "linshi"], "said": said}
    home = her.post("/api/households", body, **{"Idempotency-Key": "k"}).json
    told = {name: value for page in home["pages"] for name, value in page["answers"].items()}
    assert told["apply_type"] == "rural"
    for bad in ([], "x", {"k" * 65: 1}):
        answer = her.post("/api/households", body | {"said": bad}, **{"Idempotency-Key": "bad"})
        assert answer.status_code == 422


def test_what_an_office_opened_says_why_and_can_be_refused(
    her: Resident, portal: Portal, clock: Clock
) -> None:
    file = her.start()
    her.fill_in(file)
    assert her.post(f"/api/applications/{file}/submission").status_code == 201
    with portal.database.writing() as session:
        cases.put_into(session, session.get_one(Application, UUID(file)), Status.DENIED)
    next_tier.open_due(portal, now=clock())
    opened = next(a for a in her.get("/api/households").json[0]["applications"] if a["why"])
    assert opened["can_say_no"]
    path = f"/api/applications/{opened['id']}"
    assert her.post(f"{path}/withdrawal").status_code == 200
    now = her.get("/api/households").json[0]["applications"]
    assert [a["can_say_no"] for a in now if a["id"] == opened["id"]] == [False]


def test_all_or_none(her: Resident) -> None:
    home = begin(her, "dibao", "linshi")
    ids = [a["id"] for a in home["applications"]]
    sent = her.post(f"/api/households/{home['id']}/submission", {"applications": ids})
    assert (sent.status_code, sent.json["code"]) == (422, "incomplete")
    assert {"applicant_name", "emergency_place"} <= set(sent.json["fields"])
    now = her.get(f"/api/households/{home['id']}").json
    assert {a["status"] for a in now["applications"]} == {"draft"}


def test_added_without_retyping(her: Resident) -> None:
    home = begin(her, "dibao")
    home = fill(her, home)
    path = f"/api/households/{home['id']}/applications"
    added = her.post(path, {"programs": ["yiliao"]}, **{"Idempotency-Key": "add-1"})
    assert [a["program_id"] for a in added.json] == ["yiliao"]
    whole = her.get(f"/api/households/{home['id']}").json
    contact = next(p for p in whole["pages"] if p["key"] == "contact")
    assert contact["answers"]["phone"] == ANSWERS["phone"]
    assert contact["carried"]
    assert sorted(contact["asks"]["phone"]) == ["dibao", "yiliao"]


@pytest.mark.parametrize(
    ("programs", "status"), [(["cishan"], 422), (["jiaoyu"], 422), (["moon"], 404), ([], 422)]
)
def test_what_cannot_be_begun(her: Resident, programs: list[str], status: int) -> None:
    made = her.post("/api/households", {"programs": programs}, **{"Idempotency-Key": "k"})
    assert made.status_code == status
    assert her.get("/api/households").json == []


def test_wrong_pages_and_answers(her: Resident) -> None:
    home = begin(her, "dibao")
    assert save(her, home, "moon", {}).status_code == 404
    assert save(her, home, "contact", {"income_wage": 1}).json["fields"] == {
        "income_wage": ["没有这一项。"]
    }
    assert save(her, home, "contact", {"phone": "1"}).status_code == 422


def test_changed_elsewhere_is_refused(her: Resident, clock) -> None:
    home = begin(her, "dibao", "yiliao")
    clock.forward(minutes=1)
    assert save(her, home, "contact", {"phone": "13900000001"}).status_code == 200
    clock.forward(minutes=1)
    late = save(her, home, "contact", {"phone": "13900000002"})
    assert (late.status_code, late.json["code"]) == (409, "answers_conflict")


def test_nobody_elses(her: Resident, app, portal) -> None:
    home = begin(her, "dibao")
    other = Resident(app.test_client(), portal, phone="13900000009").sign_in()
    path = f"/api/households/{home['id']}"
    assert other.get(path).status_code == 404
    assert other.get(path.replace(home["id"][:8], "00000000")).status_code == 404
    assert save(other, home, "contact", {"phone": "13900000001"}).status_code == 404
    assert other.post(f"{path}/submission", {"applications": [home["id"]]}).status_code == 404
    mine = begin(other, "dibao")
    body = {"applications": [home["applications"][0]["id"]]}
    assert other.post(f"/api/households/{mine['id']}/submission", body).status_code == 404


def test_the_township_adds_one(her: Resident, app, portal) -> None:
    home = fill(her, begin(her, "dibao"))
    (file,) = home["applications"]
    her.post(f"/api/households/{home['id']}/submission", {"applications": [file["id"]]})
    clerk = signed_in(app, portal, region="430923103")
    path = f"/desk/files/{file['id']}/matters"
    wrong = clerk.post(path, {"program": "yiliao", "sentence": ""})
    assert wrong.status_code == 422
    done = clerk.post(path, {"program": "yiliao", "sentence": "家里有病人，帮您加办。"})
    assert done.status_code == 303, done.get_data(as_text=True)
    now = her.get(f"/api/households/{home['id']}").json
    assert [(a["program_id"], a["status"]) for a in now["applications"]] == [
        ("dibao", "submitted"), ("yiliao", "submitted"),
    ]  # fmt: skip
    stranger = signed_in(app, portal, "wang", region="430923121", role=Role.TOWNSHIP_CLERK)
    refused = stranger.post(path, {"program": "zhufang", "sentence": "加办。"})
    assert refused.status_code == 404
