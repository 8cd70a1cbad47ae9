"""The paper form: readable, complete, the same bytes twice, and nothing typed becomes markup."""

import io
import unicodedata
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from portal.foundation import typesetting
from portal.handover import form_pdf, paper, strokes
from tests.handover.files import STROKES

FONT = typesetting.FONTS / "NotoSansCJKsc-Regular.otf"


def body(**changes: Any) -> dict[str, Any]:
    fields = [
        {"label": "姓名", "text": "刘桂香", "question_changed": False},
        {"label": "发生了什么", "text": "病了。\n没钱。", "question_changed": True},
    ]
    person = {"fields": [{"name": "name", "label": "姓名", "text": "陈小雨"}]}
    people = {"label": "家里人", "text": "1人", "question_changed": False, "people": [person]}
    signed = {
        "signer": "applicant", "name": "刘桂香", "method_text": "在手机上签",
        "signed_at": "2026-11-22T01:00:00Z", "text_version": "2026-11", "strokes": STROKES,
    }  # fmt: skip
    return {
        "program": {"title": "最低生活保障"}, "reference_no": "1679915668", "version": 1,
        "filed_at": "2026-11-20T01:00:00Z", "submitted_at": "2026-11-22T01:00:00Z",
        "urgent": False, "alert": "", "office": {"name": "湖南省益阳市安化县东坪镇", "why": "户口在这里。"},
        "steps": [{"title": "谁要申请", "fields": [*fields, people]}, {"title": "空的", "fields": []}],
        "not_photographed": [{"title": "收入的证明"}], "signatures": [signed],
    } | changes  # fmt: skip


def text_of(pdf: bytes) -> str:
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return unicodedata.normalize("NFKC", "".join(words.split()))


def rendered(**changes: Any) -> str:
    return text_of(form_pdf.render(paper.of(body(**changes), [])))


def test_everything_said_is_on_the_paper() -> None:
    photos = [
        {"title": "户口本", "file": "photos/01-hukou.jpg", "note": ""},
        {"title": "病历", "file": "", "note": "照片打不开，请当面看原件"},
    ]
    text = text_of(form_pdf.render(paper.of(body(), photos)))
    for words in (
        "最低生活保障申请表", "1679915668", "2026年11月20日09:00", "东坪镇", "刘桂香", "陈小雨",
        "photos/01-hukou.jpg", "照片打不开", "收入的证明", "在手机上签", "这道题的说法改过", "已提交",
    ):  # fmt: skip
        assert unicodedata.normalize("NFKC", words) in text


def test_same_paper_same_bytes_and_old_readers_open_it() -> None:
    first, second = (form_pdf.render(paper.of(body(), [])) for _ in range(2))
    assert first == second
    assert first.startswith(b"%PDF-1.7")
    box = PdfReader(io.BytesIO(first)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)


@pytest.mark.parametrize(("alert", "words"), [("food", "没饭吃"), ("shelter", "没地方住")])
def test_an_alert_stands_on_top(alert: str, words: str) -> None:
    assert words in rendered(alert=alert, urgent=True)


def test_nobody_signed_and_no_photo_is_said_kindly() -> None:
    text = rendered(signatures=[])
    assert "入户时可当面补签" in text
    assert "入户时可当面查看" in text


MARKUP = '#panic() $x$ *b* _i_ `c` @ref <l> = h // c /* \\u{41} #sys.inputs [a] {b} "q"'


def test_what_people_type_is_never_markup() -> None:
    field = {"label": MARKUP, "text": MARKUP, "question_changed": False}
    office = {"name": MARKUP, "why": MARKUP}
    text = rendered(steps=[{"title": MARKUP, "fields": [field]}], office=office)
    wanted = unicodedata.normalize("NFKC", "".join(MARKUP.split()))
    assert text.count(wanted) >= 4


def test_a_rare_name_is_printed_as_its_code_point() -> None:
    assert typesetting.printable("陈\U0002ebf0") == "陈〔U+2EBF0〕见证件照片"
    assert typesetting.printable("㼆") == "㼆"


def test_the_coverage_file_tells_what_the_font_has() -> None:
    with TTFont(FONT, lazy=True) as font:
        mapped = set(font.getBestCmap())
    points = [*range(0x20, 0x3400), *range(0x9F00, 0xA000), *range(0x2CB00, 0x2CC00)]
    assert [p for p in points if typesetting.covered(chr(p)) != (p in mapped)] == []


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=120))
def test_any_text_at_all_becomes_a_paper(words: str) -> None:
    clean = words.encode("utf-8", "replace").decode()
    field = {"label": "话", "text": clean, "question_changed": False}
    assert form_pdf.render(paper.of(body(steps=[{"title": "一", "fields": [field]}]), []))


def test_a_drawing_is_made_of_numbers_only() -> None:
    drawing = strokes.svg(STROKES)
    assert drawing.startswith("<svg ")
    assert drawing.count("<path") == len(STROKES)
    assert strokes.svg([]) == ""
    assert strokes.svg([[[5, 5]]]).count("<path") == 1
