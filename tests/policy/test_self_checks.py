"""The self-check over HTTP: as JSON, and as a page that needs no script."""

import json
import re

import pytest

from portal.filing import applications
from portal.people import consents, sign_in
from portal.people.access import Actor, Role
from portal.policy.eligibility import carrying

DISCLAIMER = "试算结果仅供参考，以民政部门审核确认为准。"
POOR = {
    "area": "urban",
    "members": 3,
    "happened": ["poor"],
    "recognised": ["none"],
    "income_wage": 1200000,
    "income_business": 0,
    "income_property": 0,
    "income_transfer": 0,
}


def test_所有项目一次算完(client):
    found = client.post("/api/self-checks", json={"region": "430923121", "answers": POOR}).json
    by_id = {r["program"]: r for r in found["results"]}
    assert by_id["dibao"]["outcome"] == "may_fit"
    assert by_id["dibao"]["label"] == "可能符合，还要核"
    assert by_id["dibian"]["by"] == "dibao"
    assert {r["disclaimer"] for r in found["results"]} == {DISCLAIMER}
    income = by_id["dibao"]["tracks"][0]["tests"][0]
    assert income["yours"] == "每人每月0元到333.33元"
    assert "740元" in income["line"]
    assert income["source"]["article"] == "第18条"
    assert "house" in found["ask"]


def test_不选地方就说不准(client):
    found = client.post("/api/self-checks", json={"answers": POOR}).json
    assert found["results"][1]["outcome"] == "cannot_tell"


def test_没有标准以前的日子(client):
    wanted = {"region": "430923", "answers": POOR, "on": "2001-01-01"}
    found = client.post("/api/self-checks", json=wanted).json
    assert {r["outcome"] for r in found["results"]} == {"cannot_tell"}
    assert all(r["note"].endswith("。") for r in found["results"])


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"person_age": 121}, "person_age"),
        ({"person_age": -1}, "person_age"),
        ({"members": 0}, "members"),
        ({"members": 31}, "members"),
        ({"members": True}, "members"),
        ({"income_wage": 10**11}, "income_wage"),
        ({"income_wage": 1.5}, "income_wage"),
        ({"area": "moon"}, "area"),
        ({"happened": "poor"}, "happened"),
        ({"happened": ["none", "poor"]}, "happened"),
        ({"moon": 1}, "moon"),
        ({**POOR, "income_transfer": 100, "income_exempt": 200}, "income_exempt"),
        ({**POOR, "own_income": 1300000}, "own_income"),
    ],
)
def test_填错了得到一句话(client, answers, field):
    refused = client.post("/api/self-checks", json={"region": "430923", "answers": answers})
    assert refused.status_code == 422
    assert all(text.endswith("。") for text in refused.json["fields"][field])


@pytest.mark.parametrize(
    "body",
    [
        {"region": "999999", "answers": {}},
        {"region": "430923", "answers": []},
        {"region": "430923"},
        {"region": "4" * 13, "answers": {}},
        {"answers": {}, "on": "no day"},
        {"answers": {}, "extra": 1},
    ],
)
def test_请求不对(client, body):
    refused = client.post("/api/self-checks", json=body)
    assert refused.status_code == 422
    assert refused.json["message"].endswith("。")


@pytest.mark.parametrize("members", [1, 30])
@pytest.mark.parametrize("age", [0, 120])
@pytest.mark.parametrize("income", [0, 10**9])
def test_边上的数也算(client, members, age, income):
    answers = {**POOR, "members": members, "person_age": age, "income_wage": income}
    found = client.post("/api/self-checks", json={"region": "530113", "answers": answers})
    assert found.status_code == 200


def test_一个县的规定可以存在手机上(client):
    rules = client.get("/api/self-checks/rules?region=430923121")
    assert "max-age" in rules.headers["Cache-Control"]
    assert rules.json["place"] == "430923"
    assert len(rules.json["programs"]) == 13


def test_页面上已有的话不再传一遍(client):
    bare = client.get("/api/self-checks/rules?region=430923&words=false").json
    whole = client.get("/api/self-checks/rules?region=430923").json
    assert all("label" in question for question in whole["questions"])
    assert not any({"label", "hint"} & set(question) for question in bare["questions"])
    assert [q["name"] for q in bare["questions"]] == [q["name"] for q in whole["questions"]]
    assert bare["programs"] == whole["programs"]


def test_页面不用脚本也能算(client):
    asked = client.get("/self-check?place=430923").text
    assert re.findall(r'data-name="(\w+)"', asked.partition("<template")[0]) == [
        "place", "happened", "recognised", "area", "members",
    ]  # fmt: skip
    csrf = re.search(r'name="csrf" value="([^"]+)"', asked)[1]
    first = {"csrf": csrf, "place.code": "430923", "happened": "poor", "recognised": "none", "area": "urban", "members": "3", "go": "save"}  # fmt: skip
    more = client.post("/self-check", data=first).text
    assert "还说不准" in more
    assert 'data-name="income_wage"' in more.partition("<template")[0]
    money = dict.fromkeys(("income_business", "income_property", "income_transfer"), "0")
    found = client.post("/self-check", data={**first, **money, "income_wage": "12000"})
    assert "低保：可能符合，还要核" in found.text
    assert DISCLAIMER in found.text
    assert "/apply/dibao" in found.text
    assert "tel:" in found.text
    assert found.headers["Cache-Control"] == "no-store"


def test_页面填错了留着原来的话(client):
    data = {"members": "三口", "income_wage": "12000", "go": "save"}
    page = client.post("/self-check", data=data)
    assert page.status_code == 422
    assert 'value="三口"' in page.text
    assert 'value="12000"' in page.text


def test_带进申请的只有表上有的(portal):
    form = portal.catalogue.find("dibao").form
    said = {**POOR, "happened": ["illness", "poor", "none"], "income_transfer": "unsure", "moon": 1}
    carried = carrying.answers_for(form, said)
    assert carried["income_wage"] == 1200000
    assert carried["income_transfer"] == "unsure"
    assert carried["apply_type"] == "urban"
    assert carried["reason"] == ["illness"]
    assert "moon" not in carried
    assert "members" not in carried


def test_没登录带不进申请(client):
    path = "/applications/00000000-0000-0000-0000-000000000000/from-self-check"
    refused = client.post(path, data={"said": "{}"})
    assert refused.status_code == 303
    assert "/sign-in" in refused.headers["Location"]


def test_登录后带进自己的草稿(client, portal, now):
    with portal.database.writing() as writing:
        account = sign_in.open_account(writing, "13874312345", now=now)
        consents.give(writing, account, consents.KINDS, now=now)
        who = Actor(Role.APPLICANT, account.id)
        program = portal.catalogue.find("dibao")
        draft = applications.start(writing, program, account_id=account.id, actor=who, now=now)
        applications.save_answers(
            writing, draft, program, {"income_wage": 5}, revision=0, actor=who, now=now
        )
        draft_id, path = draft.id, f"/applications/{draft.id}"
        token = sign_in.issue(writing, account=account, now=now)
    client.set_cookie("refresh", token)
    page = client.get(f"{path}/tasks").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    wrong = client.post(f"{path}/from-self-check", data={"csrf": csrf, "said": "[1"})
    assert wrong.status_code == 422
    said = json.dumps({**POOR, "income_property": 700, "assets": ["moon"], "person_age": 999})
    done = client.post(f"{path}/from-self-check", data={"csrf": csrf, "said": said})
    assert done.headers["Location"].endswith("/tasks")
    with portal.database.reading() as reading:
        kept = applications.answers(reading, applications.find(reading, draft_id, actor=who))
    assert kept["income_property"] == 700
    assert kept["income_wage"] == 5
    assert kept["apply_type"] == "urban"
    assert "assets" not in kept
