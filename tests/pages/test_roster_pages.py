"""The assistant's pages in every look, the bar of several households, and what idle hides."""

import pytest
from playwright.sync_api import Browser, expect

from portal.foundation.clock import utc_now
from tests.journeys.phone import Phone
from tests.journeys.site import Site
from tests.pages.test_acting import _look
from tests.pages.test_looks import LOOKS, _judge, _looking
from tests.pages.villages import Village, furnish

pytestmark = pytest.mark.browser

_ONE_NOW = [
    pytest.param(look, marks=() if look == "最大的字" else pytest.mark.full) for look in LOOKS
]
PATHS = ("/roster", "/roster/corrections", "/roster/leads", "/roster/tasks", "/roster/paused")


@pytest.fixture(scope="module")
def village(shown: Site) -> Village:
    return furnish(shown.portal, now=utc_now())


@pytest.mark.parametrize("look", _ONE_NOW)
def test_协理员的页谁都能用(
    browser: Browser, shown: Site, village: Village, look: str, request: pytest.FixtureRequest
) -> None:
    screen, cookies = LOOKS[look]
    known = {**cookies, "known_device": village.device}
    with _looking(browser, shown, screen, known, owner=village.assistant) as phone:
        every = 1 if request.config.getoption("--full") else 2
        faults = _look(phone, *PATHS[::every])
        phone.open("/roster/leads")
        phone.tap("去看过了")
        phone.sees("请写一句看到什么")
        faults += _judge(phone.page, "/roster/leads, empty")
        for mandate in (village.first, village.second):
            phone.open(f"/helping/{mandate}/enter")
            phone.page.locator("main form button.go").tap()
            phone.settled()
        expect(phone.page.locator("aside.acting")).to_contain_text("（2/2）")
        faults += _look(phone, f"/helping/{village.second}", "/roster")
    with _looking(browser, shown, screen, cookies, owner=village.newcomer) as phone:
        faults += _look(phone, "/roster/factor")
        phone.tap("设动态码")
        faults += _judge(phone.page, "/roster/factor, begun")
        phone.type("code", "1")
        phone.tap("对上了，打开名册")
        faults += _judge(phone.page, "/roster/factor, wrong")
    assert not faults, "\n".join(faults)


def test_名册放着不动就收起来(browser: Browser, shown: Site, village: Village) -> None:
    known = {"known_device": village.device}
    with _looking(browser, shown, LOOKS["平常"][0], known, owner=village.assistant) as phone:
        phone.page.clock.install()
        phone.open("/roster")
        phone.sees("石桂香")
        with phone.page.expect_navigation(url="**/roster/paused?next=*"):
            phone.page.clock.fast_forward("10:30")
        _hides(phone)


def _hides(phone: Phone) -> None:
    phone.settled()
    expect(phone.page.locator("body")).not_to_contain_text("石桂香")
    phone.tap("是我，接着看")
    phone.sees("石桂香")
