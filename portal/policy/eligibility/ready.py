"""The check of each county and day, put together once and kept."""

from datetime import date
from typing import Any

from portal.policy.catalogue import Catalogue
from portal.policy.eligibility import engine, questions, rules
from portal.policy.eligibility.engine import Check
from portal.policy.eligibility.pack import Pack, pack
from portal.policy.eligibility.questions import Questions

_MOST = 400
_COUNTY = 3
"""Rules go no further down than the county: 430000/430900/430923."""


class Ready:
    """Raises WrongProgram when a file of rules, questions or parameters is faulty."""

    def __init__(self, catalogue: Catalogue) -> None:
        rules.load()
        self.questions: Questions = questions.load()
        self._catalogue = catalogue
        self._kept: dict[tuple[str, date], tuple[Pack, Check]] = {}

    def at(self, path: str, *, on: date) -> tuple[Pack, Check]:
        """The rules as JSON, and the check. `path` of any division, "" for none."""
        key = "/".join(path.split("/")[:_COUNTY]), on
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            made = pack(self._catalogue, key[0], on=on)
            found = self._kept[key] = made, engine.compile_rules(made)
        return found

    def check(self, path: str, facts: dict[str, Any], *, on: date) -> dict[str, Any]:
        return self.at(path, on=on)[1](facts)
