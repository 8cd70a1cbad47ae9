"""The roster's pages without a script: many households, what is wrong with a form, who is out."""

import re

import pytest

from api.known_device import HEADER
from api.pages.roster import MOST_AT_ONCE
from portal.people import appointments, rosters
from portal.people.access import Actor, Role
from portal.people.appointment_tables import Appointment
from tests.api.assisted import Assistant, assistant, signed_in_anew
from tests.conftest import NOW


@pytest.fixture
def li(app, portal) -> Assistant:
    made = assistant(app, portal)
    as_browser(made)
    return made


def as_browser(li: Assistant) -> None:
    li.client.set_cookie("access", li.headers["Authorization"].removeprefix("Bearer "))
    li.client.set_cookie("known_device", li.headers[HEADER])


def page(li: Assistant, path: str = "/roster", status: int = 200) -> str:
    answer = li.client.get(path)
    assert answer.status_code == status, answer.headers.get("Location")
    return answer.get_data(as_text=True)


def press(li: Assistant, path: str, **form: str):
    token = re.search(r'name="csrf" content="([0-9a-f]+)"', page(li, "/helping"))
    assert token is not None
    return li.client.post(path, data={"csrf": token[1], **form})


def fill(portal, li: Assistant, number: int) -> None:
    with portal.database.writing() as session:
        held = [session.get_one(Appointment, li.appointment)]
        who = Actor(Role.APPLICANT, li.account)
        for n in range(number):
            name, group = f"王{chr(0x4E00 + n)}英", f"{n % 3 + 1}组"
            rosters.add(session, held, name, group, actor=who, now=NOW)


def test_many_households_are_folded_by_group(li, portal):
    fill(portal, li, MOST_AT_ONCE + 1)
    first = page(li)
    assert '<li class="card"' not in first
    assert re.findall(r"<span>(\d组)</span><span>(\d+)家", first) == [
        ("1组", "21"), ("2组", "20"), ("3组", "20"),
    ]  # fmt: skip
    (way,) = re.findall(r'href="(/roster\?[^"]+)"><span>2组', first)
    inside = page(li, way.replace("&amp;", "&"))
    assert inside.count('<li class="card"') == 20
    assert page(li, "/roster?words=1组&in=1组").count('<li class="card"') == 21


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(li):
    wrong = press(li, "/roster/households", name="", group="3组")
    assert wrong.status_code == 422
    text = wrong.get_data(as_text=True)
    assert "还没有加上" in text
    assert 'value="3组"' in text
    assert press(li, "/roster/households", name="石桂香", group="3组").status_code == 303
    again = press(li, "/roster/households", name="石桂香", group="三组")
    assert again.status_code == 409
    assert "不是一家，请写门牌" in again.get_data(as_text=True)


def test_a_tap_comes_back_to_where_it_was_made(li):
    entry = li.add("石桂香", "3组").json["id"]
    back = press(li, f"/roster/households/{entry}/visits", words="sgx", only="unvisited")
    assert back.headers["Location"] == f"/roster?words=sgx&only=unvisited#h-{entry}"


def test_an_unknown_device_is_asked_first(li):
    li.client.delete_cookie("known_device")
    answer = li.client.get("/roster")
    assert answer.headers["Location"] == "/roster/factor?next=/roster"
    assert "请看验证器" in page(li, "/roster/factor")


def test_the_suspended_read_why(li, portal):
    assert "看全村的名册" in page(li, "/helping")
    with portal.database.writing() as session:
        one = session.get_one(Appointment, li.appointment)
        appointments.suspend(session, one, actor="test", now=NOW)
    assert "/sign-in" in li.client.get("/roster").headers["Location"]
    signed_in_anew(li)
    as_browser(li)
    for path in ("/roster", "/roster/corrections", "/roster/factor"):
        assert "您的协理员身份停用了。请问乡镇。" in page(li, path, 403)
