"""Found rather than applying: told by a neighbour, seen to by the township, helped by an assistant;
and what the county reads of it all."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.people.access import Role
from tests.desk.clerks import hire
from tests.journeys.desk import PICTURES
from tests.journeys.phone import SMALL, Phone
from tests.journeys.story import VILLAGE
from tests.pages.furnished import cookie, furnish

pytestmark = pytest.mark.browser

TOWNSHIP, COUNTY = "433127103", "433127"
HELPER = "13874300088"


def look(phone: Phone, name: str) -> None:
    if PICTURES:
        phone.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def report(phone: Phone) -> str:
    """From the front page, without signing in; the code."""
    phone.open("/")
    phone.tap("别人家有困难，告诉我们")
    look(phone, "found-1-report")
    phone.tap("告诉乡镇")
    phone.sees("请选到乡镇")
    look(phone, "found-2-wrong")
    phone.place("place", *VILLAGE)
    phone.type("what", "老人一个人，病了没人管。")
    phone.type("find", "河边最后一家，石婆婆")
    phone.tap("告诉乡镇")
    phone.sees("告诉乡镇了")
    look(phone, "found-3-sent")
    return phone.page.locator(".big").inner_text()


def follow(phone: Phone, code: str, words: str) -> None:
    phone.open("/report/answer")
    phone.type("code", code)
    phone.tap("看一看")
    phone.sees(words)


@pytest.mark.parametrize(
    "script", [True, pytest.param(False, marks=pytest.mark.full)], ids=["有脚本", "没有脚本"]
)
def test_told_visited_and_helped(phone, desk, site, script):
    neighbour = phone(screen=SMALL, script=script)
    code = report(neighbour)
    li = desk()
    li.sign_in("li", *hire(site.portal, "li", TOWNSHIP, Role.TOWNSHIP_CLERK))
    li.follow("线索")
    li.clean("found-4-leads")
    with li.page.expect_navigation():
        li.page.locator("tbody a").first.click()
    expect(li.page.locator("main")).to_contain_text("河边最后一家")
    li.page.fill("#v", "去看过，七十多岁，一个人住。")
    li.press("记下，核实过了")
    li.clean("found-5-verified")
    follow(neighbour, code, "正在办")
    for name, words in (("person", "石桂香"), ("helper", "向红梅"), ("helper_phone", HELPER)):
        li.page.fill(f"#{name}", words)
    li.press("请他帮着办")
    expect(li.page.locator("dl")).to_contain_text("已帮着办")
    follow(neighbour, code, "有人去看过，已经办了")
    look(neighbour, "found-6-answer")
    helper = phone(screen=SMALL)
    helper.open("/apply/dibao")
    helper.tap("用手机号登录，开始填")
    helper.sign_in(HELPER)
    helper.consent()
    helper.open("/helping")
    helper.sees("石桂香")


def test_a_list_and_the_figures_of_a_county(desk, site, tmp_path):
    furnish(site.portal, now=utc_now())
    peng = desk()
    peng.sign_in("peng", *hire(site.portal, "peng", COUNTY, Role.COUNTY_CONFIRMER))
    file = tmp_path / "名单.csv"
    file.write_text(f"地区代码,姓名,数额\n{TOWNSHIP},石一,30000\n999,石二,1\n", encoding="gb18030")
    peng.follow("线索")
    peng.page.set_input_files("#file", file)
    peng.press("导入")
    expect(peng.page.locator("#sum")).to_contain_text("第3行")
    peng.clean("found-7-list-wrong")
    file.write_text(f"地区代码,姓名,数额\n{TOWNSHIP},石一,30000\n", encoding="gb18030")
    peng.page.set_input_files("#file", file)
    peng.press("先试一试")
    expect(peng.page.locator("#sum")).to_contain_text("1行会成为线索")
    peng.page.set_input_files("#file", file)
    peng.press("导入")
    expect(peng.page.locator("#sum")).to_contain_text("1行已成为线索")
    peng.follow("情况")
    with site.portal.database.reading() as session:
        there = select(func.count()).where(
            Application.county_code == COUNTY, Application.submission_no > 0
        )
        number = session.scalar(there)
    expect(peng.page.locator(".tiles")).to_contain_text(re.compile(rf"{number}\s*收到"))
    peng.clean("found-8-figures")
    for way in ("按环节", "按经办人", "按代办人", "按救助项目"):
        peng.follow(way)
        peng.clean(f"found-8-{way}")
    peng.follow("低保")
    peng.follow("回到全部")
    with peng.page.expect_download() as download:
        peng.page.get_by_role("link", name="下载成表格").click()
    assert download.value.suggested_filename == "figures.xlsx"


def test_an_unhappy_person_is_followed_up(phone, desk, site):
    made = furnish(site.portal, now=utc_now())
    her = phone(screen=SMALL)
    her.context.add_cookies(
        [{"name": "refresh", "value": cookie(site.portal, made.owner), "url": site.url}]
    )
    her.open(made.denied)
    her.tap("办得怎么样？评一评")
    look(her, "found-9-faces")
    her.tap("评好了")
    her.sees("请点一个")
    her.tick("face", "1")
    her.type("words", "没人告诉我为什么。")
    her.tap("评好了")
    her.sees("记下了")
    peng = desk()
    peng.sign_in("peng", *hire(site.portal, "peng", COUNTY, Role.COUNTY_CONFIRMER))
    peng.follow("评价")
    peng.clean("found-10-opinions")
    peng.page.fill("textarea", "打电话说清了。")
    peng.press("问过了")
    her.open(f"{made.denied}/opinion")
    her.sees("打电话说清了。")
    look(her, "found-11-followed-up")
