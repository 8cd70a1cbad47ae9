"""A household's quantities as intervals: what is unknown or judged locally widens them.

static/shared/eligibility.js does the same; change both.
"""

from collections.abc import Mapping
from typing import Any

Interval = tuple[int, int | None]
"""From, to; None: no upper end. 分 a year for money."""
INCOMES = ("income_wage", "income_business", "income_property", "income_transfer")
RIGID = ("expense_medical", "expense_education", "expense_rehab", "expense_other")
MOST_MEMBERS = 30


class Household:
    """The facts, and what follows from them before any rule is looked at.

    `counted[pension]`: yearly income. Its low end leaves out all that may be left out: exempt
    money, basic pension, cost of work and rigid expense whole (不确定的扣减). Its high end only
    what is left out for certain. `verdicts`: outcomes of the programs judged so far.
    """

    __slots__ = ("area", "counted", "facts", "gross", "members", "own", "rigid", "said", "verdicts")

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.area: str = facts["area"] or "unsure"
        number = facts["members"]
        self.members = (number, number) if number else (1, MOST_MEMBERS)
        self.gross = total([known(facts[name]) for name in INCOMES])
        self.rigid = total([known(facts[name]) for name in RIGID])
        self.counted = _counted(facts, self.rigid)
        self.own = self.counted["exempt"] if number == 1 else known(facts["own_income"])
        if number is None:
            self.own = (0, None)
        self.verdicts: dict[str, str] = {}
        self.said: dict[str, str] = {}


def known(amount: int | None) -> Interval:
    return (0, None) if amount is None else (amount, amount)


def total(parts: list[Interval]) -> Interval:
    low, high = 0, 0
    whole = True
    for least, most in parts:
        low += least
        if most is None:
            whole = False
        else:
            high += most
    return low, high if whole else None


def _counted(facts: Mapping[str, Any], rigid: Interval) -> dict[str, Interval]:
    wage, business, rent, transfer = (known(facts[name]) for name in INCOMES)
    exempt, pension = facts["income_exempt"], facts["income_pension"]
    low = _wage_after_work(wage, facts["expense_work"]) + business[0] + rent[0]
    low += _transfer_left(transfer, exempt, pension)
    low = 0 if rigid[1] is None else max(0, low - rigid[1])
    highs = (wage[1], business[1], rent[1], transfer[1])
    if None in highs:
        return {"both": (low, None), "exempt": (low, None)}
    high = sum(h or 0 for h in highs)
    without = high - (exempt or 0)
    return {
        "both": (low, max(low, without)),
        "exempt": (low, max(low, without - (pension or 0))),
    }


def _wage_after_work(wage: Interval, cost: int | None) -> int:
    return 0 if cost is None else max(0, wage[0] - cost)


def _transfer_left(transfer: Interval, exempt: int | None, pension: int | None) -> int:
    """What of the transfers surely counts: unknown parts may be all of them."""
    if exempt is None or pension is None:
        return 0
    return max(0, transfer[0] - exempt - pension)
