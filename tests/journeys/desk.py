"""A member of staff at a screen of 1280×800: mouse, keys, and a console that must stay quiet."""

import os
import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, expect

from portal.foundation.clock import utc_now
from portal.people import staff
from tests.journeys.site import Site

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PICTURES = os.environ.get("DESK_PICTURES", "")  # noqa: TID251 - where to keep screenshots
LARGE, SMALL = {"width": 1280, "height": 800}, {"width": 1024, "height": 768}

_REFUSED = re.compile(r"status of 4(04|22)")


class Desk:
    """A clerk's screen; whatever its console complains about fails the test."""

    def __init__(
        self, browser: Browser, site: Site, *, script: bool = True, screen: dict[str, int] = LARGE
    ) -> None:
        self.faults: list[str] = []
        self.strokes = 0
        self.context = browser.new_context(
            viewport=screen, base_url=site.url, locale="zh-CN",  # type: ignore[arg-type]
            java_script_enabled=script,
        )  # fmt: skip
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _REFUSED.search(message.text):
            self.faults.append(message.text)

    def sign_in(self, username: str, password: str, uri: str, heading: str = "受理队列") -> None:
        self.page.goto("/desk/")
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.fill("#totp", staff.code_at(uri, utc_now()))
        self.press("登录")
        expect(self.page.locator("h1")).to_have_text(heading)

    def press(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """By its name; what the bar keeps under 更多 is opened first."""
        expect(self.page.locator("main")).to_be_visible()
        more = self.page.locator(
            ".rooms details:not([open])", has=self.page.get_by_text(name, exact=True)
        )
        if more.count():
            more.locator("summary").click()
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name, exact=True).click()

    def clean(self, name: str) -> None:
        """Nothing for axe to say; a picture kept when asked for."""
        if PICTURES:
            self.page.screenshot(path=f"{PICTURES}/{name}.png")
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": TAGS}})
        assert found.violations_count == 0, found.generate_report()

    def stroke(self, key: str, *, leaves: bool = False) -> None:
        """One key, counted; `leaves` when it opens another page."""
        self.strokes += 1
        if leaves:
            with self.page.expect_navigation():
                self.page.keyboard.press(key)
            self.page.wait_for_selector("html[data-ready]", state="attached")
        else:
            self.page.keyboard.press(key)

    def look(self, name: str, **how: Any) -> None:
        """A picture, when pictures are asked for."""
        if PICTURES:
            self.page.screenshot(path=f"{PICTURES}/{name}.png", **how)

    def close(self) -> None:
        self.context.close()
        assert self.faults == []
