"""What must hold of any household: nobody is wrongly turned away, nothing is guessed."""

from datetime import date
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from portal.policy import loader
from portal.policy.eligibility import engine, examples, pack, questions
from portal.policy.eligibility.household import INCOMES, RIGID
from tests.policy.test_eligibility import in_javascript, in_python

CATALOGUE = loader.load()
ASKED = questions.load()
VERDICTS = ("may_fit", "does_not_seem_to")
LADDER = ("dibao", "dibian", "gangxing")
KNOWN = {"dibao.urban": 80000, "dibao.rural": 60000, "dibian_times": [3, 2], "disposable": 3000000, "rigid_share": [1, 2]}  # fmt: skip
PLACES = [
    pack.pack(CATALOGUE, examples.path(code), on=on, assume=given)
    for code, on, given in (
        ("430923", date(2026, 11, 22), {}),
        ("430923", date(2026, 11, 22), KNOWN),
        ("530113", date(2025, 10, 1), {}),
        ("530113", date(2026, 8, 1), KNOWN),
        ("430900", date(2021, 7, 1), {}),
        ("530000", date(2014, 1, 1), {}),
    )
]
CHECKS = [engine.compile_rules(one) for one in PLACES]
AT = st.integers(0, len(PLACES) - 1)
MONEY = st.sampled_from([0, 100, 50000, 900000, 2880000, 4320000, 9000000, 10**9]) | st.integers(
    0, 6 * 10**6
)


def answer(question: questions.Question) -> st.SearchStrategy[Any]:
    if question.kind == "money":
        return MONEY | st.just("unsure")
    if question.kind == "count":
        return st.integers(question.least, min(question.most, 130)) | st.just("unsure")
    values = [o.value for o in question.options]
    if question.kind == "choice":
        return st.sampled_from(values)
    some = [v for v in values if v not in questions.ALONE]
    alone = st.sampled_from([[v] for v in values if v in questions.ALONE])
    return st.lists(st.sampled_from(some), max_size=3, unique=True) | alone


ANSWERS = st.fixed_dictionaries({}, optional={n: answer(q) for n, q in ASKED.all.items()})
WHOLE = st.fixed_dictionaries({n: answer(q) for n, q in ASKED.all.items()})


def facts(answers: dict) -> dict:
    reading = questions.read(ASKED, answers)
    assume(not reading.errors)
    return reading.facts


def outcomes(found: dict) -> dict[str, str]:
    return {r["program"]: r["outcome"] for r in found["results"]}


def tracks(found: dict, program: str) -> dict[str, str]:
    result = next(r for r in found["results"] if r["program"] == program)
    return {t["key"]: t["state"] for t in result["tracks"]}


def richer(known: dict, more: int, which: str) -> dict:
    """The same household with more of one income, whatever is left out of it unchanged."""
    return {**known, which: None if known[which] is None else known[which] + more}


@settings(max_examples=300, deadline=None)
@given(AT, WHOLE, st.integers(1, 10**7), st.sampled_from([*INCOMES, "own_income"]))
def test_收入多了不会从不合变成合(at: int, answers: dict, more: int, which: str) -> None:
    known = facts(answers)
    assume(not {"dibao", "tekun"} & set(known["recognised"] or ()))
    before, after = CHECKS[at](known), CHECKS[at](richer(known, more, which))
    states = ["fails", "unknown", "office", "holds"]
    for program in ("dibao", "tekun"):
        one, other = outcomes(before)[program], outcomes(after)[program]
        assert not (one == "does_not_seem_to" and other == "may_fit")
    for program in ("dibao", "tekun", "linshi"):
        ways = tracks(after, program)
        for key, state in tracks(before, program).items():
            assert states.index(ways[key]) <= states.index(state)


@settings(max_examples=300, deadline=None)
@given(AT, WHOLE, st.integers(1, 10**7), st.sampled_from(INCOMES))
def test_收入多了不会往上走(at: int, answers: dict, more: int, which: str) -> None:
    alone = {
        "disability": "none",
        "illness": "none",
        "others_severe": "no",
        "disability_kind": None,
    }
    known = {**facts(answers), "recognised": ["none"], "support": "able", **alone}

    def rung(found: dict) -> int:
        kinds = outcomes(found)
        fitting = [n for n, p in enumerate(LADDER) if kinds[p] == "may_fit"]
        return min(fitting, default=len(LADDER))

    assert rung(CHECKS[at](known)) <= rung(CHECKS[at](richer(known, more, which)))


@settings(max_examples=300, deadline=None)
@given(AT, WHOLE, st.integers(1, 10**6), st.sampled_from([*RIGID, "expense_work"]))
def test_花费多了钱不会少(at: int, answers: dict, more: int, which: str) -> None:
    known = facts(answers)
    before, after = CHECKS[at](known), CHECKS[at](richer(known, more, which))
    worse = {"may_fit": 2, "covered_by": 2, "cannot_tell": 1, "does_not_seem_to": 0}
    for one, other in zip(before["results"], after["results"], strict=True):
        if one["program"] in ("dibao", "tekun", "linshi"):
            assert worse[other["outcome"]] >= worse[one["outcome"]]
        if one["amount"] and other["amount"]:
            for key in ("low", "high"):
                assert (other["amount"][key] or 0) >= (one["amount"][key] or 0)


@settings(max_examples=400, deadline=None)
@given(AT, WHOLE, st.sets(st.sampled_from(sorted(ASKED.all)), min_size=1))
def test_不知道不会变成结论(at: int, answers: dict, hidden: set[str]) -> None:
    """A verdict from less is the verdict from more: what was not said cannot have decided it."""
    known = facts(answers)
    less = {n: None if n in hidden else v for n, v in known.items()}
    told, guessed = outcomes(CHECKS[at](known)), outcomes(CHECKS[at](less))
    for program, outcome in guessed.items():
        if outcome in VERDICTS:
            assert told[program] in (outcome, "covered_by"), program


NEAR = st.integers(0, 30).map(lambda share: share * 100000)
FINER = ("income_exempt", "income_pension", "expense_work", *RIGID)
PLAIN_HOUSEHOLD = {
    "area": "urban", "members": 2, "recognised": ["none"], "happened": ["medical_cost"],
    "hard_now": "no", "disability": "none", "illness": "none", "others_severe": "no",
    "person_age": 40, "person_work": "working", "own_income": 0, "support": "able",
}  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([1, 2, 3]),
    st.fixed_dictionaries(dict.fromkeys((*INCOMES, *FINER), NEAR)),
    st.sets(st.sampled_from([*INCOMES, *FINER, "members", "area"]), min_size=1, max_size=3),
)
def test_线附近没说的钱不算没有(at: int, money: dict, hidden: set[str]) -> None:
    """Near the line, where every sum decides: unsaid costs may be what keeps a household below."""
    known = facts({**PLAIN_HOUSEHOLD, **money})
    told = outcomes(CHECKS[at](known))
    guessed = outcomes(CHECKS[at]({n: None if n in hidden else v for n, v in known.items()}))
    for program, outcome in guessed.items():
        if outcome in VERDICTS:
            assert told[program] in (outcome, "covered_by"), program


@settings(max_examples=300, deadline=None)
@given(AT, ANSWERS)
@example(1, dict.fromkeys(RIGID, 0))
def test_没有一户被错误拒绝(at: int, answers: dict) -> None:
    """A "no" stands on a test of every way in that surely fails, each with its line and article;
    never on income where the line is only "at least", nor for whoever is recognised already."""
    known = facts(answers)
    for result in CHECKS[at](known)["results"]:
        if result["outcome"] != "does_not_seem_to":
            continue
        assert result["program"] not in (known["recognised"] or ())
        assert result["tracks"]
        for track in result["tracks"]:
            failed = [t for t in track["tests"] if t["state"] == "fails"]
            assert failed
            bare = [t for t in failed if not (t["yours"] and t["source"]["document"])]
            assert not bare, result["program"]
            assert not any("至少" in t["line"] or "待确认" in t["line"] for t in failed)


@settings(max_examples=200, deadline=None)
@given(AT, ANSWERS)
def test_窗口要核的都列出来(at: int, answers: dict) -> None:
    for result in CHECKS[at](facts(answers))["results"]:
        unsure = any(t["state"] == "holds" for t in result["tracks"])
        if result["outcome"] == "may_fit":
            assert result["to_check"] or unsure
            assert (result["label"] == "可能符合，还要核") == bool(result["to_check"])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=5) | st.floats(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=3,
)


@settings(max_examples=300, deadline=None)
@given(AT, st.dictionaries(st.sampled_from(sorted(ASKED.all)) | st.text(max_size=5), ANYTHING))
def test_乱填只得到一句话(at: int, answers: dict) -> None:
    reading = questions.read(ASKED, answers)
    for texts in reading.errors.values():
        assert all(text.endswith("。") for text in texts)
    if not reading.errors:
        assert CHECKS[at](reading.facts)["results"]


def test_手机上随便填也一样() -> None:
    collected = []

    @settings(max_examples=120, deadline=None, database=None)
    @given(AT, ANSWERS)
    def collect(at: int, answers: dict) -> None:
        collected.append([PLACES[at], answers])

    collect()
    for (one, answers), found in zip(collected, in_javascript(collected), strict=True):
        assert found == in_python(one, answers)
