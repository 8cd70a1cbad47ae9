"""What the self-check costs: all programs for one household with reasons, and the page's weight.

    python -m bench.eligibility

CPU microseconds, best of 5 rounds, beside a hand-written function of the 低保 rule alone (income
a head against the line, as intervals, without reasons). Bytes in brotli: page, style, scripts and
the rules of one county, as a first visit takes them.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import brotli

from api import assets, create_app
from api.self_checks import without_words
from portal.assembly import open_portal
from portal.foundation import installation
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings
from portal.policy import loader
from portal.policy.eligibility import engine, questions
from portal.policy.eligibility.pack import pack

ROUNDS, TIMES = 5, 2000
MOST_US, MOST_BYTES = 150, 20 * 1024
PLACE = "430000/430900/430923"
HOUSEHOLD: Mapping[str, Any] = {
    "area": "rural", "members": 4, "recognised": ["none"], "happened": ["illness", "poor"],
    "hard_now": "yes", "income_wage": 1440000, "income_business": 300000, "income_property": 0,
    "income_transfer": 260000, "income_exempt": 20000, "income_pension": 148000,
    "expense_work": 120000, "expense_medical": 1850000, "expense_education": 300000,
    "expense_rehab": 0, "expense_other": 0, "person_age": 67, "disability": "grade_2",
    "disability_kind": ["body"], "illness": "serious", "others_severe": "no",
    "person_work": "unable", "own_income": 0, "support": "unable", "student": ["compulsory"],
    "house": "danger", "jobless": "no", "assets": ["savings"], "orphan_aid": "no",
}  # fmt: skip


def main() -> int:
    """0 when both aims are met."""
    catalogue = loader.load()
    rules = pack(catalogue, PLACE, on=date(2026, 11, 22))
    check = engine.compile_rules(rules)
    facts = questions.read(questions.load(), HOUSEHOLD).facts
    line = rules["lines"]["dibao"]
    engine_us = cpu(lambda: check(facts), TIMES)
    by_hand_us = cpu(lambda: by_hand(facts, line), TIMES * 10)
    say(
        f"self-check  {len(rules['programs'])} programs with reasons {engine_us:.0f} µs CPU (aim: {MOST_US})"
    )
    say(
        f"self-check  低保 by hand, no reasons {by_hand_us:.2f} µs, ratio {engine_us / by_hand_us:.0f}"
    )
    one = {**rules, "programs": [p for p in rules["programs"] if p["id"] == "dibao"]}
    alone = engine.compile_rules(one)
    alone_us = cpu(lambda: alone(facts), TIMES)
    say(f"self-check  低保 alone with reasons {alone_us:.1f} µs, ratio {alone_us / by_hand_us:.1f}")
    weight = on_the_wire(rules)
    say(f"self-check  page, scripts and the rules of one county {weight} bytes (aim: {MOST_BYTES})")
    return 0 if engine_us <= MOST_US and weight <= MOST_BYTES else 1


def by_hand(facts: Mapping[str, Any], lines: Mapping[str, Any]) -> str:
    """The same 低保 income rule for a household that answered everything."""
    f, line = facts, lines[facts["area"]]
    gross = f["income_wage"] + f["income_business"] + f["income_property"] + f["income_transfer"]
    high = gross - (f["income_exempt"] or 0)
    low = high - (f["income_pension"] or 0) - f["expense_work"] - f["expense_medical"]
    low = max(0, low - f["expense_education"] - f["expense_rehab"] - f["expense_other"])
    if high < line["low"] * f["members"]:
        return "may_fit"
    if line["high"] is not None and low >= line["high"] * f["members"]:
        return "does_not_seem_to"
    return "cannot_tell"


def on_the_wire(rules: Mapping[str, Any]) -> int:
    """Bytes in brotli of what a first visit to the self-check loads."""
    scripts = ("assets/app.js", "assets/check.js", "assets/place.js", "shared/eligibility.js", "shared/conditions.js")  # fmt: skip
    loaded = [assets.files()[name] for name in scripts]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        settings.data.mkdir(parents=True, exist_ok=True)
        installation.install(settings, now=utc_now())
        portal = open_portal(settings)
        app = create_app(portal)
        page = app.test_client().get("/self-check").data
        loaded.append(app.json.dumps(without_words(rules), separators=(",", ":")).encode())
        portal.database.engine.dispose()
    return len(brotli.compress(page, quality=5)) + sum(len(brotli.compress(p)) for p in loaded)


def cpu(act: Callable[[], object], times: int) -> float:
    """CPU microseconds of one go."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(times):
            act()
        best = min(best, time.process_time() - start)
    return best / times * 1e6


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
