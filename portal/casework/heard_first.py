"""No money is reduced or stopped before the person was heard (社会救助法 第48条), by any road."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal.casework.tables import CaseEvent
from portal.foundation.errors import Conflict

APPLICANT = "applicant"
"""The `member` of a death event when it is the person the file is about."""
Words = Callable[[CaseEvent], Mapping[str, Any]]
"""What was said with an event."""


def check_amount(
    kind: str, amount: Any, happened: Sequence[CaseEvent], words: Words, *, heard: bool
) -> None:
    """A lower amount is a reduction, whatever it is called. Raises Conflict hearing_needed."""
    if kind != "paying" or not isinstance(amount, int) or heard:
        return
    before = paid(happened, words)
    if before is not None and amount < before:
        raise Conflict("减发要先听本人的意见。", code="hearing_needed")


def paid(happened: Sequence[CaseEvent], words: Words) -> int | None:
    """The last amount a month anybody decided on, 分; None where no money is paid."""
    for event in reversed(happened):
        if event.kind in ("approved", "paying", "reduced"):
            amount: int | None = words(event).get("amount")
            if amount is not None:
                return amount
    return None


def nobody_left(happened: Sequence[CaseEvent], words: Words) -> bool:
    """Whether the person has died and was granted it for one person: nobody is there to hear."""
    dead = any(e.kind == "death" and words(e).get("member") == APPLICANT for e in happened)
    granted = [e for e in happened if e.kind == "approved"]
    return dead and bool(granted) and words(granted[-1]).get("people") == 1
