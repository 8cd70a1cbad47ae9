"""Copies that leave the desk name office, person and minute, all over."""

import io

import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from portal.casework import watermark
from portal.handover import form_pdf, frozen, paper
from tests.casework import cases
from tests.conftest import NOW
from tests.handover import files

MARK = "安化县东坪镇 李主任 2026年11月22日 09:00"


@pytest.mark.parametrize("colour", ["white", "grey", "black"])
@pytest.mark.parametrize("size", [(2000, 1500), (640, 900), (90, 60)])
def test_it_stands_on_every_part_of_a_photo(colour, size):
    before = files.jpeg(colour, size)
    after = Image.open(io.BytesIO(watermark.on_photo(before, MARK)))
    assert after.size == size
    assert after.getexif() == {}
    changed = ImageChops.difference(after.convert("L"), Image.open(io.BytesIO(before)).convert("L"))
    width, height = size
    quarters = [
        (x, y, x + width // 2, y + height // 2) for x in (0, width // 2) for y in (0, height // 2)
    ]
    for box in quarters if width >= 640 else [(0, 0, width, height)]:
        assert changed.crop(box).getextrema()[1] > 12


def test_the_print_below_stays_legible():
    marked = Image.open(io.BytesIO(watermark.on_photo(files.jpeg("white", (1000, 800)), MARK)))
    assert min(marked.convert("L").getextrema()) > 150


def test_the_same_words_are_drawn_once():
    watermark.on_photo(files.jpeg("white", (500, 400)), MARK)
    hits = watermark._mask.cache_info().hits
    watermark.on_photo(files.jpeg("grey", (500, 400)), MARK)
    assert watermark._mask.cache_info().hits == hits + 1


def test_what_it_says():
    assert watermark.words("安化县东坪镇", "李主任", now=NOW) == MARK


def test_the_form_that_leaves_says_it_and_the_dossiers_own_does_not(portal):
    file_id = cases.handed_in(portal)
    with portal.database.reading() as session:
        body = frozen.contents(session, cases.file_of(session, file_id), 1)
    plain = paper.of(body, [])
    for words, wanted in (({}, False), ({"watermark": MARK}, True)):
        pages = PdfReader(io.BytesIO(form_pdf.render(plain | words))).pages
        for page in pages:
            assert ("李主任" in page.extract_text().replace("\u200b", "")) is wanted
