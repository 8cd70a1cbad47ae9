"""特困 in the open: posted, objected to without a name, posted anew, granted, paid, changed,
reduced after a hearing, its end posted and stopped, and the next tier looked at: all by tapping."""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.filing.tables import Application
from portal.foundation.clock import local_date
from tests.journeys import story
from tests.journeys.desk import PICTURES, Desk
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, soon
from tests.journeys.test_aid import as_herself
from tests.journeys.test_low_income import in_the_queue
from tests.journeys.test_whole_case import Offices, calendar, offices, site

pytestmark = pytest.mark.browser
fixtures = (calendar, offices, site)

TOWNSHIP, VILLAGE = "433127103", "商合社区居委会"
DAYS = timedelta(days=8)
"""A posting of seven days is over."""


def _handed_in(her: Phone, site: Site) -> UUID:
    her.open("/apply/tekun")
    her.tap("用手机号登录，开始填")
    her.sign_in(story.PHONE)
    her.consent()
    her.tap("开始填")
    address = her.page.url.removeprefix(her.url).removesuffix("/tasks")
    for step in ("applicant", "contact", "household_place", "reason"):
        her.open(f"{address}/steps/{step}")
        if step == "household_place":
            her.place("household_place", *story.VILLAGE, VILLAGE)
        her.answer(story.STEPS[step])
        her.tap("保存，下一步")
    her.open(f"{address}/check")
    her.tap("提交")
    her.sees("已提交，尚未受理")
    assert soon(lambda: in_the_queue(site) == 1)
    return UUID(address.rsplit("/", 1)[-1])


def _opinion(offices: Offices, file_id: UUID) -> Desk:
    """Written, and posted in the village."""
    wang = offices.at("wang", file_id)
    wang.page.get_by_label("拟符合").check()
    form = wang.page.locator("#opinion")
    form.locator('[name="sentence"]').fill("一个人住，没有劳动能力。")
    category = form.locator('[name="category"]')
    if not category.input_value():
        category.select_option(index=1)
    form.locator('[name="people"]').fill("1")
    form.locator('[name="amount"]').fill("900")
    form.locator('[name="basis"]').fill("县里公布的标准")
    wang.press("写好初审意见")
    wang.press("开始公示")
    return wang


def _object(neighbour: Phone) -> str:
    """Without signing in and without a name; the code."""
    neighbour.open(f"/notices?place={TOWNSHIP}")
    neighbour.page.select_option("#next", label=VILLAGE)
    neighbour.tap("下一步")
    neighbour.sees("初审公示")
    neighbour.sees("每月900元")
    for secret in (story.PHONE, "430", story.STEPS["applicant"]["applicant_name"]):
        expect(neighbour.page.locator("main")).not_to_contain_text(secret)
    _picture(neighbour, "open-1-board")
    with neighbour.page.expect_navigation():
        neighbour.page.locator("main a", has_text="我有意见").first.tap()
    neighbour.page.fill('[name="sentence"]', "她儿子在外面有车。")
    _picture(neighbour, "open-2-objection")
    neighbour.tap("交给乡镇")
    code = neighbour.page.locator("p.big").inner_text()
    assert len("".join(code.split())) == 16
    return code


def _picture(one: Phone, name: str) -> None:
    """Kept when asked for."""
    if PICTURES:
        one.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def _answer(neighbour: Phone, code: str, *words: str) -> None:
    neighbour.open("/notices/objections")
    neighbour.page.fill("#code", code)
    neighbour.tap("看一看")
    for said in words:
        neighbour.sees(said)


def _look_into(offices: Offices, file_id: UUID) -> None:
    chen = offices.at("chen", file_id)
    chen.press("转为重新调查")
    chen.page.get_by_label("不属实").check()
    chen.page.locator('[id^="objection-"] textarea').fill("她没有儿子，车是邻居的。")
    chen.press("写好结果")


def _pay(offices: Offices, file_id: UUID, her: Phone) -> None:
    with offices.site.portal.database.reading() as session:
        number = session.get_one(Application, file_id).reference_no
    today = local_date(offices.calendar())
    name = story.STEPS["applicant"]["applicant_name"]
    line = f"{number},{name},{today:%Y-%m},900,{today.isoformat()}"
    table = f"申请编号,姓名,月份,金额,发放日期\n{line}\n合计,1,,900,\n"
    peng = offices.at("peng", file_id)
    peng.page.goto("/desk/payments")
    peng.page.set_input_files(
        "#file", {"name": "bank.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    peng.press("导入")
    her.open(f"/applications/{file_id}")
    her.sees("900元")


def _change(offices: Offices, file_id: UUID, her: Phone) -> None:
    her.tap("家里有变化，告诉乡镇")
    her.page.locator("label", has_text="收入变了").first.tap()
    her.page.fill('[name="sentence"]', "开始领一点租金。")
    _picture(her, "open-3-change")
    her.tap("告诉乡镇")
    her.sees("钱不会因为这个马上变")
    li = offices.at("li", file_id)
    li.page.goto("/desk/changes")
    expect(li.page.locator("main")).to_contain_text("收入变了")
    li.page.goto(f"/desk/files/{file_id}")
    li.page.locator("#after textarea").first.fill("下周来了解。")
    li.press("答复")
    li.clean("open-4-desk")


def _hear(offices: Offices, file_id: UUID, her: Phone, change: str, amount: str = "") -> None:
    """Looked at again, a proposal, and what she says to it."""
    li = offices.at("li", file_id)
    li.press("开始复核")
    li.page.locator("#hearing summary").click()
    li.page.select_option("#hearing-change", change)
    if amount:
        li.page.fill("#hearing-amount", amount)
    li.page.fill("#hearing-sentence", "有了租金收入。")
    li.page.fill("#hearing-law", "《社会救助法》第47条")
    li.page.fill("#hearing-answer_by", offices.today(later=14))
    li.press("告诉本人，请他说")
    her.open(f"/applications/{file_id}")
    her.tap("说说我的意见")
    her.page.fill('[name="sentence"]', "租金很少。")
    her.tap("交给办事的人")


def _adjust(offices: Offices, file_id: UUID, form: str, button: str) -> Desk:
    peng = offices.at("peng", file_id)
    peng.page.fill(f"#{form}-reply", "看了租约。")
    if form == "reduced":
        peng.page.fill("#reduced-basis", "按试算的差额")
    peng.press(button)
    return peng


def _stop(offices: Offices, file_id: UUID, her: Phone, neighbour: Phone) -> None:
    """The person is heard, then the village sees it seven days, then it ends."""
    _hear(offices, file_id, her, "stopped")
    early = _adjust(offices, file_id, "stopped", "停发（下月起）")
    expect(early.page.locator("main")).to_contain_text("停发特困前要先公示7天。")
    offices.at("li", file_id).press("公示7天（准备停止供养）")
    neighbour.open("/notices?place=" + TOWNSHIP)
    neighbour.page.select_option("#next", label=VILLAGE)
    neighbour.tap("下一步")
    neighbour.sees("准备停止供养")
    offices.calendar.ahead += DAYS
    neighbour.page.reload()
    neighbour.sees("现在没有公示")
    _adjust(offices, file_id, "stopped", "停发（下月起）")


def _next_tier(site: Site, file_id: UUID) -> list[str]:
    with site.portal.database.reading() as session:
        rows = select(Application.program_id).where(Application.carried_from == file_id)
        return list(session.scalars(rows))


def test_特困公开办到底(phone, site, offices) -> None:
    her, neighbour = phone(screen=SMALL), phone(screen=SMALL)
    file_id = _handed_in(her, site)
    offices.at("li", file_id).press("受理")
    offices.survey(file_id)
    _opinion(offices, file_id)
    code = _object(neighbour)
    _answer(neighbour, code, "收到了，乡镇会去查")
    _look_into(offices, file_id)
    _opinion(offices, file_id)
    _answer(neighbour, code, "查过了，没有查实", "已经重新公示")
    offices.calendar.ahead += DAYS
    offices.at("li", file_id).press("公示结束，报县里")
    offices.confirm(file_id)
    her = as_herself(phone(screen=SMALL), site, file_id)
    _pay(offices, file_id, her)
    _change(offices, file_id, her)
    _hear(offices, file_id, her, "reduced", "500")
    _adjust(offices, file_id, "reduced", "减发（下月起）")
    her.open(f"/applications/{file_id}")
    her.sees("每月500元")
    _stop(offices, file_id, her, neighbour)
    assert soon(lambda: _next_tier(site, file_id) == ["dibao"])
