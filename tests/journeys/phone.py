"""A resident with a phone: taps, types, and never sees an error in the console."""

import re
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

SMALL, USUAL, NARROW = (
    {"width": 360, "height": 640},
    {"width": 390, "height": 844},
    {"width": 320, "height": 640},
)
_A_REFUSED_FORM = re.compile(r"Failed to load resource.*status of 4(04|09|22)")


class Phone:
    """One browser context. `faults` collects whatever must not happen."""

    def __init__(
        self, browser: Browser, url: str, *, script: bool = True, screen: dict[str, int] = USUAL
    ) -> None:
        self.url, self.script = url, script
        self.faults: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport=screen, is_mobile=True, has_touch=True, device_scale_factor=2, locale="zh-CN",
            timezone_id="Asia/Shanghai", java_script_enabled=script, base_url=url,
        )  # fmt: skip
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.settled()

    def settled(self) -> None:
        """The page is there, and its scripts have done what they do at the start."""
        self.page.wait_for_load_state()
        if self.script:
            self.page.wait_for_selector("html[data-ready]", state="attached")

    def tap(self, words: str, *, within: Locator | None = None, stays: bool = False) -> None:
        """A button or link that says exactly these words; then the next page, unless it stays."""
        scope = within or self.page.locator("main")
        control = scope.locator("a, button, summary").filter(
            has_text=re.compile(rf"^\s*{re.escape(words)}\s*$")
        )
        if stays:
            control.first.tap()
            return
        with self.page.expect_navigation():
            control.first.tap()
        self.settled()

    def sees(self, words: str) -> None:
        expect(self.page.locator("body")).to_contain_text(words)

    def type(self, name: str, words: str) -> None:
        self.page.locator(f'[name="{name}"]').fill(words)

    def tick(self, name: str, *values: str) -> None:
        for value in values:
            box = self.page.locator(f'input[name="{name}"][value="{value}"]')
            if not box.is_checked():
                self.page.locator("label.o").filter(has=box).tap()

    def choose(self, name: str, words: str) -> None:
        self.page.locator(f'select[name="{name}"]').select_option(label=words)

    def place(self, name: str, *names: str) -> None:
        """From the province down; with a script the next list comes by itself."""
        for number, words in enumerate(names):
            self.choose(f"{name}.pick", words)
            if self.script:
                expect(self.page.locator(f'[data-place="{name}"] [data-chosen] b')).to_contain_text(
                    words
                )
            elif number + 1 < len(names):
                self.tap("选好了，看下一级")

    def answer(self, answers: Mapping[str, Any]) -> None:
        for name, value in answers.items():
            if isinstance(value, tuple):
                self.tick(name, *value)
            else:
                self.type(name, value)

    def photograph(self, item: str, *files: str) -> None:
        """Choose photos for a paper and wait until they are safely kept."""
        section = self.page.locator(f'section[id="{item}"]')
        section.locator("input[type=file]").set_input_files(list(files))
        if not self.script:
            with self.page.expect_navigation():
                section.get_by_role("button", name="传上去").tap()

    def kept(self, photos: int) -> None:
        """The portal has them all, and the page says so."""
        expect(self.page.locator(".th").get_by_text("✓ 已上传")).to_have_count(photos)

    def sign(self, pad: Locator | None = None) -> None:
        """A name in the box, with a finger."""
        pad = pad or self.page.locator("canvas")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse, left, top = self.page.mouse, box["x"] + 30, box["y"] + 40
        for stroke in range(3):
            mouse.move(left + 60 * stroke, top)
            mouse.down()
            mouse.move(left + 60 * stroke + 40, top + 90, steps=6)
            mouse.up()

    def sign_in(self, phone: str) -> None:
        """From the page that asks for a number to the one that was wanted."""
        self.type("phone", phone)
        self.tap("发短信验证码")
        code = self.code()
        self.type("code", code)
        self.tap("登录")

    def code(self) -> str:
        """The newest code that reached the stand-in for phones."""
        other = self.context.new_page()
        other.goto("/dev/outbox")
        found = re.search(r"(?<!\d)\d{6}(?!\d)", other.locator("main").inner_text())
        other.close()
        assert found is not None
        return found.group()

    def consent(self) -> None:
        for box in self.page.locator("main label.o").all():
            box.tap()
        self.tap("下一步")

    def close(self) -> None:
        self.context.close()
        assert not self.faults, "\n".join(self.faults)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _A_REFUSED_FORM.search(message.text):
            self.faults.append(f"{message.type} on {self.page.url}: {message.text}")
