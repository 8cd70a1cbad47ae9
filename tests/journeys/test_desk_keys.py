"""The desk without a mouse: a file checked in few strokes, answers copied, everything printed."""

import io
import shutil
from pathlib import Path
from unicodedata import normalize

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from portal.casework import office
from portal.filing.tables import Application, Document
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings
from portal.handover.tables import IntakeDossier
from portal.people.access import Role
from tests.desk.clerks import hire
from tests.handover import files
from tests.journeys.desk import LARGE, PICTURES, SMALL
from tests.journeys.site import serving, soon
from tests.journeys.test_desk import PHOTOS

MOST_STROKES = 12
SENT = (
    ("id_card", "id_front_L1_00.jpg"), ("bank_account", "bank_L1_00.jpg"),
    ("medical_bills", "bill_L1_00.jpg"), ("other", "hukou_L1_00.jpg"),
)  # fmt: skip

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def filled(template, tmp_path_factory):
    """An installation with one file of every paper and signature, delivered, its photos prepared."""
    folder = shutil.copytree(template, tmp_path_factory.mktemp("filled") / "data")
    with serving(Settings(data=folder)) as site:
        file_id = files.draft(site.portal, files.MORE)
        for item, name in SENT:
            files.add_photo(site.portal, file_id, (PHOTOS / name).read_bytes(), item=item)
        files.sign(site.portal, file_id)
        files.submit(site.portal, file_id, now=utc_now())
        assert soon(lambda: _arrived(site.portal))
    return folder, file_id


@pytest.fixture
def settings(filled, tmp_path):
    return Settings(data=shutil.copytree(filled[0], tmp_path / "data"))


@pytest.fixture
def complete(filled):
    return filled[1]


def _arrived(portal):
    with portal.database.reading() as session:
        prepared = session.query(Document).filter_by(state="prepared").count()
        return prepared == len(SENT) and session.query(IntakeDossier).count() == 1


@pytest.fixture
def li(desk, site):
    made = desk()
    made.sign_in("li", *hire(site.portal, "li"))
    return made


def _marks(site, file_id):
    with site.portal.database.reading() as session:
        file = session.get_one(Application, file_id)
        return file.status, sorted(office.photo_states(session, file).values(), key=str)


def test_a_complete_file_is_checked_in_twelve_strokes_and_nothing_is_typed(site, complete, li):
    li.stroke("n", leaves=True)
    assert str(complete) in li.page.url
    for number in range(len(SENT)):
        li.stroke("o")
        expect(li.page.locator(".photo[data-mark=accepted]")).to_have_count(number + 1)
    li.clean("11-all-seen")
    expect(li.page.get_by_role("button", name="受理", exact=True)).to_be_focused()
    li.stroke("Enter", leaves=True)
    expect(li.page.locator("main")).to_contain_text("已办：受理。")
    assert _marks(site, complete) == ("accepted", ["accepted"] * len(SENT))
    assert li.strokes <= MOST_STROKES


def test_keys_say_what_they_do_and_leave_what_is_typed_alone(site, complete, li):
    li.stroke("/")
    expect(li.page.locator("#words")).to_be_focused()
    li.page.keyboard.type("n?ja")
    expect(li.page.locator("#words")).to_have_value("n?ja")
    expect(li.page.locator("dialog")).to_have_count(0)
    li.stroke("Escape")
    li.stroke("j")
    expect(li.page.locator("tbody th a").first).to_be_focused()
    li.stroke("Enter", leaves=True)
    li.stroke("?")
    expect(li.page.locator("dialog")).to_contain_text("受理")
    li.clean("12-help")
    li.stroke("Escape")
    expect(li.page.locator("dialog")).to_have_count(0)
    li.stroke("j")
    li.stroke("j")
    expect(li.page.locator("#photo-2 .frame")).to_be_focused()
    li.stroke("e")
    li.page.keyboard.type("请到亮处重拍。")
    li.stroke("Enter", leaves=True)
    assert _marks(site, complete)[1] == [None, None, None, "retake"]
    li.stroke("b")
    expect(li.page.locator("#ask input[type=checkbox]").first).to_be_focused()
    li.stroke("Escape")
    li.stroke("a")
    expect(li.page.get_by_role("button", name="受理", exact=True)).to_be_focused()
    li.stroke("t", leaves=True)
    assert li.page.url.endswith("/transfer")


@pytest.mark.parametrize(
    "secure", [pytest.param(True, marks=pytest.mark.full), False], ids=["https", "内网http"]
)
def test_one_answer_after_the_other_into_the_clipboard(site, complete, li, secure):
    li.context.grant_permissions(["clipboard-read", "clipboard-write"])
    if not secure:
        li.page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    li.page.goto(f"/desk/files/{complete}/copy")
    li.press("显示（会记录）")
    li.page.wait_for_selector("html[data-ready]", state="attached")
    found = []
    for number in range(6):
        expect(li.page.locator(f"#copy-{number + 1}")).to_be_focused()
        li.stroke("Enter")
        expect(li.page.locator("#copied")).to_contain_text(f"第{number + 1}项")
        found.append(li.page.evaluate("navigator.clipboard.readText()"))
    assert found[3:5] == ["刘桂香", files.MORE["applicant_id_number"]]
    assert li.page.locator('[data-done="1"]').count() == 6
    li.stroke("k")
    expect(li.page.locator("#copy-6")).to_be_focused()
    li.clean("13-copy")
    li.stroke("u", leaves=True)
    assert li.page.url.endswith(str(complete))


def test_the_whole_file_is_printed_photos_two_a_page(site, complete, li):
    li.page.goto(f"/desk/files/{complete}")
    li.page.evaluate("window.print = () => { document.documentElement.dataset.printed = '1' }")
    li.stroke("p")
    li.page.wait_for_selector("html[data-printed]", state="attached")
    printed = li.page.pdf(prefer_css_page_size=True)
    if PICTURES:
        Path(f"{PICTURES}/14-print.pdf").write_bytes(printed)
    pages = PdfReader(io.BytesIO(printed)).pages
    words = ["".join(normalize("NFKC", page.extract_text()).split()) for page in pages]
    assert all("李主任" in text for text in words)
    assert "老伴去年走了" in "".join(words)
    assert "发出补正清单" not in "".join(words)
    assert soon(lambda: _photos_a_page(li.page.pdf(prefer_css_page_size=True)) == [2, 2])


def _photos_a_page(printed: bytes) -> list[int]:
    """A busy browser may leave a picture out of a PDF it is asked for at once."""
    pages = PdfReader(io.BytesIO(printed)).pages
    found = [sum(image.image.width > 600 for image in page.images) for page in pages]
    return [n for n in found if n]


@pytest.mark.parametrize(
    "screen", [pytest.param(LARGE, marks=pytest.mark.full), SMALL], ids=["1280", "1024"]
)
def test_every_page_of_the_desk_fits_the_screen(desk, site, complete, screen):
    wide = screen["width"]
    zhou = desk(screen=screen)
    zhou.sign_in("zhou", *hire(site.portal, "zhou"))
    at = f"/desk/files/{complete}"
    for number, path in enumerate(
        ("/desk/", at, f"{at}/copy", f"{at}/transfer", "/desk/export", "/desk/keys")
    ):
        zhou.page.goto(path)
        zhou.clean(f"2{number}-{wide}")
        assert zhou.page.evaluate("document.documentElement.scrollWidth") <= wide, path


def test_a_supervisor_reads_figures_then_one_file(desk, site, complete):
    boss = desk()
    hired = hire(site.portal, "boss", role=Role.SUPERVISOR, region="430900", name="老曾")
    boss.sign_in("boss", *hired, heading="办理情况")
    boss.clean("31-figures")
    boss.page.goto(f"/desk/files/{complete}")
    boss.clean("32-reason")
    boss.page.fill("#words", "群众来信，核实进度。")
    boss.press("打开这一件")
    expect(boss.page.locator("main")).to_contain_text("刘桂香")
    boss.clean("33-opened")
