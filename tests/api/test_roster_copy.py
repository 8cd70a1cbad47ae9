"""What a phone keeps of a village for where there is no signal, and the visits it tells later."""

import json
import re
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.filing.tables import Application
from portal.people.appointment_tables import RosterHousehold
from tests.api.assisted import Assistant, assistant
from tests.api.helped import FILLED, the
from tests.api.test_roster import returned, told
from tests.conftest import NOW


@pytest.fixture
def li(app, portal) -> Assistant:
    return assistant(app, portal)


def cards(li: Assistant) -> dict[str, str]:
    """The markup of each household by its name."""
    answer = li.get("/roster/copy")
    assert answer.status_code == 200
    found = answer.text.split('<section class="card"')[1:]
    return {re.findall("<h2>([^< ]+)", one)[0]: one for one in found}


def about(card: str) -> dict[str, Any]:
    return dict(json.loads(re.findall("data-about='([^']+)'", card)[0]))


def test_a_household_with_a_mandate_has_its_files_and_corrections_the_others_a_name(li, portal):
    here, other = (li.add(name, "3组").json["id"] for name in ("石桂香", "王秀英"))
    mandate = li.help(here)["id"]
    file = li.start_for()
    li.fill(file, **FILLED)
    assert li.submit(file).status_code == 201
    asked = [{"item": i, "sentence": f"请补{i}。"} for i in ("medical_bills", "phone", "others")]
    returned(portal, file, *asked)
    found = cards(li)
    assert about(found["石桂香"]) == {"person": "石桂香", "mandate": mandate}
    ways = re.findall(r'href="/fill/dibao#([^"]+)"', found["石桂香"])
    assert ways == [f"{file}/photos/medical_bills", f"{file}/contact"]
    assert all(one["sentence"] in found["石桂香"] for one in asked)
    assert "要补材料" in found["石桂香"]
    to = f"/api/roster/households/{other}/mandates"
    assert about(found["王秀英"]) == {"person": "王秀英", "to": to}
    assert file not in found["王秀英"]
    assert "要补材料" not in found["王秀英"]
    the(portal, mandate, revoked_at=NOW)
    (closed,) = [one for name, one in cards(li).items() if name == "石桂香"]
    assert file not in closed
    assert mandate not in closed


def test_a_running_program_is_gone_on_with_and_not_begun_again(li):
    li.help(li.add("石桂香", "3组").json["id"])
    file = li.start_for()
    card = cards(li)["石桂香"]
    assert f'href="/fill/dibao#{file}"' in card
    assert 'href="/fill/dibao"' not in card
    assert 'href="/fill/linshi"' in card


@pytest.mark.parametrize(
    "words", ["石桂香", "桂香", "sgx", "shiguixiang", "3组", "12号", "30天没去过"]
)
def test_found_without_a_signal_as_with_one(li, words):
    li.add("石桂香", "3组", house="12号")
    (heard,) = re.findall('data-heard="([^"]+)"', cards(li)["石桂香"])
    assert f" {words}" in heard


def test_a_visit_told_later_has_its_day_and_is_told_once(li):
    entry = li.add("石桂香", "3组").json["id"]
    at = f"/api/roster/households/{entry}/typed"
    sent = json.dumps(told("2026-11-20")).encode()
    for _again in range(2):
        answer = li.client.put(at, data=sent, content_type="application/json", headers=li.headers)
        assert answer.status_code == 200, answer.json
        assert answer.json["receipt"]["digest"] == sha256(sent).hexdigest()
    assert li.lines()[0]["visited_on"] == "2026-11-20"
    assert li.lines("?only=unvisited") == []


@pytest.mark.parametrize(
    ("day", "kept"),
    [("2030-01-01", "2026-11-22"), ("2020-01-01", "2026-10-23")],
    ids=["快了", "慢了"],
)
def test_a_phone_with_a_wrong_clock_is_believed_within_reason(li, day, kept):
    entry = li.add("石桂香", "3组").json["id"]
    assert li.put(f"/api/roster/households/{entry}/typed", told(day)).status_code == 200
    assert li.lines()[0]["visited_on"] == kept


@pytest.mark.parametrize("day", ["", "昨天", "2026-13-01"])
def test_no_day_is_no_visit(li, day):
    entry = li.add("石桂香", "3组").json["id"]
    assert li.put(f"/api/roster/households/{entry}/typed", told(day)).status_code == 422
    assert li.lines()[0]["visited_on"] is None


def test_a_household_no_longer_there_holds_up_no_phone(li):
    assert li.put(f"/api/roster/households/{uuid4()}/typed", told("2026-11-20")).status_code == 200


def test_an_unknown_device_gets_no_list(app, portal, li):
    li.add("石桂香", "3组")
    other = assistant(app, portal, "13900000002", enrolled=False)
    answer = other.get("/roster/copy")
    assert (answer.status_code, "factor" in answer.headers.get("Location", "")) == (303, True)
    assert "石桂香" not in answer.text


def test_a_file_begun_for_a_household_of_the_roster_is_that_households(li, portal):
    """As the phone's outbox does it: the mandate first, at the address the record names."""
    entry = li.add("石桂香", "3组").json["id"]
    to = about(cards(li)["石桂香"])["to"]
    given = li.client.post(to, headers={**li.headers, "Idempotency-Key": "one"})
    assert given.status_code == 201
    li.mandate = given.json["id"]
    file = li.start_for()
    with portal.database.reading() as session:
        row = session.get_one(RosterHousehold, UUID(entry))
        assert session.get_one(Application, UUID(file)).household_id == row.household_id
    assert len(li.lines()) == 1
