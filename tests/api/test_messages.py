"""Messages, talk, choices, complaints and the bundle over JSON, as any client would ask."""

import io
import zipfile
from uuid import UUID, uuid4

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from portal.casework import office
from portal.filing.tables import Application
from portal.foundation.audit_tables import AuditEntry
from portal.people import staff, tables
from portal.people.access import Actor, Role
from tests.api.walk import Resident
from tests.casework import cases
from tests.casework.talk import recordings
from tests.conftest import NOW

TOWNSHIP = "430923103"
COMPLAINT = {"topic": "slow", "against": "township", "place": TOWNSHIP, "words": "一个月没有消息。"}


@pytest.fixture
def resident(client, portal):
    return Resident(client, portal).sign_in()


@pytest.fixture
def file(resident):
    file = resident.start()
    resident.fill_in(file)
    assert resident.post(f"/api/applications/{file}/submission").status_code == 201
    return file


class Member:
    """Somebody of an office at the JSON API."""

    def __init__(self, app, portal, role, region, name):
        self.client, self.portal = app.test_client(), portal
        with portal.database.writing() as session:
            made, password, uri = staff.add(session, name, name, role, region, now=NOW)
            self.actor = Actor(Role(role), made.id, region, name)
        body = {"username": name, "password": password, "totp": staff.code_at(uri, NOW)}
        given = self.client.post("/api/auth/staff-sessions", json=body)
        assert given.status_code == 201, given.json
        self.headers = {"Authorization": f"Bearer {given.json['access_token']}"}

    def get(self, path):
        return self.client.get(path, headers=self.headers)

    def post(self, path, body=None):
        return self.client.post(path, json=body or {}, headers=self.headers)


@pytest.fixture
def clerk(app, portal):
    return Member(app, portal, Role.TOWNSHIP_CLERK, TOWNSHIP, "li")


@pytest.fixture
def county(app, portal):
    return Member(app, portal, Role.COUNTY_CLERK, "430923", "zhou")


def say(who, path, *, key="", **fields):
    if "voice" in fields:
        fields["voice"] = FileStorage(io.BytesIO(fields["voice"]), "voice")
    border, body = encode_multipart(fields)
    headers = {**who.headers, **({"Idempotency-Key": key} if key else {})}
    return who.client.post(
        path, data=body, headers=headers, content_type=f'multipart/form-data; boundary="{border}"'
    )


def deliver_and_accept(portal, file, actor):
    cases.deliver(portal)
    with portal.database.writing() as session:
        office.accept(session, session.get_one(Application, UUID(file)), actor=actor, now=NOW)


def test_the_box_counts_until_it_was_seen(portal, resident, file, clerk):
    assert [m["title"] for m in resident.get("/api/messages").json] == ["申请交上来了"]
    deliver_and_accept(portal, file, clerk.actor)
    found = resident.get("/api/messages").json
    assert {m["title"] for m in found} == {"申请交上来了", "您的申请受理了"}
    assert all(m["new"] and m["application_id"] == file for m in found)
    assert resident.put("/api/messages/seen", {"ids": [found[0]["id"]]}).status_code == 204
    assert sum(m["new"] for m in resident.get("/api/messages").json) == 1
    assert resident.put("/api/messages/seen", {}).status_code == 204
    assert not any(m["new"] for m in resident.get("/api/messages").json)


def test_nobody_sees_anothers_box(client, portal, resident, file):
    other = Resident(client, portal, phone="13900000002").sign_in()
    assert other.get("/api/messages").json == []
    mine = resident.get("/api/messages").json[0]["id"]
    other.put("/api/messages/seen", {"ids": [mine]})
    assert resident.get("/api/messages").json[0]["new"]


def test_choices(resident):
    empty = resident.get("/api/me/contact").json
    assert (empty["word"], empty["second_phone"], empty["reminders"]) == ("", None, True)
    assert "荷花" in empty["words"]
    chosen = {"word": "石榴", "second_phone": "139 8765 4321", "reminders": False}
    assert resident.put("/api/me/contact", chosen).status_code == 200
    kept = resident.get("/api/me/contact").json
    assert (kept["word"], kept["second_phone"], kept["reminders"]) == (
        "石榴", "139****4321", False,
    )  # fmt: skip
    wrong = resident.put("/api/me/contact", {"word": "abc"})
    assert (wrong.status_code, list(wrong.json["fields"])) == (422, ["word"])
    assert resident.put("/api/me/contact", {"word": ""}).json["word"] == ""


def test_talk_from_both_sides(clock, resident, file, clerk, county):
    here = f"/api/applications/{file}/messages"
    assert say(resident, here, key="a1", text="什么时候上门？").status_code == 201
    again = say(resident, here, key="a1", text="什么时候上门？")
    assert len(again.json["messages"]) == 1
    assert (again.json["clock"]["whole"], again.json["clock"]["ours"]) == (2, True)
    [waiting] = clerk.get("/api/office/messages").json
    assert (waiting["application_id"], waiting["messages"]) == (file, 1)
    office_here = f"/api/office{here.removeprefix('/api')}"
    clock.forward(minutes=5)
    assert say(clerk, office_here, text="周五来。").status_code == 201
    lines = resident.get(here).json
    assert [(m["side"], m["who"], m["text"]) for m in lines["messages"]] == [
        ("resident", "申请人", "什么时候上门？"), ("office", "li", "周五来。"),
    ]  # fmt: skip
    assert lines["clock"] is None
    assert clerk.get("/api/office/messages").json == []
    assert [m["mine"] for m in county.get(office_here).json["messages"]] == [False, True]


def test_a_voice_from_the_phone_to_the_desk(portal, resident, file, clerk):
    here = f"/api/applications/{file}/messages"
    data = recordings.m4a(5)
    sent = say(resident, here, voice=data)
    assert sent.status_code == 201
    [message] = sent.json["messages"]
    assert (message["voice"], message["seconds"], message["text"]) == (True, 5, "")
    sound = resident.get(f"{here}/{message['id']}/voice")
    assert (sound.data, sound.content_type) == (data, "audio/mp4")
    assert "no-store" in sound.headers["Cache-Control"]
    path = f"{here}/{message['id']}/voice"
    part = resident.client.get(path, headers={**resident.headers, "Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, data[:10])
    office_path = f"/api/office{path.removeprefix('/api')}"
    assert clerk.get(office_path).data == data
    with portal.database.reading() as session:
        heard = session.query(AuditEntry).filter_by(action="read.voice").one()
        assert heard.actor == str(clerk.actor)


def test_what_is_refused(resident, file):
    for fields, status, code in (
        ({"text": ""}, 422, "invalid"),
        ({"text": "长" * 501}, 422, "invalid"),
        ({"voice": b"%PDF-1.7"}, 415, "voice_type"),
        ({"voice": recordings.amr(90)}, 422, "voice_too_long"),
        ({"voice": b"#!AMR\n" + bytes(3_000_000)}, 413, "voice_too_large"),
    ):
        answer = say(resident, f"/api/applications/{file}/messages", **fields)
        assert (answer.status_code, answer.json["code"]) == (status, code)


def test_strangers_and_other_offices_find_nothing(app, client, portal, resident, file, clerk):
    here = f"/api/applications/{file}/messages"
    message = say(resident, here, voice=recordings.amr(2)).json["messages"][0]["id"]
    other = Resident(client, portal, phone="13900000002").sign_in()
    foreign = Member(app, portal, Role.TOWNSHIP_CLERK, "430923118", "wang")
    for path in (here, f"{here}/{message}/voice", f"/api/applications/{file}/bundle.zip"):
        assert other.get(path).status_code == 404, path
    for path in (here, f"{here}/{message}/voice"):
        assert foreign.get(f"/api/office{path.removeprefix('/api')}").status_code == 404
    assert say(other, here, text="在吗").status_code == 404
    assert say(foreign, f"/api/office/applications/{file}/messages", text="在").status_code == 404


def test_complaint_without_signing_in(client, county, clerk):
    given = client.post("/api/complaints", json=COMPLAINT)
    assert given.status_code == 201, given.json
    code = given.json["code"]
    assert client.get(f"/api/complaints/{code}").json["answer"] == ""
    assert clerk.get("/api/office/complaints").status_code == 403
    [listed] = county.get("/api/office/complaints").json["open"]
    opened = county.get(f"/api/office/complaints/{listed['id']}").json
    assert (opened["words"], opened["application_id"]) == ("一个月没有消息。", None)
    answered = county.post(
        f"/api/office/complaints/{listed['id']}/answers", {"sentence": "已经催办。"}
    )
    assert answered.status_code == 201
    followed = client.get(f"/api/complaints/{code}").json
    assert followed["answer"] == "已经催办。"
    assert "words" not in followed
    assert client.get("/api/complaints/0000000000000000").status_code == 404


def test_wrong_codes_are_counted(client):
    answers = [client.get(f"/api/complaints/{n:016d}").status_code for n in range(22)]
    assert answers == [404] * 20 + [429] * 2


def test_complaint_about_the_own_file(portal, resident, file, clerk, county):
    deliver_and_accept(portal, file, clerk.actor)
    said = {**COMPLAINT, "place": "", "topic": "attitude"}
    assert resident.post(f"/api/applications/{file}/complaints", said).status_code == 201
    [listed] = county.get("/api/office/complaints").json["open"]
    assert county.get(f"/api/office/complaints/{listed['id']}").json["application_id"] == file
    county.post(f"/api/office/complaints/{listed['id']}/answers", {"sentence": "对不起。"})
    assert "您反映的事有了答复" in {m["title"] for m in resident.get("/api/messages").json}


def test_telling_in_person(portal, resident, file, clerk):
    with portal.database.writing() as session:
        application = session.get_one(Application, UUID(file))
        session.get_one(tables.Account, application.account_id).phone_sealed = None
    deliver_and_accept(portal, file, clerk.actor)
    [task] = clerk.get("/api/office/tasks").json
    assert (task["application_id"], task["why"]) == (file, "no_phone")
    assert task["say"] == ["申请有新进展。请打窗口电话，或到窗口问。"]
    done = clerk.post(f"/api/office/tasks/{task['id']}/completions", {"how": "phone"})
    assert (done.status_code, done.json["how"]) == (201, "phone")
    assert clerk.get("/api/office/tasks").json == []
    assert (
        clerk.post(f"/api/office/tasks/{uuid4()}/completions", {"how": "phone"}).status_code == 404
    )


def test_the_bundle_holds_the_papers_of_the_file(portal, resident, file, clerk):
    resident.add_photo(file)
    here = f"/api/applications/{file}/messages"
    say(resident, here, text="在吗？")
    say(resident, here, voice=recordings.m4a(3))
    deliver_and_accept(portal, file, clerk.actor)
    answer = resident.get(f"/api/applications/{file}/bundle.zip")
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert answer.is_streamed
    with zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
        assert bundle.testzip() is None
        names = bundle.namelist()
        pdfs = [bundle.read(name) for name in names if name.endswith(".pdf")]
    assert names[:5] == [
        "0-先看这里.pdf", "1-申请表.pdf", "2-回执.pdf", "2-回执（带数字签名）.json",
        "3-办理经过.pdf",
    ]  # fmt: skip
    assert any(name.startswith("6-照片/") for name in names)
    assert names[-2:] == ["7-留言.pdf", "7-留言/录音1.m4a"]
    assert all(pdf.startswith(b"%PDF-") for pdf in pdfs)
    with portal.database.reading() as session:
        taken = session.query(AuditEntry).filter_by(action="take.bundle").one()
        assert taken.actor.startswith("applicant:")


def test_no_bundle_of_a_draft(resident):
    assert resident.get(f"/api/applications/{resident.start()}/bundle.zip").status_code == 404


def test_a_complaint_said_again_under_its_key_is_one_complaint(client, county):
    key = {"Idempotency-Key": "k-0001"}
    first, again = (client.post("/api/complaints", json=COMPLAINT, headers=key) for _ in range(2))
    other = client.post("/api/complaints", json={**COMPLAINT, "words": "还有一件事。"}, headers=key)
    assert first.json == again.json
    assert other.json["code"] != first.json["code"]
    assert len(county.get("/api/office/complaints").json["open"]) == 2
    assert client.get(f"/api/complaints/{again.json['code']}").status_code == 200
