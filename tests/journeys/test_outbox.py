"""What is typed without a signal waits on the phone, is shown there, and goes by itself."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from portal.casework import joining
from portal.foundation.clock import utc_now
from portal.people import sign_in
from tests.journeys import sheet, story, waiting
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, soon
from tests.journeys.test_evening import PHOTOS_KEPT
from tests.journeys.waiting import (
    forgive_the_dead_network,
    know_the_place,
    on_the_phone,
    topics,
    visit_once,
)
from tests.pages.furnished import cookie

pytestmark = pytest.mark.browser

MakePhone = Callable[..., Phone]
NUMBER = "13874312345"
NEARLY_FULL = "navigator.storage.estimate = async () => ({ usage: 9e8, quota: 1e9 })"
"""What a phone with little room left answers; the quota this browser can be given is not in it."""


def test_写的留在手机里_有信号自己合并(phone: MakePhone, site: Site) -> None:
    """Without a service worker: the page stays, says so, and the next page of all sends it."""
    hers = phone(screen=SMALL)
    hers.context.add_init_script("delete Navigator.prototype.serviceWorker")
    address = story.begin(hers)
    hers.open(f"{address}/steps/contact")
    hers.type("phone", NUMBER)
    assert soon(lambda: "contact" in topics(hers)), "before any button"
    hers.context.set_offline(True)
    hers.tap("保存，下一步", stays=True)
    hers.sees("没有信号。已存在手机里，有信号自己传。")
    hers.context.set_offline(False)
    hers.open("/privacy")
    assert soon(lambda: topics(hers) == {})
    assert waiting.answers(site, address)["phone"] == NUMBER
    assert soon(lambda: hers.page.evaluate("localStorage.getItem('waiting')") is None)
    forgive_the_dead_network(hers)


def test_都在一页上_大按钮再传(phone: MakePhone, site: Site) -> None:
    hers = phone(screen=SMALL)
    address = story.begin(hers)
    hers.open(f"{address}/steps/contact")
    hers.context.route("**/typed*", lambda route: route.abort())
    hers.type("phone", NUMBER)
    hers.tap("保存，下一步", stays=True)
    hers.page.wait_for_timeout(600)
    hers.open("/waiting")
    item = hers.page.locator("[data-typed] > li")
    expect(item).to_have_count(1)
    expect(item).to_contain_text("还有1页、0张照片没传。共1 KB。")
    expect(item).not_to_contain_text("怎么找到您")
    hers.tap("看这一份的", stays=True)
    expect(item.locator("details")).to_contain_text("怎么找到您")
    expect(item.locator("details")).to_contain_text("1 KB")
    hers.tap("看这一份的", stays=True)
    expect(item.locator("details li")).to_have_count(0)
    hers.context.unroute("**/typed*")
    hers.tap("现在就传", stays=True)
    expect(hers.page.locator("[data-nothing]")).to_be_visible()
    assert waiting.answers(site, address)["phone"] == NUMBER
    forgive_the_dead_network(hers)


def test_回执对不上就不删(phone: MakePhone, site: Site) -> None:
    """A proxy that answers with another's receipt, twice; then the right one."""
    hers = phone()
    hers.context.add_init_script("delete Navigator.prototype.serviceWorker")
    address = story.begin(hers)

    def strange(route: Route) -> None:
        answer = route.fetch()
        said = answer.json()
        said["receipt"]["digest"] = "0" * 64
        route.fulfill(response=answer, json=said)

    hers.context.route("**/typed*", strange)
    hers.open(f"{address}/steps/contact")
    hers.type("phone", NUMBER)
    with hers.page.expect_response("**/typed*"):
        hers.tap("保存，下一步", stays=True)
    hers.sees("没有信号。已存在手机里")
    with hers.page.expect_response("**/typed*"):
        hers.open("/waiting")
    assert waiting.answers(site, address)["phone"] == NUMBER
    hers.page.wait_for_timeout(500)
    assert "contact" in topics(hers), "written there, not acknowledged here"
    hers.context.unroute("**/typed*")
    hers.tap("现在就传", stays=True)
    assert soon(lambda: topics(hers) == {})
    forgive_the_dead_network(hers)


def test_几双手改一份_不丢_说得明白(phone: MakePhone, site: Site) -> None:
    """Hers without a signal, his meanwhile: other questions merge, the same one is shown."""
    hers, his = phone(screen=SMALL), phone()
    address = story.begin(hers)
    his.context.add_cookies(hers.context.cookies())  # type: ignore[arg-type]
    hers.open(f"{address}/steps/income")
    hers.context.set_offline(True)
    hers.answer({"income_wage": "100", "income_business": "50"})
    assert soon(lambda: "income" in topics(hers))
    his.open(f"{address}/steps/income")
    his.answer({"income_wage": "700", "income_property": "30"})
    his.tap("保存，下一步")
    hers.open("/waiting")
    hers.context.set_offline(False)
    hers.sees("另一处填的是：700.00 元。")
    found = waiting.answers(site, address)
    assert (found["income_wage"], found["income_property"]) == (70000, 3000)
    hers.tap("去看一看，再保存")
    expect(hers.page.locator("[name=income_wage]")).to_have_value("100")
    expect(hers.page.locator("[name=income_property]")).to_have_value("30")
    hers.tap("保存，下一步")
    hers.sees("另一处填的是：700.00 元。")
    hers.type("income_wage", "700")
    hers.tap("保存，下一步")
    found = waiting.answers(site, address)
    assert {n: found[n] for n in ("income_wage", "income_business", "income_property")} == {
        "income_wage": 70000, "income_business": 5000, "income_property": 3000,
    }  # fmt: skip
    assert soon(lambda: topics(hers) == {})
    forgive_the_dead_network(hers)


def test_登录过期_日期不对_什么都不丢(phone: MakePhone, site: Site) -> None:
    hers = phone(screen=SMALL)
    address = story.begin(hers)
    hers.open(f"{address}/steps/contact")
    hers.context.set_offline(True)
    hers.type("phone", NUMBER)
    assert soon(lambda: "contact" in topics(hers))
    hers.context.clear_cookies()
    hers.page.clock.set_fixed_time("2030-01-01T00:00:00Z")
    hers.context.set_offline(False)
    hers.open("/waiting")
    expect(hers.page.get_by_text("登录过期了。东西都在手机里。")).to_be_visible()
    expect(hers.page.get_by_text("手机的日期不对。东西不会丢，请改对日期。")).to_be_visible()
    assert "contact" in topics(hers)
    expect(hers.page.get_by_role("link", name="登录，会自己接着传")).to_be_visible()
    waiting.signed_in_again(hers, site)
    hers.open("/privacy")
    assert soon(lambda: topics(hers) == {})
    assert waiting.answers(site, address)["phone"] == NUMBER
    forgive_the_dead_network(hers)


def test_手机存满了_先说_不丢(phone: MakePhone, site: Site) -> None:
    hers = phone(screen=SMALL)
    address = story.begin(hers)
    hers.open(f"{address}/steps/reason")
    line = hers.context.new_cdp_session(hers.page)
    line.send("Storage.overrideQuotaForOrigin", {"origin": site.url, "quotaSize": 1024})
    hers.page.locator("[name=reason_words]").fill("老伴走了，我常年吃药。" * 40)
    hers.sees("手机存满了，刚写的没存住。请先按保存。")
    hers.tick("reason", "illness")
    hers.tap("保存，下一步")
    assert waiting.answers(site, address)["reason_words"].startswith("老伴走了")
    hers.open(f"{address}/photos")
    hers.photograph("id_card", story.photo("id_front_L1_00.jpg"))
    hers.sees("✓ 已上传")
    hers.context.add_init_script(NEARLY_FULL)
    hers.open("/waiting")
    expect(hers.page.get_by_text("手机快存满了")).to_be_visible()
    forgive_the_dead_network(hers)


def test_离线开头_填_拍_交(phone: MakePhone, site: Site) -> None:
    """After one visit: begun, filled in and photographed without a signal, handed in with one."""
    hers = phone(screen=SMALL)
    hers.open("/applications")
    hers.sign_in(story.PHONE)
    hers.consent()
    visit_once(hers)
    know_the_place(hers)
    hers.context.set_offline(True)
    hers.open("/")
    hers.tap("申请低保")
    hers.sees("先存在这部手机里")
    hers.tick("whom", "self")
    hers.tap("开始填", stays=True)
    sheet.fill(hers, {"applicant_name": story.NAME, "phone": NUMBER, "reason": ("illness",)})
    sheet.photograph(hers, "id_card", "id_front_L1_00.jpg")
    sheet.with_its_camera(hers, "id_card")
    hers.tap("拍好了，下一步", stays=True)
    hers.sees("有信号时再签。")
    hers.tap("下一步", stays=True)
    hers.sees("填好了吗？")
    expect(hers.page.locator("video")).to_have_count(0)
    expect(hers.page.locator("[data-missing]")).to_be_hidden()
    hers.tap("填好了，有信号就交")
    hers.sees("已传0%，还有4页、2张照片没传")
    hers.sees("封好了，有信号就自己交")
    assert {story.NAME, NUMBER} & set(re.findall(r"\w+", str(on_the_phone(hers)))) == set()
    assert waiting.files(site) == []
    hers.context.set_offline(False)
    hers.sees("已经交了，编号")
    (file,) = waiting.files(site)
    assert waiting.handed_in(site) == [file]
    assert [owner for owner, _digest in waiting.photos(site)] == [file, file]
    assert waiting.answers(site, str(file))["applicant_name"] == story.NAME
    hers.tap("知道了", stays=True)
    assert soon(lambda: on_the_phone(hers) == {})
    forgive_the_dead_network(hers)


@pytest.mark.full
def test_表改了_只再问改了的(phone: MakePhone, site: Site) -> None:
    """Typed on the sheet of another version: one question has other words by now."""
    hers = phone(screen=SMALL)
    hers.open("/applications")
    hers.sign_in(story.PHONE)
    hers.consent()
    visit_once(hers)
    hers.context.set_offline(True)
    file = sheet.begin(hers, "dibao")
    hers.open(f"/fill/dibao#{file}/income")
    hers.page.reload()
    part = hers.page.locator("[data-name=income_wage]")
    part.evaluate("(part) => { part.dataset.asked = '000000'; }")
    hers.answer({"income_wage": "900", "income_property": "30"})
    assert soon(lambda: "income" in topics(hers))
    hers.open("/waiting")
    hers.context.set_offline(False)
    hers.sees("这个问题改了，请再看")
    assert waiting.answers(site, file) == {"income_property": 3000}
    hers.open(f"/applications/{file}/steps/income")
    expect(hers.page.locator("[name=income_wage]")).to_have_value("900")
    hers.tap("保存，下一步")
    assert waiting.answers(site, file)["income_wage"] == 90000
    assert soon(lambda: topics(hers) == {})
    forgive_the_dead_network(hers)


ONE_REFUSED = """
([file]) => new Promise((done) => {
  indexedDB.open("photos", 1).onsuccess = ({ target: { result } }) => {
    const store = result.transaction("photos", "readwrite").objectStore("photos");
    store.getAll().onsuccess = ({ target }) => {
      store.put({ ...target.result.find((one) => one.application === file), refused: "照片太大。请再拍一张。" });
    };
    store.transaction.oncomplete = () => { result.close(); done(); };
  };
})
"""


@pytest.mark.full
def test_一家一张卡_传着不闪_不丢焦点(phone: MakePhone, site: Site) -> None:
    """Two files: what was refused is seen at once, what is opened stays open while things go up."""
    hers = phone(screen=SMALL)
    hers.open("/applications")
    hers.sign_in(story.PHONE)
    hers.consent()
    visit_once(hers)
    hers.context.set_offline(True)
    ids, front = [], "id_front_L1_00.jpg"
    for program, photos in (("dibao", [front, "id_back_L1_00.jpg"]), ("linshi", [front])):
        ids.append(sheet.begin(hers, program))
        sheet.only(hers, {"filled_in_by": ("self",)} if program == "dibao" else {})
        sheet.photograph(hers, "id_card", *photos)
    assert soon(lambda: len(topics(hers)) == 1)
    hers.open("/waiting")
    assert soon(lambda: all(sha for _file, sha in hers.page.evaluate(PHOTOS_KEPT)))
    hers.page.evaluate(ONE_REFUSED, [ids[1]])
    hers.open("/waiting")
    cards = [hers.page.locator("[data-typed] > li").filter(has_text=w) for w in ("低保", "临时")]
    expect(cards[0]).to_contain_text("还有1页、2张照片没传。共")
    expect(cards[1]).to_contain_text("1张照片没传上。")
    expect(cards[1].get_by_role("button", name="再传一次")).to_be_visible()
    expect(cards[1].get_by_role("button", name="删掉")).to_be_visible()
    expect(cards[0].locator("img")).to_have_count(0)
    cards[0].locator("summary").tap()
    expect(cards[0].locator("img")).to_have_count(2)
    expect(cards[0].locator("details")).to_contain_text("谁来填表")
    cards[0].locator("summary").focus()
    cards[0].evaluate("(card) => { card.dataset.same = '1'; }")
    hers.context.set_offline(False)
    expect(cards[0]).to_contain_text("都传上去了")
    expect(cards[0]).to_have_attribute("data-same", "1")
    expect(cards[0].locator("summary")).to_be_focused()
    expect(cards[0].get_by_text("✓ 已上传")).to_have_count(2)
    cards[0].locator("summary").tap()
    expect(cards[0].locator("img")).to_have_count(0)
    expect(cards[1]).to_contain_text("都传上去了")
    there = {(str(file), sha) for file, sha in waiting.photos(site)}
    assert {tuple(one) for one in hers.page.evaluate(PHOTOS_KEPT)} <= there
    forgive_the_dead_network(hers)


def test_两个账户合成一个_以前填的也传上去(phone: MakePhone, site: Site) -> None:
    """Begun and sealed as one account, which has become another one when the signal is back."""
    hers = phone(screen=SMALL)
    hers.open("/applications")
    hers.sign_in("13900000001")
    hers.consent()
    visit_once(hers)
    hers.context.set_offline(True)
    file = sheet.begin(hers, "dibao")
    hers.answer({"filled_in_by": ("self",)})
    assert soon(lambda: bool(topics(hers)))
    with site.portal.database.writing() as session:
        into = sign_in.open_account(session, story.PHONE, now=utc_now())
        gone = sign_in.find_account(session, "13900000001")
        assert gone is not None
        joining.join(session, gone, into=into, now=utc_now())
        account = into.id
    hers.context.clear_cookies()
    token = cookie(site.portal, account)
    hers.context.add_cookies([{"name": "refresh", "value": token, "url": site.url}])
    hers.context.set_offline(False)
    hers.open("/waiting")
    hers.sees("已经传上去了。")
    assert [str(one) for one in waiting.files(site)] == [file]
    assert waiting.answers(site, file)["filled_in_by"] == "self"
    forgive_the_dead_network(hers)


@pytest.mark.full
def test_别的号码登录_不混(phone: MakePhone, site: Site) -> None:
    """Begun without a signal by one, on a phone where then another signs in: it waits."""
    hers = phone(screen=SMALL)
    hers.open("/applications")
    hers.sign_in(story.PHONE)
    hers.consent()
    visit_once(hers)
    hers.context.set_offline(True)
    sheet.begin(hers, "dibao")
    hers.answer({"filled_in_by": ("self",)})
    hers.open("/waiting")
    hers.context.clear_cookies()
    hers.context.set_offline(False)
    expect(hers.page.get_by_text("登录过期了")).to_be_visible()
    hers.tap("登录，会自己接着传")
    hers.sign_in("13900000001")
    hers.consent()
    hers.open("/waiting")
    hers.sees("这是别的号码填的。请换回那个号码登录。")
    assert waiting.files(site) == []
    forgive_the_dead_network(hers)
