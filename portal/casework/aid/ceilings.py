"""How much may be given, and what the box may hold, where somebody has published it.

Nothing is guessed: where no figure is known there is no ceiling, and the words say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from portal.policy import amounts
from portal.policy.catalogue import Amount, Catalogue, Source

UNKNOWN = amounts.UNKNOWN.rstrip("。")
_BOX, _TOWNSHIP, _DIRECT = (
    "每个乡镇的备用金", "小额临时救助由乡镇定的上限", "由乡镇直接发现金或物品的界线",
)  # fmt: skip
_STANDARD = "低保标准"
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True)
class Ceiling:
    """`value` 分, None where nobody published one; `source` None then, too."""

    value: int | None = None
    source: Source | None = None


@dataclass(frozen=True)
class Standard:
    """One month of the local 低保, 分; None where unknown. 小额快救 goes up to it.

    The source does not say whether the urban or the rural one: above `lower` the office is
    warned, above `higher` refused. `floor`: known only as a minimum, the place's own may be
    higher.
    """

    urban: int | None = None
    rural: int | None = None
    floor: bool = False

    @property
    def known(self) -> tuple[int, ...]:
        return tuple(v for v in (self.rural, self.urban) if v is not None)

    @property
    def lower(self) -> int | None:
        return min(self.known, default=None)

    @property
    def higher(self) -> int | None:
        """Only when both are known: the one that is not may be the higher."""
        return max(self.known) if len(self.known) == 2 else None


def petty_fund(catalogue: Catalogue, path: str, *, on: date) -> Ceiling:
    """What a township's box may hold (Hunan: in principle ≤ 20,000 yuan)."""
    return _threshold(catalogue, _BOX, path, on)


def township(catalogue: Catalogue, path: str, *, on: date) -> Ceiling:
    """What a township may give by itself; mostly unpublished."""
    return _threshold(catalogue, _TOWNSHIP, path, on)


def in_hand(catalogue: Catalogue, path: str, *, on: date) -> Ceiling:
    """Up to where cash or goods are handed over directly (Yunnan: 1,000 yuan)."""
    return _threshold(catalogue, _DIRECT, path, on)


def one_month(catalogue: Catalogue, path: str, *, on: date) -> Standard:
    """小额快救: one month of the local 低保 standard (2026 opinion)."""
    found = [a for a in amounts.in_force(catalogue, "dibao", path, on=on) if a.item == _STANDARD]
    values = {a.area: _monthly(a) for a in found if a.value is not None}
    floor = any(a.kind != "local" or amounts.next_change(a) <= on for a in found)
    both = values.get("all")
    return Standard(values.get("urban", both), values.get("rural", both), floor)


def _monthly(amount: Amount) -> int:
    """分 a month, rounded down: never above what the standard says."""
    return int(Fraction(amount.value or 0, _MONTHS.get(amount.period, 1)))


def _threshold(catalogue: Catalogue, item: str, path: str, on: date) -> Ceiling:
    """The nearest division's newest figure; an entry without one says nothing."""
    places = path.split("/")
    found = [
        a for a in catalogue.amounts
        if a.program == "linshi" and a.item == item and a.region in places
        and amounts.day_of(a.since) <= on and a.value is not None
    ]  # fmt: skip
    newest = _newest(found, places)
    return Ceiling(newest.value, newest.source) if newest else Ceiling()


def _newest(found: Iterable[Amount], places: list[str]) -> Amount | None:
    def rank(amount: Amount) -> tuple[int, date]:
        return places.index(amount.region), amounts.day_of(amount.since)

    return max(found, key=rank, default=None)
