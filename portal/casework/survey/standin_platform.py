"""A stand-in check platform: answers from the identity number alone, later, in parts, or wrongly.

For demonstration and tests; production refuses it. The same person always has the same things.
It keeps nothing: what it says depends on the question and the time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from portal.casework.survey import items
from portal.casework.survey.question import Line, NotAnswered, Platform, Question, Report

_SOMEBODY_ELSE = "430923199001019999"
_SAVED = (0, 12_000, 38_050, 150_000, 260_000, 490_000)
_SAVED_MUCH = 8_600_000


@dataclass(frozen=True)
class Behaviour:
    """How it is today. `latency` until it answers, `later` until the `missing` items come too;
    `failures`: it cannot be reached so many times first; `wrong_person`: until then its reports
    are about somebody else; `more`: lines of items we have never heard of."""

    latency: timedelta = timedelta(seconds=2)
    missing: frozenset[str] = frozenset()
    later: timedelta = timedelta(minutes=1)
    failures: int = 0
    wrong_person: bool = False
    more: tuple[Line, ...] = ()


def standin(behaviour: Behaviour = Behaviour()) -> Platform:
    """A platform that behaves so."""

    def ask(question: Question, now: datetime) -> Report | None:
        if question.tries < behaviour.failures:
            raise NotAnswered("the stand-in is down")
        if now < question.asked_at + behaviour.latency:
            return None
        over = now >= question.asked_at + behaviour.latency + behaviour.later
        if behaviour.wrong_person and not over:
            return _report(question, _SOMEBODY_ELSE, (), now)
        missing = () if over else tuple(i for i in question.items if i in behaviour.missing)
        return _report(question, question.id_number, missing, now, behaviour.more)

    return ask


def _report(
    question: Question,
    id_number: str,
    missing: tuple[str, ...],
    now: datetime,
    more: tuple[Line, ...] = (),
) -> Report:
    digest = sha256(id_number.encode()).digest()
    known = items.load()
    lines = tuple(
        Line(code, known.title(code), *_SAYS[code](digest))
        for code in question.items
        if code in _SAYS and code not in missing
    )
    seen = sha256(f"{question.id}:{id_number}:{','.join(missing)}".encode()).hexdigest()
    return Report(f"S{seen[:20]}", id_number, now, lines + more, missing)


def well_off(id_number: str) -> bool:
    """Whether this person has more than most: a car and savings."""
    return sha256(id_number.encode()).digest()[0] % 5 == 0


def _savings(digest: bytes) -> tuple[str, int]:
    amount = _SAVED_MUCH if digest[0] % 5 == 0 else _SAVED[digest[1] % len(_SAVED)]
    return f"{1 + digest[2] % 2}个账户。", amount


def _cars(digest: bytes) -> tuple[str, None]:
    return ("名下1辆小型汽车。" if digest[0] % 5 == 0 else "名下没有机动车。"), None


def _says(usual: str, seldom: str, byte: int) -> Callable[[bytes], tuple[str, int | None]]:
    return lambda digest: (seldom if digest[byte] % 6 == 0 else usual, None)


_SAYS: dict[str, Callable[[bytes], tuple[str, int | None]]] = {
    "household_register": _says("户口在本地，状态正常。", "户口在本地，登记过迁移。", 3),
    "vehicles": _cars,
    "flights": _says("12个月内没有记录。", "12个月内有1次。", 4),
    "real_estate": _says("登记1处住房。", "没有登记的房产。", 5),
    "state_payroll": _says("不是财政供养人员。", "不是财政供养人员。", 6),
    "housing_fund": _says("没有缴存。", "没有缴存。", 7),
    "business_register": _says("没有登记。", "登记1家个体户。", 8),
    "disability": _says("没有登记。", "持残疾人证。", 9),
    "tax": _says("12个月内没有纳税记录。", "12个月内有纳税记录。", 10),
    "bank_deposits": _savings,
    "social_security": _says("参加城乡居民养老保险。", "领取城乡居民养老金。", 11),
    "employment": _says("没有就业登记。", "有就业登记。", 12),
    "social_assistance": _says("没有在领救助。", "领过临时救助。", 13),
    "funeral": _says("没有记录。", "没有记录。", 14),
}
