"""Several households side by side in one browser: which stand in the bar, and in what order."""

import re
from uuid import UUID

import pytest

from portal.filing.tables import Application
from portal.people.mandate_tables import Mandate
from tests.api.helped import Neighbour, neighbour, the
from tests.api.walk import ANSWERS
from tests.conftest import NOW

NAMES = ("石桂香", "王秀英", "李大山")


@pytest.fixture
def zhang(app, portal) -> Neighbour:
    return neighbour(app, portal)


@pytest.fixture
def homes(zhang) -> list[str]:
    return [zhang.begin(person=name)["id"] for name in NAMES]


def browser(zhang: Neighbour, acting: str, beside: list[str]) -> None:
    """Signed in as a browser is, acting for one, with others opened before."""
    token = zhang.headers["Authorization"].removeprefix("Bearer ")
    cookies = {
        "access": token, "acting": f"{acting}.{int(NOW.timestamp())}", "round": ".".join(beside),
    }  # fmt: skip
    for name, value in cookies.items():
        zhang.client.set_cookie(name, value)


def bar(zhang: Neighbour) -> tuple[str, str]:
    """What it says, and which household comes next ("" without a next)."""
    page = zhang.client.get("/helping").get_data(as_text=True)
    found = re.search(r"<aside class=\"acting\".*?</aside>", page, re.S)
    assert found is not None
    following = re.search(r"/helping/([0-9a-f-]{36})/enter\">下一家", found[0])
    return re.sub(r"<[^>]+>", "", found[0]), following[1] if following else ""


def test_a_case_leads_to_the_chain_of_its_household(zhang, homes, portal):
    """For whoever acts for it, and for nobody who does not."""
    made = zhang.start_for()
    zhang.fill(made)
    assert zhang.submit(made).status_code == 201
    with portal.database.reading() as session:
        chain = f"/household/{session.get_one(Application, UUID(made)).household_id}/chain"
    browser(zhang, homes[2], [])
    assert (
        f'href="{chain}">谁在帮我家，下一步做什么' in zhang.client.get(f"/applications/{made}").text
    )
    assert zhang.client.get(chain).status_code == 200
    own = zhang.post(
        "/api/applications", {"program_id": "dibao"}, **{"Idempotency-Key": "own"}
    ).json["id"]
    zhang.fill(own, **ANSWERS)
    assert zhang.submit(own).status_code == 201
    with portal.database.writing() as session:
        session.get_one(Application, UUID(own)).household_id = None
        session.get_one(Mandate, UUID(homes[2])).revoked_at = NOW
    zhang.client.delete_cookie("acting")
    assert "谁在帮我家" not in zhang.client.get(f"/applications/{own}").text
    assert zhang.client.get(chain).status_code == 404


def test_one_alone_is_not_counted(zhang, homes):
    browser(zhang, homes[0], [])
    assert bar(zhang) == ("您正在为石桂香办理换人", "")


def test_in_the_order_they_were_opened_and_round(zhang, homes):
    browser(zhang, homes[2], homes)
    assert bar(zhang) == ("您正在为李大山办理（3/3）下一家名单", homes[0])
    browser(zhang, homes[0], homes)
    assert bar(zhang) == ("您正在为石桂香办理（1/3）下一家名单", homes[1])


def test_what_was_taken_back_is_gone_from_it(zhang, homes, portal):
    browser(zhang, homes[0], homes)
    the(portal, homes[1], revoked_at=NOW)
    assert bar(zhang) == ("您正在为石桂香办理（1/2）下一家名单", homes[2])


def test_nobody_elses_and_nonsense_count_for_nothing(app, portal, zhang, homes):
    other = neighbour(app, portal, phone="13800000004").begin(person="龙阿婆")["id"]
    browser(zhang, homes[0], [homes[0], other, "nonsense", str(UUID(int=5)), ""])
    assert bar(zhang) == ("您正在为石桂香办理换人", "")
    assert "龙阿婆" not in zhang.client.get("/helping").get_data(as_text=True)


def test_the_tenth_takes_the_place_of_the_first(zhang, homes):
    many = [UUID(int=n).hex for n in range(1, 9)]
    browser(zhang, homes[2], [homes[0], *many])
    assert bar(zhang) == ("您正在为李大山办理换人", "")
