"""An assistant at the JSON API: the roster, what waits, what is asked for, and who is kept out."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from api.known_device import HEADER
from portal.casework import events
from portal.filing.tables import Application
from portal.people import appointments, rosters
from portal.people.appointment_tables import Appointment
from portal.policy.lifecycle import Party, Status
from tests.api.assisted import HEIR, PHONE, Assistant, assistant, signed_in_anew
from tests.api.helped import FILLED, STROKES, Neighbour, neighbour, the
from tests.conftest import NOW
from tests.people import assistants


@pytest.fixture
def li(app, portal) -> Assistant:
    return assistant(app, portal)


def change(portal, li: Assistant, verb: Any) -> None:
    with portal.database.writing() as session:
        verb(session, session.get_one(Appointment, li.appointment), actor="test", now=NOW)


def returned(portal, file: str, *items: dict[str, str]) -> None:
    with portal.database.writing() as session:
        application = session.get_one(Application, UUID(file))
        events.record(
            session, application, "returned", after=Status.RETURNED, party=Party.TOWNSHIP,
            actor="test", said={"items": list(items)}, now=NOW,
        )  # fmt: skip


def test_no_roster_without_the_second_factor_and_helping_a_neighbour_all_the_same(app, portal):
    li = assistant(app, portal, enrolled=False)
    for answer in (li.get("/api/roster"), li.get("/api/roster/corrections"), li.add("石桂香")):
        assert (answer.status_code, answer.json["code"]) == (403, "factor_needed")
    li.begin()
    assert li.start_for()
    assert li.prove("000000").json["code"] == "factor_missing"
    li.enrol()
    assert li.lines() == [], "whom one helps as a neighbour is not the village's"


def test_asked_on_a_new_device_at_sign_in(li, clock):
    assert li.get("/api/roster").status_code == 200
    known = li.headers.pop(HEADER)
    assert li.get("/api/roster").json["code"] == "factor_needed"
    clock.forward(minutes=2)
    for device, needed in (("", True), (known, False)):
        sent = li.client.post("/api/auth/sms-codes", json={"phone": PHONE})
        assert sent.status_code == 202
        body = {"phone": PHONE, "code": li.code()}
        told = li.client.post("/api/auth/sessions", json=body, headers={HEADER: device})
        assert told.json["factor_needed"] is needed
        clock.forward(minutes=2)


def test_a_wrong_code_is_said_at_its_field(li):
    refused = li.prove("123")
    assert refused.status_code == 422
    assert refused.json["fields"] == {"code": ["动态码不对。请看清现在的六位数。"]}


def test_who_is_no_assistant(app, portal):
    other = Neighbour(app.test_client(), portal, phone=HEIR)
    other.sign_in()
    for method, path in (
        ("get", "/api/roster"), ("get", "/api/roster/corrections"), ("post", "/api/roster/factor"),
        ("post", "/api/roster/devices"), ("post", f"/api/roster/households/{UUID(int=1)}/visits"),
    ):  # fmt: skip
        body = {"code": "1"} if path.endswith("devices") else None
        answer = getattr(other, method)(path, body) if method == "post" else other.get(path)
        assert (answer.status_code, answer.json["code"]) == (403, "not_appointed"), path


def test_added_by_name_and_group_and_nothing_else_is_known(li):
    made = li.add("石桂香", "第三组", house="12号")
    assert made.status_code == 201
    assert made.json["group"] == "3组"
    (line,) = li.lines()
    assert line == {
        "id": made.json["id"], "name": "石桂香", "village": made.json["village"], "group": "3组",
        "house": "12号", "state": "closed", "mandate_id": None, "applications": [],
        "waiting": False, "visited_on": None, "unvisited": True, "to_tell": False,
    }  # fmt: skip
    again = li.add("石桂香", "3组", house="12号")
    assert (again.status_code, list(again.json["fields"])) == (409, ["house"])


def test_taken_off_again_only_while_nobody_was_helped(li):
    wrong, helped = (li.add(name).json["id"] for name in ("石桂乡", "王秀英"))
    li.post(f"/api/roster/households/{wrong}/visits")
    li.help(helped)
    assert li.delete(f"/api/roster/households/{wrong}").status_code == 204
    refused = li.delete(f"/api/roster/households/{helped}")
    assert (refused.status_code, refused.json["code"]) == (409, "stays")
    assert [one["name"] for one in li.lines()] == ["王秀英"]
    assert li.delete(f"/api/roster/households/{wrong}").status_code == 404


def test_searched_and_sifted(li, clock):
    here = li.add("石桂香", "3组").json["id"]
    li.add("王秀英", "5组")
    assert [one["name"] for one in li.lines("?words=sgx")] == ["石桂香"]
    assert [one["name"] for one in li.lines("?words=5组")] == ["王秀英"]
    assert li.post(f"/api/roster/households/{here}/visits").json == {"on": "2026-11-22"}
    assert [one["name"] for one in li.lines("?only=unvisited")] == ["王秀英"]
    clock.forward(days=31)
    signed_in = li.client.post("/api/auth/sms-codes", json={"phone": PHONE})
    assert signed_in.status_code == 202
    body = {"phone": PHONE, "code": li.code()}
    token = li.client.post("/api/auth/sessions", json=body).json["access_token"]
    li.headers["Authorization"] = f"Bearer {token}"
    assert len(li.lines("?only=unvisited")) == 2
    assert li.get("/api/roster?only=everything").status_code == 422


def test_one_tap_begins_to_help_and_what_is_to_do_shows(li, portal):
    entry = li.add("石桂香", "3组").json["id"]
    first = li.help(entry)
    assert li.help(entry)["id"] == first["id"], "tapped twice it is one mandate"
    file = li.start_for()
    (line,) = li.lines("?only=waiting")
    assert (line["state"], line["mandate_id"]) == ("open", first["id"])
    assert [one["id"] for one in line["applications"]] == [file]
    li.fill(file, **FILLED)
    assert li.submit(file).status_code == 201
    assert li.lines("?only=waiting") == []


def test_whom_an_assistant_began_to_help_elsewhere_stands_on_it_too(li, portal):
    li.begin(kind="assistant", person="石桂香")
    li.begin(kind="neighbour", person="王秀英")
    (line,) = li.lines()
    assert (line["name"], line["group"], line["state"]) == ("石桂香", "", "open")
    li.post(f"/api/roster/households/{line['id']}/visits")
    the(portal, line["mandate_id"], revoked_at=NOW)
    (line,) = li.lines()
    assert (line["state"], line["visited_on"]) == ("closed", "2026-11-22")


def test_all_households_corrections_in_one_list(li, portal):
    for name in ("石桂香", "王秀英"):
        li.help(li.add(name, "3组").json["id"])
        file = li.start_for()
        li.fill(file, **FILLED)
        assert li.submit(file).status_code == 201
        returned(portal, file, {"item": "phone", "sentence": f"{name}的电话打不通。"})
    asked = li.get("/api/roster/corrections").json["corrections"]
    assert {(one["name"], one["sentence"]) for one in asked} == {
        ("石桂香", "石桂香的电话打不通。"), ("王秀英", "王秀英的电话打不通。"),
    }  # fmt: skip
    the(portal, li.mandate, acts=["follow"])
    assert [one["name"] for one in li.get("/api/roster/corrections").json["corrections"]] == [
        "石桂香"
    ]
    the(portal, li.mandate, acts=["fill"], revoked_at=NOW)
    assert [one["name"] for one in li.get("/api/roster/corrections").json["corrections"]] == [
        "石桂香"
    ]
    (line,) = li.lines("?words=wxy")
    assert (line["state"], line["applications"]) == ("closed", [])


def test_suspended_nothing_opens_in_the_same_second(li, portal):
    entry = li.add("石桂香", "3组").json["id"]
    li.help(entry)
    file = li.start_for()
    change(portal, li, appointments.suspend)
    assert li.get("/api/roster").status_code == 401
    signed_in_anew(li)
    for answer in (li.get("/api/roster"), li.post(f"/api/roster/households/{entry}/visits")):
        assert (answer.status_code, answer.json["code"]) == (403, "suspended")
    assert li.get(f"/api/applications/{file}/answers").status_code == 404
    body = {"method": "screen", "strokes": STROKES}
    assert li.post(f"/api/mandates/{li.mandate}/confirmations", body).status_code == 409
    (told,) = li.get("/api/mandates").json["helping"]
    assert (told["person"], told["over"], told["applications"]) == ("石**", True, [])
    change(portal, li, appointments.resume)
    assert li.get("/api/roster").json["code"] == "factor_needed"
    assert li.get(f"/api/applications/{file}/answers").status_code == 200


class TestHandedOver:
    @pytest.fixture
    def heir(self, app, portal, li) -> Assistant:
        """Handed over while a draft was being filled in, of a person with a phone of their own."""
        entry = li.add("石桂香", "3组").json["id"]
        li.help(entry)
        li.draft = li.start_for()
        li.fill(li.draft, reason_words="常年吃药")
        body = {"method": "code", "phone": "13800000077"}
        assert li.post(f"/api/mandates/{li.mandate}/confirmations", body).status_code == 200
        with portal.database.reading() as session:
            village = assistants.villages(session)[1]
        heir = assistant(app, portal, HEIR, village=village, name="王协理")
        with portal.database.writing() as session:
            old, new = (session.get_one(Appointment, x.appointment) for x in (li, heir))
            assert rosters.hand_over(session, old, new, actor="test", now=NOW) == 1
        heir.entry = entry
        return heir

    def test_to_be_asked_and_the_draft_waits(self, li, heir):
        (line,) = heir.lines("?only=waiting")
        assert (line["state"], line["applications"], line["mandate_id"]) == ("to_ask", [], None)
        for who in (li, heir):
            assert who.get(f"/api/applications/{li.draft}/answers").status_code in (401, 404)
        signed_in_anew(li)
        assert li.get(f"/api/applications/{li.draft}/answers").status_code == 404
        assert li.get("/api/roster").json["code"] == "not_appointed"

    def test_opens_only_when_the_person_has_said_yes(self, li, heir, clock):
        asked = heir.help(heir.entry)
        assert (asked["basis"], asked["applications"], asked["told"]) == (None, [], True)
        (line,) = heir.lines()
        assert (line["state"], line["applications"]) == ("asked", [])
        assert heir.get(f"/api/applications/{li.draft}/answers").status_code == 404
        body = {"program_id": "dibao", "mandate_id": asked["id"]}
        shut = heir.post("/api/applications", body, **{"Idempotency-Key": "early"})
        assert shut.status_code == 404
        clock.forward(minutes=2)
        confirm = f"/api/mandates/{asked['id']}/confirmations"
        assert heir.post(confirm, {"method": "code"}).status_code == 200
        with heir.portal.database.reading():
            code = Neighbour(heir.client, heir.portal, phone="13800000077").code()
        assert heir.post(confirm, {"method": "code", "code": code}).status_code == 200
        answers = heir.get(f"/api/applications/{li.draft}/answers").json["answers"]
        assert answers["reason_words"] == "常年吃药"
        assert heir.lines()[0]["state"] == "open"

    def test_a_revoked_one_is_asked_again_and_stays_shut(self, li, heir):
        asked = heir.help(heir.entry)
        heir.delete(f"/api/mandates/{asked['id']}")
        assert heir.lines()[0]["state"] == "closed"
        assert heir.help(heir.entry)["id"] != asked["id"]
        assert heir.lines()[0]["state"] == "asked"
        assert heir.get(f"/api/applications/{li.draft}/answers").status_code == 404


KEPT_OUT = {
    "邻居": None, "没设动态码": "factor_needed", "停用了": "suspended", "不再担任": "not_appointed",
    "还没开始": "not_appointed",
}  # fmt: skip


@pytest.mark.parametrize("who", KEPT_OUT)
def test_nobody_else_gets_into_any_of_it(app, portal, li, who):
    """Every operation of the roster there is, for everybody whose appointment does not count."""
    entry = li.add("石桂香", "3组").json["id"]
    other = kept_out(app, portal, who)
    paths = app.extensions["openapi"].spec.to_dict()["paths"]
    tried = 0
    for path, methods in paths.items():
        for method in set(methods) & {"get", "post", "put", "delete"}:
            if not path.startswith("/api/roster") or path.endswith(("/factor", "/devices")):
                continue
            key = {"Idempotency-Key": f"{method}{path}"}
            address = re.sub("{(entry|lead|errand)_id}", entry, path)
            body = {
                "households": {"name": "别家"}, "steps": {"sentence": "去看过。"},
                "completions": {"how": "visit"}, "typed": told("2026-11-20"),
            }.get(path.rsplit("/", 1)[1])  # fmt: skip
            headers = {**other.headers, **key}
            answer = other.client.open(address, method=method, json=body, headers=headers)
            assert answer.status_code == 403, (path, answer.json)
            assert answer.json["code"] == (KEPT_OUT[who] or "not_appointed")
            tried += 1
    assert tried >= 5
    assert [one["name"] for one in li.lines()] == ["石桂香"]


def told(day: str) -> dict[str, Any]:
    """A visit as the outbox of a phone tells it."""
    return {"revision": 0, "typed": [["on", day]], "touched": ["on"], "asked": {}, "step": "visit"}


def kept_out(app, portal, who: str) -> Neighbour:
    if who == "邻居":
        return neighbour(app, portal, HEIR)
    begins = {"starts": NOW + timedelta(days=1)} if who == "还没开始" else {}
    made = assistant(app, portal, HEIR, enrolled=not begins and who != "没设动态码", **begins)
    if who in ("停用了", "不再担任"):
        change(portal, made, appointments.suspend if who == "停用了" else appointments.end)
        signed_in_anew(made)
    return made


def test_another_villages_roster_is_not_there(app, portal, li):
    entry = li.add("石桂香", "3组").json["id"]
    with portal.database.reading() as session:
        village = assistants.villages(session)[1]
    other = assistant(app, portal, HEIR, village=village)
    assert other.lines() == []
    for verb in ("visits", "mandates"):
        assert other.post(f"/api/roster/households/{entry}/{verb}").status_code == 404
    assert other.delete(f"/api/roster/households/{entry}").status_code == 404
    assert li.lines()[0]["visited_on"] is None
