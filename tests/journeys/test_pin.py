"""An assistant's phone: with the PIN she goes on, without it nobody reads a word, forgotten it loses
nothing."""

import base64
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from portal.foundation.clock import utc_now
from tests.journeys import sheet, story, waiting
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, soon
from tests.journeys.waiting import forgive_the_dead_network, know_the_place, visit_once
from tests.people import assistants

pytestmark = pytest.mark.browser

PIN, NEW = "246810", "135790"
NAMES = ("石桂香", "田大山")
FOUND, WAGE = "村口小店带话", "三百左右"
EVERYTHING = """
async () => {
  const bytes = [];
  const put = async (one) => {
    if (one instanceof Blob) bytes.push(await one.arrayBuffer());
    else if (one instanceof ArrayBuffer || ArrayBuffer.isView(one)) bytes.push(one);
    else if (one && typeof one === "object" && !(one instanceof CryptoKey)) await Promise.all(Object.entries(one).flat().map(put));
    else bytes.push(`${one}\\n`);
  };
  const rows = (name) => new Promise((done) => {
    indexedDB.open(name, 1).onsuccess = ({ target: { result } }) => {
      result.transaction(name).objectStore(name).getAll().onsuccess = ({ target }) => { result.close(); done(target.result); };
    };
  });
  const found = [await rows("drafts"), await rows("photos"), { ...localStorage }, { ...sessionStorage }];
  await put(found);
  const whole = new Uint8Array(await new Blob(bytes).arrayBuffer());
  let text = "";
  whole.forEach((byte) => { text += String.fromCharCode(byte); });
  return [btoa(text), found[0].some((one) => one.key), found[1].length];
}
"""
"""Every byte this phone keeps, whether the key lies among them, and how many photos."""


def test_密码锁住_忘了也不丢(phone: Callable[..., Phone], site: Site) -> None:
    hers = _ready(phone, site)
    ids = [_household(hers, number) for number in range(2)]
    hers.page.clock.fast_forward("04:00")
    hers.sees("请写手机密码")
    expect(hers.page.locator("body")).not_to_contain_text(NAMES[1])
    _tells_nothing(hers)
    _unlock(hers, PIN)
    expect(hers.page.locator("[data-ways]")).to_be_visible()
    hers.sees(f"低保申请：{NAMES[1]}")
    hers.page.clock.fast_forward("04:00")
    hers.sees("请写手机密码")
    _wrong_ten_times(hers)
    sheet.set_pin(hers, NEW)
    hers.page.wait_for_url("**/waiting")
    expect(hers.page.get_by_text("封好了，有信号就自己交")).to_have_count(2)
    _tells_nothing(hers, locked=False)
    hers.context.set_offline(False)
    assert soon(lambda: len(waiting.photos(site)) == 2 and len(waiting.handed_in(site)) == 1)
    hers.sees("已经交了，编号")
    _all_is_there(site, ids)
    _what_was_refused_is_back(hers, ids[1])
    _leaving_locks(hers)
    forgive_the_dead_network(hers)


def _ready(phone: Callable[..., Phone], site: Site) -> Phone:
    """Appointed, signed in, everything kept that is needed without a signal."""
    with site.portal.database.writing() as session:
        assistants.appoint(session, story.PHONE, now=utc_now())
    hers = phone(screen=SMALL)
    hers.page.clock.install()
    hers.open("/helping")
    hers.sign_in(story.PHONE)
    hers.consent()
    visit_once(hers)
    know_the_place(hers)
    hers.open("/helping")
    hers.context.set_offline(True)
    return hers


def _household(hers: Phone, number: int) -> str:
    """The first finished, the second left in the middle."""
    name = NAMES[number]
    pin = PIN if number == 0 else ""
    file = sheet.begin(hers, "dibao", person=name, helper="李协理", pin=pin)
    said = {"applicant_name": name, "found_by": FOUND, "household_place": story.VILLAGE}
    if number == 1:
        said["income_wage"] = WAGE
    sheet.only(hers, {**said, "reason": ("illness",), "reason_words": f"{name}病了。"})
    sheet.photograph(hers, "id_card", f"id_{('front', 'back')[number]}_L1_00.jpg")
    if number == 0:
        sheet.finish(hers)
        hers.sees("封好了，有信号就自己交")
        expect(hers.page.locator("main")).not_to_contain_text(name)
        hers.open(f"/fill/dibao#{file}")
        hers.page.wait_for_url("**/waiting")
    return file


def _tells_nothing(hers: Phone, *, locked: bool = True) -> None:
    text, has_key, photos = hers.page.evaluate(EVERYTHING)
    kept = base64.b64decode(text)
    assert photos == 2
    assert has_key is not locked
    assert len(kept) > 50_000, "the photos are among it"
    words = (*NAMES, FOUND, WAGE, "李协理", "病了", "illness", "neighbour", "id_card", "三组")
    assert [w for w in words if w.encode() in kept or w.encode("utf-16-le") in kept] == []
    assert [m for m in (b"WEBPVP8", b"JFIF\0", b"\xff\xd8\xff\xe0") if m in kept] == []


def _unlock(hers: Phone, pin: str) -> None:
    hers.page.locator("#pin").fill(pin)
    hers.tap("打开", stays=True)


def _wrong_ten_times(hers: Phone) -> None:
    """Waits that neither a reload nor a clock set back makes shorter; the last one drops the key."""
    said = hers.page.locator("main .e")
    for number in range(5):
        _unlock(hers, f"00000{number}")
        expect(said).to_have_text(
            "密码不对，请再写一遍。" if number < 4 else "错了5次，请等1分钟再试。"
        )
        said.evaluate("(said) => { said.textContent = ''; }")
    hers.page.reload()
    hers.page.clock.set_system_time("2020-01-01T00:00:00Z")
    _unlock(hers, PIN)
    expect(said).to_have_text("请等15分钟再试。")
    hers.tap("忘了密码", stays=True)
    hers.sees("没关系，填的、拍的不会丢。")
    hers.tap("想起来了")
    hers.page.clock.set_system_time("2030-01-01T00:00:00Z")
    for number, wait in zip(range(6, 10), (5, 15, 15, 15), strict=True):
        _unlock(hers, f"00000{number}")
        expect(said).to_have_text(f"错了{number}次，请等{wait}分钟再试。")
        hers.page.clock.fast_forward("16:00")
    _unlock(hers, "000010")
    hers.sees("没关系，填的、拍的不会丢。")


def _what_was_refused_is_back(hers: Phone, file: str) -> None:
    """One answer was no number: the portal took nothing of that page, and shows what was typed."""
    expect(hers.page.get_by_role("link", name="去看一看，再保存")).to_be_visible()
    hers.tap("去看一看，再保存")
    hers.tap(f"是，为{NAMES[1]}办")
    expect(hers.page.locator("[name=income_wage]")).to_have_value(WAGE)
    hers.type("income_wage", "300")
    hers.tap("保存，下一步")
    assert soon(lambda: waiting.topics(hers) == {})


def _all_is_there(site: Site, ids: list[str]) -> None:
    assert sorted(map(str, waiting.files(site))) == sorted(ids)
    assert sorted(str(file) for file, _sha in waiting.photos(site)) == sorted(ids)
    assert [str(file) for file in waiting.handed_in(site)] == ids[:1]
    for file, name in zip(ids, NAMES, strict=True):
        found = waiting.answers(site, file)
        assert (found["applicant_name"], found["reason_words"]) == (name, f"{name}病了。")


def _leaving_locks(hers: Phone) -> None:
    hers.context.route(
        "https://www.baidu.com/", lambda r: r.fulfill(body="<p>x", content_type="text/html")
    )
    assert hers.page.evaluate(EVERYTHING)[1]
    hers.page.get_by_role("link", name="快速离开").tap()
    hers.page.wait_for_url("https://www.baidu.com/")
    hers.open("/privacy")
    assert not hers.page.evaluate(EVERYTHING)[1]
