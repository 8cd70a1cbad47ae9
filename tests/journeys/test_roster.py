"""An assistant's day: five households in a row, out of order, on one phone, nothing mixed."""

from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.people import appointments, households, mandates, rosters, totp
from portal.people.access import Actor, Role
from portal.people.appointment_tables import Appointment
from portal.people.tables import Household
from tests.journeys import sheet
from tests.journeys.phone import SMALL, Phone
from tests.people import assistants

pytestmark = pytest.mark.browser

PHONE = "13874312345"
PEOPLE = ("石桂香", "王秀英", "李大山", "田小妹", "龙阿婆")
GROUPS = ("3组", "三组", "1组", "", "上湾组")


@pytest.fixture
def appointed(site) -> UUID:
    with site.portal.database.writing() as session:
        return assistants.appoint(session, PHONE, now=utc_now()).id


def _enter(phone: Phone) -> None:
    """Signs in for the first time since the appointment: the second factor is set up."""
    phone.open("/roster")
    phone.sign_in(PHONE)
    phone.consent()
    phone.sees("看名册，除了短信，还要一个动态码")
    phone.tap("设动态码")
    address = phone.page.get_by_role("link", name="加到验证器").get_attribute("href") or ""
    assert address.startswith("otpauth://totp/")
    phone.type("code", totp.code_at(address, utc_now()))
    phone.tap("对上了，打开名册")
    phone.sees("名册还是空的")


def _known(site, appointed: UUID) -> None:
    """Three households that stand on the roster already."""
    with site.portal.database.writing() as session:
        held = [session.get_one(Appointment, appointed)]
        who = Actor(Role.APPLICANT, held[0].account_id)
        for name, group in zip(PEOPLE[2:], GROUPS[2:], strict=True):
            rosters.add(session, held, name, group, actor=who, now=utc_now())


def _add(phone: Phone, name: str, group: str) -> None:
    phone.tap("加一家", stays=True)
    phone.type("name", name)
    phone.type("group", group)
    phone.tap("加到名册")


def _line(phone: Phone, name: str):
    return phone.page.locator("li.card").filter(has_text=name)


def _begin(phone: Phone, name: str, *, asked: bool) -> None:
    """From the roster to a draft of 临时救助 with one answer of the household's own."""
    phone.tap(f"帮{name}办", within=_line(phone, name))
    if asked:
        phone.sees("换一家办吗？")
        phone.tap(f"是，为{name}办")
    phone.sees(f"{name}同意您帮他办吗？")
    phone.tap("先填着，签字以后补")
    phone.tap("再办一种", stays=True)
    phone.tap("临时救助")
    _reason(phone, f"{name}家的事。", pin="" if asked else "246810")


def _reason(phone: Phone, words: str, *, pin: str = "") -> None:
    phone.open(f"{_file(phone)}/steps/happened")
    if pin:
        sheet.set_pin(phone, pin)
    phone.type("what_happened", words)
    phone.tap("保存，下一步")


def _file(phone: Phone) -> str:
    at = phone.page.url.removeprefix(phone.url)
    return "/".join(at.split("/")[:3])


def _bar(phone: Phone):
    return phone.page.locator("aside.acting")


def test_协理员一天办五家_来回换也不会弄错(phone, site, appointed) -> None:
    li = phone(screen=SMALL)
    _enter(li)
    _known(site, appointed)
    for name, group in zip(PEOPLE[:2], GROUPS[:2], strict=True):
        _add(li, name, group)
    expect(li.page.locator("main h2")).to_have_text(["1组", "3组", "上湾组", "没写哪个组"])
    for number, name in enumerate(PEOPLE, 1):
        li.open("/roster?words=" + name)
        if number > 1:
            expect(_bar(li)).to_contain_text(f"您正在为{PEOPLE[number - 2]}办理")
        _begin(li, name, asked=number > 1)
        expect(_bar(li)).to_contain_text(f"您正在为{name}办理")
    expect(_bar(li)).to_contain_text("（5/5）")
    _next(li, "石桂香", "（1/5）")
    _out_of_order(li, "龙阿婆", "（5/5）")
    _out_of_order(li, "王秀英", "（2/5）")
    assert _kept(site) == {name: f"{name}家的事。" for name in PEOPLE} | {
        name: f"{name}家又说了一句。" for name in ("龙阿婆", "王秀英")
    }
    _visited(li)
    _suspended(li, site, appointed)


def _next(phone: Phone, name: str, place: str) -> None:
    """The bar's way: it asks first, and only then it is the other household."""
    with phone.page.expect_navigation():
        _bar(phone).get_by_text("下一家").tap()
    phone.sees("换一家办吗？")
    phone.tap(f"是，为{name}办")
    expect(_bar(phone)).to_contain_text(f"您正在为{name}办理{place}")
    phone.sees("还没提交，要您办")


def _out_of_order(phone: Phone, name: str, place: str) -> None:
    """From the list, another one than the next; and a word more in its draft."""
    with phone.page.expect_navigation():
        _bar(phone).get_by_text("名单").tap()
    phone.tap(f"为{name}办", within=_line(phone, name))
    phone.sees("换一家办吗？")
    phone.tap(f"是，为{name}办")
    with phone.page.expect_navigation():
        phone.page.locator(".cards a").first.tap()
    file = _file(phone)
    phone.open(f"{file}/steps/happened")
    expect(phone.page.locator('[name="what_happened"]')).to_have_value(f"{name}家的事。")
    _reason(phone, f"{name}家又说了一句。")
    expect(_bar(phone)).to_contain_text(f"您正在为{name}办理{place}")


def _kept(site) -> dict[str, str]:
    """Whose household says what, as the database has it."""
    found = {}
    with site.portal.database.reading() as session:
        for file in session.scalars(select(Application)):
            said = applications.answers(session, file)
            home = session.get_one(Household, file.household_id)
            (mandate,) = mandates.of_household(session, home.id)
            name = mandates.details(session, mandate).person
            assert said["applicant_name"] == name == households.called(session, home)
            assert name not in found
            found[name] = said["what_happened"]
    return found


def _visited(phone: Phone) -> None:
    phone.open("/roster?only=unvisited")
    expect(phone.page.locator("li.card")).to_have_count(5)
    phone.tap("今天去过了", within=_line(phone, "石桂香"))
    expect(phone.page.locator("li.card")).to_have_count(4)
    phone.open("/roster?words=sgx")
    expect(_line(phone, "石桂香")).to_contain_text("今天去过了")
    expect(phone.page.locator("li.card")).to_have_count(1)


def _suspended(phone: Phone, site, appointed: UUID) -> None:
    """The township suspends; the next tap shows nothing of anybody."""
    with site.portal.database.writing() as session:
        one = session.get_one(Appointment, appointed)
        appointments.suspend(session, one, actor="test", now=utc_now())
    with phone.page.expect_navigation():
        _bar(phone).get_by_text("下一家").tap()
    assert "/sign-in" in phone.page.url
    expect(phone.page.locator("body")).not_to_contain_text("石桂香")
