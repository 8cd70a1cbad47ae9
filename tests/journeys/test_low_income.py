"""A 72-year-old applies for 低保 on her phone, and the township's answer reaches her."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.casework import office
from portal.filing.tables import Application, Document
from portal.foundation.clock import utc_now
from portal.handover.tables import IntakeDossier
from portal.people.access import Actor, Role
from portal.people.staff import add
from tests.journeys import story
from tests.journeys.phone import Phone
from tests.journeys.site import Site, soon

pytestmark = pytest.mark.browser

MakePhone = Callable[..., Phone]


def test_按着大按钮从头走到尾(phone: MakePhone, site: Site) -> None:
    hers = phone()
    address = story.begin(hers)
    story.answer_all(hers)
    hers.photograph("id_card", story.photo("id_front_L1_00.jpg"))
    hers.photograph("hukou_book", story.photo("hukou_L1_00_12mp.jpg"))
    hers.photograph("medical_bills", story.photo("bill_L1_01_12mp.jpg"))
    hers.kept(3)
    hers.tap("拍好了，下一步")
    hers.tap(f"去签名：{story.NAME}")
    hers.sign()
    hers.tap("同意，签好了")
    hers.sees("已签")
    hers.tap("下一步：看一遍再提交")
    hers.sees(story.NAME)
    hers.tap("提交")
    hers.sees("已提交，尚未受理")
    expect(hers.page.get_by_role("img", name="查进度的二维码")).to_be_visible()
    assert soon(lambda: in_the_queue(site) == 1)
    assert soon(lambda: not unprepared(site))

    accept_as_the_township(site)
    hers.open(address)
    hers.sees("已受理")
    hers.sees("轮到乡镇")
    hers.open(f"{address}/photos")
    expect(hers.page.locator(".saved img")).to_have_count(3)
    for image in hers.page.locator(".saved img").all():
        copy = str(image.get_attribute("src")).replace("thumbnail", "prepared")
        for path in (copy, str(image.get_attribute("src"))):
            seen = hers.context.request.get(path).body()
            assert seen.startswith(b"\xff\xd8")
            assert b"Exif" not in seen
            assert b"GPS" not in seen


def test_关掉脚本也能办成(phone: MakePhone, site: Site) -> None:
    hers = phone(script=False)
    address = story.begin(hers)
    story.answer_all(hers)
    hers.photograph("id_card", story.photo("id_front_L2_00.jpg"))
    hers.sees("第1张")
    hers.tap("拍好了，下一步")
    hers.tap(f"去签名：{story.NAME}")
    hers.tap("看要写的纸")
    hers.sees("签名：")
    hers.tap("回到签名")
    hers.tap(f"去签名：{story.NAME}")
    hers.page.set_input_files("#photo", story.photo("bill_L2_00.jpg"))
    hers.tap("把这张纸传上去")
    hers.sees("在纸上签后拍照")
    hers.tap("下一步：看一遍再提交")
    hers.tap("提交")
    hers.sees("已提交，尚未受理")
    hers.open(address)
    hers.sees("轮到乡镇")
    assert soon(lambda: in_the_queue(site) == 1)


def test_没有照片没有签名也进队列(phone: MakePhone, site: Site) -> None:
    his = phone(script=False)
    address = story.begin(his)
    his.open(f"{address}/check")
    his.tap("提交")
    his.sees("还差")
    for step in ("applicant", "contact", "household_place", "reason"):
        his.open(f"{address}/steps/{step}")
        if step == "household_place":
            his.place("household_place", *story.VILLAGE)
        his.answer(story.STEPS[step])
        his.tap("保存，下一步")
    his.open(f"{address}/check")
    his.tap("提交")
    his.sees("已提交，尚未受理")
    assert soon(lambda: in_the_queue(site) == 1)


def test_填错了说得清也不丢(phone: MakePhone) -> None:
    hers = phone()
    address = story.begin(hers)
    hers.open(f"{address}/steps/applicant")
    hers.answer({"applicant_name": story.NAME, "applicant_id_number": "12345"})
    hers.tap("保存，下一步")
    expect(hers.page.locator("#sum")).to_be_focused()
    expect(hers.page.locator('[name="applicant_name"]')).to_have_value(story.NAME)
    expect(hers.page.locator('[name="applicant_id_number"]')).to_have_value("12345")
    hers.open(f"{address}/steps/reason")
    hers.type("reason_words", "只写了一半")
    hers.page.wait_for_timeout(600)
    hers.open(f"{address}/steps/reason")
    expect(hers.page.locator('[name="reason_words"]')).to_have_value("只写了一半")


def test_两处改了同一项两边都看得见(phone: MakePhone) -> None:
    hers = phone()
    address = story.begin(hers)
    hers.open(f"{address}/steps/applicant")
    other = hers.context.new_page()
    other.goto(f"{address}/steps/applicant")
    other.fill('[name="applicant_name"]', "石桂花")
    other.locator("main button", has_text="保存，下一步").tap()
    other.wait_for_url("**/contact")
    hers.type("applicant_name", story.NAME)
    hers.tap("保存，下一步")
    hers.sees("另一处填的是：石桂花")
    expect(hers.page.locator('[name="applicant_name"]')).to_have_value(story.NAME)
    hers.tap("保存，下一步")
    assert hers.page.url.endswith("/steps/contact")


def test_回车是保存不是删人(phone: MakePhone) -> None:
    hers = phone()
    address = story.begin(hers)
    hers.open(f"{address}/steps/household")
    story.add_grandson(hers)
    name = hers.page.locator("[data-row]:not(template *) input:not([type=hidden])").first
    with hers.page.expect_navigation():
        name.press("Enter")
    hers.open(f"{address}/steps/household")
    expect(hers.page.locator("[data-row]:not(template *)")).to_have_count(1)


def test_写地名找地方(phone: MakePhone) -> None:
    hers = phone()
    address = story.begin(hers)
    hers.open(f"{address}/steps/household_place")
    hers.page.locator('[name="household_place.find"]').press_sequentially("永顺 芙蓉镇")
    found = hers.page.locator("[data-hits] label", has_text="湘西土家族苗族自治州永顺县芙蓉镇")
    found.first.tap()
    expect(hers.page.locator("[data-chosen] b")).to_contain_text("芙蓉镇")
    hers.tap("保存，下一步")
    hers.open(f"{address}/steps/household_place")
    expect(hers.page.locator("[data-chosen] b")).to_contain_text("永顺县芙蓉镇")


def in_the_queue(site: Site) -> int:
    with site.portal.database.reading() as session:
        return len(session.scalars(select(IntakeDossier)).all())


def unprepared(site: Site) -> list[Document]:
    with site.portal.database.reading() as session:
        return list(session.scalars(select(Document).where(Document.state != "prepared")))


def accept_as_the_township(site: Site) -> None:
    with site.portal.database.writing() as session:
        application = session.scalars(select(Application)).one()
        clerk, _password, _uri = add(
            session, "clerk", "田芳", "township_clerk", application.region_code, now=utc_now()
        )
        who = Actor(Role.TOWNSHIP_CLERK, clerk.id, application.region_code, "田芳")
        office.accept(session, application, actor=who, now=utc_now())
