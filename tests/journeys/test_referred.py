"""医疗救助, decided by another department: phone, window, department, 办结; all by tapping."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import expect

from portal.casework.referral import departments
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.people.access import Role
from portal.people.tables import Staff
from tests.journeys import story
from tests.journeys.desk import Desk
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, soon
from tests.journeys.test_aid import enter
from tests.journeys.test_low_income import in_the_queue

pytestmark = [pytest.mark.browser, pytest.mark.full]

TOWNSHIP, COUNTY = "433127103", "433127"


def _handed_in(her: Phone, site: Site) -> str:
    her.open("/apply/yiliao")
    her.tap("用手机号登录，开始填")
    her.sign_in(story.PHONE)
    her.consent()
    her.tap("开始填")
    address = her.page.url.removeprefix(her.url).removesuffix("/tasks")
    for step in ("applicant", "contact", "household_place", "illness"):
        her.open(f"{address}/steps/{step}")
        if step == "household_place":
            her.place("household_place", *story.VILLAGE)
        said = {"insured": ("resident",), "expense_medical": "18000", "other_aid": "0"}
        her.answer(story.STEPS.get(step, said))
        her.tap("保存，下一步")
    her.open(f"{address}/check")
    her.tap("提交")
    her.sees("已提交，尚未受理")
    assert soon(lambda: in_the_queue(site) == 1)
    return address


def _department(desk: Callable[..., Desk], site: Site) -> Desk:
    how = {"region": COUNTY, "role": Role.DEPARTMENT_CLERK, "name": "医保局小龙"}
    one = enter(desk(), site.portal, "long", "/desk/referrals", **how)
    with site.portal.database.writing() as session:
        member = session.query(Staff).filter_by(username="long").one()
        departments.assign(session, site.portal.catalogue, member.id, ["县医保局"], now=utc_now())
    return one


def test_看病的钱_从手机到医保局办结(
    phone: Callable[..., Phone], desk: Callable[..., Desk], site: Site
) -> None:
    her = phone(screen=SMALL)
    address = _handed_in(her, site)
    with site.portal.database.reading() as session:
        file = session.get_one(Application, UUID(address.rpartition("/")[2]))
        number = file.reference_no
    li = enter(desk(), site.portal, "li", "/desk/", region=TOWNSHIP)
    li.follow(number)
    li.press("受理")
    li.follow(number)
    li.page.select_option("#refer-to", "yiliao")
    li.press("选要转的内容")
    for one in ("applicant_name", "phone", "expense_medical"):
        li.page.locator(f'input[name="field"][value="{one}"]').check()
    li.page.fill("#why", "住院花费大，请看能不能报。")
    li.press("转介")
    her.open(address)
    her.sees("县医保局")
    long = _department(desk, site)
    long.page.reload()
    long.page.locator("tbody a").first.click()
    expect(long.page.locator("main")).to_contain_text(story.NAME)
    long.press("收下")
    long.page.get_by_label("已经帮到").check()
    long.page.fill("#result-sentence", "报了六千元，下月到账。")
    long.press("办结")
    her.open(address)
    her.sees("报了六千元，下月到账。")
    her.sees("已办结")
