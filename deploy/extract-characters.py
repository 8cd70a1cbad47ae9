"""Makes portal/policy/search_pinyin.txt and search_traditional.txt; needed only when they change.

    pip install pypinyin==0.55.0 opencc-python-reimplemented==0.1.7
    python deploy/extract-characters.py

Readings come from pypinyin (MIT), traditional forms from OpenCC's TSCharacters (Apache-2.0);
both for the 6763 characters of GB 2312. Nothing of either is needed to run the portal.
"""

import importlib.util
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "portal" / "policy"
_PER_LINE = 20


def main() -> None:
    known = gb2312()
    _write(
        "search_pinyin.txt", "pypinyin 0.55.0, MIT: syllable, then its characters", pinyin(known)
    )
    pairs = [old + new for old, new in traditional(known)]
    lines = [" ".join(pairs[n : n + _PER_LINE]) for n in range(0, len(pairs), _PER_LINE)]
    _write("search_traditional.txt", "OpenCC TSCharacters, Apache-2.0: 萬万 is 萬 → 万", lines)


def gb2312() -> list[str]:
    codes = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return sorted(filter(None, (code.decode("gb2312", "ignore") for code in codes)))


def pinyin(known: list[str]) -> list[str]:
    from pypinyin import Style, pinyin

    said: dict[str, list[str]] = {}
    for character in known:
        for syllable in sorted(set(pinyin(character, Style.NORMAL, heteronym=True)[0])):
            if syllable.isascii() and syllable.isalpha():
                said.setdefault(syllable, []).append(character)
    return [f"{syllable} {''.join(said[syllable])}" for syllable in sorted(said)]


def traditional(known: list[str]) -> list[tuple[str, str]]:
    found = importlib.util.find_spec("opencc")
    if found is None or found.origin is None:
        raise SystemExit("pip install opencc-python-reimplemented")
    table = Path(found.origin).parent / "dictionary" / "TSCharacters.txt"
    rows = (line.split("\t") for line in table.read_text("utf-8").splitlines() if "\t" in line)
    pairs = ((old, new.split()[0]) for old, new in rows)
    return sorted((o, n) for o, n in pairs if len(o) == len(n) == 1 and o != n and n in set(known))


def _write(name: str, source: str, lines: list[str]) -> None:
    text = "\n".join([f"# deploy/extract-characters.py from {source}", *lines])
    (TARGET / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
