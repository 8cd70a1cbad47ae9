"""What a household is proposed to apply for, from what fits and from what happened to it.

A proposal, never a verdict: everything can be ticked, nothing is ruled out.
static/shared/eligibility.js says the same; change both.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from portal.policy.eligibility import questions
from portal.policy.eligibility.engine import CANNOT_TELL, COVERED, MAY_FIT
from portal.policy.reading import read_yaml

FOLDER = Path(__file__).parent
TICK, ELSEWHERE, BY_ITSELF, MAYBE, COVERED_BY, UNFIT, ALONE = (
    "tick", "elsewhere", "by_itself", "maybe", "covered", "unfit", "alone",
)  # fmt: skip
"""tick: proposed · elsewhere: proposed, applied for at a school or hospital · by_itself: looked
at by itself when the tier above is refused · maybe: nobody can tell, and nothing points to it ·
alone: charity, only with its own consent."""


@cache
def load(known: tuple[str, ...], file: Path = FOLDER / "proposals.yaml") -> Mapping[str, list[str]]:
    """Happening → the `known` programs it makes one think of. Raises WrongProgram."""
    node = read_yaml(file).only(("happened",)).at("happened")
    options = {o.value for o in questions.load().all["happened"].options}
    found = {}
    for happened in node.mapping():
        if happened not in options:
            raise node.wrong("is nothing the self-check asks about", str(happened))
        found[happened] = [p for p in node.texts(happened) if p in known]
    return found


def propose(
    pack: Mapping[str, Any], facts: Mapping[str, Any], results: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """One of the words above for every program of `results`."""
    happened = facts["happened"] or ()
    pointed = {p for one in happened for p in pack["proposals"].get(one, ())}
    programs = {p["id"]: p for p in pack["programs"]}
    ways = {
        r["program"]: _way(programs[r["program"]], r["outcome"], r["program"] in pointed)
        for r in results
    }
    for name, way in list(ways.items()):
        if way == TICK:
            _leave_to_itself(ways, programs[name]["below"])
    return ways


def _way(program: Mapping[str, Any], outcome: str, pointed: bool) -> str:
    if program["alone"]:
        return ALONE
    if outcome == MAY_FIT or (outcome == CANNOT_TELL and pointed):
        return TICK if program["form"] else ELSEWHERE
    return {CANNOT_TELL: MAYBE, COVERED: COVERED_BY}.get(outcome, UNFIT)


def _leave_to_itself(ways: dict[str, str], below: Collection[str]) -> None:
    for name in below:
        if ways.get(name) == MAYBE:
            ways[name] = BY_ITSELF
