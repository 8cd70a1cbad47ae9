"""A phone that is not her own: nothing of her stays; and leaving at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, expect

from tests.journeys import story
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import soon
from tests.journeys.waiting import topics

pytestmark = pytest.mark.browser

LEFT = """
async () => ({
  stores: (await indexedDB.databases()).map((one) => one.name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  words: Object.keys(localStorage).concat(Object.keys(sessionStorage)),
  cookies: document.cookie,
})
"""
NOTHING = {"stores": [], "caches": [], "workers": 0, "words": [], "cookies": ""}


def test_借来的手机什么都不留(phone: Callable[..., Phone]) -> None:
    hers = phone(screen=SMALL)
    hers.context.add_init_script("delete Navigator.prototype.locks")
    hers.open("/sign-in")
    hers.type("phone", story.PHONE)
    hers.tap("发短信验证码")
    hers.type("code", hers.code())
    hers.tick("shared", "1")
    hers.tap("登录")
    hers.consent()
    lasting = [c for c in hers.context.cookies() if c["name"] in ("access", "refresh", "who")]
    assert [c["expires"] for c in lasting] == [-1] * 3, "they end with the browser"
    hers.open("/apply/dibao")
    hers.tap("开始填")
    address = hers.page.url.removesuffix("/tasks")
    hers.page.goto(f"{address}/photos")
    hers.photograph("id_card", story.photo("id_front_L1_00.jpg"))
    hers.kept(1)
    hers.page.goto(f"{address}/steps/contact")
    hers.type("phone", story.PHONE)
    assert soon(lambda: "contact" in topics(hers))
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    hers.page.on("dialog", answer)
    hers.tap("用完了，全清掉", within=hers.page.locator("[data-wipe]"))
    assert asked == ["还有东西没传上去，清掉就没有了。要清吗？"]
    left = hers.page.evaluate(LEFT)
    assert {**left, "caches": [], "workers": 0} == NOTHING
    hers.page.goto(f"{address}/tasks")
    assert "/sign-in" in hers.page.url


def test_关了浏览器也不留(phone: Callable[..., Phone]) -> None:
    hers = phone()
    hers.open("/privacy")
    hers.page.evaluate("localStorage.setItem('borrowed', '1'); indexedDB.open('drafts', 1)")
    hers.open("/privacy")
    assert soon(lambda: hers.page.evaluate("Object.keys(localStorage).length") == 0)
    assert soon(lambda: hers.page.evaluate("indexedDB.databases()") == [])


def test_快速离开_回不来(phone: Callable[..., Phone]) -> None:
    hers = phone()
    hers.context.route(
        "https://www.baidu.com/", lambda r: r.fulfill(body="<p>x", content_type="text/html")
    )
    hers.open("/help-now")
    hers.page.get_by_role("link", name="快速离开").tap()
    hers.page.wait_for_url("https://www.baidu.com/")
    hers.page.go_back()
    assert "/help-now" not in hers.page.url
    expect(hers.page.locator("body")).not_to_contain_text("求助")
