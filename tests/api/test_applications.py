"""The resident's story over JSON, and what must not work."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from portal import worker
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.idempotency import IdempotencyRecord
from portal.handover.tables import IntakeDossier, OutboxRow
from tests.api.walk import ANSWERS, Resident
from tests.conftest import NOW


@pytest.fixture
def resident(client, portal) -> Resident:
    return Resident(client, portal).sign_in()


def test_from_photo_to_queue(resident, portal, clock) -> None:
    application = resident.start()
    kept = resident.fill_in(application)
    assert kept["revision"] == 1
    assert kept["missing"] == {}
    assert resident.add_photo(application).json["state"] == "received"
    done = resident.post(f"/api/applications/{application}/submission")
    assert done.status_code == 201
    receipt = done.json["receipt"]
    assert receipt["status"] == "已提交，尚未受理"
    assert len(receipt["photos"]) == 1
    again = resident.post(f"/api/applications/{application}/submission")
    assert again.json == done.json
    worker.run_once(portal, now=clock())
    with portal.database.reading() as session:
        assert session.scalar(select(func.count(IntakeDossier.id))) == 1
        assert session.scalars(select(OutboxRow)).one().delivered_at is not None
        assert audit.verify(session) == []
    story = resident.get(f"/api/applications/{application}/timeline").json["timeline"]
    assert "乡镇" in str(story)


def test_same_start_twice_is_one_application(resident, portal) -> None:
    first = resident.start(key="same")
    assert resident.start(key="same") == first
    other = resident.post(
        "/api/applications", {"program_id": "linshi"}, **{"Idempotency-Key": "same"}
    )
    assert other.status_code == 422
    assert other.json["code"] == "idem_mismatch"
    with portal.database.reading() as session:
        assert session.scalar(select(func.count(Application.id))) == 1


def test_second_open_application_is_warned_of(resident) -> None:
    resident.start()
    second = resident.post("/api/applications", {"program_id": "dibao"}, **{"Idempotency-Key": "b"})
    assert second.status_code == 409
    assert second.json["code"] == "already_open"


def test_creating_needs_a_key(resident) -> None:
    answer = resident.post("/api/applications", {"program_id": "dibao"})
    assert answer.status_code == 400
    assert answer.json["code"] == "idem_required"


def test_missing_answers_come_back_by_field(resident) -> None:
    application = resident.start()
    answer = resident.post(f"/api/applications/{application}/submission")
    assert answer.status_code == 422
    assert set(answer.json["fields"]) == {"applicant_name", "phone", "household_place", "reason"}


def test_two_hands_on_one_field_conflict(resident) -> None:
    application = resident.start()
    resident.fill_in(application)
    body = {"revision": 0, "answers": {"applicant_name": "别人"}}
    answer = resident.put(f"/api/applications/{application}/answers", body)
    assert answer.status_code == 409
    assert list(answer.json["fields"]) == ["applicant_name"]
    kept = resident.get(f"/api/applications/{application}/answers").json
    assert kept["answers"]["applicant_name"] == ANSWERS["applicant_name"]


def test_foreign_and_unknown_files_answer_alike(resident, app, portal) -> None:
    application = resident.start()
    other = Resident(app.test_client(), portal, phone="13900000001").sign_in()
    for path in ("", "/answers", "/documents", "/timeline", "/submission"):
        theirs = other.get(f"/api/applications/{application}{path}")
        unknown = other.get(f"/api/applications/{uuid4()}{path}")
        assert theirs.status_code == unknown.status_code == 404
        assert theirs.json["message"] == unknown.json["message"]


def test_nobody_gets_in_without_signing_in(app, resident) -> None:
    application = resident.start()
    stranger = app.test_client()
    for path in ("", f"/{application}", f"/{application}/answers", f"/{application}/documents"):
        assert stranger.get(f"/api/applications{path}").status_code == 401


def test_consents_come_before_the_first_personal_datum(client, portal) -> None:
    resident = Resident(client, portal)
    client.post("/api/auth/sms-codes", json={"phone": resident.phone})
    body = {"phone": resident.phone, "code": resident.code()}
    token = client.post("/api/auth/sessions", json=body).json["access_token"]
    resident.headers = {"Authorization": f"Bearer {token}"}
    answer = resident.post("/api/applications", {"program_id": "dibao"}, **{"Idempotency-Key": "a"})
    assert answer.status_code == 403
    assert answer.json["code"] == "consents_missing"


def test_same_photo_twice_is_one(resident) -> None:
    application = resident.start()
    first, second = resident.add_photo(application), resident.add_photo(application)
    assert first.json["id"] == second.json["id"]
    assert len(resident.get(f"/api/applications/{application}/documents").json) == 1


def test_photo_damaged_on_the_way_is_not_kept(resident) -> None:
    application = resident.start()
    answer = resident.send(application, b"\xff\xd8" + b"x" * 500, item="other", digest="0" * 64)
    assert answer.status_code == 422
    assert answer.json["code"] == "digest_mismatch"
    assert resident.get(f"/api/applications/{application}/documents").json == []


def test_only_the_prepared_copy_is_shown(resident, portal, clock) -> None:
    application = resident.start()
    photo = resident.add_photo(application, "hukou_L1_00_12mp.jpg", "other").json["id"]
    path = f"/api/applications/{application}/documents/{photo}/prepared"
    assert resident.get(path).status_code == 404
    worker.run_once(portal, now=clock())
    copy = resident.get(path)
    assert copy.status_code == 200
    assert copy.data.startswith(b"\xff\xd8")
    assert b"Exif" not in copy.data


def test_discarded_draft_is_gone(resident) -> None:
    application = resident.start()
    resident.fill_in(application)
    gone = resident.client.delete(f"/api/applications/{application}", headers=resident.headers)
    assert gone.status_code == 204


def test_stage_by_number_and_last_four(resident, client) -> None:
    application = resident.start()
    resident.fill_in(application)
    receipt = resident.post(f"/api/applications/{application}/submission").json["receipt"]
    wanted = {"reference_no": receipt["reference_no"], "last_four": "0010"}
    found = client.post("/api/status-lookups", json=wanted)
    assert found.status_code == 200, found.json
    assert "王" not in found.text
    wrong = client.post("/api/status-lookups", json={**wanted, "last_four": "1111"})
    unknown = client.post("/api/status-lookups", json={**wanted, "reference_no": "1234567897"})
    assert wrong.status_code == unknown.status_code == 404
    assert wrong.json["message"] == unknown.json["message"]


def test_stage_lookups_are_limited(client) -> None:
    wanted = {"reference_no": "1234567897", "last_four": "0010"}
    answers = [client.post("/api/status-lookups", json=wanted).status_code for _ in range(6)]
    assert answers == [404] * 5 + [429]


def test_help_now_needs_no_account(client, portal) -> None:
    wanted = {
        "place": {"code": "430923103"},
        "found_by": "村口小店",
        "happened": "两天没吃饭",
        "needs": ["food"],
    }
    answer = client.post("/api/urgent-requests", json=wanted)
    assert answer.status_code == 201, answer.json
    with portal.database.reading() as session:
        row = session.scalars(select(Application)).one()
        assert (row.status, row.alert, row.urgent) == ("submitted", "food", True)
        assert row.filed_at == NOW


def test_help_asked_for_twice_under_one_key_is_one_file(client, portal) -> None:
    """The answer was lost on the way; the next hour it is news."""
    wanted = {"place": {"code": "430923103"}, "found_by": "村口小店", "needs": ["food"]}
    key = {"Idempotency-Key": "k-0001"}
    first, again = (client.post("/api/urgent-requests", json=wanted, headers=key) for _ in range(2))
    assert again.json == first.json
    with portal.database.writing() as session:
        [row] = session.scalars(select(IdempotencyRecord)).all()
        assert (row.actor, row.route) == ("anyone", "urgent")
        row.created_at -= timedelta(hours=1)
    later = client.post("/api/urgent-requests", json=wanted, headers=key)
    assert later.json["reference_no"] != first.json["reference_no"]


def test_the_button_pressed_twice_is_one_call_for_help(client, portal) -> None:
    page = client.get("/help-now").text
    hidden = {n: page.split(f'name="{n}" value="')[1].split('"')[0] for n in ("csrf", "key")}
    form = {**hidden, "place.code": "430923103", "found_by": "村口小店", "needs": "food"}
    shown = [client.post("/help-now", data=form).text for _ in range(2)]
    assert shown[0] == shown[1]
    with portal.database.reading() as session:
        assert session.scalars(select(Application)).one().reference_no in shown[0]


def test_what_is_begun_here_belongs_to_the_one_household(resident) -> None:
    files = {resident.start("dibao"), resident.start("linshi", key="start-2")}
    [home] = resident.get("/api/households").json
    assert {one["id"] for one in home["applications"]} == files


def test_nothing_to_eat_alerts_from_an_ordinary_application_too(resident, portal) -> None:
    application = resident.start("linshi")
    answers = {
        "reason": ["fire"], "needs": ["shelter"], "applicant_name": "王秀英",
        "phone": "13812345678", "emergency_place": {"code": "430923103"},
    }  # fmt: skip
    resident.fill_in(application, **answers)
    assert resident.post(f"/api/applications/{application}/submission").status_code == 201
    with portal.database.reading() as session:
        assert session.scalars(select(Application)).one().alert == "shelter"


def test_help_now_says_what_is_missing(client) -> None:
    answer = client.post("/api/urgent-requests", json={"place": {}, "found_by": "", "happened": ""})
    assert answer.status_code == 422
    assert {"emergency_place", "phone"} & set(answer.json["fields"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 40 + b"]" * 40, 400),
        (b'{"program_id": NaN}', 400),
        (b'{"program_id": "a", "program_id": "b"}', 400),
        (b'{"program_id": 1e999}', 400),
        (b'{"program_id": 123456789012345678901234567890}', 422),
        (b'{"program_id": "\\ud800"}', 422),
        (b'{"program_id": "a\\u0000"}', 422),
        (b"\xef\xbb\xbf{}", 400),
        (b"\xff\xfe{\x00}\x00", 400),
        (b"null", 422),
        (b"[]", 422),
        (b"", 400),
        (b'{"program_id": {"a": 1}}', 422),
        (b'{"program_id": "dibao", "status": "approved"}', 422),
        (b'{"program_id": "dibao"} trailing', 400),
        (b'{"program_id": "none"}', 404),
    ],
)
def test_strange_json_gets_a_sentence(resident, body: bytes, status: int) -> None:
    answer = resident.client.post(
        "/api/applications",
        data=body,
        headers={**resident.headers, "Idempotency-Key": "k"},
        content_type="application/json",
    )
    assert answer.status_code == status, answer.json
    assert set(answer.json) == {"code", "message", "request_id", "fields"}
    assert "program_id" not in answer.json["message"]


def test_answers_of_a_submitted_file_are_closed(resident) -> None:
    application = resident.start()
    resident.fill_in(application)
    resident.post(f"/api/applications/{application}/submission")
    body = {"revision": 1, "answers": {"applicant_name": "别人"}}
    answer = resident.put(f"/api/applications/{application}/answers", body)
    assert answer.status_code == 409
    assert answer.json["code"] == "closed_to_edit"


def test_photo_added_after_handing_in_follows_by_itself(resident, portal, clock) -> None:
    application = resident.start()
    resident.fill_in(application)
    resident.post(f"/api/applications/{application}/submission")
    worker.run_once(portal, now=clock())
    clock.forward(seconds=5)
    assert resident.add_photo(application).status_code == 201
    worker.run_once(portal, now=clock())
    clock.forward(minutes=3)
    worker.run_once(portal, now=clock())
    receipt = resident.get(f"/api/applications/{application}/submission").json["receipt"]
    assert (receipt["version"], len(receipt["photos"])) == (2, 1)
    clock.forward(minutes=3)
    worker.run_once(portal, now=clock())
    with portal.database.reading() as session:
        versions = session.scalars(select(IntakeDossier.version).order_by(IntakeDossier.version))
        assert list(versions) == [1, 2]
