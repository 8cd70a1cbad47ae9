"""What no mandate ever lets a helper do or see: access.NEVER, each with its test."""

import re
from uuid import UUID

import pytest

from api import tokens
from portal.casework import events
from portal.contact import messages
from portal.filing.tables import Application, Signature
from portal.foundation.errors import Forbidden
from portal.people import access, consents, mandates, sign_in
from portal.people.access import NEVER, Actor, Grant, Never, Role
from portal.people.mandate_tables import Mandate
from portal.people.tables import Household
from portal.policy.lifecycle import Party, Status
from tests.api.helped import FILLED, STROKES, neighbour, the
from tests.api.walk import Resident
from tests.conftest import NOW

PERSON = "13800000077"
PAYEE = {"account_number": "6217001234567890123", "account_holder": "石桂香"}
OTHER = {"account_number": "6217009999999999999"}
VERSION = "2026-11"
DISPUTED = "这笔存款不是我的"


@pytest.fixture
def helper(app, portal):
    made = neighbour(app, portal)
    made.begin(phone=PERSON)
    return made


@pytest.fixture
def draft(helper) -> str:
    return helper.start_for()


def _claimed(app, portal, *files: str) -> Resident:
    """The person has come with a phone of their own."""
    owner = Resident(app.test_client(), portal, phone=PERSON)
    with portal.database.writing() as session:
        account = sign_in.open_account(session, PERSON, now=NOW)
        consents.give(session, account, consents.KINDS, now=NOW)
        owner.headers = {"Authorization": f"Bearer {tokens.issue(session, account, now=NOW)}"}
        for file in files:
            row = session.get_one(Application, UUID(file))
            row.account_id = session.get_one(Household, row.household_id).account_id = account.id
    return owner


def _code(portal, phone: str = PERSON) -> str:
    with portal.database.reading() as session:
        texts = [
            m.text for m in messages.latest(session) if m.phone == phone and "验证码" in m.text
        ]
        return re.findall(r"验证码([0-9]{6})", texts[0])[0]


def _sign(helper, file, **body):
    wanted = {"signer": "applicant", "text_version": VERSION, "method": "screen", **body}
    return helper.post(f"/api/applications/{file}/signatures", wanted)


def test_every_line_of_the_list_has_a_sentence_and_a_test() -> None:
    assert set(NEVER) == set(Never)
    tests = {name for name in globals() if name.startswith("test_never_")}
    assert {f"test_never_{one}" for one in Never} == tests


def test_never_change_payee(helper, draft, app, portal) -> None:
    assert helper.fill(draft, **PAYEE).status_code == 200
    assert helper.fill(draft, **PAYEE).status_code == 200, "the same again is no change"
    for change in (OTHER, {"account_number": None}, {"account_holder": "张三"}):
        answer = helper.fill(draft, **change)
        assert (answer.status_code, answer.json["code"]) == (403, "helper_never")
        assert list(answer.json["fields"]) == list(change)
    address = f"/api/mandates/{helper.mandate}/confirmations"
    wanted = {"method": "code", "purpose": "payee"}
    assert helper.post(address, wanted).status_code == 200
    assert helper.fill(draft, **OTHER).status_code == 403, "not before the code is typed"
    assert helper.post(address, {**wanted, "code": _code(portal)}).status_code == 200
    assert helper.fill(draft, **OTHER).status_code == 200
    the(portal, helper.mandate, payee_open_until=NOW)
    assert helper.fill(draft, **PAYEE).status_code == 403
    owner = _claimed(app, portal, draft)
    now = owner.get(f"/api/applications/{draft}/answers").json["revision"]
    body = {"revision": now, "answers": PAYEE}
    assert owner.put(f"/api/applications/{draft}/answers", body).status_code == 200


def test_the_window_may_open_the_payee(helper, draft, portal) -> None:
    assert helper.fill(draft, **PAYEE).status_code == 200
    clerk = Actor(Role.TOWNSHIP_CLERK, UUID(int=7), region_code="430923103")
    with portal.database.writing() as session:
        mandate = session.get_one(Mandate, UUID(helper.mandate))
        later = NOW.replace(hour=2)
        mandates.open_payee(session, mandate, until=later, actor=clerk, now=NOW)
    assert helper.fill(draft, **OTHER).status_code == 200


def test_never_agree(helper, draft, portal) -> None:
    answer = helper.fill(draft, declares_true=True)
    assert (answer.status_code, answer.json["code"]) == (403, "helper_never")
    answer = _sign(helper, draft, strokes=STROKES, as_guardian=True)
    assert (answer.status_code, answer.json["code"]) == (403, "helper_never")
    answer = _sign(helper, draft, method="code", phone=helper.phone)
    assert (answer.status_code, answer.json["code"]) == (422, "helper_number")
    assert _sign(helper, draft, strokes=STROKES).status_code == 201, "the signer's own hand"
    with portal.database.reading() as session:
        made = session.query(Signature).one()
        assert (str(made.mandate_id), made.via, made.signed_as) == (helper.mandate, "here", None)
        assert made.device == "computer"
        assert "弱" in helper.get(f"/api/applications/{draft}/signatures").json[0]["strength"]


def test_a_guardian_signs_for_the_ward_only(helper, portal) -> None:
    helper.begin(kind="guardian", relation="儿子")
    file = helper.start_for()
    members = [{"row": "r0", "name": "李大山", "relation": "spouse"}]
    assert helper.fill(file, members=members).status_code == 200
    assert _sign(helper, file, strokes=STROKES, as_guardian=True).status_code == 201
    other = _sign(helper, file, strokes=STROKES, as_guardian=True, signer="member:r0")
    assert other.json["code"] == "helper_never"


def test_never_withdraw(helper, draft, app, portal) -> None:
    assert _sign(helper, draft, method="code", phone=PERSON).status_code == 201
    assert _sign(helper, draft, method="code", phone=PERSON, code=_code(portal)).status_code == 201
    taken = helper.delete(f"/api/applications/{draft}/signatures/applicant")
    assert (taken.status_code, taken.json["code"]) == (403, "helper_never")
    over = _sign(helper, draft, strokes=STROKES)
    assert over.json["code"] == "helper_never", "what was signed by code is not signed over"
    owner = _claimed(app, portal, draft)
    for path in (f"/api/applications/{draft}",):
        gone = helper.delete(path)
        assert (gone.status_code, gone.json["code"]) == (403, "helper_never")
    assert helper.fill(draft, **FILLED).status_code == 200
    assert helper.submit(draft).status_code == 201
    back = helper.post(f"/api/applications/{draft}/withdrawal")
    assert (back.status_code, back.json["code"]) == (403, "helper_never")
    client = owner.client.delete(
        f"/api/applications/{draft}/signatures/applicant", headers=owner.headers
    )
    assert client.status_code == 204
    assert owner.post(f"/api/applications/{draft}/withdrawal").status_code == 200


def test_never_earlier_mandates(helper, draft, app, portal) -> None:
    photo = helper.add_photo(draft, item="other").json["id"]
    first, household = (
        helper.mandate,
        helper.get("/api/mandates").json["helping"][0]["household_id"],
    )
    owner = _claimed(app, portal, draft)
    the(portal, first, revoked_at=NOW)
    second = neighbour(app, portal, phone="13800000004")
    named = {
        "kind": "kin", "person": "石桂香", "helper": "李四", "household_id": household,
        "helper_phone": second.phone,
    }  # fmt: skip
    assert owner.post("/api/mandates", named, **{"Idempotency-Key": "x"}).status_code == 201
    seen = second.get("/api/mandates").json
    assert [m["helper"] for m in seen["helping"]] == ["李四"]
    assert seen["helped"] == []
    assert first not in str(seen)
    looked = second.get(f"/api/applications/{draft}/documents/{photo}/thumbnail")
    assert (looked.status_code, looked.json["code"]) == (403, "helper_never")
    assert looked.json["message"] == NEVER[Never.EARLIER_MANDATES]
    own = second.add_photo(draft, name="bill_L1_00.jpg", item="other").json["id"]
    looked = second.get(f"/api/applications/{draft}/documents/{own}/thumbnail")
    assert looked.json["code"] == "not_prepared", "it may be opened once it is prepared"
    assert {m["helper"] for m in owner.get("/api/mandates").json["helped"]} == {"李四", "张三"}


def test_never_check_results(helper, draft, app, portal) -> None:
    assert helper.fill(draft, **FILLED).status_code == 200
    assert helper.submit(draft).status_code == 201
    owner = _claimed(app, portal, draft)
    with portal.database.writing() as session:
        file = session.get_one(Application, UUID(draft))
        for kind, party, said in (
            ("accepted", Party.TOWNSHIP, {}),
            ("surveying", Party.TOWNSHIP, {}),
            ("check_dispute", Party.APPLICANT, {"sentence": DISPUTED}),
        ):
            events.record(
                session, file, kind,
                after=Status(kind), party=party, actor="test", said=said, now=NOW,
            )  # fmt: skip
    told = {who: who_sees.get(f"/api/applications/{draft}/timeline").json["timeline"]
            for who, who_sees in (("helper", helper), ("owner", owner))}  # fmt: skip
    kinds = {who: [line["kind"] for line in story["history"]] for who, story in told.items()}
    assert "check_dispute" in kinds["owner"]
    assert kinds["helper"] == [k for k in kinds["owner"] if not k.startswith("check_")]
    assert "accepted" in kinds["helper"]
    assert DISPUTED in str(told["owner"])
    assert DISPUTED not in str(told["helper"])


def test_never_readers() -> None:
    """The list of readers is made for the person; whatever shows it asks here first."""
    grant = Grant(UUID(int=1), UUID(int=2), frozenset(), frozenset(access.Act))
    under = Actor(Role.APPLICANT, UUID(int=2)).under(grant)
    with pytest.raises(Forbidden):
        access.refuse_helper(under, Never.READERS)
    access.refuse_helper(Actor(Role.APPLICANT, UUID(int=2)), Never.READERS)
    assert "readers" not in access.without_checks({"readers": ["x"], "history": []}, actor=under)


def test_never_whole_numbers(helper, draft, app, portal) -> None:
    whole, account = FILLED["applicant_id_number"], PAYEE["account_number"]
    members = [{"row": "r0", "name": "李大山", "relation": "spouse", "id_number": whole}]
    assert helper.fill(draft, **FILLED, **PAYEE).status_code == 200
    photo = helper.add_photo(draft, item="other").json["id"]
    address = f"/api/applications/{draft}"
    assert helper.get(f"{address}/answers").json["answers"]["applicant_id_number"] == whole
    assert helper.submit(draft).status_code == 201
    seen = helper.get(f"{address}/answers").json["answers"]
    assert seen["applicant_id_number"] == f"4{'*' * 16}0"
    assert seen["account_number"] == "***************0123"
    assert whole not in str(seen)
    looked = helper.get(f"{address}/documents/{photo}/prepared")
    assert looked.json["message"] == NEVER[Never.WHOLE_NUMBERS]
    with portal.database.writing() as session:
        session.get_one(Application, UUID(draft)).status = Status.RETURNED
    for page in ("steps/applicant", "steps/account", "check"):
        shown = _page(app, portal, helper, f"/applications/{draft}/{page}")
        assert whole not in shown
        assert account not in shown
    again = {**seen, "reason_words": "补一句。"}
    again.pop("members", None)
    assert helper.fill(draft, **again, members=members).status_code == 200
    owner = _claimed(app, portal, draft)
    mine = owner.get(f"{address}/answers").json["answers"]
    assert mine["applicant_id_number"] == whole, "a masked number that came back changes nothing"
    assert mine["account_number"] == account
    assert mine["members"][0]["id_number"] == whole
    second = helper.start_for("linshi")
    assert whole not in str(helper.get(f"/api/applications/{second}/answers").json)


def _page(app, portal, helper, path: str) -> str:
    """As the helper's browser shows it, acting for this household."""
    client = app.test_client()
    with portal.database.writing() as session:
        account = sign_in.find_account(session, helper.phone)
        client.set_cookie("refresh", sign_in.issue(session, account=account, now=NOW))
    client.set_cookie("acting", f"{helper.mandate}.{int(NOW.timestamp())}")
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert "您正在为" in answer.text
    return answer.text
