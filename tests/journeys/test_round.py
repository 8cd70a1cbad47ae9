"""An assistant's day in the hills: the list, a visit, a form, a paper asked for, all without a signal;
and who may still read it on that phone."""

import base64
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from portal.casework import events
from portal.casework.tables import CaseEvent
from portal.filing.tables import Application, Document
from portal.foundation.clock import local_date, utc_now
from portal.people import appointments, mandates, rosters
from portal.people.appointment_tables import Appointment, RosterHousehold
from portal.people.mandate_tables import Mandate
from tests.journeys import sheet, story, waiting
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, soon
from tests.journeys.test_pin import EVERYTHING
from tests.journeys.test_without_signal import KEPT
from tests.journeys.waiting import forgive_the_dead_network, know_the_place, visit_once
from tests.pages.furnished import cookie
from tests.pages.villages import HOMES, Village, furnish

pytestmark = pytest.mark.browser

PIN = "246810"
LIST = """
() => new Promise((done) => {
  indexedDB.open("drafts", 1).onsuccess = ({ target: { result } }) => {
    result.transaction("drafts").objectStore("drafts").get("round").onsuccess = ({ target }) => {
      result.close();
      done(Boolean(target.result));
    };
  };
})
"""
LONG_AGO = "(days) => localStorage.setItem('round', Date.now() - days * 86400000)"


@pytest.fixture
def village(site: Site) -> Village:
    return furnish(site.portal, now=utc_now())


@pytest.fixture
def hers(phone: Callable[..., Phone], site: Site, village: Village) -> Phone:
    """Signed in on a known device, with everything every phone keeps; no PIN yet."""
    hers = phone(screen=SMALL)
    _signed_in(hers, site, village)
    visit_once(hers)
    return hers


def test_在山里办一天(hers: Phone, site: Site, village: Village) -> None:
    know_the_place(hers)
    hers.open("/roster")
    assert not hers.page.evaluate(LIST), "without a PIN nothing is kept"
    _set_pin(hers, site, village)
    _opened_with_a_signal(hers)
    hers.context.set_offline(True)
    _closed_and_opened_again(hers)
    hers.open("/roster")
    hers.sees("请写手机密码")
    _tells_nothing(hers)
    _unlock(hers)
    hers.sees("名单是")
    _locked_again(hers)
    _searched(hers)
    _visited(hers)
    begun = _begun(hers, "龙阿婆")
    under = _begun(hers, "王秀英")
    asked = _photographed(hers, "石桂香")
    hers.context.set_offline(False)
    assert soon(lambda: len(_photos(site)) == 2 and len(waiting.handed_in(site)) == 5)
    _all_is_there(site, village, begun, under, asked)
    _opened_with_a_signal(hers)
    forgive_the_dead_network(hers)


def test_名单什么时候从手机上拿走(hers: Phone, site: Site, village: Village) -> None:
    _set_pin(hers, site, village)
    _opened_with_a_signal(hers)
    _lock(hers)
    _change(site, Mandate, village.second, mandates.revoke)
    hers.page.evaluate(LONG_AGO, 1)
    hers.open("/privacy")
    assert soon(lambda: not hers.page.evaluate(LIST)), "a mandate is over"
    _opened_with_a_signal(hers)
    hers.context.set_offline(True)
    hers.page.evaluate(LONG_AGO, 8)
    hers.open("/roster")
    hers.sees("没有信号，这部手机打不开名册")
    assert not hers.page.evaluate(LIST), "seven days without a signal"
    hers.context.set_offline(False)
    _opened_with_a_signal(hers)
    hers.open("/me")
    hers.tap("退出登录")
    assert soon(lambda: not hers.page.evaluate(LIST)), "signed out"
    _signed_in(hers, site, village)
    _opened_with_a_signal(hers)
    with site.portal.database.reading() as session:
        one = session.scalars(
            select(Appointment.id).where(Appointment.account_id == village.assistant)
        ).one()
    _change(site, Appointment, one, appointments.end)
    hers.page.evaluate(LONG_AGO, 1)
    hers.open("/privacy")
    assert soon(lambda: not hers.page.evaluate(LIST)), "no longer appointed"
    forgive_the_dead_network(hers)


def _signed_in(hers: Phone, site: Site, village: Village) -> None:
    token = cookie(site.portal, village.assistant)
    jar = {"refresh": token, "known_device": village.device}
    hers.context.add_cookies([{"name": n, "value": v, "url": site.url} for n, v in jar.items()])


def _change(site: Site, table: Any, key: UUID, verb: Any) -> None:
    with site.portal.database.writing() as session:
        verb(session, session.get_one(table, key), actor="test", now=utc_now())


def _set_pin(hers: Phone, site: Site, village: Village) -> None:
    """Where the first thing of somebody else would be kept."""
    hers.open(f"/helping/{village.second}/enter")
    hers.tap("是，为王秀英办")
    with hers.page.expect_navigation():
        hers.page.locator(".cards a").first.tap()
    hers.open(hers.page.url.removesuffix("/tasks") + "/photos")
    sheet.set_pin(hers, PIN)
    expect(hers.page.locator("#pin")).to_have_count(0)


def _opened_with_a_signal(hers: Phone) -> None:
    hers.open("/roster")
    if hers.page.locator("#pin").is_visible():
        _unlock(hers)
    assert soon(lambda: hers.page.evaluate(LIST) and "/round" in hers.page.evaluate(KEPT))


def _lock(hers: Phone) -> None:
    hers.page.evaluate(
        "() => import(document.querySelector('script[src]').src.replace('app.js', 'lock.js')).then(({ drop }) => drop())"
    )


def _unlock(hers: Phone) -> None:
    hers.page.locator("#pin").fill(PIN)
    hers.tap("打开")


def _closed_and_opened_again(hers: Phone) -> None:
    _lock(hers)
    hers.page.close()
    hers.page = hers.context.new_page()
    hers.page.on("console", hers._heard)
    hers.page.on("pageerror", lambda error: hers.faults.append(f"page error: {error}"))


def _tells_nothing(hers: Phone) -> None:
    text, has_key, _photos = hers.page.evaluate(EVERYTHING)
    kept = base64.b64decode(text)
    assert len(kept) > 5000, "the list is among it"
    assert not has_key
    words = [*(name for name, _group, _house in HOMES), "3组", "老祠堂", "medical_bills", "请补拍"]
    assert [w for w in words if w.encode() in kept or w.encode("utf-16-le") in kept] == []


def _locked_again(hers: Phone) -> None:
    """Nobody touched it: no name is left on the page, and nothing of it is lost."""
    _lock(hers)
    hers.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    hers.sees("请写手机密码")
    expect(hers.page.locator("body")).not_to_contain_text(HOMES[0][0])
    hers.page.locator("#pin").fill(PIN)
    hers.tap("打开", stays=True)
    expect(_card(hers, HOMES[0][0])).to_be_visible()


def _card(hers: Phone, name: str) -> Locator:
    return hers.page.locator(".card").filter(has_text=name)


def _searched(hers: Phone) -> None:
    for words in ("lap", "阿婆", "上湾组"):
        hers.page.locator("#words").fill(words)
        expect(hers.page.locator(".card:visible")).to_have_count(1)
        expect(_card(hers, "龙阿婆")).to_be_visible()
    hers.page.locator("#words").fill("")
    hers.page.locator("#sort").select_option("要补材料")
    expect(hers.page.locator(".card:visible")).to_have_count(1)
    expect(_card(hers, "石桂香")).to_contain_text("请补拍看病的单子。")
    hers.page.locator("#sort").select_option("")
    expect(hers.page.locator(".card:visible")).to_have_count(len(HOMES))


def _visited(hers: Phone) -> None:
    _card(hers, "龙阿婆").get_by_role("button", name="今天去过了").tap()
    expect(_card(hers, "龙阿婆")).to_contain_text("去过，等信号传")


def _begun(hers: Phone, name: str) -> str:
    """From the list to a form handed in; its id."""
    hers.open("/roster")
    card = _card(hers, name)
    card.locator("summary").tap()
    hers.tap("低保", within=card)
    expect(hers.page.locator(".acting")).to_contain_text(f"您正在为{name}办理")
    file = hers.page.url.partition("#")[2].partition("/")[0]
    hers.tap("名单", within=hers.page.locator(".acting"))
    expect(_card(hers, name)).to_contain_text("接着填低保")
    hers.tap("接着填低保", within=_card(hers, name))
    assert file in hers.page.url
    said = {"applicant_name": name, "found_by": "村口", "household_place": story.VILLAGE}
    sheet.only(hers, {**said, "reason": ("illness",), "reason_words": f"{name}病了。"})
    if name == "龙阿婆":
        sheet.photograph(hers, "id_card", "id_front_L1_00.jpg")
    sheet.finish(hers)
    return file


def _photographed(hers: Phone, name: str) -> str:
    """The paper an office asked for, and the answer; then the file goes back."""
    hers.open("/roster")
    hers.tap("去补：看病的单子", within=_card(hers, name))
    expect(hers.page.locator(".acting")).to_contain_text(f"您正在为{name}办理")
    expect(hers.page.locator("[data-paper=medical_bills]")).to_be_in_viewport()
    sheet.photograph(hers, "medical_bills", "bill_L2_00.jpg")
    file = hers.page.url.partition("#")[2].partition("/")[0]
    hers.open("/roster")
    hers.tap("去补：联系电话", within=_card(hers, name))
    hers.type("phone", "13874312346")
    hers.page.locator("form:visible").get_by_role("button", name="存好，下一步").tap()
    sheet._open(hers, "done")
    hers.tap("填好了，有信号就交")
    return file


def _photos(site: Site) -> list[tuple[UUID, str]]:
    with site.portal.database.reading() as session:
        rows = select(Document.application_id, Document.item)
        return [(row[0], row[1]) for row in session.execute(rows)]


def _all_is_there(site: Site, village: Village, begun: str, under: str, asked: str) -> None:
    with site.portal.database.reading() as session:
        entries = {
            rosters.name_of(session, one): one for one in session.scalars(select(RosterHousehold))
        }
        visits = rosters.last_visits(session, {one.village_code for one in entries.values()})
        granny = entries["龙阿婆"]
        assert visits[granny.id] == local_date(utc_now())
        assert len(entries) == len(HOMES)
        home = {
            file: session.get_one(Application, UUID(file)).household_id
            for file in (begun, under, asked)
        }
        assert home[begun] == granny.household_id
        assert home[under] == entries["王秀英"].household_id
        assert home[asked] == entries["石桂香"].household_id
        assert {m.id for m in mandates.of_household(session, home[under])} == {village.second}
    assert set(_photos(site)) == {(UUID(begun), "id_card"), (UUID(asked), "medical_bills")}
    for file, name in ((begun, "龙阿婆"), (under, "王秀英")):
        found = waiting.answers(site, file)
        assert (found["applicant_name"], found["reason_words"]) == (name, f"{name}病了。")
    assert waiting.answers(site, asked)["phone"] == "13874312346"
    with site.portal.database.reading() as session:
        file = session.get_one(Application, UUID(asked))
        for one in events.corrections(session, file):
            since = session.get_one(CaseEvent, one.event_id).at
            assert events.is_answered(session, file, one, since=since), one.item
