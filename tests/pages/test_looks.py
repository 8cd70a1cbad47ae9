"""Every page in every look: no accessibility fault, nothing small, nothing sideways.

In the short run each page is looked at once: one half of them as usual, the other half in the
largest letters and dark.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.journeys.phone import NARROW, SMALL, USUAL, Phone
from tests.journeys.site import Site
from tests.pages.furnished import OPEN, Furnished, cookie

pytestmark = pytest.mark.browser

TAGS = [
    "wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice",
]  # fmt: skip
_ONLY_FAULTS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
LOOKS = {
    "平常": (USUAL, {}),
    "最大的字，深色": (NARROW, {"size": "4", "theme": "d"}),
    "最大的字": (NARROW, {"size": "4"}),
    "深色": (SMALL, {"theme": "d"}),
}
"""The last two only in the longer run: what they find shows in one of the others."""
SELDOM = ("最大的字", "深色")
ONE_NOW = [k if k == "最大的字，深色" else pytest.param(k, marks=pytest.mark.full) for k in LOOKS]
EACH = [pytest.param(k, marks=pytest.mark.full) if k in SELDOM else k for k in LOOKS]

MEASURE = """() => {
  const shown = (e) => e.getClientRects().length && getComputedStyle(e).opacity !== '0'
    && !e.closest('.skip, .off');
  const faults = [];
  const big = '.go, .call, .o, .pick, select, textarea, input:not([type=radio]):not([type=checkbox])';
  for (const e of document.querySelectorAll('a, button, summary, label.o, label.pick, select, textarea, input')) {
    if (!shown(e) || e.matches('.o input') || (e.matches('.pick') && !e.closest('[data-live]'))) continue;
    const box = e.getBoundingClientRect();
    const least = e.matches(big) ? 60 : 48;
    if (box.height < least - 0.5 || box.width < 47.5) faults.push(
      'small ' + e.tagName + ' ' + Math.round(box.width) + 'x' + Math.round(box.height) + ' ' + e.textContent.slice(0, 20));
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    const size = parseFloat(getComputedStyle(e).fontSize);
    if (walker.currentNode.data.trim() && shown(e) && size < 18) faults.push('letters ' + size + ' ' + walker.currentNode.data.slice(0, 20));
  }
  const wide = document.documentElement.scrollWidth - screen.width;
  if (wide > 0) faults.push('sideways by ' + wide);
  return faults;
}"""


@pytest.mark.parametrize("look", EACH)
def test_谁都能用(
    browser: Browser, shown: Site, furnished: Furnished, look: str, request: pytest.FixtureRequest
) -> None:
    screen, cookies = LOOKS[look]
    part = (
        slice(None)
        if request.config.getoption("--full")
        else slice(list(LOOKS).index(look), None, 2)
    )
    faults: list[str] = []
    with _looking(browser, shown, screen, cookies, owner=None) as phone:
        for path in OPEN[part]:
            faults += _look(phone, path)
        phone.open("/help-now")
        phone.tap("马上求助")
        faults += _judge(phone.page, "/help-now, empty")
    with _looking(browser, shown, screen, cookies, owner=furnished.newcomer) as phone:
        faults += _look(phone, "/consents")
        faults += _look(phone, "/applications")
    with _looking(browser, shown, screen, cookies, owner=furnished.owner) as phone:
        for path in furnished.paths()[part]:
            faults += _look(phone, path)
        phone.open(f"{furnished.draft}/steps/applicant")
        phone.type("applicant_id_number", "123")
        phone.tap("保存，下一步")
        faults += _judge(phone.page, "steps/applicant, wrong")
    assert not faults, "\n".join(faults)


@contextmanager
def _looking(
    browser: Browser,
    shown: Site,
    screen: dict[str, int],
    cookies: dict[str, str],
    *,
    owner: UUID | None,
) -> Iterator[Phone]:
    phone = Phone(browser, shown.url, screen=screen)
    given = dict(cookies)
    if owner is not None:
        given["refresh"] = cookie(shown.portal, owner)
    phone.context.add_cookies(
        [{"name": name, "value": value, "url": shown.url} for name, value in given.items()]
    )
    yield phone
    phone.close()


def _look(phone: Phone, path: str) -> list[str]:
    phone.open(path)
    assert phone.page.url == phone.url + path, phone.page.url
    return _judge(phone.page, path)


def _judge(page: Page, path: str) -> list[str]:
    found = Axe().run(page, options=_ONLY_FAULTS)
    faults = [
        f"{path}: {v['id']}: {[n['html'][:140] for n in v['nodes'][:3]]}"
        for v in found.response["violations"]
    ]
    return faults + [f"{path}: {fault}" for fault in page.evaluate(MEASURE)]


@pytest.mark.parametrize("screen", [SMALL, USUAL], ids=["360", "390"])
def test_轮到谁_做什么_打给谁_不用往下翻(
    browser: Browser, shown: Site, furnished: Furnished, screen: dict[str, int]
) -> None:
    """The first thing a grandmother sees of her case, messages waiting or not."""
    with _looking(browser, shown, screen, {}, owner=furnished.owner) as phone:
        for path in (furnished.accepted, furnished.returned, furnished.denied):
            phone.open(path)
            for part in ("h1", "main .note", "main .call"):
                box = phone.page.locator(part).first.bounding_box()
                assert box is not None
                assert box["y"] + box["height"] <= screen["height"], (path, part)
