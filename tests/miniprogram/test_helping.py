"""Helping somebody, and asking for help at once, in the mini-program."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.filing.tables import Application
from tests.journeys.site import Site
from tests.miniprogram import story
from tests.miniprogram.handset import Handset

pytestmark = pytest.mark.browser


def test_帮邻居办_他在屏幕上签字同意(handset: Callable[..., Handset]) -> None:
    """Whose file it is stands on every page of it; the helper is never asked to agree for him."""
    hers = handset(user="helper")
    hers.open("pages/sign-in/sign-in?next=%2Fpages%2Ffor-another%2Ffor-another%3Fprogram%3Ddibao")
    hers.tap("用微信登录")
    hers.at("consents")
    story.consent(hers)
    hers.at("for-another")
    hers.type("您帮谁办？他叫什么？", "田老大")
    hers.tick("邻居、朋友")
    hers.tap("下一步")
    hers.sees("请改一下")
    hers.kill("pages/for-another/for-another?program=dibao")
    hers.type("您叫什么？", story.NAME)
    hers.tap("下一步")
    hers.at("agree")
    hers.sign()
    hers.tap("我是田老大，我同意")
    hers.sees("他已经同意了。")
    hers.tap("接着办")
    hers.at("tasks")
    hers.sees("您正在为田老大办理")
    hers.sees("低保申请")
    assert hers.control("不想申请了，删掉草稿").count() == 0
    hers.tap("说明和承诺：未填")
    hers.at("step")
    hers.sees("您正在为田老大办理")
    assert hers.main.locator('input[aria-label="我说的都是真的。"]').count() == 0
    hers.kill("pages/mine/mine")
    hers.sees("还没有申请。")
    assert "您正在为" not in hers.main.inner_text()
    hers.kill("pages/helping/helping")
    hers.sees("田老大")


def test_马上求助_不用登录(handset: Callable[..., Handset], site: Site) -> None:
    hers = handset(user="urgent")
    hers.open()
    hers.tap("我现在就需要帮助")
    hers.at("help-now")
    hers.tick("没饭吃")
    hers.tap("马上求助")
    hers.sees("请选您在哪个乡镇（街道）。")
    hers.place("您在哪里？", *story.VILLAGE)
    hers.type("怎么找到您？", "村口小店门前")
    hers.kill("pages/help-now/help-now")
    hers.tap("马上求助")
    hers.sees("求助已送出")
    number = hers.main.locator(".big").inner_text()
    with site.portal.database.reading() as session:
        found = select(Application).where(Application.reference_no == number)
        assert session.scalars(found).one().urgent


def test_我家有困难_自测完去申请(handset: Callable[..., Handset]) -> None:
    """The answers never leave the phone; the result leads to the form."""
    hers = handset(user="check")
    hers.open()
    hers.tap("我家有困难，看看能办什么")
    hers.at("check")
    hers.tick("钱不够过日子")
    hers.tick("都不是")
    hers.tick("农村")
    hers.type("一起过日子的有几口人？", "两口")
    hers.tap("算一算")
    hers.sees("这里要填整数。")
    hers.type("一起过日子的有几口人？", "2")
    hers.kill("pages/check/check")
    hers.tap("算一算")
    hers.sees("算出来的结果")
    hers.main.get_by_role("button", name="申请低保").first.or_(
        hers.main.get_by_role("button", name="去申请最低生活保障")
    ).or_(hers.main.get_by_role("button", name="仍然申请最低生活保障")).first.tap()
    hers.at("apply")


def test_村里的码打开就是这个村(handset: Callable[..., Handset]) -> None:
    """The demonstration's poster leads to /dev/mini/?scene=…, as WeChat leads to the home page."""
    hers = handset(user="poster")
    hers.page.goto("/dev/mini/?user=poster&scene=r%3D433127103")
    hers.at("home")
    assert hers.storage("place")["code"] == "433127103"
