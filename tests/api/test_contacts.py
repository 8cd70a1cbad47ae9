"""The call button of every screen rings the nearest office; the place is chosen once."""

import pytest

from portal.casework import timeline
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.policy import regions, roster
from tests.pages.furnished import TOWNSHIP, cookie, furnish

COUNTY_PHONE, TOWN_PHONE = "0737-0000003", "0737-0000001"


@pytest.fixture
def listed(portal, now):
    with portal.database.writing() as session:
        made = roster.plan(session, regions.PLACES / "windows.example.csv")
        roster.carry_out(session, made, actor="portal", now=now)
    return portal


def test_json(client, listed):
    found = client.get("/api/contacts?region=430923121").json
    assert [c["kind"] for c in found] == ["window", "hotline", "hotline"]
    assert (found[0]["phone"], found[-1]["phone"]) == (TOWN_PHONE, "12349")
    assert [c["phone"] for c in client.get("/api/contacts").json] == ["12349"]
    assert client.get("/api/contacts?region=999999").status_code == 422


def test_without_a_place_it_is_12349(client, listed):
    assert 'href="tel:12349"' in client.get("/").text


def test_a_place_once_chosen_counts_on_every_page(client, listed):
    for path, phone in (
        ("/contacts?place=430923121", TOWN_PHONE),
        ("/contacts?next=430923", COUNTY_PHONE),
        ("/?place=430923121", TOWN_PHONE),
        ("/guide/dibao?place=430923", COUNTY_PHONE),
    ):
        assert f"tel:{phone.replace('-', '')}" in client.get(path).text
        for other in ("/", "/sign-in", "/status", "/no-such-page", "/guide/linshi"):
            page = client.get(other).text
            assert f"tel:{phone.replace('-', '')}" in page, (path, other)


def test_the_guide_remembers_the_place_and_lets_go_of_it(client, listed):
    client.get("/guide/dibao?place=430923")
    assert "湖南省益阳市安化县" in client.get("/guide/dibao").text
    assert "湖南省益阳市安化县" not in client.get("/guide/dibao?place=").text


def test_a_wrong_cookie_does_no_harm(client, listed):
    for code in ("999999", "x", "", '"><script>', "4" * 500, "430923'--"):
        client.set_cookie("place", code)
        assert 'href="tel:12349"' in client.get("/").text
        assert client.get("/guide/dibao").status_code == 200
        assert client.get("/contacts").status_code == 200


def test_a_wrong_place_is_not_remembered(client, listed):
    client.get("/?place=999999")
    client.get("/contacts?place=999999")
    assert client.get_cookie("place") is None


def test_the_page_lists_who_answers(client, listed):
    page = client.get("/contacts?place=430923121").text
    for words in (
        "东坪镇社会救助窗口",
        "安化县社会救助热线",
        "周一到周五",
        "12349",
        "poster.pdf?region=430923121",
    ):
        assert words in page
    assert "没有找到这个地方" in client.get("/contacts?find=火星上").text
    assert "/contacts?place=430923121" in client.get("/contacts?find=安化东坪").text


def test_a_file_rings_its_own_township(client, portal, now):
    window = f"地区代码,类别,名称,电话\n{TOWNSHIP},窗口,演示窗口,010-00000000\n"
    file = portal.settings.data / "list.csv"
    file.write_text(window, "utf-8")
    with portal.database.writing() as session:
        roster.carry_out(session, roster.plan(session, file), actor="portal", now=now)
    furnished = furnish(portal, now=utc_now())
    client.set_cookie("refresh", cookie(portal, furnished.owner))
    client.set_cookie("place", "430923")
    page = client.get(furnished.accepted).text
    assert page.count("tel:01000000000") >= 1
    with portal.database.reading() as session:
        application = session.get(Application, _id(furnished.accepted))
        story = timeline.timeline(session, application, portal.catalogue, now=now)
    assert story["call"]["number"] == "010-00000000"
    assert story["call"]["text"] == "打010-00000000，找演示窗口"


def _id(path):
    from uuid import UUID

    return UUID(path.rpartition("/")[2])
