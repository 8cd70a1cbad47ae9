"""Two investigators at 1280×800, the county's checker, and the applicant at 360×640."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from portal.filing.tables import Application
from portal.foundation.clock import local_date, utc_now
from portal.people import consents
from portal.people.access import Role
from portal.people.tables import Account
from tests.casework import households
from tests.desk.clerks import hire
from tests.handover import files
from tests.journeys.phone import SMALL
from tests.journeys.site import soon
from tests.pages.furnished import cookie
from tests.pages.test_looks import MEASURE, TAGS

PHOTO = str(Path(__file__).parent.parent / "photos" / "bank_L1_00.jpg")

pytestmark = pytest.mark.browser


@pytest.fixture
def file_id(site):
    return households.accepted(site.portal, signed=("applicant", "member:w"))


@pytest.fixture
def sit(desk, site):
    """A person of this role at a desk, signed in."""

    def down(name, role, region, shown):
        screen = desk()
        screen.sign_in(name, *hire(site.portal, name, region, role, shown))
        return screen

    return down


def test_visited_checked_disputed_answered(sit, site, phone, file_id):
    here = f"/desk/files/{file_id}"
    hire(site.portal, "liu", files.TOWNSHIP, Role.TOWNSHIP_INVESTIGATOR, "刘二")
    chen = sit("chen", Role.TOWNSHIP_INVESTIGATOR, files.TOWNSHIP, "陈一")
    _visit(chen, here)
    chen.press("请县里核对")
    he = sit("he", Role.COUNTY_CHECKER, files.COUNTY, "何核对")
    he.page.goto(here)
    he.press("开始核对")
    assert soon(lambda: _answered(site, file_id))
    he.page.goto(f"{here}/check")
    he.clean("survey-4-details")
    he.page.get_by_label("与申报不一致").check()
    he.page.fill("#sentence", "存款比填的多一些。")
    he.press("告诉申请人")
    _dispute(phone, site, file_id)
    chen.page.goto(f"{here}/check")
    chen.clean("survey-5-dispute")
    chen.page.get_by_label("银行存款有误").first.check()
    chen.page.get_by_label("核对有误，已更正").check()
    chen.page.fill("#why", "看了借条，是借的。")
    chen.press("答复")
    with site.portal.database.reading() as session:
        assert session.get_one(Application, file_id).status == "surveying"


def _visit(chen, here):
    """Only the keyboard from line to line; a value typed is a value found."""
    chen.page.goto(here)
    chen.clean("survey-1-file")
    chen.page.keyboard.press("w")
    expect(chen.page.locator("h1")).to_contain_text("入户调查")
    chen.clean("survey-2-form")
    chen.page.locator('[name="v.income_wage"]').focus()
    chen.page.keyboard.type("6000")
    chen.page.keyboard.press("Tab")
    chen.page.keyboard.type("看了工资条。")
    chen.page.locator('[name="s.income_business"]').first.focus()
    chen.page.keyboard.press("Space")
    chen.page.fill("#day", local_date(utc_now()).isoformat())
    chen.page.get_by_label("入户看").check()
    for name in ("陈一", "刘二"):
        chen.page.get_by_label(name, exact=True).check()
    chen.press("办结调查")
    expect(chen.page.locator("#survey")).to_contain_text("第1次调查已办结")
    expect(chen.page.locator("#survey")).to_contain_text("6,000.00 元")
    chen.clean("survey-3-done")


def _answered(site, file_id):
    with site.portal.database.reading() as session:
        return households.record(session, file_id, "member:w").state == "answered"


def _dispute(phone, site, file_id):
    with site.portal.database.writing() as session:
        owner = session.get_one(Application, file_id).account_id
        consents.give(session, session.get_one(Account, owner), consents.KINDS, now=utc_now())
    her = phone(screen=SMALL)
    token = cookie(site.portal, owner)
    her.context.add_cookies([{"name": "refresh", "value": token, "url": site.url}])
    her.open(f"/applications/{file_id}")
    her.tap("看核对结果")
    found = Axe().run(her.page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, found.generate_report()
    assert her.page.evaluate(MEASURE) == []
    her.page.fill("#sentence", "那笔钱是借来看病的。")
    her.page.set_input_files("#photo", PHOTO)
    her.tap("提出异议")
    her.sees("乡镇（街道）正在复查。")
