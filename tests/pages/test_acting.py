"""Every screen in the acting-for state, in every look; and what a browser keeps between households."""

import re
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.exceptions import MethodNotAllowed, NotFound

from portal.foundation.clock import utc_now
from tests.apps import app_over
from tests.journeys.phone import Phone
from tests.journeys.site import Site
from tests.pages.furnished import cookie
from tests.pages.helped import NAME, Helped, furnish, furnish_whole
from tests.pages.test_looks import EACH, LOOKS, ONE_NOW, _judge, _looking
from tests.pages.test_weight import KIB, _first_visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def helped(shown: Site) -> Helped:
    return furnish(shown.portal, now=utc_now())


@pytest.mark.parametrize("look", ONE_NOW)
def test_替人办谁都能用(browser: Browser, shown: Site, helped: Helped, look: str) -> None:
    faults = _acting(browser, shown, helped, look, helped.few())
    screen, cookies = LOOKS[look]
    with _looking(browser, shown, screen, cookies, owner=None) as phone:
        faults += _look(phone, helped.link, "/not-me")
    with _looking(browser, shown, screen, cookies, owner=helped.owner) as phone:
        faults += _look(phone, "/helpers", "/helpers/new", "/helpers/claim")
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="module")
def whole(shown: Site) -> Helped:
    return furnish_whole(shown.portal, now=utc_now())


@pytest.mark.full
@pytest.mark.parametrize("look", EACH)
def test_替人办的每一页谁都能用(browser: Browser, shown: Site, whole: Helped, look: str) -> None:
    app = app_over(shown.portal)
    faults = _acting(browser, shown, whole, look, whole.acting(app), app)
    assert not faults, "\n".join(faults)


def _acting(
    browser: Browser, shown: Site, helped: Helped, look: str, paths: list[str],
    app: Flask | None = None,
) -> list[str]:  # fmt: skip
    """These pages under the coloured bar; and how one comes there. With `app` each topic the
    lists of tasks lead to as well, and whether every link and button leads anywhere."""
    screen, cookies = LOOKS[look]
    with _looking(browser, shown, screen, cookies, owner=helped.helper) as phone:
        enter = f"/helping/{helped.mandate}/enter"
        faults = _look(phone, "/apply/tekun/for-another", enter)
        phone.tap(f"是，为{NAME}办")
        met = Met()
        for path in paths:
            faults += _under_the_bar(phone, path, met)
        if app is not None:
            for path in sorted(met.links):
                if "/steps/" in path and path not in paths:
                    faults += _under_the_bar(phone, path, met)
            faults += met.dead(phone, app)
    return faults


@dataclass
class Met:
    """Where the links and forms of the pages lead to."""

    links: set[str] = field(default_factory=set)
    forms: set[tuple[str, str]] = field(default_factory=set)

    def meet(self, page: Page) -> None:
        here = page.evaluate(LEADS)
        self.links |= {one.partition("#")[0] for one in here["links"]}
        self.forms |= {(method.upper(), action) for method, action in here["forms"]}

    def dead(self, phone: Phone, app: Flask) -> list[str]:
        """Links that open nothing, and buttons whose address nobody answers."""
        faults, routes = [], app.url_map.bind("x")
        for path in sorted(self.links):
            answer = phone.context.request.get(phone.url + path, max_redirects=5)
            if answer.status >= 400:
                faults.append(f"link {path}: {answer.status}")
        for method, action in sorted(self.forms):
            try:
                routes.match(action.partition("?")[0], method=method)
            except (NotFound, MethodNotAllowed):
                faults.append(f"button {method} {action}: nobody answers")
        return faults


LEADS = """() => ({
  links: [...document.querySelectorAll('a[href^="/"]')].map((one) => one.getAttribute('href')),
  forms: [...document.querySelectorAll('form')].flatMap((form) =>
    [form, ...form.querySelectorAll('[formaction]')].map((one) => {
      const action = one.getAttribute('formaction') || form.getAttribute('action');
      return [form.getAttribute('method') || 'get', action || location.pathname];
    })),
})"""


def _under_the_bar(phone: Phone, path: str, met: Met) -> list[str]:
    faults = _look(phone, path)
    if phone.page.url != phone.url + path:
        return [*faults, f"{path}: led to {phone.page.url}"]
    expect(phone.page.locator("aside.acting")).to_contain_text(NAME)
    met.meet(phone.page)
    return faults


def _look(phone: Phone, *paths: str) -> list[str]:
    faults = []
    for path in paths:
        phone.open(path)
        faults += _judge(phone.page, path)
    return faults


@pytest.mark.full
@pytest.mark.parametrize("look", EACH)
def test_交接的每一页谁都能用(browser: Browser, shown: Site, helped: Helped, look: str) -> None:
    _hand_over(browser, shown, helped, look)


def _hand_over(browser: Browser, shown: Site, helped: Helped, look: str) -> None:
    """Both ways between two phones, up to the last tap; nothing changes hands."""
    screen, cookies = LOOKS[look]
    with (
        _looking(browser, shown, screen, cookies, owner=helped.helper) as zhang,
        _looking(browser, shown, screen, cookies, owner=helped.owner) as wang,
    ):
        zhang.open(f"/helping/{helped.mandate}/enter")
        zhang.tap(f"是，为{NAME}办")
        faults = _look(zhang, f"/helping/{helped.mandate}/pass")
        zhang.tap("他在身边，出示二维码")
        faults += _judge(zhang.page, "the square")
        code = re.sub(r"\D", "", zhang.page.locator("p.big").inner_text())
        faults += _look(wang, "/take", f"/take/{code}", "/take/0", "/helpers/pass")
        zhang.tap("他扫好了，看一看")
        faults += _judge(zhang.page, "waiting")
        wang.tap("出示二维码")
        code = re.sub(r"\D", "", wang.page.locator("p.big").inner_text())
        zhang.open("/helping/leave")
        zhang.tap("是，先不办了")
        faults += _look(zhang, f"/take/{code}")
        zhang.answer({"helper": "张三", "person": "王五", "kind": ("neighbour",)})
        zhang.tap("请他点头")
        faults += _judge(zhang.page, "waiting for the yes")
        expect(wang.page.locator("h1")).to_have_text("请张三帮您办吗？")
        faults += _judge(wang.page, "asked for the yes")
        wang.tap("不可以")
        expect(zhang.page.locator("h1")).to_have_text("他没有同意")
        faults += _judge(zhang.page, "refused")
    assert not faults, "\n".join(faults)


def test_自测的回答只给它开的那一份(browser: Browser, shown: Site, helped: Helped) -> None:
    """What was answered for one household is not offered in the draft of another."""
    phone = Phone(browser, shown.url)
    token = cookie(shown.portal, helped.helper)
    phone.context.add_cookies([{"name": "refresh", "value": token, "url": shown.url}])
    phone.open("/")
    phone.page.evaluate('sessionStorage.setItem("self-check", "{}")')
    phone.open(f"/helping/{helped.mandate}/enter?next={helped.draft}/tasks")
    phone.tap(f"是，为{NAME}办")
    assert phone.page.url.endswith(f"{helped.draft}/tasks")
    expect(phone.page.get_by_text("您刚才自测过")).to_have_count(0)
    expect(phone.page.get_by_text("口令词")).to_have_count(0)
    phone.close()


def test_放着不动十分钟就锁(browser: Browser, shown: Site, helped: Helped) -> None:
    """The page itself goes away, also when nobody asks the server for anything."""
    phone = Phone(browser, shown.url)
    token = cookie(shown.portal, helped.helper)
    phone.context.add_cookies([{"name": "refresh", "value": token, "url": shown.url}])
    phone.open(f"/helping/{helped.mandate}/enter?next={helped.draft}/tasks")
    phone.tap(f"是，为{NAME}办")
    phone.page.clock.install()
    phone.open(f"{helped.draft}/tasks")
    phone.page.clock.fast_forward("09:00")
    assert phone.page.url.endswith("/tasks")
    with phone.page.expect_navigation(url=f"**/helping/{helped.mandate}/enter?next=*"):
        phone.page.clock.fast_forward("01:30")
    phone.close()


def test_替人办的页也轻(browser: Browser, shown: Site, helped: Helped) -> None:
    found = {path: _first_visit(browser, shown, helped, path) for path in ("/not-me", helped.link)}
    for path, (size, requests) in found.items():
        print(f"{size:6d} bytes {requests} requests {re.sub('[0-9a-zA-Z_-]{22,}', '…', path)}")
    assert all(size <= 14 * KIB and requests <= 6 for size, requests in found.values())
