"""After one visit the client opens without a signal: home, guides, self-check."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.phone import Phone
from tests.journeys.site import soon

pytestmark = pytest.mark.browser

KEPT = """
async () => {
  await navigator.serviceWorker.ready;
  const names = await caches.keys();
  const caches_ = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return caches_.flat().map((request) => new URL(request.url).pathname);
}
"""


@pytest.fixture
def hers(phone: Callable[..., Phone]) -> Phone:
    """One visit to the first page, with a signal; then none."""
    hers = phone()
    hers.open("/")
    assert soon(lambda: "/offline" in hers.page.evaluate(KEPT))
    hers.context.set_offline(True)
    return hers


def forgive_the_dead_network(hers: Phone) -> None:
    hers.faults[:] = [f for f in hers.faults if "ERR_INTERNET" not in f]


def test_首页和政策都打得开(hers: Phone) -> None:
    hers.open("/")
    hers.sees("我家有困难")
    hers.sees("现在没有网络")
    hers.tap("先看看低保怎么办")
    assert hers.page.url.endswith("/guides#dibao")
    expect(hers.page.locator("#dibao h2")).to_be_in_viewport()
    forgive_the_dead_network(hers)


def test_自测也能算(hers: Phone) -> None:
    hers.open("/self-check")
    page = hers.page
    for words in ("钱不够过日子", "都不是"):
        page.get_by_label(words, exact=True).check()
    page.locator("[name=area][value=rural]").check()
    page.fill("#members", "3")
    page.wait_for_selector("#income_wage")
    page.fill("#income_wage", "3000")
    hers.tap("算一算", stays=True)
    hers.sees("试算结果仅供参考，以民政部门审核确认为准")
    hers.sees("低保")
    forgive_the_dead_network(hers)


def test_个人的页面不留在手机里(phone: Callable[..., Phone]) -> None:
    hers = phone()
    hers.open("/applications")
    hers.sign_in("13812345678")
    hers.consent()
    hers.open("/applications")
    hers.open("/me")
    assert soon(lambda: "/offline" in hers.page.evaluate(KEPT))
    assert not {"/applications", "/me"} & set(hers.page.evaluate(KEPT))
    hers.context.set_offline(True)
    hers.open("/applications")
    hers.sees("这一页要有信号才能打开")
    forgive_the_dead_network(hers)
