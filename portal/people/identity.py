"""Identity numbers, names, phones and accounts as people type them, made into values.

Nothing here uses `str.isdigit`, `int` or NFKC on what was typed: those take ² and
Arabic-Indic digits for numbers. Only the full-width forms of a Chinese keyboard are mapped.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.foundation.errors import Invalid
from portal.people.names import PersonName

__all__ = ["BankAccount", "IdNumber", "OldIdNumber", "PersonName", "Phone", "Sex", "plain"]

_FULL_WIDTH = {0xFF10 + n: str(n) for n in range(10)} | {0xFF38: "X", 0xFF58: "X", 0xFF0B: "+"}
_NOTHING = dict.fromkeys([*map(ord, " \t\r\n-\u00a0\u3000\uff0d"), *range(0x2010, 0x2016)])
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OLDEST = 130
_FIRST_YEAR, _LAST_YEAR = 1880, 2099


def plain(text: str) -> str:
    """Full-width digits, X and + made ASCII; blanks and hyphens dropped."""
    return text.translate(_FULL_WIDTH).translate(_NOTHING)


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


class OldIdNumber(Invalid):
    """Fifteen digits of before 1999; `suggestion` is the number of today it became."""

    code = "id_15"

    def __init__(self, suggestion: str) -> None:
        super().__init__(f"15位是旧号码。请核对新号码：{suggestion}")
        self.suggestion = suggestion


@dataclass(frozen=True)
class IdNumber:
    """公民身份号码 (GB 11643): 18 characters. The county in it is a hint, never a reason to refuse."""

    value: str

    @classmethod
    def parse(cls, text: str, *, today: date | None = None) -> "IdNumber":
        """The number as printed on the card; with `today` also no unborn and nobody over 130.

        Raises Invalid: id_15 (OldIdNumber, with the number of today), ascii_only, id_check
        or id_date.
        """
        typed = plain(text).replace("x", "X")
        if re.fullmatch(r"[0-9]{15}", typed):
            raise OldIdNumber(_from_fifteen(typed, today))
        if not typed.isascii():
            raise Invalid("身份证号只有数字和字母X。请改用数字键输入。", code="ascii_only")
        if not re.fullmatch(r"[0-9]{17}[0-9X]", typed):
            raise Invalid("身份证号是18位。请对照证件再填。", code="id_check")
        if typed[17] != _check_digit(typed[:17]):
            raise Invalid("身份证号有一位不对。请对照证件再填。", code="id_check")
        _check_birth(typed[6:14], today)
        return cls(typed)

    @property
    def masked(self) -> str:
        """First and last character only: more would leave few candidates."""
        return f"{self.value[0]}{'*' * 16}{self.value[-1]}"

    @property
    def birth_date(self) -> date:
        return date.fromisoformat(self.value[6:14])

    @property
    def sex(self) -> Sex:
        return Sex.MALE if self.value[16] in "13579" else Sex.FEMALE

    @property
    def county_hint(self) -> str:
        """Six digits of where it was first issued, perhaps long abolished."""
        return self.value[:6]

    @property
    def last_four(self) -> str:
        return self.value[-4:]

    @property
    def last_six(self) -> str:
        return self.value[-6:]

    def __repr__(self) -> str:
        return f"IdNumber({self.masked})"


def _check_digit(first_seventeen: str) -> str:
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, first_seventeen, strict=True))
    return _CHECKS[total % 11]


def _from_fifteen(old: str, today: date | None) -> str:
    body = f"{old[:6]}19{old[6:]}"
    _check_birth(body[6:14], today)
    return body + _check_digit(body)


def _check_birth(digits: str, today: date | None) -> None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise _wrong_birth() from None
    if not _FIRST_YEAR <= born.year <= _LAST_YEAR:
        raise _wrong_birth()
    if today is not None and (born > today or _age(born, today) > _OLDEST):
        raise _wrong_birth()


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _wrong_birth() -> Invalid:
    return Invalid("身份证号里的生日不对。请对照证件再填。", code="id_date")


@dataclass(frozen=True)
class Phone:
    """A mobile number of eleven digits, or with `parse_any` a landline to be called on."""

    value: str

    @classmethod
    def parse(cls, text: str) -> "Phone":
        """A mobile number, which can receive a code. Raises Invalid: ascii_only or phone."""
        typed = _without_country(plain(text))
        if not typed.isascii():
            raise Invalid("手机号只有数字。请改用数字键输入。", code="ascii_only")
        if not re.fullmatch(r"1[3-9][0-9]{9}", typed):
            raise Invalid("手机号是11位数字，以1开头。", code="phone")
        return cls(typed)

    @classmethod
    def parse_any(cls, text: str) -> "Phone":
        """A mobile number or a landline with its area code, for calling back. Raises Invalid."""
        typed = _without_country(plain(text).translate(_BRACKETS))
        if re.fullmatch(r"0[1-9][0-9]{1,2}[2-8][0-9]{6,7}", typed):
            return cls(typed)
        try:
            return cls.parse(typed)
        except Invalid as refusal:
            message = "请填手机号，或带区号的座机号。"
            raise Invalid(message, code=refusal.code) from refusal

    @property
    def masked(self) -> str:
        """Enough for the owner to know it again."""
        return f"{self.value[:3]}****{self.value[-4:]}"

    @property
    def last_four(self) -> str:
        return self.value[-4:]

    @property
    def mobile(self) -> bool:
        return self.value.startswith("1")

    def __repr__(self) -> str:
        return f"Phone({self.masked})"


_BRACKETS = dict.fromkeys(map(ord, "()\uff08\uff09"))


def _without_country(typed: str) -> str:
    for prefix in ("+86", "0086"):
        if typed.startswith(prefix):
            return typed.removeprefix(prefix)
    return typed[2:] if re.fullmatch(r"861[0-9]{10}", typed) else typed


@dataclass(frozen=True)
class BankAccount:
    """An account to be paid into. Never refused: passbooks and 一卡通 follow no rule."""

    value: str
    warning: str = ""
    """A sentence when it looks mistyped, else empty."""

    @classmethod
    def parse(cls, text: str) -> "BankAccount":
        typed = plain(text)
        if not re.fullmatch(r"[0-9]{12,19}", typed):
            return cls(typed, "账号多为12到19位数字。请再看一遍。")
        if not _luhn(typed):
            return cls(typed, "账号可能有一位不对。请再看一遍。")
        return cls(typed)

    @property
    def last_four(self) -> str:
        return self.value[-4:]

    def __repr__(self) -> str:
        return f"BankAccount(…{self.last_four})"


def _luhn(digits: str) -> bool:
    odd = sum(int(d) for d in digits[-1::-2])
    doubled = sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (odd + doubled) % 10 == 0
