"""Guides on paper: complete, of the right size, the same bytes twice, the numbers of the place."""

import io
import shutil
import subprocess
import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from portal.foundation.errors import NotFound
from portal.policy import amounts, directory, guide, loader, printing
from portal.policy.printing import Where

CATALOGUE = loader.load()
ON = date(2026, 11, 22)
URL = "https://jiuzhu.example"
CONTACT = directory.Contact("window", "东坪镇窗口", "0737-0000001", "周一到周五", "一楼")
HERE = Where(
    "430000/430900/430923/430923121", "湖南省益阳市安化县东坪镇",
    (CONTACT, directory.EVERYWHERE), URL, ON,
)  # fmt: skip
NOWHERE = Where("", "", (directory.EVERYWHERE,), URL, ON)


def pages(pdf: bytes) -> list[str]:
    return [_plain(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", "".join(text.split()))


def size(pdf: bytes) -> tuple[int, int]:
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    return round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)


@pytest.mark.parametrize("program", CATALOGUE.programs.values(), ids=list(CATALOGUE.programs))
def test_every_guide_fits_one_leaf(program):
    pdf = printing.sheet(CATALOGUE, program, HERE)
    told = pages(pdf)
    assert size(pdf) == (210, 297)
    assert len(told) <= 2
    for block in guide.blocks(program.guide):
        for text in block.texts:
            assert _plain(text) in "".join(told), "a sentence of the guide is missing"
    assert "0737-0000001" in told[0]
    assert "东坪镇" in told[0]


def test_local_amounts_stand_on_the_sheet():
    told = "".join(pages(printing.sheet(CATALOGUE, CATALOGUE.find("dibao"), HERE)))
    found = amounts.in_force(CATALOGUE, "dibao", HERE.path, on=ON)
    assert found
    assert all(_plain(amounts.words(a, on=ON)) in told for a in found)


def test_without_a_place_nothing_is_guessed():
    told = "".join(pages(printing.sheet(CATALOGUE, CATALOGUE.find("dibao"), NOWHERE)))
    assert _plain(amounts.UNKNOWN) in told
    assert "12349" in told
    assert "740元" not in told


def test_the_pocket_book_has_every_guide_and_who_to_call():
    pdf = printing.pocket_book(CATALOGUE, HERE)
    told = pages(pdf)
    assert size(pdf) == (105, 148)
    assert "0737-0000001" in told[0]
    for program in CATALOGUE.programs.values():
        assert _plain(program.short) in told[1], "the contents leave one out"
        assert any(page.startswith(_plain(program.title)) for page in told)
    assert "12349" in told[-1]
    assert "东坪镇窗口" in told[-1]


@pytest.mark.parametrize(("paper", "expected"), [("a4", (210, 297)), ("a3", (297, 420))])
@pytest.mark.parametrize("where", [HERE, NOWHERE], ids=["镇", "全国"])
def test_the_poster_is_one_page(paper, expected, where):
    pdf = printing.poster(CATALOGUE, where, paper=paper)
    (told,) = pages(pdf)
    assert size(pdf) == expected
    assert where.contacts[0].phone in told
    assert all(_plain(p.short) in told for p in CATALOGUE.programs.values())


def test_the_same_words_make_the_same_bytes():
    for make in (
        lambda: printing.poster(CATALOGUE, HERE),
        lambda: printing.sheet(CATALOGUE, CATALOGUE.find("tekun"), HERE),
    ):
        first = make()
        printing._rendered.cache_clear()
        assert make() == first
        assert make() is make()


def test_a_changed_number_makes_another_paper():
    moved = replace(HERE, contacts=(replace(CONTACT, phone="0737-0000002"),))
    assert printing.poster(CATALOGUE, HERE) != printing.poster(CATALOGUE, moved)


def test_what_offices_write_is_never_markup():
    nasty = '#panic() $x$ *b* @ref <l> [a] "q" \\u{41}'
    contact = replace(CONTACT, name=nasty, hours=nasty, address=nasty)
    told = pages(printing.poster(CATALOGUE, replace(HERE, contacts=(contact,), full_name=nasty)))
    assert told[0].count(_plain(nasty)) == 4


def test_a_rare_place_name_is_printed(tmp_path):
    where = replace(HERE, full_name="湖南省怀化市㵲阳镇")
    assert "㵲阳镇" in pages(printing.poster(CATALOGUE, where))[0]


def test_a_guide_past_its_review_says_so():
    program = replace(CATALOGUE.find("dibao"), review_by=date(2026, 1, 31))
    assert guide.stale(program, on=date(2026, 1, 31)) == ""
    assert "2026年1月31日该复核" in guide.stale(program, on=date(2026, 2, 1))
    assert guide.stale(replace(program, review_by=None), on=ON) == ""
    told = pages(printing.sheet(CATALOGUE, program, HERE))[0]
    assert "该复核" in told


def test_about_a_place(portal):
    with portal.database.reading() as session:
        where = printing.about(session, "430923121", url=URL, on=ON)
        assert where.full_name == "湖南省益阳市安化县东坪镇"
        assert where.contacts == [directory.EVERYWHERE]
        assert where.query == "?place=430923121"
        assert printing.about(session, "", url=URL, on=ON).query == ""
        with pytest.raises(NotFound):
            printing.about(session, "999999", url=URL, on=ON)


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm is missing")
def test_old_readers_draw_it(tmp_path):
    (tmp_path / "a.pdf").write_bytes(printing.poster(CATALOGUE, HERE))
    done = subprocess.run(
        ["pdftoppm", "-r", "30", "-png", tmp_path / "a.pdf", tmp_path / "a"],
        capture_output=True, check=True,
    )  # fmt: skip
    assert done.stderr == b""
    assert list(tmp_path.glob("a*.png"))
