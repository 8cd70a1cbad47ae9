"""Conditions mean the same in Python and in JavaScript."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.policy.conditions import holds, names

CASES = json.loads((Path(__file__).parent / "conditions_cases.json").read_text("utf-8"))
SCRIPT = Path(__file__).parents[2] / "static" / "shared" / "conditions.js"

NAMES = st.sampled_from("abcd")
VALUES = st.sampled_from(["x", "y", "", 0, 1, True, False])
ANSWERS = st.dictionaries(NAMES, VALUES | st.none() | st.lists(st.sampled_from(["x", "y"])))
PLAIN = st.dictionaries(NAMES, VALUES | st.lists(VALUES, min_size=1), max_size=2)
CONDITIONS = st.recursive(
    PLAIN | st.builds(lambda name: {"answered": name}, NAMES),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_holds(case):
    assert holds(case["when"], case["answers"]) is case["holds"]


@given(CONDITIONS, CONDITIONS, ANSWERS)
def test_de_morgan(one, other, answers):
    neither = {"all": [{"not": one}, {"not": other}]}
    assert holds({"not": {"any": [one, other]}}, answers) is holds(neither, answers)


@given(CONDITIONS, ANSWERS)
def test_either_it_holds_or_its_opposite(condition, answers):
    assert holds(condition, answers) is not holds({"not": condition}, answers)


@given(CONDITIONS, ANSWERS)
def test_only_the_named_fields_matter(condition, answers):
    looked_at = {name: answers[name] for name in names(condition) if name in answers}
    assert holds(condition, looked_at) is holds(condition, answers)


def in_javascript(cases):
    node = shutil.which("node")
    if node is None:
        pytest.skip("NODE IS NOT INSTALLED: conditions.js was not compared with conditions.py")
    source = SCRIPT.read_text("utf-8").replace("export function", "function")
    run = f"{source}\nconst cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
    run += "process.stdout.write(JSON.stringify(cases.map((c) => holds(c.when, c.answers))));"
    done = subprocess.run(
        [node, "-e", run], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_javascript_says_the_same():
    assert in_javascript(CASES) == [c["holds"] for c in CASES]


def test_javascript_says_the_same_of_anything():
    found = []

    @given(CONDITIONS, ANSWERS)
    def collect(condition, answers):
        found.append({"when": condition, "answers": answers})

    collect()
    assert in_javascript(found) == [holds(c["when"], c["answers"]) for c in found]
