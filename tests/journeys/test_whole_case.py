"""低保 and 特困 from the phone to the money, and less money only after words: every step clicked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from portal.filing.tables import Application
from portal.foundation.clock import local_date, utc_now
from portal.foundation.settings import Settings
from portal.people import staff
from portal.people.access import Role
from tests.desk.clerks import hire
from tests.journeys import story
from tests.journeys.desk import Desk
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, serving, soon
from tests.journeys.test_aid import as_herself
from tests.journeys.test_low_income import in_the_queue

pytestmark = pytest.mark.browser

TOWNSHIP, COUNTY = "433127103", "433127"
STAFF = {
    "li": ("李主任", TOWNSHIP, Role.TOWNSHIP_CLERK),
    "chen": ("陈一", TOWNSHIP, Role.TOWNSHIP_INVESTIGATOR),
    "liu": ("刘二", TOWNSHIP, Role.TOWNSHIP_INVESTIGATOR),
    "wang": ("王站长", TOWNSHIP, Role.TOWNSHIP_REVIEWER),
    "peng": ("彭科长", COUNTY, Role.COUNTY_CONFIRMER),
}


@dataclass
class Calendar:
    """The portal's day, moved by the test."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def site(settings: Settings, calendar: Calendar) -> Iterator[Site]:
    with serving(settings, clock=calendar) as running:
        yield running


@dataclass
class Offices:
    """Everybody who has a hand in the case, each at a screen of their own."""

    desk: Callable[..., Desk]
    site: Site
    calendar: Calendar

    def __post_init__(self) -> None:
        self.signed_in: dict[tuple[str, timedelta], Desk] = {}
        self.keys = {
            name: hire(self.site.portal, name, where, role, shown)
            for name, (shown, where, role) in STAFF.items()
        }

    def at(self, name: str, file_id: UUID) -> Desk:
        """This person at the file, signed in once a day."""
        day = (name, self.calendar.ahead)
        if day not in self.signed_in:
            self.signed_in[day] = self._sign_in(name)
        self.signed_in[day].page.goto(f"/desk/files/{file_id}")
        return self.signed_in[day]

    def _sign_in(self, name: str) -> Desk:
        one, (password, uri) = self.desk(), self.keys[name]
        one.page.goto("/desk/sign-in")
        one.page.fill("#username", name)
        one.page.fill("#password", password)
        one.page.fill("#totp", staff.code_at(uri, self.calendar()))
        one.press("登录")
        return one

    def today(self, later: int = 0) -> str:
        return (local_date(self.calendar()) + timedelta(days=later)).isoformat()

    def survey(self, file_id: UUID) -> None:
        chen = self.at("chen", file_id)
        chen.page.keyboard.press("w")
        expect(chen.page.locator("h1")).to_contain_text("入户调查")
        for box in chen.page.locator('[name^="s."][value="confirmed"]').all():
            box.check()
        chen.page.fill("#day", self.today())
        chen.page.get_by_label("入户看").check()
        for name in ("陈一", "刘二"):
            chen.page.get_by_label(name, exact=True).check()
        chen.press("办结调查")
        expect(chen.page.locator("#survey")).to_contain_text("第1次调查已办结")
        chen.press("交初审")

    def review(self, file_id: UUID, amount: str) -> None:
        wang = self.at("wang", file_id)
        wang.page.get_by_label("拟符合").check()
        form = wang.page.locator("#opinion")
        form.locator('[name="sentence"]').fill("家里两口人，收入低，老人常年吃药。")
        category = form.locator('[name="category"]')
        if not category.input_value():
            category.select_option(index=1)
        form.locator('[name="people"]').fill("1")
        form.locator('[name="amount"]').fill(amount)
        form.locator('[name="basis"]').fill("县里公布的标准")
        wang.press("写好初审意见")
        wang.clean("case-1-opinion")
        wang.press("开始公示")
        expect(wang.page.locator("#decision")).to_contain_text("公示（第1次）")
        self.calendar.ahead += timedelta(days=8)
        li = self.at("li", file_id)
        li.press("公示结束，报县里")

    def confirm(self, file_id: UUID) -> None:
        peng = self.at("peng", file_id)
        peng.clean("case-2-county")
        recheck = peng.page.locator("#approved [name='recheck']")
        recheck.select_option(index=1)
        peng.page.fill("#approved-sentence", "同意乡镇的意见。")
        peng.press("予以确认")
        expect(peng.page.locator("#decision")).to_contain_text("社会救助予以确认告知书")
        peng.press("已开始发放")
        peng.clean("case-3-letter")


@pytest.fixture
def offices(desk: Callable[..., Desk], site: Site, calendar: Calendar) -> Offices:
    return Offices(desk, site, calendar)


def _status(site: Site, file_id: UUID) -> str:
    with site.portal.database.reading() as session:
        return str(session.get_one(Application, file_id).status)


def _handed_in(her: Phone, site: Site) -> UUID:
    address = story.begin(her)
    story.answer_all(her)
    her.open(f"{address}/check")
    her.tap("提交")
    her.sees("已提交，尚未受理")
    file_id = UUID(address.rsplit("/", 1)[-1])
    assert soon(lambda: in_the_queue(site) == 1)
    return file_id


def test_低保从手机到发钱_减发先听意见(phone, site, offices) -> None:
    her = phone(screen=SMALL)
    file_id = _handed_in(her, site)
    offices.at("li", file_id).press("受理")
    offices.survey(file_id)
    offices.review(file_id, "300")
    offices.confirm(file_id)
    assert _status(site, file_id) == "paying"
    her = as_herself(phone(screen=SMALL), site, file_id)
    her.open(f"/applications/{file_id}")
    her.sees("每月300元")
    with her.page.expect_navigation():
        her.page.locator("main a", has_text="看决定书").first.tap()
    her.sees("行政复议")
    _reduce(her, site, offices, file_id)


@pytest.mark.full
def test_特困从手机到发钱(phone, site, offices) -> None:
    her = phone(screen=SMALL)
    her.open("/apply/tekun")
    her.tap("用手机号登录，开始填")
    her.sign_in(story.PHONE)
    her.consent()
    her.tap("开始填")
    address = her.page.url.removeprefix(her.url).removesuffix("/tasks")
    for step in ("applicant", "contact", "household_place", "reason"):
        her.open(f"{address}/steps/{step}")
        if step == "household_place":
            her.place("household_place", *story.VILLAGE)
        her.answer(story.STEPS[step])
        her.tap("保存，下一步")
    her.open(f"{address}/check")
    her.tap("提交")
    her.sees("已提交，尚未受理")
    assert soon(lambda: in_the_queue(site) == 1)
    file_id = UUID(address.rsplit("/", 1)[-1])
    offices.at("li", file_id).press("受理")
    offices.survey(file_id)
    offices.review(file_id, "900")
    offices.confirm(file_id)
    assert _status(site, file_id) == "paying"
    her = as_herself(phone(screen=SMALL), site, file_id)
    her.open(f"/applications/{file_id}")
    her.sees("每月900元")


def _reduce(her: Phone, site: Site, offices: Offices, file_id: UUID) -> None:
    """The office proposes less, the person speaks on the phone, then the county decides."""
    li = offices.at("li", file_id)
    li.press("开始复核")
    li.page.locator("#hearing summary").click()
    li.page.select_option("#hearing-change", "reduced")
    li.page.fill("#hearing-amount", "200")
    li.page.fill("#hearing-sentence", "孙子开始领助学金了。")
    li.page.fill("#hearing-law", "《社会救助法》第47条")
    li.page.fill("#hearing-answer_by", offices.today(later=10))
    li.press("告诉本人，请他说")
    expect(li.page.locator("#decision")).to_contain_text("本人还没有说过")
    peng = offices.at("peng", file_id)
    expect(peng.page.locator("#decision")).to_contain_text("现在不能减发、停发。")
    her.open(f"/applications/{file_id}")
    her.sees("想先听您的意见")
    her.tap("说说我的意见")
    her.page.fill('[name="sentence"]', "药费又涨了，钱不够用。")
    her.tap("交给办事的人")
    peng.page.reload()
    peng.page.fill("#reduced-sentence", "助学金一项，每月减100元。")
    peng.page.fill("#reduced-reply", "药费已经全部扣除。")
    peng.page.fill("#reduced-basis", "按试算的差额")
    peng.press("减发（下月起）")
    peng.clean("case-4-reduced")
    her.open(f"/applications/{file_id}")
    her.sees("每月200元")
