"""Names of persons, judged by block and not by category: Python knows fewer characters
than the household register does."""

import re
import unicodedata
from dataclasses import dataclass

from portal.foundation.errors import Invalid

DOT = "\u00b7"
_LONGEST = 50
_MOST_MARKS = 3
_DOTS = re.compile("[\u2022\u30fb\u2027\uff65\uff0e\u0387\u2219\u22c5\u16eb]")
_HAN = (
    "\u3005\u3007\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002fffd\U00030000-\U0003fffd"
)
_HAN_ONE = re.compile(f"[{_HAN}]")
_ASCII_DOT = re.compile(f"(?<=[{_HAN}{DOT}])\\.(?=[{_HAN}{DOT}])")
_SELECTED = re.compile(f"(?<=[{_HAN}])[\U000e0100-\U000e01ef]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_JOINERS = f" {DOT}.'\u2019-"
_RADICAL = re.compile("[\u2e80-\u2fdf]")


@dataclass(frozen=True)
class PersonName:
    """A name as the person writes it. `uncertain`: a clerk completes it from the card."""

    value: str
    uncertain: bool = False

    @classmethod
    def parse(cls, text: str) -> "PersonName":
        """1–50 characters; every Han character, any other script; middle dots made one.

        Raises Invalid: name_length, invisible_char, name_dot, name_blank or name_marks.
        """
        typed = _ASCII_DOT.sub(DOT, _DOTS.sub(DOT, text.strip(" \t\r\n\u00a0\u3000")))
        if not 1 <= len(typed) <= _LONGEST:
            raise Invalid("请填姓名，最多50个字。", code="name_length")
        _refuse_invisible(typed)
        if typed.startswith(DOT) or typed.endswith(DOT) or DOT * 2 in typed:
            raise Invalid("间隔点要在两个字中间。", code="name_dot")
        if _HAN_ONE.search(typed) and re.search(r"\s", typed):
            raise Invalid("名字中间不要有空格。", code="name_blank")
        return cls(typed, _uncertain(typed))

    @property
    def key(self) -> str:
        """For comparing: composed, without the selectors that only choose a drawn form."""
        return unicodedata.normalize("NFC", _SELECTED.sub("", self.value)).casefold()

    @property
    def suggestion(self) -> str:
        """With characters proper where radicals were pasted from a scan; else empty."""
        if not _RADICAL.search(self.value):
            return ""
        return _RADICAL.sub(lambda m: unicodedata.normalize("NFKC", m[0]), self.value)

    @property
    def masked(self) -> str:
        return self.value[0] + "*" * (len(self.value) - 1)

    def __repr__(self) -> str:
        return f"PersonName({self.masked})"


def _refuse_invisible(typed: str) -> None:
    seen = _SELECTED.sub("", typed)
    for position, char in enumerate(seen, start=1):
        if _INVISIBLE.match(char) or _unprintable(char):
            message = f"第{position}个字看不见。请删掉重填。"
            raise Invalid(message, code="invisible_char")
    if re.search(f"{_MARK}{{{_MOST_MARKS + 1}}}", _shape(seen)):
        raise Invalid("名字里的符号太多。请重填。", code="name_marks")


def _unprintable(char: str) -> bool:
    """Controls, halves of characters, and code points that will never be characters."""
    return unicodedata.category(char) in ("Cc", "Cs") or ord(char) & 0xFFFE == 0xFFFE


_MARK = "m"


def _shape(typed: str) -> str:
    return "".join(_MARK if unicodedata.category(c)[0] == "M" else "." for c in typed)


def _uncertain(typed: str) -> bool:
    """Whether something stands for a character the person could not type."""
    seen = _SELECTED.sub("", typed)
    han = _HAN_ONE.search(seen) is not None
    return any(_doubtful(char, beside_han=han) for char in seen)


def _doubtful(char: str, *, beside_han: bool) -> bool:
    if _PRIVATE.match(char) or _RADICAL.match(char):
        return True
    if _HAN_ONE.match(char):
        return False
    if beside_han and char != DOT and char.isascii():
        return True
    return char not in _JOINERS and unicodedata.category(char)[0] not in "LM"
