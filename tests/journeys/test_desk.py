"""A clerk's morning at 1280×800: an alert, a file read beside its photos, a list, a transfer."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from portal.filing.tables import Application, Document
from portal.foundation.clock import utc_now
from portal.handover.tables import IntakeDossier
from portal.people.access import Role
from tests.desk.clerks import hire
from tests.handover import files
from tests.journeys.desk import PICTURES
from tests.journeys.site import soon

PHOTOS = Path(__file__).parent.parent / "photos"

pytestmark = pytest.mark.browser


@pytest.fixture
def two_files(site):
    """One with three photos and signatures; a later, urgent one with nothing to eat."""
    usual = files.draft(site.portal, files.MORE)
    for name, item in (("hukou_L1_00.jpg", "other"), ("bank_L1_00.jpg", "bank_account")):
        files.add_photo(site.portal, usual, (PHOTOS / name).read_bytes(), item=item)
    files.sign(site.portal, usual)
    files.submit(site.portal, usual, now=utc_now())
    urgent = files.draft(site.portal, files.LEAST, phone="13812345699")
    files.submit(site.portal, urgent, now=utc_now())
    with site.portal.database.writing() as session:
        file = session.get_one(Application, urgent)
        file.urgent, file.alert = True, "food"
    assert soon(lambda: _arrived(site.portal))
    return usual, urgent


def _arrived(portal):
    with portal.database.reading() as session:
        prepared = session.query(Document).filter_by(state="prepared").count()
        return prepared == 2 and session.query(IntakeDossier).count() == 2


def _status(site, file_id):
    with site.portal.database.reading() as session:
        return session.get_one(Application, file_id).status


def test_a_morning_at_the_desk(desk, site, two_files):
    usual, urgent = two_files
    li, password = desk(), hire(site.portal, "li")
    li.page.goto("/desk/sign-in")
    li.clean("1-sign-in")
    li.sign_in("li", *password)
    expect(li.page.locator(".strip")).to_contain_text("急：1件没人答复")
    li.clean("2-queue")
    li.press("取下一件")
    assert str(urgent) in li.page.url
    li.clean("3-alert")
    li.page.fill("#alert-sentence", "中午送去了米和油。")
    li.press("已经答复")
    expect(li.page.locator(".strip")).to_have_count(0)
    li.press("受理")
    expect(li.page.locator("main")).to_contain_text("已办：受理。")
    li.press("取下一件")
    assert str(usual) in li.page.url
    _look_at_photos(li)
    _numbers(li)
    _ask(li)
    assert _status(site, usual) == "returned"
    li.clean("9-queue-after")


def _look_at_photos(li):
    photo = li.page.locator(".photo").first
    expect(photo.locator("img")).to_have_js_property("complete", True)
    assert photo.locator("img").evaluate("i => i.naturalWidth") > 300
    li.clean("4-file")
    photo.get_by_role("button", name="放大").click()
    photo.get_by_role("button", name="右转").click()
    assert photo.get_attribute("data-zoom") == "2"
    assert photo.get_attribute("data-turn") == "90"
    photo.locator(".frame").focus()
    for key in ("+", "+", "+", "[", "-"):
        li.page.keyboard.press(key)
    assert photo.get_attribute("data-zoom") == "3"
    assert photo.get_attribute("data-turn") == "0"
    li.clean("5-zoomed")


def _numbers(li):
    expect(li.page.locator("main")).not_to_contain_text("430923190001010010")
    li.page.get_by_label("为什么看完整号码").select_option(label="打电话联系申请人")
    li.press("显示（会记录）")
    expect(li.page.locator("main")).to_contain_text("430923190001010010")
    li.clean("6-numbers")
    if PICTURES:
        li.page.screenshot(path=f"{PICTURES}/6-whole.png", full_page=True)
    li.follow("重新遮住")


def _ask(li):
    li.page.get_by_role("link", name="一次性告知补正").click()
    li.press("发出补正清单")
    expect(li.page.locator("#sum")).to_be_focused()
    li.page.locator("#ask").scroll_into_view_if_needed()
    li.clean("7-ask")
    row = li.page.locator(".ask").filter(has_text="银行卡或存折")
    row.get_by_role("checkbox").check()
    row.locator('[name="say.bank_account"]').fill("请拍有卡号的一面，四个角都拍到。")
    li.press("发出补正清单")
    expect(li.page.locator("main")).to_contain_text("已办：一次性告知补正。")


def test_without_a_script_a_file_is_sent_to_its_place(desk, site, two_files):
    usual, _urgent = two_files
    wang = desk(script=False)
    wang.sign_in("wang", *hire(site.portal, "wang", name="王芳"))
    wang.page.goto(f"/desk/files/{usual}")
    assert wang.page.get_by_role("link", name="打开大图").count() == 2
    wang.follow("转办")
    wang.page.fill("#q", "安化 梅城")
    wang.press("查找")
    wang.page.get_by_label("湖南省益阳市安化县梅城镇").check()
    wang.page.fill("#why", "户口在梅城镇。")
    if PICTURES:
        wang.page.screenshot(path=f"{PICTURES}/8-transfer.png")
    wang.press("转办")
    expect(wang.page.locator("main")).to_contain_text("已办：转办。")
    assert wang.page.goto(f"/desk/files/{usual}").status == 404
    chen = desk()
    chen.sign_in("chen", *hire(site.portal, "chen", region=files.NEIGHBOUR, name="陈明"))
    chen.press("取下一件")
    assert str(usual) in chen.page.url
    expect(chen.page.locator("main")).to_contain_text("转办过1次")


def test_the_county_looks_on(desk, site, two_files):
    usual, _urgent = two_files
    zhao = desk()
    county = {"region": files.COUNTY, "role": Role.COUNTY_CLERK, "name": "赵敏"}
    zhao.sign_in("zhao", *hire(site.portal, "zhao", **county))
    zhao.page.goto(f"/desk/files/{usual}")
    assert zhao.page.get_by_role("button", name="受理", exact=True).count() == 0
    zhao.clean("10-county")
