"""Mandates over HTTP: the person is told and nobody else; claimed; what the office is handed."""

import json
import re
from datetime import timedelta
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from api import tokens
from portal import worker
from portal.casework import events, signals
from portal.casework.talk import follow_up
from portal.contact import in_person, messages, sending, standin_gateway
from portal.contact.tables import Errand
from portal.contact.templates import MOST_CHARACTERS
from portal.filing import helping, listeners, outside, signatures
from portal.filing.tables import Application, Document, Submission
from portal.foundation import audit
from portal.foundation.audit_tables import AuditEntry
from portal.handover import dossier
from portal.people import choices, sign_in
from portal.people.access import Actor, Role
from portal.people.mandate_tables import Mandate
from portal.policy.lifecycle import Party, Status
from tests.api.helped import FILLED, STROKES, code_of, flags_of, neighbour, the
from tests.api.walk import Resident
from tests.conftest import NOW

PERSON = "13800000077"
COUNTY = "430923"
VOICE = b"OggS" + bytes(300)


@pytest.fixture
def helper(app, portal):
    return neighbour(app, portal)


def texts(portal, phone: str) -> list[str]:
    with portal.database.reading() as session:
        found = [m for m in messages.latest(session, limit=90) if m.phone == phone]
        return [m.text for m in found if "登录" not in m.text]


def filed(helper, **said) -> str:
    helper.begin(**said)
    file = helper.start_for()
    assert helper.fill(file, **{**FILLED, "phone": helper.phone}).status_code == 200
    assert helper.submit(file).status_code == 201
    return file


def test_the_person_is_told_of_the_mandate_and_of_the_submission(helper, portal) -> None:
    filed(helper, phone=PERSON)
    code, told = code_of(portal, helper.mandate), texts(portal, PERSON)
    assert len(told) == 2
    assert all(code in text and len(text) <= MOST_CHARACTERS for text in told)
    assert sum("交了申请" in text for text in told) == 1
    assert texts(portal, helper.phone) == []
    assert flags_of(portal, helper.mandate) == {"unsigned"}


def test_nobody_is_told_through_a_helpers_number(helper, app, portal) -> None:
    other = neighbour(app, portal, phone="13800000004")
    other.begin(phone="13800000078")
    for phone in (helper.phone, other.phone):
        filed(helper, phone=phone)
        assert texts(portal, phone) == []
        assert "helper_number" in flags_of(portal, helper.mandate)


def test_a_number_that_later_becomes_a_helpers_is_told_no_more(helper, app, portal, clock) -> None:
    helper.begin(phone=PERSON)
    first = helper.mandate
    file = helper.start_for()
    assert len(texts(portal, PERSON)) == 1
    clock.forward(minutes=1)
    late = neighbour(app, portal, phone=PERSON)
    late.begin(phone="")
    helper.mandate = first
    assert helper.fill(file, **{**FILLED, "phone": helper.phone}).status_code == 200
    assert helper.submit(file).status_code == 201
    assert len(texts(portal, PERSON)) == 1
    assert "helper_number" in flags_of(portal, first)


def test_one_number_for_many_households_is_not_theirs(helper, portal) -> None:
    for count in range(1, 5):
        helper.begin(phone=PERSON, person="张" + "一二三四"[count - 1])
        shared = "shared_number" in flags_of(portal, helper.mandate)
        assert shared == (count > 3), count
    assert len(texts(portal, PERSON)) == 3


def test_without_a_phone_there_is_a_slip_and_a_question_for_the_visit(helper, app, portal) -> None:
    file = filed(helper)
    assert {"no_phone", "unsigned"} <= flags_of(portal, helper.mandate)
    with portal.database.reading() as session:
        asked = helping.at_visit(session, session.get_one(Application, UUID(file)))
    assert {q.code for q in asked} == {"no_phone", "unsigned"}
    assert all(len(part) <= 20 for q in asked for part in q.sentence.split("。"))


def test_not_me_needs_no_sign_in_and_ends_it_at_once(helper, app, portal) -> None:
    file = filed(helper, phone=PERSON)
    stranger = app.test_client()
    code = code_of(portal, helper.mandate)
    assert (
        stranger.post("/api/mandates/revocations", json={"code": "1234567890"}).status_code == 422
    )
    assert stranger.post("/api/mandates/revocations", json={"code": code}).status_code == 204
    assert helper.get(f"/api/applications/{file}").status_code == 404
    seen = helper.get("/api/mandates").json["helping"][0]
    assert (seen["over"], seen["person"], seen["applications"]) == (True, "石**", [])
    with portal.database.reading() as session:
        asked = helping.at_visit(session, session.get_one(Application, UUID(file)))
        assert "not_me" in {q.code for q in asked}
        assert audit.verify(session) == []


def test_the_dossier_names_the_mandate(helper, portal) -> None:
    helper.begin(phone=PERSON)
    file = helper.start_for()
    address = f"/api/mandates/{helper.mandate}/confirmations"
    assert helper.post(address, {"method": "screen", "strokes": STROKES}).status_code == 200
    audio = {"audio": (BytesIO(VOICE), "yes.ogg")}
    sent = helper.client.post(
        f"/api/mandates/{helper.mandate}/recording", data=audio, headers=helper.headers
    )
    assert sent.status_code == 201, sent.json
    photo = helper.add_photo(file, item="proxy_letter").json["id"]
    assert helper.fill(file, **{**FILLED, "phone": PERSON}).status_code == 200
    assert helper.submit(file).status_code == 201
    with portal.database.reading() as session:
        assert str(session.get_one(Document, UUID(photo)).mandate_id) == helper.mandate
        assert str(session.query(Submission).one().mandate_id) == helper.mandate
    with ZipFile(BytesIO(dossier.build(portal, UUID(file), 1))) as bag:
        names = {n.partition("/data/")[2] for n in bag.namelist()}
        body = json.loads(
            next(bag.read(n) for n in bag.namelist() if n.endswith("application.json"))
        )
    assert {"mandate/signature.svg", "mandate/voice.ogg"} <= names
    mandate = body["mandate"]
    assert mandate["basis"] == "paper"
    assert (mandate["kind_text"], mandate["relation"], mandate["helper"]) == (
        "邻居、朋友",
        "邻居",
        "张三",
    )
    assert mandate["since"] == "2026-11-22T01:00:00Z"
    assert mandate["paper_id"] == photo
    assert "strokes" not in mandate


def test_a_photo_taken_out_again_leaves_the_mandate_unsigned(helper, portal) -> None:
    helper.begin()
    file = helper.start_for()
    photo = helper.add_photo(file, item="proxy_letter").json["id"]
    assert helper.get("/api/mandates").json["helping"][0]["basis"] == "paper"
    assert helper.delete(f"/api/applications/{file}/documents/{photo}").status_code == 204
    assert helper.get("/api/mandates").json["helping"][0]["basis"] is None
    assert "unsigned" in flags_of(portal, helper.mandate)


def test_photos_added_later_go_under_the_same_mandate(helper, portal, clock) -> None:
    file = filed(helper, phone=PERSON)
    clock.forward(minutes=1)
    assert helper.add_photo(file, item="other").status_code == 201
    clock.forward(minutes=5)
    worker.run_once(portal, now=clock())
    with portal.database.reading() as session:
        sent = session.query(Submission).order_by(Submission.version).all()
        assert [str(s.mandate_id) for s in sent] == [helper.mandate] * 2


def test_every_look_and_act_of_a_helper_is_written_down(helper, portal) -> None:
    file = filed(helper, phone=PERSON)
    for _ in range(3):
        helper.get(f"/api/applications/{file}/timeline")
    with portal.database.reading() as session:
        rows = session.query(AuditEntry).filter_by(subject=UUID(file)).all()
        assert {r.actor for r in rows if r.action.startswith(("answers", "application.sub"))} == {
            _actor(session, helper)
        }
        looks = [json.loads(r.detail)["what"] for r in rows if r.action == "helper.looked"]
        assert looks.count("applications.story") == 1, "one line a look"
        assert audit.verify(session) == []


def _actor(session, helper) -> str:
    account = sign_in.find_account(session, helper.phone)
    return f"helper:{account.id}/{helper.mandate}"


def _person(app, portal, phone: str = PERSON) -> Resident:
    return Resident(app.test_client(), portal, phone=phone).sign_in()


@pytest.mark.parametrize(
    ("phone", "proof", "status"),
    [
        (PERSON, "010010", 204),
        (PERSON, "01001x", 422),
        (PERSON, "石桂香", 422),
        ("13800000088", "010010", 404),
    ],
    ids=["后六位对", "后六位不对", "有证件号就不认名字", "不是留的号码"],
)
def test_the_person_claims_the_household(helper, app, portal, clock, phone, proof, status) -> None:
    file = filed(helper, phone=PERSON)
    clock.forward(minutes=2)
    person = _person(app, portal, phone)
    claimed = person.post(f"/api/mandates/{helper.mandate}/claim", {"proof": proof})
    assert claimed.status_code == status, claimed.json
    mine = person.get(f"/api/applications/{file}")
    assert mine.status_code == (200 if status == 204 else 404)
    assert helper.get(f"/api/applications/{file}").status_code == 200, "the mandate stays"
    if status == 204:
        ended = f"/api/mandates/{helper.mandate}"
        assert person.client.delete(ended, headers=person.headers).status_code == 204
        assert helper.get(f"/api/applications/{file}").status_code == 404


def test_by_the_name_where_no_number_is_known(helper, app, portal, clock) -> None:
    helper.begin(phone=PERSON)
    file = helper.start_for()
    clock.forward(minutes=2)
    person = _person(app, portal)
    assert (
        person.post(f"/api/mandates/{helper.mandate}/claim", {"proof": "石桂"}).status_code == 422
    )
    claimed = person.post(f"/api/mandates/{helper.mandate}/claim", {"proof": " 石桂香 "})
    assert claimed.status_code == 204
    assert person.get(f"/api/applications/{file}").status_code == 200


def test_a_helper_never_claims(helper, app, portal, clock) -> None:
    helper.begin(phone="13800000004")
    mandate = helper.mandate
    clock.forward(minutes=2)
    other = neighbour(app, portal, phone="13800000004")
    other.begin(phone="")
    claimed = other.post(f"/api/mandates/{mandate}/claim", {"proof": "石桂香"})
    assert (claimed.status_code, claimed.json["code"]) == (403, "helper_never")


def test_who_is_told_of_progress_where_the_person_has_no_account(helper, portal) -> None:
    file = filed(helper, phone=PERSON)
    with portal.database.reading() as session:
        row = session.get_one(Application, UUID(file))
        assert listeners.of(session, row, now=NOW).numbers == [PERSON, helper.phone]
    the(portal, helper.mandate, acts=["fill"])
    with portal.database.reading() as session:
        row = session.get_one(Application, UUID(file))
        assert listeners.of(session, row, now=NOW).numbers == [PERSON]
    the(portal, helper.mandate, revoked_at=NOW)
    with portal.database.reading() as session:
        row = session.get_one(Application, UUID(file))
        assert listeners.of(session, row, now=NOW).numbers == []


def test_the_person_and_the_helper_hear_from_the_office(helper, portal) -> None:
    file = filed(helper, phone=PERSON)
    _accepted(portal, file)
    for number in (PERSON, helper.phone):
        assert sum("已受理" in text for text in texts(portal, number)) == 1
    with portal.database.reading() as session:
        assert session.scalars(select(Errand)).all() == []


def test_who_has_no_phone_is_told_by_somebody_although_the_helper_is_told(helper, portal) -> None:
    file = filed(helper, phone="")
    _accepted(portal, file)
    assert sum("已受理" in text for text in texts(portal, helper.phone)) == 1
    with portal.database.reading() as session:
        (errand,) = session.scalars(select(Errand)).all()
        assert (str(errand.application_id), errand.why) == (file, in_person.NO_PHONE)


def test_what_did_not_arrive_of_a_mandate_is_asked_at_the_visit(helper, portal, clock) -> None:
    absent = "13800000404"
    helper.begin(phone=absent)
    assert _told(portal, helper.mandate)
    _all_sent(portal, clock)
    assert (_told(portal, helper.mandate), "undelivered" in flags_of(portal, helper.mandate)) == (
        False, True,
    )  # fmt: skip
    file = helper.start_for()
    assert helper.fill(file, **{**FILLED, "phone": "13800000055"}).status_code == 200
    assert helper.submit(file).status_code == 201
    assert _told(portal, helper.mandate)
    _all_sent(portal, clock)
    assert not _told(portal, helper.mandate)
    with portal.database.reading() as session:
        (errand,) = session.scalars(select(Errand)).all()
        assert (errand.topics, errand.why) == ("helper_submitted", in_person.UNDELIVERED)
        asked = helping.at_visit(session, session.get_one(Application, UUID(file)))
        assert "undelivered" in {question.code for question in asked}
    assert len(texts(portal, absent)) == 2
    assert texts(portal, "13800000055") == []
    assert follow_up.follow_up(portal.database, now=clock() + timedelta(days=3)) == 0


def test_no_gateway_for_a_day_counts_as_not_arrived(helper, portal) -> None:
    helper.begin(phone=PERSON)
    assert follow_up.follow_up(portal.database, now=NOW + timedelta(hours=23)) == 0
    assert follow_up.follow_up(portal.database, now=NOW + timedelta(hours=25)) == 1
    assert not _told(portal, helper.mandate)


def test_who_has_a_code_word_reads_it_in_the_text_about_a_helper(helper, app, portal) -> None:
    person = _person(app, portal)
    with portal.database.writing() as session:
        choices.choose_word(session, sign_in.find_account(session, person.phone), "荷花", now=NOW)
    filed(helper, phone=PERSON)
    assert all(text.startswith("【救助通】口令：荷花。") for text in texts(portal, PERSON))


def test_a_helper_who_may_follow_nudges_and_is_offered_only_what_is_theirs(
    helper, portal, clock
) -> None:
    file = filed(helper, phone=PERSON)
    clock.now = NOW + timedelta(days=10)
    helper.headers = _again(portal, helper, clock.now)
    helper.client.set_cookie("access", helper.headers["Authorization"].removeprefix("Bearer "))
    helper.client.set_cookie("acting", f"{helper.mandate}.{int(clock.now.timestamp())}")
    page = helper.client.get(f"/applications/{file}").get_data(as_text=True)
    assert f"/applications/{file}/nudges" in page
    assert f"/applications/{file}/readers" not in page
    the(portal, helper.mandate, acts=["fill", "submit"])
    refused = helper.post(f"/api/applications/{file}/nudges")
    assert (refused.status_code, refused.json["code"]) == (403, "out_of_scope")
    the(portal, helper.mandate, acts=["follow"])
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', page)[1]
    pressed = helper.client.post(f"/applications/{file}/nudges", data={"csrf": token})
    assert pressed.headers["Location"] == f"/applications/{file}#clock"
    with portal.database.reading() as session:
        *_, last = events.of(session, session.get_one(Application, UUID(file)))
        assert (last.kind, last.actor.partition(":")[0]) == ("nudged", "helper")


def _accepted(portal, file: str) -> None:
    with portal.database.writing() as session:
        row = session.get_one(Application, UUID(file))
        events.record(
            session, row, "accepted", after=Status.ACCEPTED, party=Party.TOWNSHIP, actor="t",
            said={}, now=NOW,
        )  # fmt: skip


def _told(portal, mandate: str) -> bool:
    with portal.database.reading() as session:
        return session.get_one(Mandate, UUID(mandate)).told_at is not None


def _all_sent(portal, clock) -> None:
    sending.send_due(portal.database, sending.standin_sender, now=clock())
    clock.forward(seconds=5)
    assert standin_gateway.report_due(portal.database, now=clock())
    assert follow_up.follow_up(portal.database, now=clock()) == 1


def test_it_ends_sixty_days_after_the_first_decision(helper, portal, clock) -> None:
    file = filed(helper, phone=PERSON)
    road = ["accepted", "surveying", "first_review", "county_review", "denied"]
    with portal.database.writing() as session:
        row = session.get_one(Application, UUID(file))
        for kind in road:
            party = Party.COUNTY if kind == "denied" else Party.TOWNSHIP
            said = {"sentence": "收入高于当地标准。"} if kind == "denied" else {}
            events.record(
                session, row, kind, after=Status(kind), party=party, actor="t", said=said, now=NOW
            )
    for days, status in ((59, 200), (60, 404)):
        clock.now = NOW + timedelta(days=days)
        helper.headers = _again(portal, helper, clock.now)
        assert helper.get(f"/api/applications/{file}").status_code == status, days
    assert helper.get("/api/mandates").json["helping"][0]["over"] is True


def _again(portal, helper, now) -> dict[str, str]:
    with portal.database.writing() as session:
        account = sign_in.find_account(session, helper.phone)
        account.last_seen_at = now
        return {"Authorization": f"Bearer {tokens.issue(session, account, now=now)}"}


def test_the_county_sees_coincidences_and_counts_only(helper, app, portal) -> None:
    account = {"account_number": "6217001234567890123"}
    for person in ("石桂香", "李大山"):
        helper.begin(person=person)
        file = helper.start_for()
        assert helper.fill(file, **FILLED, **account).status_code == 200
        helper.add_photo(file, item="other")
        assert helper.submit(file).status_code == 201
    honest = neighbour(app, portal, phone="13800000004")
    honest.begin(person="王五")
    assert honest.fill(honest.start_for(), **{**FILLED, "phone": "13800000055"}).status_code == 200
    the(portal, helper.mandate, flags=["not_me"])
    with portal.database.writing() as session:
        row = session.get_one(Application, UUID(file))
        said = {"items": [{"item": "other", "sentence": "请补拍。"}]}
        events.record(
            session, row, "returned", after=Status.RETURNED, party=Party.TOWNSHIP, actor="t",
            said=said, now=NOW,
        )  # fmt: skip
    with portal.database.reading() as session:
        found = signals.for_county(session, COUNTY)
        busy = sign_in.find_account(session, helper.phone).id
        assert signals.for_county(session, "430900").helpers == found.helpers
        assert signals.for_county(session, "433127") == signals.Signals((), ())
    assert {s.kind for s in found.shared} == {"account", "phone", "photo"}
    assert all((s.helper, s.households) == (busy, 2) for s in found.shared)
    counts = {h.account: h for h in found.helpers}
    assert len(counts) == 2
    mine = counts[busy]
    assert (mine.households, mine.submitted, mine.returned, mine.not_me) == (2, 2, 1, 1)
    assert "石桂香" not in repr(found)


def test_a_guardian_without_proof_is_asked_about_and_blocked_by_nothing(helper, portal) -> None:
    helper.begin(kind="guardian", relation="母亲")
    file = helper.start_for()
    assert helper.fill(file, **{**FILLED, "phone": helper.phone}).status_code == 200
    with portal.database.reading() as session:
        row = session.get_one(Application, UUID(file))
        assert "guardian_unproved" in {q.code for q in helping.at_visit(session, row)}
    assert helper.add_photo(file, item="guardian_proof").status_code == 201
    with portal.database.reading() as session:
        row = session.get_one(Application, UUID(file))
        assert "guardian_unproved" not in {q.code for q in helping.at_visit(session, row)}
    assert helper.submit(file).status_code == 201


def test_outside_the_household_only_when_the_office_asks(helper, app, portal) -> None:
    file = filed(helper, phone=PERSON)
    clerk = Actor(Role.TOWNSHIP_CLERK, UUID(int=7), region_code="430923103")
    away = Actor(Role.TOWNSHIP_CLERK, UUID(int=8), region_code="430923121")
    with portal.database.writing() as session:
        row = session.get_one(Application, UUID(file))
        for who in (away, Actor(Role.APPLICANT, UUID(int=9))):
            with pytest.raises(Exception, match="只有办理的单位"):
                outside.ask(session, row, "石建国", "赡养人", actor=who, now=NOW)
        asked = outside.ask(session, row, "石建国", "要看他能不能赡养。", actor=clerk, now=NOW)
        asked_id, key = asked.id, f"outside:{asked.id}"
        program = portal.catalogue.find("dibao")
        assert key in {s.key for s in signatures.needed(session, row, program, now=NOW)}
    body = {"signer": key, "text_version": "2026-11", "method": "screen", "strokes": STROKES}
    here = helper.post(f"/api/applications/{file}/signatures", body)
    assert (here.status_code, here.json["code"]) == (403, "own_link")
    link = helper.post(f"/api/applications/{file}/signers/{key}/links").json["url"]
    page = app.test_client().get("/" + link.split("/", 3)[3]).text
    assert "我可以不同意" in page
    assert re.search("石建国", page)
    with portal.database.writing() as session:
        row = session.get_one(Application, UUID(file))
        outside.forgo(session, row, asked_id, actor=clerk, now=NOW)
        assert key not in {s.key for s in signatures.needed(session, row, program, now=NOW)}
