"""What a phone sends of what it kept: merged by question, acknowledged by digest, sent once."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.filing import applications
from portal.filing.tables import Application
from portal.handover import receipts
from tests.api.walk import ANSWERS, Resident
from tests.conftest import NOW

CONTACT = {"phone": "13812345678"}


@pytest.fixture
def who(client, portal) -> Resident:
    return Resident(client, portal).sign_in()


def body(typed: dict[str, str], *, revision: int = 0, **more: Any) -> dict[str, Any]:
    names = list(dict.fromkeys(name.partition(".")[0] for name in typed))
    said = {"typed": [list(one) for one in typed.items()], "touched": names}
    return {"revision": revision, "step": "contact", **said, **more}


def send(who: Resident, file: str, said: dict[str, Any]) -> Any:
    data = json.dumps(said, ensure_ascii=False).encode()
    return who.client.put(
        f"/api/applications/{file}/typed", data=data, headers=who.headers,
        content_type="application/json",
    )  # fmt: skip


def kept(who: Resident, file: str) -> dict[str, Any]:
    return dict(who.get(f"/api/applications/{file}/answers").json["answers"])


def test_the_receipt_names_what_was_sent_and_is_signed(who: Resident) -> None:
    file, said = who.start(), body(CONTACT)
    answer = send(who, file, said)
    assert answer.status_code == 200, answer.json
    receipt = answer.json["receipt"]
    sent = json.dumps(said, ensure_ascii=False).encode()
    assert (receipt["digest"], receipt["subject"]) == (sha256(sent).hexdigest(), file)
    with who.portal.database.reading() as session:
        receipts.verified(json.dumps(receipt), key=receipts.public_key(session, "receipt"))
    assert answer.json["next"].endswith("/steps/household_place")
    assert kept(who, file)["phone"] == "13812345678"
    assert send(who, file, said).json["revision"] == answer.json["revision"], "twice is once"


def test_only_what_was_touched_is_merged(who: Resident) -> None:
    file = who.start()
    who.fill_in(file)
    said = body({"income_wage": "", "income_transfer": "900"}, step="income")
    said["touched"] = ["income_transfer"]
    assert send(who, file, {**said, "revision": 1}).status_code == 200
    assert kept(who, file)["income_wage"] == ANSWERS["income_wage"], "untouched, though sent empty"
    assert kept(who, file)["income_transfer"] == 90000


def test_three_hands_at_once_lose_nothing_and_a_conflict_is_told_in_words(who: Resident) -> None:
    """Each typed from the same first look; what two of them answered is asked about."""
    file = who.start()
    hands = [
        body({"applicant_name": "王秀英"}, step="applicant"),
        body({"phone": "13812345678"}),
        body({"income_wage": "100", "expense_medical": "20"}, step="income"),
    ]
    assert [send(who, file, one).status_code for one in hands] == [200, 200, 200]
    late = send(who, file, body({"applicant_name": "王秀兰", "reason": "illness"}))
    assert (late.status_code, late.json["code"]) == (409, "answers_conflict")
    assert late.json["fields"] == {"applicant_name": ["另一处填的是：王秀英。"]}
    found = kept(who, file)
    assert "reason" not in found, "nothing of it is written"
    assert found == {
        "applicant_name": "王秀英", "phone": "13812345678", "income_wage": 10000,
        "expense_medical": 2000,
    }  # fmt: skip


def test_only_changed_questions_are_asked_again(who: Resident) -> None:
    file = who.start()
    program = who.portal.catalogue.find("dibao")
    digests = {f.name: f.digest[:6] for f in program.form.fields}
    digests["income_wage"] = "000000"
    said = body({"income_wage": "1", "expense_medical": "2", "gone": "3"}, asked=digests)
    answer = send(who, file, said)
    assert answer.status_code == 200
    label = next(f.label for f in program.form.fields if f.name == "income_wage")
    assert answer.json["changed"] == {"income_wage": label}
    assert kept(who, file) == {"expense_medical": 200}, "and a question that is no more is no fault"


def test_a_changed_question_is_asked_again_until_its_page_is_saved(who: Resident) -> None:
    file = who.start()
    who.fill_in(file)
    program = who.portal.catalogue.find("dibao")
    with who.portal.database.writing() as session:
        row = session.get_one(Application, UUID(file))
        found = applications.kept_answers(session, row)
        found["income_wage"] = replace(found["income_wage"], question="0" * 16)
        applications.write(session, row, program, found, now=NOW)
    assert otherwise(who, file) == {"income_wage"}
    said = body({}, step="income", looked=True, revision=1)
    assert send(who, file, said).status_code == 200
    assert otherwise(who, file) == set()
    assert kept(who, file)["income_wage"] == ANSWERS["income_wage"]


def otherwise(who: Resident, file: str) -> set[str]:
    with who.portal.database.reading() as session:
        row = session.get_one(Application, UUID(file))
        found = applications.kept_answers(session, row)
        return applications.asked_otherwise(who.portal.catalogue.find("dibao"), found)


def test_a_phone_gives_its_file_the_id_and_it_is_begun_once(who: Resident) -> None:
    own = str(uuid4())
    begun = [
        who.post("/api/applications", {"program_id": "dibao", "id": own}, **{"Idempotency-Key": k})
        for k in ("a", "a", "b")
    ]
    assert [(one.status_code, one.json["id"]) for one in begun] == [(201, own)] * 3
    other = Resident(who.client, who.portal, phone="13900000001").sign_in()
    foreign = other.post(
        "/api/applications", {"program_id": "dibao", "id": own}, **{"Idempotency-Key": "c"}
    )
    assert foreign.status_code == 404


def test_wrong_answers_come_back_by_question(who: Resident) -> None:
    file = who.start()
    answer = send(who, file, body({"income_wage": "很多", "expense_medical": "1"}))
    assert answer.status_code == 422
    assert answer.json["fields"] == {"income_wage": ["金额只填数字，比如 1200。"]}
    assert kept(who, file) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"typed": [["a"]]}, {"typed": "x"}, {"touched": [1]}, {"revision": -1},
        {"asked": {"a": 1}}, {"step": None}, {"unknown": 1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)  # fmt: skip
def test_nonsense_is_refused_by_name(who: Resident, wrong: dict[str, Any]) -> None:
    answer = send(who, who.start(), {**body(CONTACT), **wrong})
    assert answer.status_code == 422
    assert answer.json["fields"]


def test_a_household_is_merged_by_the_same_rule(who: Resident) -> None:
    home = who.post(
        "/api/households", {"programs": ["dibao", "yiliao"]}, **{"Idempotency-Key": "h"}
    ).json
    at = f"/api/households/{home['id']}/typed"
    said = body(CONTACT, revision=home["revision"])
    first = who.put(at, said)
    assert first.status_code == 200, first.json
    assert first.json["next"].startswith(f"/household/{home['id']}/")
    second = who.put(at, body({"phone": "13900000002"}, revision=home["revision"] - 1))
    assert (second.status_code, second.json["code"]) == (409, "answers_conflict")
    assert second.json["fields"] == {"phone": ["另一处填的是：13812345678。"]}
    again = who.put(at, body({"phone": "13900000002"}, revision=first.json["revision"]))
    assert again.status_code == 200


def test_whoever_asks_gets_a_token_and_nothing_else(client) -> None:
    answer = client.get("/api/phone")
    assert answer.status_code == 200
    assert set(answer.json) == {"csrf", "seal", "own"}
    assert answer.json["own"] == []
