"""A file goes from a helper's phone to the person's own, and into a helper's hands: by a code that
is good once, and by nothing else."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from api import tokens
from portal.contact import messages
from portal.filing.tables import Application
from portal.foundation.audit_tables import AuditEntry
from portal.people import pass_codes, sign_in
from portal.people.mandate_tables import Mandate
from portal.people.pass_tables import PassCode
from portal.people.tables import Household
from tests.api.helped import FILLED, Neighbour, flags_of, neighbour, the
from tests.api.walk import Resident
from tests.conftest import NOW

PERSON = "13800000077"
WISH = {"kind": "kin", "helper": "李四", "relation": "儿子"}


@pytest.fixture
def helper(app, portal) -> Neighbour:
    made = neighbour(app, portal)
    made.begin()
    return made


@pytest.fixture
def draft(helper) -> str:
    file = helper.start_for()
    assert helper.fill(file, **FILLED).status_code == 200
    helper.add_photo(file, item="unsorted")
    return file


@pytest.fixture
def person(app, portal) -> Resident:
    return Resident(app.test_client(), portal, phone=PERSON).sign_in()


def give(helper: Neighbour) -> str:
    shown = helper.post(f"/api/mandates/{helper.mandate}/passes")
    assert shown.status_code == 201, shown.json
    assert shown.json["url"].endswith(f"/take/{shown.json['code']}")
    return str(shown.json["code"])


def look(who: Resident, code: str):
    return who.post("/api/passes/looks", {"code": code})


def take(who: Resident, code: str, **more: bool):
    return who.post("/api/passes/takings", {"code": code, **more})


def offer(who: Resident, code: str, **more: str):
    return who.post("/api/passes/offers", {"code": code, **WISH, **more})


def later(who: Resident, clock, **by: int) -> None:
    """Time goes by, and the access token is renewed as a client does."""
    clock.forward(**by)
    with who.portal.database.writing() as session:
        account = sign_in.find_account(session, who.phone)
        who.headers = {"Authorization": f"Bearer {tokens.issue(session, account, now=clock())}"}


def own_household(portal, file: str) -> str:
    with portal.database.reading() as session:
        return str(session.get_one(Application, UUID(file)).household_id)


@pytest.fixture
def home(person) -> str:
    """A household of the person's own, with a draft that says a name."""
    wanted = {"programs": ["dibao"]}
    made = person.post("/api/households", wanted, **{"Idempotency-Key": "h"})
    file = made.json["applications"][0]["id"]
    person.fill_in(file, applicant_name="石桂香", phone=PERSON)
    return file


def ask(person: Resident, file: str) -> dict[str, str]:
    home = own_household(person.portal, file)
    shown = person.post(f"/api/households/{home}/passes")
    assert shown.status_code == 201, shown.json
    return dict(shown.json)


def test_the_person_takes_the_file_over_and_the_helper_is_out(
    helper, draft, person, portal
) -> None:
    code = give(helper)
    seen = look(person, code)
    assert (seen.json["person"], seen.json["helper"]) == ("石桂香", "张三")
    assert [one["id"] for one in seen.json["applications"]] == [draft]
    assert FILLED["applicant_id_number"] not in seen.text
    assert person.get(f"/api/applications/{draft}").status_code == 404, "looking opens nothing"
    taken = take(person, code)
    assert taken.status_code == 201, taken.json
    assert taken.json["household_id"] == own_household(portal, draft)
    kept = person.get(f"/api/applications/{draft}/answers").json["answers"]
    assert kept["applicant_id_number"] == FILLED["applicant_id_number"]
    assert len(person.get(f"/api/applications/{draft}/documents").json) == 1
    for path in ("", "/answers", "/documents"):
        assert helper.get(f"/api/applications/{draft}{path}").status_code == 404
    assert helper.add_photo(draft).status_code == 404
    assert [m["over"] for m in helper.get("/api/mandates").json["helping"]] == [True]
    assert "passed_on" in flags_of(portal, helper.mandate), "the visit asks who that was"
    with portal.database.reading() as session:
        home = session.get_one(Household, UUID(taken.json["household_id"]))
        actions = {e.action for e in session.query(AuditEntry).filter_by(subject=home.id)}
        assert {"pass.shown", "pass.taken", "household.claimed", "mandate.revoked"} <= actions


def test_the_helper_goes_on_only_when_the_person_says_so(helper, draft, person, portal) -> None:
    taken = take(person, give(helper), goes_on=True)
    assert taken.status_code == 201
    assert helper.get(f"/api/applications/{draft}/answers").status_code == 200
    (mandate,) = person.get("/api/mandates").json["helped"]
    assert (mandate["basis"], mandate["over"], mandate["told"]) == ("own", False, True)
    assert "unsigned" not in flags_of(portal, helper.mandate)
    with portal.database.reading() as session:
        told = [m for m in messages.latest(session) if m.template == "mandate_given"]
        assert [m.phone for m in told] == [PERSON]
    assert (
        person.client.delete(f"/api/mandates/{helper.mandate}", headers=person.headers).status_code
        == 204
    )
    assert helper.get(f"/api/applications/{draft}/answers").status_code == 404


def test_a_code_is_good_once_for_a_quarter_of_an_hour(
    helper, draft, person, app, portal, clock
) -> None:
    first, second = give(helper), give(helper)
    assert look(person, first).json["code"] == "wrong_code", "a newer one took its place"
    assert look(person, second).status_code == 200
    later(person, clock, minutes=15)
    assert look(person, second).json["code"] == "wrong_code"
    later(helper, clock)
    third = give(helper)
    assert look(person, f" {third[:4]} {third[4:]}").status_code == 200, "as it is read out"
    assert take(person, third).status_code == 201
    again = Resident(app.test_client(), portal, phone="13800000078").sign_in()
    assert take(again, third).json["code"] == "wrong_code"
    for wrong in ("", "12345678", "x" * 64, "９９９９９９９９"):
        answer = look(again, wrong)
        assert (answer.status_code, answer.json["code"]) == (422, "wrong_code")
    with portal.database.reading() as session:
        assert all(third.encode() not in row.digest for row in session.query(PassCode))


def test_who_may_not(helper, draft, person, app, portal) -> None:
    code = give(helper)
    assert take(helper, code).json["code"] == "own_code"
    other = neighbour(app, portal, phone="13800000004")
    other.begin(person="王五")
    assert take(other, code).json["code"] == "helper_never", "no helper becomes the owner"
    assert offer(other, code).json["code"] == "other_way"
    foreign = other.post(f"/api/mandates/{helper.mandate}/passes")
    assert foreign.status_code == 404
    the(portal, helper.mandate, revoked_at=NOW)
    assert look(person, code).json["code"] == "mandate_over"
    assert take(person, code).json["code"] == "mandate_over"
    assert helper.post(f"/api/mandates/{helper.mandate}/passes").status_code == 404
    the(portal, helper.mandate, revoked_at=None)
    assert take(person, code).status_code == 201
    the(portal, helper.mandate, revoked_at=None)
    assert helper.post(f"/api/mandates/{helper.mandate}/passes").json["code"] == "claimed"
    with portal.database.reading() as session:
        (row,) = session.scalars(select(PassCode.id))
    for who, status in ((helper, 200), (person, 200), (other, 404)):
        assert who.get(f"/api/passes/{row}").status_code == status


def test_guessing_ends_soon(person) -> None:
    answers = [look(person, f"{10**7 + n}").status_code for n in range(25)]
    assert set(answers[:20]) == {422}
    assert set(answers[20:]) == {429}


def test_a_helper_takes_over_with_a_yes_on_the_persons_own_phone(person, home, app, portal) -> None:
    shown = ask(person, home)
    son = neighbour(app, portal, phone="13800000004")
    seen = look(son, shown["code"]).json
    assert (seen["person"], seen["applications"]) == ("石**", [])
    assert take(son, shown["code"]).json["code"] == "other_way"
    offered = offer(son, shown["code"])
    assert (offered.status_code, offered.json["state"]) == (201, "asked")
    assert son.get(f"/api/applications/{home}").status_code == 404, "not before the yes"
    assert offer(son, shown["code"]).json["code"] == "wrong_code", "the code is used up"
    address = f"/api/passes/{shown['id']}"
    told = person.get(address).json["offer"]
    assert (told["kind"], bool(told["helper"])) == ("kin", True)
    assert son.get(address).json["offer"] is None
    assert son.post(f"{address}/answer", {"agrees": True}).status_code == 404
    assert son.get(f"/api/applications/{home}").status_code == 404, "nobody agrees for her"
    agreed = person.post(f"{address}/answer", {"agrees": True})
    assert (agreed.status_code, agreed.json["state"]) == (200, "taken")
    assert son.get(address).json["mandate_id"] == agreed.json["mandate_id"]
    assert son.get(f"/api/applications/{home}/answers").status_code == 200
    with portal.database.reading() as session:
        mandate = session.get_one(Mandate, UUID(agreed.json["mandate_id"]))
        assert (mandate.kind, mandate.basis) == ("kin", "code")
        told = [m for m in messages.latest(session) if m.template == "mandate_given"]
        assert [m.phone for m in told] == [PERSON]
    late = person.post(f"{address}/answer", {"agrees": False})
    assert (late.status_code, late.json["code"]) == (409, "pass_over")


def test_a_no_leaves_nothing_behind(person, home, app, portal, clock) -> None:
    son = neighbour(app, portal, phone="13800000004")
    shown = ask(person, home)
    offer(son, shown["code"])
    refused = person.post(f"/api/passes/{shown['id']}/answer", {"agrees": False})
    assert refused.json["state"] == "refused"
    assert son.get(f"/api/passes/{shown['id']}").json["state"] == "refused"
    shown = ask(person, home)
    offer(son, shown["code"])
    later(person, clock, minutes=15)
    late = person.post(f"/api/passes/{shown['id']}/answer", {"agrees": True})
    assert late.json["code"] == "pass_over"
    with portal.database.reading() as session:
        assert session.query(Mandate).count() == 0
        answered = session.query(PassCode).filter(PassCode.ended_at.is_not(None)).one()
        assert answered.said_sealed is None
    later(son, clock)
    assert son.get(f"/api/applications/{home}").status_code == 404


@pytest.mark.parametrize(
    ("more", "field"),
    [({"helper": ""}, "helper"), ({"kind": "proactive"}, "kind"), ({"kind": "x"}, "kind")],
    ids=["没写名字", "主动帮助", "没有这种"],
)
def test_a_slip_of_the_pen_does_not_use_the_code_up(person, home, app, portal, more, field) -> None:
    son = neighbour(app, portal, phone="13800000004")
    shown = ask(person, home)
    wrong = offer(son, shown["code"], **more)
    assert (wrong.status_code, field in wrong.json["fields"]) == (422, True)
    assert offer(son, shown["code"]).status_code == 201


def test_only_the_owner_asks(person, home, helper, draft, portal) -> None:
    theirs = own_household(portal, home)
    assert helper.post(f"/api/households/{theirs}/passes").status_code == 404
    helped = own_household(portal, draft)
    assert helper.post(f"/api/households/{helped}/passes").status_code == 404, "helped, not owned"


def test_old_codes_are_forgotten(helper, draft, portal) -> None:
    give(helper)
    for days, left in ((30, 1), (31, 0)):
        with portal.database.writing() as session:
            pass_codes.forget_old(session, now=NOW + timedelta(days=days, minutes=15))
            assert session.query(PassCode).count() == left
