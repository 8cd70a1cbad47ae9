"""A day's photos sorted, the file handed to the person's own phone, and help asked for face to face."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from portal.filing.tables import Application, Document
from portal.foundation.clock import utc_now
from portal.people import mandates, sign_in
from portal.people.access import Actor, Role
from tests.journeys.phone import SMALL, Phone
from tests.journeys.story import photo
from tests.pages import helped as furnishing
from tests.pages.furnished import cookie

pytestmark = pytest.mark.browser

OWN = "13874300001"
THREE = ("bank_L1_00.jpg", "bill_L1_00.jpg", "id_front_L1_00.jpg")
KEPT = """(file) => Promise.all(["photos", "drafts"].map((name) => new Promise((done) => {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(name, name === "photos" ? { keyPath: "id" } : {});
  opening.onsuccess = ({ target: { result } }) => {
    const rows = result.transaction(name).objectStore(name);
    const asked = name === "photos" ? rows.getAll() : rows.getAllKeys();
    asked.onsuccess = () => {
      done(asked.result.filter((one) => (one.application || one).startsWith(file)).length);
      result.close();
    };
  };
})))"""
"""How many photos, and how many half-typed steps, this phone keeps of a file."""


def test_一次拍几张_分好_转给本人_这部手机不留(phone, site) -> None:
    helped = furnishing.furnish(site.portal, now=utc_now())
    zhang, shi = phone(screen=SMALL), phone(screen=SMALL)
    _enter(zhang, site, helped, f"{helped.draft}/photos")
    draft = helped.draft.rpartition("/")[2]
    _sort_three(zhang, site, draft)
    other = _also_keeps(zhang, site, helped)
    zhang.open(f"{helped.draft}/steps/applicant")
    _half_typed(zhang)
    zhang.open(f"/helping/{helped.mandate}")
    assert zhang.page.evaluate(KEPT, draft) == [3, 1]
    zhang.tap("转到他自己的手机")
    zhang.tap("他在身边，出示二维码")
    shi.open(f"/take/{_code(zhang)}")
    shi.sign_in(OWN)
    shi.consent()
    shi.sees("石桂香家的申请")
    shi.sees("照片3张")
    expect(shi.page.locator("body")).not_to_contain_text("433127195411081222")
    shi.tap("是我家的，接过来")
    zhang.page.wait_for_url("**/passing/*")
    zhang.settled()
    zhang.sees("石桂香接过去了")
    assert zhang.page.evaluate(KEPT, draft) == [0, 0]
    assert zhang.page.evaluate(KEPT, other) == [1, 1], "another household's is left alone"
    zhang.open(f"{helped.draft}/tasks")
    zhang.sees("没有找到")
    shi.open(f"{helped.draft}/photos")
    expect(shi.page.locator("ul.saved li")).to_have_count(3)


def test_取消以后_手机里的也清掉(phone, site) -> None:
    """Whatever page comes next clears what was kept; nothing has to be opened for it."""
    helped = furnishing.furnish(site.portal, now=utc_now())
    zhang = phone(screen=SMALL)
    _enter(zhang, site, helped, f"{helped.draft}/steps/applicant")
    draft = helped.draft.rpartition("/")[2]
    _half_typed(zhang)
    zhang.open(f"{helped.draft}/tasks")
    assert zhang.page.evaluate(KEPT, draft) == [0, 1]
    with site.portal.database.writing() as session:
        mandate = mandates.find(session, helped.mandate, actor=Actor(Role.APPLICANT, helped.helper))
        mandates.revoke(session, mandate, actor="person:code", now=utc_now())
    zhang.open("/applications")
    assert zhang.page.evaluate(KEPT, draft) == [0, 0]


def test_请身边的人接着办_在自己手机上点头(phone, site) -> None:
    helped = furnishing.furnish(site.portal, now=utc_now())
    zhang, shi = phone(screen=SMALL, script=False), phone(screen=SMALL, script=False)
    _signed_in(zhang, site, helped.helper)
    _signed_in(shi, site, _owner_of(site, helped))
    shi.open("/helpers")
    shi.tap("请身边的人扫一扫，帮我办")
    shi.tap("石桂香：出示二维码")
    zhang.open("/take")
    zhang.type("code", _code(shi))
    zhang.tap("看一看")
    zhang.sees("石**家请您帮着办")
    zhang.answer({"helper": "张三", "kind": ("neighbour",)})
    zhang.tap("请他点头")
    zhang.tap("他点好了，看一看")
    zhang.sees("等他在自己手机上点头")
    shi.tap("他扫好了，看一看")
    shi.sees("请张三帮您办吗？")
    shi.tap("可以，请他帮我办")
    card = shi.page.locator("section.card").filter(has_text="张三")
    expect(card).to_contain_text("本人手机验证码")
    zhang.tap("他点好了，看一看")
    zhang.tap("去帮他办")
    zhang.tap("是，为石桂香办")
    expect(zhang.page.locator("aside.acting")).to_contain_text("石桂香")
    shi.tap("不要张三帮了")
    zhang.open(helped.draft + "/tasks")
    zhang.sees("没有找到")


def _half_typed(zhang: Phone) -> None:
    """Typed and left without a line: the phone keeps it a moment later."""
    zhang.page.route("**/typed", lambda _route: None)
    zhang.type("applicant_name", "石桂香香")
    zhang.page.wait_for_timeout(500)


def _sort_three(zhang: Phone, site, draft: str) -> None:
    zhang.photograph("unsorted", *map(photo, THREE))
    zhang.kept(3)
    zhang.tap("拍好了，分一分")
    expect(zhang.page.locator("fieldset img")).to_have_count(3, timeout=20_000)
    for number, words in enumerate(("银行卡", "其他材料")):
        box = zhang.page.locator("fieldset").nth(number)
        box.locator("label.o").filter(has_text=words).first.tap()
    zhang.tap("分好了，存")
    expect(zhang.page.locator("fieldset")).to_have_count(1)
    zhang.tap("回去看材料")
    with site.portal.database.reading() as session:
        rows = session.query(Document).filter_by(application_id=UUID(draft))
        assert sorted(row.item for row in rows) == ["bank_account", "other", "unsorted"]


def _also_keeps(zhang: Phone, site, helped) -> str:
    """A photo and half a step of another household on the same phone."""
    other = "11111111-1111-4111-8111-111111111111"
    zhang.page.evaluate(
        """(file) => Promise.all([["photos", { id: "x", application: file, state: "raw" }],
        ["drafts", {}, file + "/reason"]].map(([name, value, ...key]) => new Promise((done) => {
          const opening = indexedDB.open(name, 1);
          opening.onupgradeneeded = () => opening.result.createObjectStore(name, name === "photos" ? { keyPath: "id" } : {});
          opening.onsuccess = ({ target: { result } }) => {
            const writing = result.transaction(name, "readwrite");
            writing.objectStore(name).put(value, ...key);
            writing.oncomplete = () => done(result.close());
          };
        })))""",
        other,
    )
    return other


def _owner_of(site, helped) -> UUID:
    """The household has come to the person's own account; its helper was ended."""
    with site.portal.database.writing() as session:
        owner = sign_in.open_account(session, "13800000003", now=utc_now())
        row = session.get_one(Application, UUID(helped.draft.rpartition("/")[2]))
        mandate = mandates.find(session, helped.mandate, actor=Actor(Role.APPLICANT, helped.helper))
        home = mandates.household_of(session, mandate)
        home.account_id = row.account_id = owner.id
        mandates.revoke(session, mandate, actor="person:code", now=utc_now())
        for other in mandates.of_household(session, home.id):
            mandates.revoke(session, other, actor="person:code", now=utc_now())
        return owner.id


def _enter(phone: Phone, site, helped, path: str) -> None:
    _signed_in(phone, site, helped.helper)
    phone.open(f"/helping/{helped.mandate}/enter?next={path}")
    phone.tap("是，为石桂香办")


def _signed_in(phone: Phone, site, account: UUID) -> None:
    token = cookie(site.portal, account)
    phone.context.add_cookies([{"name": "refresh", "value": token, "url": site.url}])


def _code(phone: Phone) -> str:
    return re.sub(r"\D", "", phone.page.locator("p.big").inner_text())
