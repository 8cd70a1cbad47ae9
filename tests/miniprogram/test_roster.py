"""An assistant's day in the mini-program: the village's roster, three households, nothing mixed."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from portal.casework import events
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.people import rosters, totp
from portal.people.access import Actor, Role
from portal.people.appointment_tables import Appointment, RosterHousehold
from portal.policy.lifecycle import Party, Status
from tests.journeys.site import Site
from tests.miniprogram import story
from tests.miniprogram.handset import SMALL, Handset
from tests.miniprogram.test_looks import ANSWERS, VILLAGE, call, shown
from tests.people import assistants

pytestmark = pytest.mark.browser

PHONE = "13874300010"
TOLD = {
    "emergency_place": ANSWERS["household_place"], "what_happened": "家里失火了。",
    **{name: ANSWERS[name] for name in ("applicant_name", "phone")},
}  # fmt: skip


def appointed(site: Site) -> UUID:
    with site.portal.database.writing() as session:
        return assistants.appoint(session, PHONE, now=utc_now()).id


def known(site: Site, appointment: UUID) -> None:
    """Two households that stand on the roster already."""
    with site.portal.database.writing() as session:
        held = session.get_one(Appointment, appointment)
        assert held.account_id is not None
        who = Actor(Role.APPLICANT, held.account_id)
        for name, group in (("王秀英", "5组"), ("龙阿婆", "")):
            rosters.add(session, [held], name, group, actor=who, now=utc_now())


def enter(li: Handset) -> None:
    """The first time since the appointment: the second factor is set up."""
    li.open("pages/sign-in/sign-in?next=%2Fpages%2Fhelping%2Fhelping")
    li.type("手机号", PHONE)
    li.tap("发短信验证码")
    li.sees("短信已发出。")
    li.type("验证码", texted(li))
    li.tap("登录")
    li.at("consents")
    story.consent(li)
    li.at("helping")
    li.tap("村里的名册")
    li.at("factor")
    li.tap("第一次用？先设动态码")
    secret = li.main.locator(".card .strong").inner_text()
    li.type("六位动态码", "000000")
    li.tap("对上了，打开名册")
    li.sees("请改一下：动态码不对。请看清现在的六位数。")
    address = totp.address(secret, "x")
    li.type("六位动态码", totp.code_at(address, utc_now()))
    li.tap("对上了，打开名册")
    li.at("roster")


def texted(li: Handset) -> str:
    """The newest code that reached the stand-in for phones."""
    other = li.context.new_page()
    other.goto("/dev/outbox")
    found = re.search(r"(?<!\d)\d{6}(?!\d)", other.locator("main").inner_text())
    other.close()
    assert found is not None
    return found.group()


def add(li: Handset, name: str, group: str) -> None:
    li.tap("加一家")
    li.at("roster-add")
    li.tap("加到名册")
    li.sees("请改一下：")
    li.type("户主叫什么？", name)
    li.type("哪个组？", group)
    li.tap("加到名册")
    li.at("roster")
    li.sees(name)


def card(li: Handset, name: str) -> Locator:
    return li.main.locator(".card").filter(has_text=name)


def modal(li: Handset, heading: str, answer: str) -> None:
    box = li.page.get_by_role("alertdialog", name=heading)
    box.get_by_role("button", name=answer, exact=True).tap()


def begin(li: Handset, name: str, *, asked: bool) -> None:
    """From the roster to a draft of 临时救助 in this household."""
    card(li, name).get_by_role("button", name=f"帮{name}办", exact=True).tap()
    if asked:
        modal(li, "换一家办吗？", "换一家")
    li.at("agree")
    li.sees(f"您正在为{name}办理")
    li.kill("pages/roster/roster")
    card(li, name).get_by_role("button", name=f"为{name}办", exact=True).tap()
    li.at("helped")
    li.choose("再办一种：选救助", "临时救助")
    li.at("tasks")
    li.sees(f"您正在为{name}办理")


def test_协理员一天办三家_换一家先问(handset: Callable[..., Handset], site: Site) -> None:
    appointment = appointed(site)
    li = handset(user="li", phone=PHONE, screen=SMALL)
    enter(li)
    li.sees("名册还是空的。")
    known(site, appointment)
    add(li, "石桂香", "3组")
    expect(li.main.locator(".h2")).to_have_text(["3组", "5组", "没写哪个组"])
    for number, name in enumerate(("石桂香", "王秀英")):
        begin(li, name, asked=number > 0)
        li.kill("pages/roster/roster")
        li.sees("找一家")
    li.tap("等您办 2")
    expect(li.main.locator(".card")).to_have_count(2)
    round_of_two(li)
    visited(li)
    put_right(li, site)


def looked_at(li: Handset) -> None:
    """In the largest type on the smallest screen: nothing cut, everything named."""
    li.page.evaluate("() => __mp.wx.setStorageSync('size', 30)")
    for page in VILLAGE:
        assert not shown(li, page), page
    li.page.evaluate("() => __mp.wx.setStorageSync('size', 18)")
    li.kill("pages/roster/roster")
    li.sees("石桂香")


def round_of_two(li: Handset) -> None:
    """The bar's way to the next household asks; a no leaves everything as it was."""
    card(li, "王秀英").get_by_role("button", name="为王秀英办", exact=True).tap()
    li.sees("您正在为王秀英办理 (2/2)")
    li.tap("下一家：石桂香")
    modal(li, "换一家办吗？", "不是")
    li.sees("您正在为王秀英办理 (2/2)")
    li.tap("下一家：石桂香")
    modal(li, "换一家办吗？", "换一家")
    li.sees("帮石桂香办")
    li.sees("您正在为石桂香办理 (1/2)")
    assert li.page.evaluate("__mp.stack.depth()") == 1, "nothing of 王秀英 lies under the page"


def visited(li: Handset) -> None:
    li.kill("pages/roster/roster")
    li.tap("30天没去过 3")
    li.tap("石桂香家，今天去过了")
    li.sees("30天没去过 2")
    expect(card(li, "石桂香")).to_have_count(0)
    li.tap("看全部")
    expect(card(li, "石桂香")).to_contain_text("今天去过了")
    looked_at(li)
    li.type("找一家", "lap")
    li.tap("找一找")
    expect(li.main.locator(".card")).to_have_count(1)
    li.tap("从名册去掉龙阿婆")
    modal(li, "从名册去掉龙阿婆？", "去掉")
    li.sees("没有这样的人家。")


def put_right(li: Handset, site: Site) -> None:
    """What offices asked for stands in one list and leads into the right household."""
    on_roster = select(RosterHousehold.household_id)
    found = select(Application).where(Application.household_id.in_(on_roster))
    with site.portal.database.reading() as session:
        files = [(str(one.id), one.revision) for one in session.scalars(found).all()]
    for file, revision in files:
        body = {"revision": revision, "answers": TOLD}
        call(li, "PUT", f"/api/applications/{file}/answers", body)
        call(li, "POST", f"/api/applications/{file}/submission")
    with site.portal.database.writing() as session:
        for one in session.scalars(found).all():
            events.record(
                session, one, "returned", after=Status.RETURNED, party=Party.TOWNSHIP,
                actor="test", said={"items": [{"item": "phone", "sentence": "电话打不通。"}]},
                now=utc_now(),
            )  # fmt: skip
    li.kill("pages/roster/roster")
    li.tap("要补的材料，放在一起看")
    li.at("asked")
    expect(li.main.locator(".card")).to_have_count(2)
    li.tap("去为王秀英补")
    modal(li, "换一家办吗？", "换一家")
    li.at("case")
    li.sees("您正在为王秀英办理")
    li.sees("电话打不通。")
    li.page.evaluate("__mp.wx.reLaunch({ url: '/pages/roster/roster' })")
    li.sees("找一家")
    li.page.evaluate(
        "() => { const page = __mp.stack.top().instance; page.touchedAt = 0; page.onShow(); }"
    )
    li.sees("您停了一会儿")
    assert "石桂香" not in li.main.inner_text()
    li.tap("是我，接着看")
    li.sees("石桂香")
