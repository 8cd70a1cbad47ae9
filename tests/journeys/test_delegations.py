"""An investigator at 1024 pixels: who helps, what to ask, asked with the keyboard alone."""

from uuid import UUID

import pytest
from playwright.sync_api import expect

from portal.filing import signatures
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.people import mandate_basis, mandates, revoke_codes
from portal.people.access import Actor, Role
from portal.people.audio_check import Heard
from portal.people.mandate_tables import Mandate
from portal.policy.lifecycle import Status
from tests.api.helped import STROKES
from tests.desk.clerks import hire
from tests.journeys.desk import SMALL
from tests.pages import helped as furnishing

pytestmark = pytest.mark.browser


@pytest.fixture
def here(site):
    """Signed, said aloud, before witnesses; then the code 「这不是我同意的」."""
    made = furnishing.furnish(site.portal, now=utc_now())
    who, now = Actor(Role.APPLICANT, made.helper), utc_now()
    with site.portal.database.writing() as session:
        mandate = session.get_one(Mandate, made.mandate)
        file = session.get_one(Application, UUID(made.sent.rpartition("/")[2]))
        heard = Heard("ogg", b"OggS" + bytes(300))
        blob = mandate_basis.seal_and_store(session, site.portal.blobs, mandate, heard)
        mandate_basis.aloud(session, mandate, heard, blob, actor=who, now=now)
        two = [{"name": "李四", "relation": "邻居"}, {"name": "王五"}]
        mandate_basis.before_witnesses(session, mandate, two, actor=who, now=now)
        program = site.portal.catalogue.find("dibao")
        signatures.sign_on_screen(session, file, program, "applicant", STROKES, actor=who, now=now)
        mandates.not_me(session, revoke_codes.opened(session, mandate), network="", now=now)
        file.status = Status.SURVEYING
        return f"/desk/files/{file.id}", file.region_code


@pytest.mark.full
def test_asked_with_the_keyboard_and_seen_at_1024(desk, site, here):
    at, region = here
    chen = desk(screen=SMALL)
    hired = hire(site.portal, "chen", region, Role.TOWNSHIP_INVESTIGATOR, "陈一")
    chen.sign_in("chen", *hired)
    chen.page.goto(at)
    panel = chen.page.locator("#delegations")
    expect(panel).to_contain_text("本人说没有同意代办。请当面问清。")
    expect(panel.locator(".drawn svg")).to_be_visible()
    _fits(chen, "delegations-file")
    chen.page.goto(f"{at}/survey")
    expect(chen.page.locator("#ask")).to_contain_text("本人说没有同意代办。请当面问清。")
    chen.look("delegations-ask")
    chen.page.locator("#signing summary").first.press("Enter")
    _fits(chen, "delegations-survey")
    chen.page.locator("#signing select").first.select_option("visit")
    chen.press("记下：本人收回")
    expect(chen.page.locator("#signing")).to_contain_text("上门时当面说：收回")
    chen.page.goto(at)
    box = panel.locator("input[name=sentence]").first
    box.focus()
    chen.page.keyboard.type("是弄错了，他同意。")
    chen.stroke("Enter", leaves=True)
    expect(panel).to_contain_text("是弄错了，他同意。")
    expect(panel.locator("input[name=sentence]")).to_have_count(1)


def _fits(screen, name):
    screen.clean(name)
    wide = SMALL["width"]
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= wide, name
