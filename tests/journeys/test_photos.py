"""Photos on a phone: kept first, made small, sent when there is a signal, never lost."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Route, expect
from sqlalchemy import select

from portal.filing import applications
from portal.filing.tables import Application, Document
from portal.foundation.clock import utc_now
from portal.handover import submission
from portal.people.access import Actor, Role
from tests.journeys import story
from tests.journeys.phone import Phone
from tests.journeys.site import Site, soon
from tests.journeys.test_without_signal import KEPT as KEPT_PAGES

pytestmark = pytest.mark.browser

MakePhone = Callable[..., Phone]
LATER, SENT = "没传上，有信号时再传", "✓ 已上传"


def sent(site: Site) -> dict[UUID, Document]:
    with site.portal.database.reading() as session:
        found = {photo.id: photo for photo in session.scalars(select(Document))}
        session.expunge_all()
    return found


def cards(phone: Phone, item: str) -> Locator:
    return phone.page.locator(f'section[id="{item}"] ul.th:not(.saved) li')


def forgive_the_dead_network(phone: Phone) -> None:
    phone.faults[:] = [f for f in phone.faults if "ERR_" not in f and "status of 4" not in f]


def test_选好就存好_传好_提醒模糊_可以删(phone: MakePhone, site: Site) -> None:
    hers = phone()
    hers.open(story.begin(hers) + "/photos")
    plain = hers.page.locator('section[id="id_card"]').get_by_role("button", name="传上去")
    expect(plain).to_be_hidden()

    hers.photograph("id_card", story.photo("bill_L1_01_12mp.jpg"), story.photo("bill_L2_00.jpg"))
    expect(cards(hers, "id_card")).to_have_count(2)
    expect(cards(hers, "id_card").locator("p").first).to_have_text(SENT)
    assert soon(lambda: {photo.state for photo in sent(site).values()} == {"prepared"})
    expect(cards(hers, "id_card").nth(1)).to_contain_text("照片有点模糊", timeout=20_000)
    sizes = {(photo.media_type, photo.width, photo.height) for photo in sent(site).values()}
    assert sizes == {("image/webp", 1600, 1200)}, "turned upright and made small on the phone"
    assert max(photo.sent_size for photo in sent(site).values()) < 300_000

    cards(hers, "id_card").first.get_by_role("button", name="删掉").tap()
    expect(cards(hers, "id_card")).to_have_count(1)
    assert soon(lambda: len(sent(site)) == 1)

    chooser = hers.page.locator('section[id="id_card"] input[type=file]')
    strange = {"name": "IMG_1.HEIC", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic" * 9}
    chooser.set_input_files([strange])  # type: ignore[list-item]
    expect(cards(hers, "id_card").nth(1)).to_contain_text("兼容性最佳")
    assert len(sent(site)) == 1
    in_the_page(hers, "hukou_book")
    assert soon(lambda: len(sent(site)) == 2)
    hers.open(hers.page.url)
    expect(hers.page.locator('section[id="id_card"] ul.saved li')).to_have_count(1)
    refused_the_camera(hers, "hukou_book")


_REFUSES = """() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""


def in_the_page(hers: Phone, item: str) -> None:
    """A picture by the page's own camera, which stops when it is closed."""
    section = hers.page.locator(f'section[id="{item}"]')
    section.get_by_role("button", name="用这里的相机拍").tap()
    section.get_by_role("button", name="拍一张").tap()
    expect(cards(hers, item)).to_contain_text(SENT)
    stream = section.locator("video").evaluate_handle("video => video.srcObject")
    section.get_by_role("button", name="拍完了").tap()
    expect(section.locator("video")).to_have_count(0)
    assert not stream.evaluate("stream => stream.active")


def refused_the_camera(hers: Phone, item: str) -> None:
    """The browser here always allows it, so it is told to refuse."""
    hers.page.evaluate(_REFUSES)
    section = hers.page.locator(f'section[id="{item}"]')
    section.get_by_role("button", name="用这里的相机拍").tap()
    expect(section).to_contain_text("这里的相机打不开。请点上面的按钮。")
    expect(hers.page.get_by_role("button", name="用这里的相机拍")).to_have_count(0)
    expect(section.locator("label.pick")).to_be_visible()


def test_没有信号时留在手机里_有了再传(phone: MakePhone, site: Site) -> None:
    hers = phone()
    address = story.begin(hers)
    hers.open(f"{address}/photos")
    hers.context.set_offline(True)
    hers.photograph("id_card", story.photo("id_front_L1_00.jpg"))
    expect(cards(hers, "id_card")).to_contain_text(LATER)
    expect(cards(hers, "id_card").locator("img")).to_be_visible()
    hers.context.set_offline(False)
    expect(cards(hers, "id_card")).to_contain_text(SENT)

    hers.context.route("**/uploads/*", lambda route: route.abort())
    hers.photograph("hukou_book", story.photo("hukou_L1_00_12mp.jpg"))
    expect(cards(hers, "hukou_book")).to_contain_text(LATER)
    hers.page.close()
    hers.context.unroute("**/uploads/*")
    assert len(sent(site)) == 1
    hers.page = hers.context.new_page()
    hers.open(f"{address}/check")
    expect(hers.page.locator("[data-photos] li")).to_contain_text(SENT)
    assert {photo.item for photo in sent(site).values()} == {"id_card", "hukou_book"}
    forgive_the_dead_network(hers)


def test_等着传的都在一页上(phone: MakePhone, site: Site) -> None:
    """Seen without a signal, sent from there once it is back, with nothing left."""
    hers = phone()
    address = story.begin(hers)
    hers.open("/waiting")
    hers.sees("都传完了，没有等着的。")
    assert soon(lambda: "/waiting" in hers.page.evaluate(KEPT_PAGES))
    hers.open(f"{address}/photos")
    hers.context.set_offline(True)
    hers.photograph("id_card", story.photo("id_front_L1_00.jpg"))
    expect(cards(hers, "id_card")).to_contain_text(LATER)
    hers.open("/waiting")
    waiting = hers.page.locator("[data-outbox] .cards > li")
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("1张照片没传")
    expect(waiting.locator("img")).to_have_count(0)
    hers.tap("看这一份的", stays=True)
    expect(waiting.locator("img")).to_have_attribute("src", re.compile("^data:image/jpeg"))
    expect(waiting.locator(".th li")).to_contain_text("KB")
    expect(waiting).to_contain_text("KB")
    expect(hers.page.get_by_role("button", name="现在就传")).to_be_visible()
    hers.context.set_offline(False)
    assert soon(lambda: len(sent(site)) == 1)
    hers.sees("都传完了，没有等着的。")
    forgive_the_dead_network(hers)


ON_THE_PHONE = """
(days) => new Promise((done) => {
  indexedDB.open("photos", 1).onsuccess = (opened) => {
    const photos = opened.target.result.transaction("photos", "readwrite").objectStore("photos");
    photos.getAll().onsuccess = ({ target }) => {
      target.result.forEach((one) => photos.put({ ...one, at: one.at - days * 86400000 }));
      done(target.result.map((one) => one.state));
    };
  };
})
"""


def test_有了回执才从手机里删(phone: MakePhone, site: Site) -> None:
    hers = phone()
    address = story.begin(hers)
    hers.open(f"{address}/photos")
    hers.photograph("id_card", story.photo("id_front_L1_00.jpg"))
    expect(cards(hers, "id_card")).to_contain_text(SENT)
    hers.page.evaluate(ON_THE_PHONE, 400)
    with hers.page.expect_response("**/submission"):
        hers.open(f"{address}/photos")
    assert hers.page.evaluate(ON_THE_PHONE, 0) == ["sent"], "no receipt yet"

    with site.portal.database.writing() as session:
        file = session.scalars(select(Application)).one()
        program = site.portal.catalogue.find(file.program_id)
        actor = Actor(Role.APPLICANT, file.account_id)
        answers = {"reason": ["old_age"], "applicant_name": "王秀英", "phone": "13812345678"}
        place = {"household_place": {"code": "430923121", "address": "河边"}}
        applications.save_answers(
            session, file, program, answers | place, revision=99, actor=actor, now=utc_now()
        )
        receipt = submission.submit(session, file, program, actor=actor, now=utc_now())
    (photo,) = sent(site).values()
    assert receipt["photos"][0]["sha256"] == photo.sent_digest
    assert receipt["photos"][0]["opened_sha256"] == photo.prepared_digest
    hers.open(f"{address}/photos")
    assert soon(lambda: hers.page.evaluate(ON_THE_PHONE, 0) == [])
    forgive_the_dead_network(hers)


def test_没传完就往下走也不丢(phone: MakePhone, site: Site) -> None:
    hers = phone()
    address = story.begin(hers)
    hers.open(f"{address}/photos")

    def slowly(route: Route) -> None:
        hers.page.wait_for_timeout(800)
        route.continue_()

    hers.context.route("**/uploads/*", slowly)
    hers.photograph("id_card", story.photo("id_front_L1_00.jpg"), story.photo("id_back_L1_00.jpg"))
    hers.page.get_by_role("link", name="拍好了，下一步").tap()
    hers.page.wait_for_url("**/sign")
    assert len(sent(site)) == 2

    hers.context.route("**/uploads/*", lambda route: route.abort())
    hers.open(f"{address}/photos")
    hers.photograph("hukou_book", story.photo("hukou_L1_00.jpg"))
    expect(cards(hers, "hukou_book")).to_contain_text(LATER)
    hers.context.unroute("**/uploads/*")
    hers.context.route("**/uploads/*", slowly)
    hers.open(f"{address}/check")
    hers.page.get_by_role("button", name="提交", exact=True).tap()
    expect(hers.page).to_have_title(re.compile("有错误"))
    assert len(sent(site)) == 3
    forgive_the_dead_network(hers)


def test_脚本来得晚_先选的照片也算(phone: MakePhone, site: Site) -> None:
    hers = phone()
    hers.context.add_init_script("delete Navigator.prototype.serviceWorker")
    address = story.begin(hers)
    held: list[Route] = []
    hers.context.route("**/photo.js", lambda route: held.append(route))
    hers.page.goto(f"{address}/photos")
    hers.photograph("id_card", story.photo("id_front_L1_00.jpg"))
    while not held:
        hers.page.wait_for_timeout(50)
    held[0].continue_()
    expect(cards(hers, "id_card")).to_contain_text(SENT)
    assert len(sent(site)) == 1


def test_普通HTTP下_表单自己能传(phone: MakePhone, site: Site) -> None:
    hers = phone()
    hers.context.add_init_script(
        "Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})"
    )
    hers.open(story.begin(hers) + "/photos")
    hers.photograph("id_card", story.photo("id_front_L1_00.jpg"))
    hers.page.locator('section[id="id_card"]').get_by_role("button", name="传上去").tap()
    expect(hers.page.locator('section[id="id_card"] ul.saved li')).to_have_count(1)
    assert [photo.media_type for photo in sent(site).values()] == ["image/jpeg"]
