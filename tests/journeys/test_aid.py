"""An emergency at the window and a need passed on: clicked at desk and phone, and looked at."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from portal.casework.referral import departments
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.people import consents, sign_in, staff
from portal.people.access import Role
from portal.people.tables import Account, Staff
from tests.casework import cases
from tests.casework.aid import boxes
from tests.desk.clerks import hire
from tests.handover import files
from tests.journeys import desk as screens
from tests.journeys.phone import SMALL

pytestmark = pytest.mark.browser


def enter(one, portal, username, start, **how):
    password, uri = hire(portal, username, **how)
    one.page.goto("/desk/sign-in")
    one.page.fill("#username", username)
    one.page.fill("#password", password)
    one.page.fill("#totp", staff.code_at(uri, utc_now()))
    one.press("登录")
    one.page.goto(start)
    return one


def county(desk, portal):
    how = {"region": files.COUNTY, "role": Role.COUNTY_CONFIRMER, "name": "县里老彭"}
    return enter(desk(), portal, "peng", "/desk/ledger", **how)


def department(desk, portal):
    how = {"region": files.COUNTY, "role": Role.DEPARTMENT_CLERK, "name": "慈善会小龙"}
    one = enter(desk(), portal, "long", "/desk/referrals", **how)
    with portal.database.writing() as session:
        member = session.query(Staff).filter_by(username="long").one()
        departments.assign(
            session, portal.catalogue, member.id, ["慈善组织和社工站"], now=utc_now()
        )
    return one


def as_herself(one, site, file_id):
    """Her phone, signed in."""
    with site.portal.database.writing() as session:
        file = session.get_one(Application, file_id)
        account = session.get_one(Account, file.account_id)
        consents.give(session, account, consents.KINDS, now=utc_now())
        token = sign_in.issue(session, account=account, now=utc_now())
    one.context.add_cookies([{"name": "refresh", "value": token, "url": site.url}])
    return one


def status(portal, file_id):
    with portal.database.reading() as session:
        return session.get_one(Application, file_id).status


def test_an_emergency_from_the_window_to_its_end(desk, site):
    li = enter(desk(), site.portal, "li", "/desk/ledger")
    li.page.fill("#ask-amount", "5000")
    li.page.fill("#ask-reason", "县里拨付")
    li.press("交县里确认")
    peng = county(desk, site.portal)
    peng.follow("湖南省益阳市安化县东坪镇")
    peng.press("确认，记入账")
    peng.clean("aid-1-county-ledger")
    li.page.goto("/desk/aid")
    li.clean("aid-2-window")
    li.page.fill("#small-person", "姓名不详，男，约60岁")
    li.page.fill("#small-cause", "汽车站受冻，两天没吃饭")
    li.page.fill("#small-amount", "800")
    li.press("登记并发放")
    expect(li.page.locator("#sum")).to_contain_text("最多740元")
    li.clean("aid-3-too-much")
    li.page.fill("#small-amount", "200")
    li.page.get_by_label("从备用金出").first.check()
    li.press("登记并发放")
    expect(li.page.locator("main")).to_contain_text("已登记，编号")
    li.follow("打开这一件")
    li.clean("aid-4-file")
    li.page.locator("#first-aid summary").click()
    li.page.fill("#first-aid [name='amount.1']", "500")
    li.page.fill("#first-aid-document", "县文件，镇限额2000元")
    li.press("先行救助")
    li.press("办结")
    expect(li.page.locator(".facts").first).to_contain_text("已办结")
    li.page.goto("/desk/ledger")
    expect(li.page.locator(".money")).to_have_text("4800元")
    li.clean("aid-5-ledger")


def test_aid_first_as_the_person_sees_it(desk, phone, site):
    with site.portal.database.writing() as session:
        account = sign_in.open_account(session, "13812345678", now=utc_now()).id
    file_id = boxes.called(site.portal, account=account)
    li = enter(desk(), site.portal, "li", f"/desk/files/{file_id}")
    li.clean("aid-6-alert")
    li.page.locator("#first-aid summary").click()
    li.page.fill("#first-aid [name='amount.1']", "500")
    li.page.fill("#first-aid [name='amount.2']", "300")
    li.page.fill("#first-aid [name='due.2']", "2027-01-10")
    li.page.fill("#first-aid-document", "县文件，镇限额2000元")
    li.press("先行救助")
    li.page.locator("#aid").scroll_into_view_if_needed()
    li.clean("aid-7-papers")
    her = as_herself(phone(screen=SMALL), site, file_id)
    her.open(f"/applications/{file_id}")
    her.sees("补不齐，也不收回救助。")
    shot(her, "aid-8-her-case")


def test_a_need_passed_on_with_the_persons_word(desk, phone, site):
    file_id = cases.accepted(site.portal)
    her = as_herself(phone(screen=SMALL), site, file_id)
    li = enter(desk(), site.portal, "li", f"/desk/files/{file_id}")
    long = department(desk, site.portal)
    li.page.select_option("#refer-to", "cishan")
    li.press("选要转的内容")
    li.clean("referral-1-ask")
    li.page.fill("#ask-why", "想请人常来看看您。")
    li.press("在救助通上问本人")
    li.page.locator("#referral").scroll_into_view_if_needed()
    li.clean("referral-2-file")
    her.open(f"/applications/{file_id}")
    her.tap("看一看，再回答")
    her.sees("不愿意，不影响别的救助。")
    shot(her, "referral-3-question")
    her.tap("我愿意")
    her.sees("收回同意")
    shot(her, "referral-4-agreed")
    li.page.goto(f"/desk/files/{file_id}/referrals?program=cishan")
    li.page.fill("#why", "老人独居，想有人看看。")
    li.press("转介")
    long.page.goto("/desk/referrals")
    long.clean("referral-5-list")
    long.page.locator("tbody a").first.click()
    expect(long.page.locator("main")).to_contain_text("刘桂香")
    long.clean("referral-6-sheet")
    long.press("收下")
    long.page.get_by_label("已经帮到").check()
    long.page.fill("#result-sentence", "志愿者每周二上门。")
    long.press("办结")
    her.open(f"/applications/{file_id}")
    her.sees("志愿者每周二上门。")
    shot(her, "referral-7-case")
    assert status(site.portal, file_id) == "accepted"


def shot(one, name):
    """Nothing for axe to say on the phone either; a picture kept when asked for."""
    if screens.PICTURES:
        one.page.screenshot(path=f"{screens.PICTURES}/{name}.png", full_page=True)
    rules = {"runOnly": {"type": "tag", "values": screens.TAGS}}
    found = Axe().run(one.page, options=rules)
    assert found.violations_count == 0, found.generate_report()
