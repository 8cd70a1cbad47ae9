"""The browser is killed at any moment between the first photo and the receipt: what was
photographed, and typed more than a second ago, is there, and exactly one submission results."""

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from portal.filing import applications
from portal.foundation.clock import utc_now
from portal.people import consents, sign_in
from portal.people.access import Actor, Role
from portal.serving import free_port
from tests.browser import ARGUMENTS, CHROMIUM
from tests.journeys import story, waiting
from tests.journeys.site import Site, soon
from tests.journeys.waiting import ON_THE_PHONE
from tests.pages.furnished import cookie

pytestmark = pytest.mark.browser

SENTENCE = "老伴走了我常年吃药"
NEVER = 600.0
"""Seconds; no walk takes as long."""


@dataclass
class Walk:
    """One resident's draft, and when each stroke was typed."""

    account: UUID
    file: UUID
    strokes: list[float] = field(default_factory=list)

    def path(self, *parts: str) -> str:
        return "/".join([f"/applications/{self.file}", *parts])


@contextmanager
def opened(browser: Browser, site: Site, walk: Walk, profile: Path) -> Iterator[tuple[Page, int]]:
    """The same phone switched on (again), signed in; the page and what to kill."""
    port = free_port()
    process = subprocess.Popen(
        [CHROMIUM, *ARGUMENTS, f"--user-data-dir={profile}", f"--remote-debugging-port={port}",
         "--window-size=390,844", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        page = _page(browser, port)
        token = cookie(site.portal, walk.account)
        page.context.add_cookies([{"name": "refresh", "value": token, "url": site.url}])
        yield page, process.pid
    finally:
        _kill(process.pid)
        process.wait()


def _page(browser: Browser, port: int) -> Page:
    until = time.monotonic() + 20
    while True:
        try:
            found = browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
            return found.contexts[0].pages[0]
        except (Error, IndexError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def begun(site: Site, phone: str) -> Walk:
    with site.portal.database.writing() as session:
        account = sign_in.open_account(session, phone, now=utc_now())
        consents.give(session, account, consents.KINDS, now=utc_now())
        who, program = Actor(Role.APPLICANT, account.id), site.portal.catalogue.find("dibao")
        made = applications.start(session, program, account_id=account.id, actor=who, now=utc_now())
        said = {
            "applicant_name": "王秀英", "phone": "13812345678",
            "household_place": {"code": "433127103", "address": "三组"}, "reason": ["illness"],
        }  # fmt: skip
        applications.save_answers(
            session, made, program, said, revision=0, actor=who, now=utc_now()
        )
        return Walk(account.id, made.id)


def go_on(page: Page, site: Site, walk: Walk) -> None:
    """Photograph, type, hand in; what is done already is not done again."""
    page.set_default_timeout(20_000)
    page.goto(site.url + walk.path("photos"))
    page.wait_for_selector("html[data-ready]", state="attached")
    page.goto(site.url + walk.path("steps", "reason"))
    page.wait_for_selector("html[data-ready]", state="attached")
    words = page.locator("[name=reason_words]")
    there = words.input_value()
    words.click()
    words.press("End")
    for letter in SENTENCE[len(there) :]:
        page.keyboard.insert_text(letter)
        walk.strokes.append(time.monotonic())
        page.wait_for_timeout(60)
    with page.expect_navigation():
        page.locator("main button.go[value=save]").last.click()
    page.goto(site.url + walk.path("check"))
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator("[data-photos] li").filter(has_not_text="已上传")).to_have_count(0)
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/receipt")


def typed(page: Page, site: Site, walk: Walk) -> str:
    """The longest of what the phone and the portal have of the sentence."""
    page.goto(site.url + "/privacy")
    found = [str(waiting.answers(site, str(walk.file)).get("reason_words", ""))]
    for one in page.evaluate(ON_THE_PHONE).values():
        found += [text for name, text in one.get("typed", []) if name == "reason_words"]
    return max(found, key=len)


PHOTOS_KEPT = """
() => new Promise((done) => {
  const request = indexedDB.open("photos", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("photos", { keyPath: "id" });
  request.onsuccess = () => {
    request.result.transaction("photos").objectStore("photos").count().onsuccess = ({ target }) => {
      request.result.close();
      done(target.result);
    };
  };
})
"""


def killed_once(
    browser: Browser, site: Site, walk: Walk, profile: Path, after: float
) -> tuple[bool, float]:
    """Whether it was killed before the end, `after` seconds from the first photo on; and how
    long it went on."""
    name = "id_front_L1_00.jpg"
    with opened(browser, site, walk, profile) as (page, group):
        page.goto(site.url + walk.path("photos"))
        page.wait_for_selector("html[data-ready]", state="attached")
        moment: list[float] = []

        def end() -> None:
            _kill(group)
            moment.append(time.monotonic())

        timer = threading.Timer(after, end)
        chosen = page.locator('section[id="id_card"] input[type=file]')
        chosen.set_input_files(story.photo(name))
        page.locator('section[id="id_card"] ul.th li').first.get_by_text("手机里").or_(
            page.locator('section[id="id_card"] ul.th li').first.get_by_text("上传")
        ).first.wait_for()
        timer.start()
        began = time.monotonic()
        try:
            go_on(page, site, walk)
        except Error:
            timer.join()
        timer.cancel()
        lasted = time.monotonic() - began
    if not moment:
        return False, lasted
    safe = sum(1 for stroke in walk.strokes if stroke < moment[0] - 1)
    with opened(browser, site, walk, profile) as (page, _group):
        assert typed(page, site, walk)[:safe] == SENTENCE[:safe]
        kept = page.evaluate(PHOTOS_KEPT)
        assert kept or [p for p in waiting.photos(site) if p[0] == walk.file], "the photo is there"
        if walk.file not in waiting.handed_in(site):
            go_on(page, site, walk)
    return True, lasted


_LONG = (pytest.mark.full, pytest.mark.timeout(4000))


@pytest.mark.parametrize(
    "times", [pytest.param(5, id="5次"), pytest.param(200, id="200次", marks=_LONG)]
)
def test_什么时候被杀都不丢_只交一次(
    browser: Browser, site: Site, tmp_path: Path, times: int
) -> None:
    chance = random.Random(times)
    met, longest = 0, NEVER
    for number in range(times + 1):
        walk, profile = begun(site, f"137{number:08d}"), tmp_path / str(number)
        after = chance.uniform(0, longest) if number else NEVER
        killed, lasted = killed_once(browser, site, walk, profile, after)
        longest, met = longest if killed else min(longest, 0.8 * lasted), met + killed
        assert waiting.handed_in(site).count(walk.file) == 1
        assert soon(lambda one=walk: [p[0] for p in waiting.photos(site)].count(one.file) == 1)
    print(f"{met} of {times} walks of {longest:.1f} seconds were killed on the way")
    assert met > times // 2
