"""The pages' own words: short sentences, everyday characters, every element ours to style."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parent.parent.parent / "static"
PAGES = sorted((STATIC / "pages").glob("*.html"))
SCRIPTS = sorted((STATIC / "assets").glob("*.js"))
LONGEST = 20
LEVEL_ONE = {
    bytes((high, low)).decode("gb2312")
    for high in range(0xB0, 0xD8)
    for low in range(0xA1, 0xFF)
    if (high, low) <= (0xD7, 0xF9)
}
"""The 3755 characters of everyday print (GB 2312, level 1)."""
_JINJA = re.compile(r"\{#.*?#\}|\{%-?\s*(?:if|else|elif|for).*?%\}|\{%.*?%\}|\{\{.*?\}\}", re.S)


def sentences(page: Path) -> list[str]:
    text = page.read_text()
    words = re.findall(r"(?:aria-label|alt)=\"([^\"]*)\"", text)
    text = re.sub(r"<(?:style|script).*?</(?:style|script)>", "", text, flags=re.S)
    plain = re.sub(r"<[^>]*>", "\n", _JINJA.sub("\n", text))
    parts = re.split(r"[。！？；：\n]", plain + "\n" + "\n".join(words))
    return [part for part in map(str.strip, parts) if re.search(r"[\u4e00-\u9fff]", part)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_一句话不超过二十个字(page: Path) -> None:
    assert [s for s in sentences(page) if len(re.findall(r"[\u4e00-\u9fff]", s)) > LONGEST] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_只用常用字(page: Path) -> None:
    rare = {c for s in sentences(page) for c in s if "\u4e00" <= c <= "\u9fff"} - LEVEL_ONE
    assert rare == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_没有写在标签里的样式和脚本(page: Path) -> None:
    text = page.read_text()
    assert not re.search(r"\s(?:style|on[a-z]+)=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_脚本说的话也短() -> None:
    said = [
        w for path in SCRIPTS for w in re.findall(r"[\"'`]([^\"'`\n]*)[\"'`]", path.read_text())
    ]
    parts = [part for words in said for part in re.split(r"[。！？；：]", words)]
    assert [p for p in parts if len(re.findall(r"[\u4e00-\u9fff]", p)) > LONGEST] == []
