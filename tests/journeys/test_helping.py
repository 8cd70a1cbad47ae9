"""Helping somebody else, as it happens: a neighbour, a son far away, a change of mind, and a
person who can no longer say yes."""

from uuid import UUID

import pytest
from playwright.sync_api import expect

from portal.filing import helping
from portal.filing.tables import Application, Submission
from portal.foundation.clock import utc_now
from portal.people import mandates, sign_in
from portal.people.tables import Household
from tests.journeys.phone import SMALL, Phone
from tests.journeys.story import VILLAGE
from tests.pages import helped as furnishing
from tests.pages.furnished import cookie

pytestmark = pytest.mark.browser

HELPER, PERSON = "13874312345", "13874300001"


def _sign_in(phone: Phone, number: str = HELPER) -> None:
    phone.open("/apply/dibao")
    phone.tap("用手机号登录，开始填")
    phone.sign_in(number)
    phone.consent()


def _begin(phone: Phone, **said: object) -> None:
    """From the program's page to the question whether the person agrees."""
    phone.open("/apply/dibao")
    phone.tap("帮别人办")
    if "role" in said:
        phone.tap("他没法委托，我们主动帮他", stays=True)
    phone.answer(said)
    phone.tap("下一步")


def _fill(phone: Phone) -> str:
    """The few answers nothing goes without; handed in. The application's id."""
    phone.sees("低保申请")
    file = phone.page.url.removeprefix(phone.url).removesuffix("/tasks")
    phone.open(f"{file}/steps/contact")
    phone.type("phone", HELPER)
    phone.tap("保存，下一步")
    phone.place("household_place", *VILLAGE)
    phone.tap("保存，下一步")
    phone.tick("reason", "illness")
    phone.tap("保存，下一步")
    phone.open(f"{file}/check")
    phone.tap("提交")
    phone.sees("已经提交了")
    return file.rpartition("/")[2]


def _asked(site, file: str) -> set[str]:
    with site.portal.database.reading() as session:
        row = session.get_one(Application, UUID(file))
        return {question.code for question in helping.at_visit(session, row)}


def test_邻居替没有手机的人申请(phone, site) -> None:
    zhang = phone(screen=SMALL)
    _sign_in(zhang)
    said = {"person": "石桂香", "kind": ("neighbour",), "helper": "张三", "relation": "邻居"}
    _begin(zhang, **said)
    zhang.sees("石桂香同意您帮他办吗？")
    expect(zhang.page.locator("aside.acting")).to_contain_text("您正在为石桂香办理")
    zhang.sees("他没有电话，请打印一张条子给他")
    zhang.sign()
    zhang.tap("我是石桂香，我同意")
    file = _fill(zhang)
    assert _asked(site, file) == {"no_phone"}
    with site.portal.database.reading() as session:
        account = sign_in.find_account(session, HELPER)
        mandate = mandates.of_helper(session, account)[0]
        assert mandate.basis == "screen"
        assert session.query(Submission).one().mandate_id == mandate.id
    zhang.open("/helping")
    zhang.sees("低保：已提交，尚未受理")


def test_在外打工的儿子用链接签名(phone, site) -> None:
    helped = furnishing.furnish(site.portal, now=utc_now())
    zhang = phone(screen=SMALL)
    _cookie(zhang, site, helped.helper)
    zhang.open(f"/helping/{helped.mandate}/enter?next={helped.sent}/signers")
    zhang.tap("是，为石桂香办")
    son = zhang.page.locator("li.card").filter(has_text="石建国")
    zhang.tap("不在身边？发链接给他：石建国", within=son)
    url = zhang.page.locator("main .note a").inner_text()
    away = phone(screen=SMALL)
    away.open("/sign/" + url.rpartition("/")[2])
    away.sees("石*香 家在申请低保")
    expect(away.page.locator("body")).not_to_contain_text("石桂香")
    away.sign()
    away.tap("同意，签好了")
    away.sees("您签好了，谢谢")
    zhang.tap("发好了，回去")
    expect(zhang.page.locator("li.card").filter(has_text="石建国")).to_contain_text("已签")
    away.open("/applications")
    assert "/sign-in" in away.page.url


def test_取消以后帮忙的人马上进不去(phone, site) -> None:
    helped = furnishing.furnish(site.portal, now=utc_now())
    with site.portal.database.writing() as session:
        owner = sign_in.open_account(session, "13800000003", now=utc_now())
        row = session.get_one(Application, UUID(helped.draft.rpartition("/")[2]))
        home = session.get_one(Household, row.household_id)
        home.account_id = row.account_id = owner.id
    zhang, shi = phone(screen=SMALL), phone(screen=SMALL)
    _cookie(zhang, site, helped.helper)
    _cookie(shi, site, helped.owner)
    zhang.open(f"/helping/{helped.mandate}/enter?next={helped.draft}/tasks")
    zhang.tap("是，为石桂香办")
    zhang.sees("临时救助申请")
    shi.open("/applications")
    shi.tap("谁在帮我办")
    shi.tap("不要张三帮了")
    zhang.tap("接着填")
    zhang.sees("没有找到")
    expect(zhang.page.locator("body")).not_to_contain_text("石桂香")
    zhang.open(f"/helping/{helped.mandate}")
    zhang.sees("已经结束")


def test_认不得人又没有监护人的也有人替他申请(phone, site) -> None:
    li = phone(screen=SMALL, script=False)
    _sign_in(li)
    _begin(li, person="田大爷", role=("assistant",), helper="李协理", why="认不得人，一个人住。")
    li.sees("这次是主动帮助，不用他签字")
    li.tap("接着办")
    file = _fill(li)
    assert _asked(site, file) == {"no_phone", "proactive", "role_unverified"}


def _cookie(phone: Phone, site, account: UUID) -> None:
    token = cookie(site.portal, account)
    phone.context.add_cookies([{"name": "refresh", "value": token, "url": site.url}])
