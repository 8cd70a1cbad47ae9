"""A phone with the mini-program open, in headless Chromium: taps, types, is killed and reopened."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Locator, Page, Request, expect

from tests.journeys.site import soon

SMALL, USUAL = {"width": 320, "height": 568}, {"width": 375, "height": 667}
_A_REFUSED_CALL = re.compile(r"Failed to load resource")
_HERE = "main:not([hidden])"
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


class Handset:
    """One person's phone. `faults` collects whatever must not happen; storage outlives `kill`."""

    def __init__(
        self, browser: Browser, site: str, *, user: str = "alice", screen: Mapping[str, int] = USUAL,
        dark: bool = False, font: int = 17, subscribe: str = "accept", phone: str = "",
    ) -> None:  # fmt: skip
        self.site, self.user, self.font, self.subscribe = site, user, font, subscribe
        self.number = phone
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        self.context = browser.new_context(
            viewport={"width": screen["width"], "height": screen["height"]}, is_mobile=True,
            has_touch=True, device_scale_factor=2, locale="zh-CN", timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light", base_url=site,
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self._listen()

    def open(self, entry: str = "pages/home/home") -> None:
        phone = f"&phone={self.number}" if self.number else ""
        self.page.goto(
            f"/dev/mini/?user={self.user}&subscribe={self.subscribe}&font={self.font}"
            f"&entry={quote(entry, safe='')}{phone}"
        )
        self.main.wait_for()

    def kill(self, entry: str = "pages/home/home") -> None:
        """WeChat throws the mini-program away; it is opened anew from storage and files alone."""
        self._gather()
        self.page.goto("about:blank")
        self.open(entry)

    @property
    def main(self) -> Locator:
        return self.page.locator(_HERE)

    @cached_property
    def tree(self) -> CDPSession:
        """Where the accessibility tree can be asked for."""
        return self.context.new_cdp_session(self.page)

    @property
    def path(self) -> str:
        return str(self.page.evaluate("__mp.stack.top().path"))

    def control(self, words: str) -> Locator:
        return self.main.get_by_role("button", name=words, exact=True)

    def tap(self, words: str) -> None:
        self.control(words).first.tap()

    def type(self, label: str, text: str) -> None:
        self.main.get_by_label(label, exact=True).first.fill(text)

    def tick(self, label: str, *, within: Locator | None = None) -> None:
        box = (within or self.main).locator(f'input[aria-label="{label}"]').first
        if not box.is_checked():
            box.locator("xpath=ancestor::label[1]").tap()

    def choose(self, label: str, words: str) -> None:
        self.main.get_by_label(label, exact=True).first.select_option(label=words)

    def place(self, label: str, *names: str) -> None:
        """From the province down."""
        levels = ("省", "市（州）", "县（市、区）", "乡镇（街道）", "村（社区）")
        for level, name in zip(levels, names, strict=False):
            self.choose(f"{label}：选{level}", name)
            expect(self.main.locator(".note").filter(has_text=name)).to_be_visible()

    def sees(self, words: str) -> None:
        expect(self.main).to_contain_text(words)

    def at(self, page: str) -> None:
        """Until this page lies on top."""
        expect(self.page.locator(f'{_HERE}[data-page="pages/{page}/{page}"]')).to_be_visible()

    def photograph(self, paper: str, *files: str) -> None:
        with self.page.expect_file_chooser() as chosen:
            self.tap(f"拍照，或选照片：{paper}")
            agree = self.control("同意，接着用")
            if soon(lambda: chosen.is_done() or agree.count() > 0) and not chosen.is_done():
                agree.tap()
        chosen.value.set_files(list(files))

    def sign(self) -> None:
        """A name in the box."""
        pad = self.main.locator("canvas")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse, left, top = self.page.mouse, box["x"] + 30, box["y"] + 40
        for stroke in range(3):
            mouse.move(left + 60 * stroke, top)
            mouse.down()
            mouse.move(left + 60 * stroke + 40, top + 90, steps=6)
            mouse.up()

    def is_drawn(self) -> bool:
        """Whether the box for the signature shows a line."""
        return bool(
            self.page.evaluate(
                """() => { const pad = document.querySelector('main:not([hidden]) canvas');
                return pad.getContext('2d').getImageData(0, 0, pad.width, pad.height).data.some(Boolean); }"""
            )
        )

    def storage(self, name: str) -> Any:
        return self.page.evaluate("name => __mp.wx.getStorageSync(name)", name)

    def close(self) -> None:
        self._gather()
        self.context.close()
        assert not self.faults, "\n".join(self.faults)

    def _listen(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("request", self._called)

    def _gather(self) -> None:
        if not self.page.is_closed():
            self.faults += self.page.evaluate("globalThis.__mp ? __mp.problems : []")

    def _called(self, request: Request) -> None:
        if request.url.startswith("http"):
            self.hosts.add(request.url.split("/")[2])

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _A_REFUSED_CALL.search(message.text):
            self.faults.append(f"{message.type} on {self.page.url}: {message.text}")
