"""The desk for programs: every act over HTTP, and nothing beyond role and division."""

import io

import pytest
from PIL import Image

from api import tokens
from portal.casework.openings import Opening
from portal.filing import photo_process, preparing
from portal.filing.tables import Application
from portal.foundation.audit_tables import AuditEntry
from portal.people import staff
from portal.people.access import Role
from portal.people.tables import Account, Staff
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

WHOLE = files.MORE["applicant_id_number"]


@pytest.fixture
def office(client, portal):
    """Asks as somebody of this role and place: (method, path, JSON) → answer."""
    known = {}

    def of(role=Role.TOWNSHIP_CLERK, place=files.TOWNSHIP, number=1):
        if (role, place, number) not in known:
            with portal.database.writing() as session:
                name = f"{role}.{place}.{number}".replace("_", "-")
                made, _p, _u = staff.add(session, name, f"{role} {number}", role, place, now=NOW)
                known[role, place, number] = tokens.issue(session, made, now=NOW)
        headers = {"Authorization": f"Bearer {known[role, place, number]}"}

        def ask(path, body=None, method=None):
            method = method or ("GET" if body is None else "POST")
            json = None if method == "GET" else body
            return client.open(f"/api/office{path}", method=method, json=json, headers=headers)

        return ask

    return of


@pytest.fixture
def file(portal):
    file_id = files.draft(portal, files.MORE)
    files.add_photo(portal, file_id, files.jpeg())
    files.submit(portal, file_id)
    process = photo_process.PhotoProcess()
    try:
        preparing.prepare_due(portal, process, now=NOW)
    finally:
        process.close()
    cases.deliver(portal)
    return file_id


def status(portal, file_id):
    with portal.database.reading() as session:
        return session.get_one(Application, file_id).status


def noted(portal, action):
    with portal.database.reading() as session:
        return session.query(AuditEntry).filter_by(action=action).count()


def test_from_the_queue_to_acceptance(office, portal, file):
    clerk, colleague = office(), office(number=2)
    [section, *_] = clerk("/queue").json["sections"]
    assert (section["key"], section["duty"]) == ("accept", "accept")
    assert clerk("/next", {}).json["application"]["id"] == str(file)
    assert colleague("/next", {}).json == {"application": None}
    read = clerk(f"/applications/{file}")
    assert read.json["reader"] == "me"
    assert WHOLE not in read.get_data(as_text=True)
    [photo] = read.json["sheet"]["photos"]
    at = f"/applications/{file}/photos/{photo['id']}"
    assert clerk(f"{at}/retakes", {"sentence": "请再拍。"}).status_code == 201
    assert clerk(f"{at}/acceptances", {}).status_code == 201
    assert clerk(f"/applications/{file}").json["sheet"]["photos"][0]["mark"] == "accepted"
    taken = colleague(f"/applications/{file}/acceptances", {})
    assert (taken.status_code, taken.json["code"]) == (409, "taken")
    assert clerk(f"/applications/{file}/acceptances", {}).json["status"] == "accepted"


def test_photos_come_under_a_watermark(office, portal, file):
    clerk = office()
    [photo] = clerk(f"/applications/{file}").json["sheet"]["photos"]
    at = f"/applications/{file}/photos/{photo['id']}"
    large, small = clerk(at), clerk(f"{at}?size=small")
    assert large.content_type == small.content_type == "image/jpeg"
    assert large.headers["Cache-Control"] == "no-store"
    extremes = [
        Image.open(io.BytesIO(one.data)).convert("L").getextrema() for one in (large, small)
    ]
    assert extremes[0][0] < 240 <= extremes[1][0]
    assert noted(portal, "read.photo") == 2


def test_whole_numbers_only_with_a_reason(office, portal, file):
    clerk = office()
    assert clerk(f"/applications/{file}/numbers", {"reason": "curious"}).status_code == 422
    assert clerk(f"/applications/{file}/numbers", {"reason": "other"}).status_code == 422
    shown = clerk(f"/applications/{file}/numbers", {"reason": "call"})
    assert WHOLE in shown.get_data(as_text=True)
    told = clerk(f"/applications/{file}/readers").json["readers"]
    assert ("看了完整号码", "打电话联系申请人") in [(r["what"], r["reason"]) for r in told]


def test_the_owner_reads_who_looked_and_nobody_else_does(office, client, portal, file):
    office()(f"/applications/{file}/numbers", {"reason": "call"})
    with portal.database.writing() as session:
        owner = session.get_one(Application, file).account_id
        mine = tokens.issue(session, session.get_one(Account, owner), now=NOW)
        others = files.resident(session, "13900000001").id
        other = tokens.issue(session, session.get_one(Account, others), now=NOW)
        clerk = tokens.issue(session, session.query(Staff).first(), now=NOW)
    answers = [
        client.get(f"/api/applications/{file}/readers", headers={"Authorization": f"Bearer {t}"})
        for t in (mine, other, clerk)
    ]
    assert [a.status_code for a in answers] == [200, 404, 403]
    [look] = answers[0].json["readers"]
    assert look["office"] == "湖南省益阳市安化县东坪镇"
    assert "township_clerk" not in str(look)


def test_one_list_then_a_second_with_a_reason(office, portal, file):
    clerk, items = office(), [{"item": "bank_account", "sentence": "请拍有卡号的一面。"}]
    assert clerk(f"/applications/{file}/returns", {"items": items}).json["status"] == "returned"
    files.submit(portal, file, now=NOW)
    cases.deliver(portal)
    again = clerk(f"/applications/{file}/returns", {"items": items})
    assert (again.status_code, again.json["code"]) == (422, "asked_before")


def test_a_file_goes_there_and_back_and_the_county_decides(office, portal, file):
    here, there = office(), office(place=files.NEIGHBOUR)
    county = office(Role.COUNTY_CLERK, files.COUNTY)
    said = {"place": files.NEIGHBOUR, "sentence": "户口在梅城。"}
    assert here(f"/applications/{file}/transfers", said).status_code == 201
    assert there(f"/applications/{file}/send-backs", {"sentence": "人在东坪。"}).status_code == 201
    refused = here(f"/applications/{file}/transfers", {**said, "place": "430923101"})
    assert refused.json["code"] == "county_decides"
    sections = {s["key"]: s["lines"] for s in county("/queue").json["sections"]}
    assert [line["transfers"] for line in sections["bounced"]] == [2]
    assert county(f"/applications/{file}/settlements", said).status_code == 201
    assert len(there(f"/applications/{file}").json["transfers"]) == 3


def test_a_supervisor_writes_why_before_a_file_opens(office, portal, file):
    boss = office(Role.SUPERVISOR, "430900")
    assert boss("/queue").json["counted"] == {"submitted": 1}
    assert boss("/queue").json["sections"] == []
    for path in ("", "/form.pdf", "/readers"):
        answer = boss(f"/applications/{file}{path}")
        assert (answer.status_code, answer.json["code"]) == (403, "reason_needed")
    assert boss(f"/applications/{file}/openings", {"words": " "}).status_code == 422
    assert boss(f"/applications/{file}/openings", {"words": "核实来信。"}).status_code == 201
    assert boss(f"/applications/{file}").status_code == 200
    assert boss(f"/applications/{file}/form.pdf").data.startswith(b"%PDF")


def test_a_table_of_chosen_files(office, portal, file):
    clerk = office()
    wanted = {"applications": [str(file)], "format": "csv", "reason": "enter"}
    masked = clerk("/exports", wanted)
    assert WHOLE not in masked.get_data(as_text=True)
    assert "attachment" in masked.headers["Content-Disposition"]
    assert WHOLE in clerk("/exports", {**wanted, "whole": True}).get_data(as_text=True)
    assert clerk("/exports", {**wanted, "format": "xlsx"}).data.startswith(b"PK")
    assert (
        clerk(f"/applications/{file}/copies", {"reason": "enter"}).json["rows"][3]["text"]
        == "刘桂香"
    )
    with portal.database.reading() as session:
        assert [o.what for o in session.query(Opening).order_by(Opening.at)].count("export") == 3
    foreign = office(place=files.NEIGHBOUR)
    assert foreign("/exports", wanted).status_code == 404


ACTS = {
    "": None,
    "/numbers": {"reason": "call"},
    "/acceptances": {},
    "/returns": {"items": [{"item": "other", "sentence": "请补。"}]},
    "/refusals": {"reason": "duplicate", "sentence": "重复。"},
    "/transfers": {"place": files.NEIGHBOUR, "sentence": "在那里。"},
    "/send-backs": {"sentence": "不在这里。"},
    "/settlements": {"place": files.NEIGHBOUR, "sentence": "在那里。"},
    "/assignments": {"investigator": None},
    "/alert-answers": {"name": "李", "sentence": "好。"},
    "/copies": {"reason": "enter"},
}
READERS = {Role.TOWNSHIP_CLERK, Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_REVIEWER,
           Role.COUNTY_CLERK, Role.COUNTY_CHECKER, Role.COUNTY_CONFIRMER, Role.AUDITOR}  # fmt: skip
WORKERS = READERS - {Role.AUDITOR}
TOWN = {Role.TOWNSHIP_CLERK, Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_REVIEWER}
MAY = {
    "": READERS, "/numbers": WORKERS, "/copies": WORKERS, "/assignments": TOWN,
    "/settlements": WORKERS - TOWN,
    **dict.fromkeys(("/acceptances", "/returns", "/refusals", "/transfers"), {Role.TOWNSHIP_CLERK}),
}  # fmt: skip


@pytest.mark.parametrize("role", sorted(READERS | {Role.SUPERVISOR, Role.DEPARTMENT_CLERK,
                                                   Role.ADMINISTRATOR}))  # fmt: skip
def test_every_act_is_its_own_roles_only(office, portal, file, role):
    place = files.TOWNSHIP if role in TOWN else files.COUNTY
    own, foreign = office(role, place), office(role, "433127103" if role in TOWN else "433127")
    for path, body in ACTS.items():
        assert foreign(f"/applications/{file}{path}", body).status_code in (403, 404)
        if role not in MAY.get(path, ()):
            assert own(f"/applications/{file}{path}", body).status_code in (403, 409), path
    assert status(portal, file) == "submitted"
    for path in ("", "/numbers", "/copies", "/assignments"):
        if role in MAY[path]:
            assert own(f"/applications/{file}{path}", ACTS[path]).status_code in (200, 201), path
