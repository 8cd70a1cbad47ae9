"""「我现在就需要帮助」: three answers, no sign-in, the township knows; helped, and closed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.filing.tables import Application
from tests.journeys.desk import Desk
from tests.journeys.phone import Phone
from tests.journeys.site import Site, soon
from tests.journeys.test_aid import enter
from tests.journeys.test_low_income import in_the_queue

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["有脚本", "没有脚本"])
def test_没饭吃马上报到乡镇(phone: Callable[..., Phone], site: Site, script: bool) -> None:
    his = phone(script=script)
    his.open("/guide/linshi")
    his.tap("我现在就需要帮助", within=his.page.locator("nav.urgent"))
    his.tap("马上求助")
    his.sees("有3处要改")
    _ask(his)
    with site.portal.database.reading() as session:
        asked = session.scalars(select(Application)).one()
        assert asked.alert == "food"
        assert asked.reference_no in his.page.locator("main").inner_text()


@pytest.mark.full
def test_求助以后给了救助_办结(
    phone: Callable[..., Phone], desk: Callable[..., Desk], site: Site
) -> None:
    his = phone()
    his.open("/help-now")
    _ask(his)
    with site.portal.database.reading() as session:
        asked = session.scalars(select(Application)).one()
        number, region = asked.reference_no, asked.region_code
    assert soon(lambda: in_the_queue(site) == 1)
    li = enter(desk(), site.portal, "li", "/desk/", region=region)
    with li.page.expect_navigation():
        li.page.locator("#alerts").get_by_role("link", name=number).click()
    li.page.fill("#small-person", "姓名不详，男，约60岁")
    li.page.fill("#small-amount", "200")
    li.press("登记并发放")
    expect(li.page.locator("#aid")).to_contain_text("给了什么")
    li.press("办结")
    expect(li.page.locator(".facts").first).to_contain_text("已办结")


def _ask(his: Phone) -> None:
    """The three answers."""
    his.place("place", "云南省", "昆明市", "五华区", "华山街道")
    his.answer({"found_by": "火车站出站口，穿蓝衣服", "needs": ("food",), "happened": "钱包丢了"})
    his.tap("马上求助")
    his.sees("求助已送出")
