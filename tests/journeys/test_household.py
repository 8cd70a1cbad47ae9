"""「我家有困难」: told in everyday words, the right programs are proposed; filled in once, handed
in once, each with its own number; what was said before is not asked again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.filing.tables import Application, Document, Signature
from portal.handover.tables import IntakeDossier
from tests.journeys import story, waiting
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, soon

pytestmark = pytest.mark.browser

MakePhone = Callable[..., Phone]

FAMILIES = {
    "老人没人管": (["care"], {"特困"}),
    "没钱看病": (["medical_cost"], {"医疗救助", "临时救助", "低保"}),
    "房子塌了": (["disaster", "housing"], {"受灾救助", "住房救助", "临时救助"}),
    "孩子上学": (["schooling"], {"临时救助", "低保"}),
    "丢了工作还不起房租": (["no_income", "housing"], {"就业救助", "住房救助", "临时救助", "低保"}),
}
"""What they say, what they tick, and what they must be proposed."""


class Taps:
    """Counts every tap from the first page on; the sixth is the last."""

    def __init__(self, phone: Phone) -> None:
        self.phone, self.count = phone, 0

    def tap(self, words: str, **how: bool) -> None:
        self.count += 1
        self.phone.tap(words, **how)

    def tick(self, name: str, value: str) -> None:
        self.count += 1
        self.phone.tick(name, value)


def test_五家人说难处_六下以内找到该办的(phone: MakePhone) -> None:
    """Without a script: tests/pages/test_household.py."""
    hers = phone(screen=SMALL)
    for words, (happened, wanted) in FAMILIES.items():
        hers.open("/?place=433127")
        taps = Taps(hers)
        taps.tap("我家有困难，看看能办什么")
        for one in happened:
            taps.tick("happened", one)
        taps.tap("算一算", stays=True)
        ticked = hers.page.locator('#results input[name="program"]:checked')
        expect(ticked.first).to_be_visible()
        assert {label.split("（")[0] for label in _labels(hers)} == wanted, words
        if "schooling" in happened:
            expect(hers.page.locator("#results")).to_contain_text("教育救助")
        taps.tap("一次填好")
        hers.sees("用手机号登录")
        assert taps.count <= 6, words


def test_用自己的话找_也能一起办(phone: MakePhone) -> None:
    his = phone(screen=SMALL)
    his.open("/")
    taps = Taps(his)
    his.page.locator("#q").press_sequentially("没钱看病")
    taps.tap("找一找")
    taps.tap("这几样一起办")
    checked = his.page.locator('input[name="program"]:checked')
    assert {box.get_attribute("value") for box in checked.all()} >= {"yiliao", "linshi"}
    assert his.page.locator('input[name="program"][value="cishan"]').count() == 0
    taps.tap("一次填好")
    his.sees("用手机号登录")
    assert taps.count <= 6


def test_一次填好_一次交_每件一个编号(phone: MakePhone, site: Site) -> None:
    """From the hardship told to three numbers: the register is copied from its photo, one bill
    is photographed once, one signature is given once. Without a service worker: with one the
    pages turn without a signal (test_jointly.py)."""
    hers = phone(screen=SMALL)
    hers.context.add_init_script("delete Navigator.prototype.serviceWorker")
    home = _begin(hers, "medical_cost")
    _fill(hers, home)
    hers.open(f"{home}/steps/household")
    hers.tap("先拍户口本，再照着填")
    hers.photograph("hukou_book", story.photo("hukou_L2_00.jpg"))
    hers.kept(1)
    assert soon(lambda: _prepared(site) == 1)
    hers.tap("拍好了，回去")
    photo = hers.page.locator(".beside img")
    expect(photo).to_be_visible()
    assert photo.evaluate("image => image.complete && image.naturalWidth > 300")
    story.add_grandson(hers)
    hers.page.locator('select[name$=".relation"]').first.scroll_into_view_if_needed()
    expect(photo).to_be_in_viewport()
    hers.tap("保存，下一步")
    hers.open(f"{home}/steps/household")
    hers.tap("低保：算哪些人", stays=True)
    main = hers.page.locator("main")
    expect(main).to_contain_text("石小军（孙子孙女、外孙外孙女）：一般算")
    expect(main).to_contain_text("民发〔2021〕57号 第7条")
    expect(main).to_contain_text("下面是规定，不是结论")
    hers.open(f"{home}/photos")
    hers.photograph("medical_bills", story.photo("bill_L2_00.jpg"))
    hers.kept(1)
    hers.tap("拍好了，下一步")
    hers.tap(f"去签名：{story.NAME}")
    hers.sign()
    hers.tap("同意，签好了")
    hers.tap("下一步：看一遍再提交")
    assert hers.page.url == hers.url + home + "/check"
    assert hers.page.get_by_text("要申请的人叫什么名字？", exact=True).count() == 1
    hers.tap("一起提交")
    hers.sees("3件事都提交了")
    numbers = re.findall(r"\b\d{10}\b", hers.page.locator("main").inner_text())
    assert len(set(numbers)) == 3
    assert soon(lambda: _delivered(site) == 3)
    with site.portal.database.reading() as session:
        files = {a.program_id: a.id for a in session.scalars(select(Application))}
        with_bill = select(Document.application_id).where(Document.item == "medical_bills")
        assert set(session.scalars(with_bill)) == set(files.values())
        lent = select(Document.id).where(Document.sealed_for.is_not(None))
        assert session.scalars(lent).all() == []
        signed = select(Signature.application_id).where(Signature.withdrawn_at.is_(None))
        assert set(session.scalars(signed)) == {files["dibao"], files["yiliao"]}
    hers.tap("看每件事办到哪一步")
    expect(main).to_contain_text("轮到：乡镇（街道）")


def _labels(phone: Phone) -> list[str]:
    boxes = phone.page.locator('#results label.o:has(input[name="program"]:checked)')
    return [text.strip() for text in boxes.all_inner_texts()]


def _begin(hers: Phone, *happened: str) -> str:
    """From the first page to the list of steps; the household's address."""
    hers.open("/?place=433127")
    hers.tap("我家有困难，看看能办什么")
    hers.tick("happened", *happened)
    hers.tap("算一算", stays=True)
    hers.tap("一次填好")
    hers.sign_in(story.PHONE)
    hers.consent()
    hers.sees("一次填好")
    return hers.page.url.removeprefix(hers.url).removesuffix("/tasks")


def _fill(hers: Phone, home: str) -> None:
    """The first screens in their turn, then only what nothing goes without."""
    hers.tap("接着填")
    for _screen in range(2):
        hers.tap("保存，下一步")
    for key in ("emergency_place", "applicant", "contact", "household_place", "reason"):
        hers.open(f"{home}/steps/{key}")
        if key.endswith("place"):
            hers.place(key, *story.VILLAGE)
        else:
            hers.answer(story.STEPS[key])
        if key == "contact":
            _without_signal(hers)
        else:
            hers.tap("保存，下一步")


def _without_signal(hers: Phone) -> None:
    """The open page waits, and goes on by itself once there is a signal."""
    here = hers.page.url
    hers.context.set_offline(True)
    hers.tap("保存，下一步", stays=True)
    hers.sees("没有信号。已存在手机里，有信号自己传。")
    hers.context.set_offline(False)
    hers.page.wait_for_url(lambda url: url != here)
    hers.settled()
    waiting.forgive_the_dead_network(hers)


def _delivered(site: Site) -> int:
    with site.portal.database.reading() as session:
        return len(set(session.scalars(select(IntakeDossier.application_id))))


def _prepared(site: Site) -> int:
    with site.portal.database.reading() as session:
        rows = select(Document.id).where(Document.state == "prepared")
        return len(session.scalars(rows).all())
