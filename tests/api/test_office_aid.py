"""The emergency road, the petty fund and referrals over JSON, and who may do what of it."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from api import tokens
from portal.casework.referral import departments
from portal.filing.tables import Application
from portal.people import consents, staff
from portal.people.access import Role
from portal.people.tables import Account, Staff
from tests.api.walk import Resident
from tests.casework import cases
from tests.casework.aid import boxes
from tests.conftest import NOW
from tests.handover import files

FOUR = {"person": "姓名不详", "cause": "失火", "amount": 20000, "handling": "当面给"}


@dataclass
class Desk:
    """Somebody of an office at the API."""

    client: object
    headers: dict[str, str]

    def get(self, path):
        return self.client.get(f"/api/office{path}", headers=self.headers)

    def post(self, path, body=None):
        return self.client.post(f"/api/office{path}", json=body, headers=self.headers)


@pytest.fixture
def desk(client, portal):
    made = {}

    def enter(role=Role.TOWNSHIP_CLERK, region=files.TOWNSHIP):
        if (role, region) not in made:
            name = f"m{len(made)}"
            with portal.database.writing() as session:
                staff.add(session, f"{name}x", "李主任", role, region, now=NOW)
                row = session.query(Staff).filter_by(username=f"{name}x").one()
                token = tokens.issue(session, row, now=NOW)
            made[role, region] = Desk(client, {"Authorization": f"Bearer {token}"})
        return made[role, region]

    return enter


@pytest.fixture
def county(desk):
    return desk(Role.COUNTY_CONFIRMER, files.COUNTY)


def department(portal, desk, name):
    found = desk(Role.DEPARTMENT_CLERK, files.COUNTY)
    with portal.database.writing() as session:
        member = session.query(Staff).filter_by(role="department_clerk").one()
        departments.assign(session, portal.catalogue, member.id, [name], now=NOW)
    return found


def test_the_emergency_road_from_the_box_to_the_last_part(desk, county, portal):
    clerk = desk()
    fund = clerk.post("/petty-funds").json
    here = f"/petty-funds/{fund['id']}"
    asked = clerk.post(f"{here}/requests", {"kind": "opening", "amount": 500_000, "reason": "拨付"})
    assert asked.status_code == 201
    confirm = f"{here}/requests/{asked.json['id']}/confirmations"
    assert clerk.post(confirm).status_code == 403
    assert county.post(confirm).json["balance"] == 500_000
    at_window = {"key": str(uuid4()), "aid": {**FOUR, "handing": {"from_box": True}}}
    made = [clerk.post("/small-aid", at_window).json for _ in range(2)]
    assert made[0] == made[1]
    file = made[0]["id"]
    more = {"parts": [{"amount": 50_000}, {"amount": 30_000, "due_on": "2026-12-10"}],
            "cause": "还没住处", "document": "县文件", "key": str(uuid4())}  # fmt: skip
    for _ in range(2):
        assert clerk.post(f"/applications/{file}/first-aid", more).status_code == 201
    told = clerk.get(f"/applications/{file}/aid").json["aid"]
    assert sorted(g["amount"] for g in told["given"]) == [20_000, 80_000]
    over = clerk.post(f"/applications/{file}/aid-closings", {"sentence": "办结"})
    assert (over.status_code, over.json["code"]) == (409, "instalments_open")
    [part] = [p for g in told["given"] for p in g["parts"] if p["state"] == "due"]
    paid = clerk.post(f"/applications/{file}/aid-parts/{part['id']}/payments", {})
    assert paid.status_code == 201
    done = clerk.post(f"/applications/{file}/aid-closings", {"sentence": "办结"})
    assert done.json["status"] == "closed"
    book = clerk.get(here).json
    assert (book["fund"]["balance"], book["faults"]) == (480_000, [])
    assert [line["kind"] for line in book["lines"]] == ["opening", "payment"]
    undo = f"{here}/lines/{book['lines'][1]['id']}/corrections"
    assert clerk.post(undo, {"reason": "多记了"}).json["balance"] == 500_000
    assert clerk.get(f"{here}/lines.csv").data.startswith(b"\xef\xbb\xbf")
    closing = {"counted": 500_000, "counted_with": "王会计"}
    assert clerk.post(f"{here}/closings", closing).status_code == 201


def test_above_one_month_it_is_said_why(desk):
    answer = desk().post("/small-aid", {"key": str(uuid4()), "aid": {**FOUR, "amount": 74_100}})
    assert (answer.status_code, answer.json["code"]) == (422, "over_one_month")
    assert set(answer.json["fields"]) == {"amount", "standard"}


def test_four_items_are_needed_and_no_other_key_is_known(desk):
    three = [{k: v for k, v in FOUR.items() if k != missing} for missing in FOUR]
    for aid in (*three, {**FOUR, "id_number": "1"}):
        answer = desk().post("/small-aid", {"key": str(uuid4()), "aid": aid})
        assert answer.status_code == 422, aid


def test_a_foreign_township_finds_neither_file_nor_book(desk, county, portal):
    file = boxes.called(portal)
    with portal.database.writing() as session:
        fund = boxes.box(portal, session).id
    other = desk(region=files.NEIGHBOUR)
    for path, body in (
        (f"/applications/{file}/small-aid", FOUR),
        (f"/applications/{file}/county-road", {"sentence": "x"}),
        (f"/applications/{file}/conferences", {"reason": "x"}),
        (f"/petty-funds/{fund}/requests", {"kind": "top_up", "amount": 1, "reason": "x"}),
        (f"/petty-funds/{fund}/closings", {"counted": 1, "counted_with": "x"}),
    ):
        assert other.post(path, body).status_code == 404, path
    assert other.get(f"/petty-funds/{fund}").status_code == 404
    assert other.get("/petty-funds").json == []
    assert [one["id"] for one in county.get("/petty-funds").json] == [str(fund)]


def test_only_a_townships_clerk_gives_at_the_window(desk, portal):
    others = set(Role) - {Role.APPLICANT, Role.TOWNSHIP_CLERK, Role.BACK_OFFICE}
    for role in sorted(others):
        region = files.TOWNSHIP if role.startswith("township") else files.COUNTY
        answer = desk(role, region).post("/small-aid", {"key": str(uuid4()), "aid": FOUR})
        assert answer.status_code in (403, 422), role
    with portal.database.reading() as session:
        assert session.query(Application).count() == 0


def test_a_referral_is_sent_received_and_answered(desk, portal):
    file = cases.accepted(portal)
    housing = department(portal, desk, "县住建局")
    body = {"program_id": "zhufang", "sentence": "墙裂了。", "fields": ["applicant_name", "phone"]}
    sent = desk().post(f"/applications/{file}/referrals", body)
    assert sent.status_code == 201
    [listed] = housing.get("/referrals").json
    at = f"/referrals/{listed['id']}"
    assert desk().post(f"{at}/receipts").status_code == 403
    shown = housing.get(at).json
    assert [f["label"] for f in shown["fields"]] == ["要申请的人叫什么名字？", "联系电话"]
    assert "13800000009" not in str(shown)
    assert housing.post(f"{at}/numbers", {"reason": "nothing"}).status_code == 422
    assert "13800000009" in str(housing.post(f"{at}/numbers", {"reason": "call"}).json)
    assert housing.post(f"{at}/receipts").json["state"] == "received"
    back = housing.post(f"{at}/returns", {"sentence": "不归我们"})
    assert (back.json["state"], back.json["bounces"]) == ("returned", 1)
    assert housing.get(at).status_code == 404
    assert desk().post(f"/applications/{file}/referrals", body).json["id"] == listed["id"]
    result = {"result": "helped", "sentence": "修好了。"}
    assert housing.post(f"{at}/results", result).json["state"] == "closed"
    assert housing.get(f"/applications/{file}/aid").status_code == 403


def test_the_person_is_asked_and_her_word_counts(client, desk, portal):
    her = Resident(client, portal).sign_in()
    file = cases.accepted(portal)
    with portal.database.writing() as session:
        account = session.get_one(Account, session.get_one(Application, file).account_id)
        consents.give(session, account, consents.KINDS, now=NOW)
        her.headers = {"Authorization": f"Bearer {tokens.issue(session, account, now=NOW)}"}
    ask = {"program_id": "cishan", "fields": ["applicant_name"], "sentence": "想请人看看您。"}
    send = {"program_id": "cishan", "fields": ["applicant_name"], "sentence": "独居。"}
    here = f"/applications/{file}"
    refused = desk().post(f"{here}/referrals", send)
    assert (refused.status_code, refused.json["code"]) == (403, "consent_needed")
    assert desk().post(f"{here}/referral-consents", ask).status_code == 201
    mine = f"/api/applications/{file}/referral-consents"
    [question] = her.get(mine).json
    assert (question["receiver"], question["labels"]) == (
        "慈善组织和社工站", ["要帮助的人叫什么名字"],
    )  # fmt: skip
    at = f"{mine}/{question['id']}"
    assert her.post(f"{at}/answers", {"agrees": False}).json["state"] == "declined"
    assert desk().post(f"{here}/referrals", send).status_code == 403
    assert her.post(f"{at}/answers", {"agrees": True}).json["state"] == "agreed"
    assert desk().post(f"{here}/referrals", send).status_code == 201
    ended = client.delete(at, headers=her.headers)
    assert ended.json["state"] == "withdrawn"
    assert desk().get("/referrals").json[0]["state"] == "cancelled"
    assert her.get(f"/api/applications/{UUID(int=1)}/referral-consents").status_code == 404


def test_the_countys_road_ends_in_parts(desk, county, portal):
    """Above the ceiling: sent up, talked over, decided, planned, handed out, closed."""
    file = boxes.called(portal)
    clerk, here = desk(), f"/applications/{file}"
    first = {"parts": [{"amount": 50_000}], "cause": "失火", "document": "县文件"}
    assert clerk.post(f"{here}/first-aid", first).status_code == 201
    assert clerk.post(f"{here}/county-road", {"sentence": "要住院。"}).status_code == 201
    assert clerk.post(f"{here}/conferences", {"reason": "花费大。"}).status_code == 201
    told = county.get(f"{here}/aid").json["aid"]
    minutes = {"held_on": "2026-11-22", "people": "民政、医保", "words": "同意。",
               "amount": 0, "sentence": "几家商量过，由县里定。"}  # fmt: skip
    at = f"{here}/conferences/{told['conferences'][0]['id']}/minutes"
    assert county.post(at, minutes).status_code == 201
    other = desk(Role.COUNTY_CONFIRMER, "430922")
    assert other.post(f"{here}/decisions", {"kind": "denied"}).status_code in (404, 422)
    decision = {"kind": "approved", "amount": 200_000, "people": 1, "sentence": "按规定给。",
                "category": "household", "basis": "一事一议记录"}  # fmt: skip
    decided = county.post(f"{here}/decisions", decision)
    assert decided.status_code == 201, decided.json
    parts = [{"amount": 100_000, "form": "transfer", "due_on": f"2026-12-{n}"} for n in (10, 20)]
    assert clerk.post(f"{here}/aid-plans", {"parts": parts}).status_code == 403
    assert county.post(f"{here}/aid-plans", {"parts": parts[:1]}).status_code == 422
    assert county.post(f"{here}/aid-plans", {"parts": parts}).json["status"] == "paying"
    told = clerk.get(f"{here}/aid").json["aid"]
    for part in [p for g in told["given"] for p in g["parts"] if p["state"] == "due"]:
        paid = clerk.post(f"{here}/aid-parts/{part['id']}/payments", {"to": "本人"})
        assert paid.status_code == 201
    assert clerk.post(f"{here}/aid-closings", {"sentence": "发完"}).status_code == 403
    assert county.post(f"{here}/aid-closings", {"sentence": "发完"}).json["status"] == "closed"
