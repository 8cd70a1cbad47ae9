"""The computation: every step with its figure and where it stands; a standard nobody published
is never guessed."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.casework.decision import assessment, facts
from portal.policy import loader

CATALOGUE = loader.load()
DONGCHUAN, HUNAN = "530000/530100/530113", "430000/430900/430923"
LOCAL, NOW = date(2025, 10, 1), date(2026, 11, 22)
"""东川区 2025: 744 yuan a month in town, published by the place itself, so exact."""
NOTHING = dict.fromkeys(
    ("income_wage", "income_business", "income_property", "income_transfer", "expense_work",
     "expense_medical", "expense_education", "expense_rehab", "expense_other"), 0,
)  # fmt: skip
TWO = [{"row": "m1", "health": ["healthy"]}]


def assessed(program="dibao", path=DONGCHUAN, on=LOCAL, findings=None, **answers):
    given = {"apply_type": "urban", "members": TWO, **NOTHING, **answers}
    return assessment.assess(CATALOGUE, CATALOGUE.find(program), path, given, findings or {}, on=on)


def test_the_difference_is_computed_and_every_step_says_where_it_stands():
    found = assessed(income_wage=1_200_000)
    assert found["per_head"] == {"low": 50_000, "high": 50_000, "text": "每人每月500元"}
    assert found["standard"]["text"] == "每月744元"
    assert (found["exact"], found["amount"]["low"], found["cannot"]) == (48_800, 48_800, "")
    (standing,) = found["standard"]["basis"]
    assert standing["number"] == "昆民发〔2025〕5号"
    assert standing["date"] == "2025-07-03"
    assert standing["confidence"] == "P"
    wage = found["steps"][0]
    assert (wage["text"], wage["by"]) == ("一年12000元", "declared")
    assert all(step["basis"] for step in found["steps"])
    assert all(rule["basis"]["article"] for rule in found["rules"])
    income = next(r for r in found["rules"] if r["key"] == "household.income")
    assert (income["state"], income["yours"], income["line"]) == (
        "holds", "每人每月500元", "每月744元",
    )  # fmt: skip


def test_what_the_survey_found_goes_before_what_was_declared():
    found = assessed(income_wage=1_200_000, findings={"income_wage": 2_400_000})
    assert found["steps"][0]["by"] == "survey"
    assert found["per_head"]["low"] == 100_000
    assert found["amount"]["low"] is None
    assert "household.income" in [rule["key"] for rule in assessment.failed(found)]


def test_who_does_not_live_there_is_not_counted():
    alone = assessed(income_wage=1_200_000, findings={"members.m1.here": False})
    assert (alone["people"], alone["per_head"]["low"]) == (1, 100_000)


@pytest.mark.parametrize(
    ("program", "path", "on", "answers", "method", "sure"),
    [
        pytest.param("dibao", HUNAN, NOW, {"apply_type": "rural"}, "difference", 97_000, id="只有全省最低标准"),
        pytest.param("dibao", DONGCHUAN, NOW, {"apply_type": "rural"}, "tiers", None, id="分档没有公布"),
        pytest.param("dibao", DONGCHUAN, LOCAL, {"income_transfer": "unsure"}, "difference", 0, id="收入说不清"),
        pytest.param("dibao", DONGCHUAN, LOCAL, {"apply_type": "unsure"}, "difference", None, id="不知道城乡"),
        pytest.param("tekun", HUNAN, NOW, {}, "standard", None, id="特困标准没有公布"),
    ],
)  # fmt: skip
def test_where_nobody_published_a_figure_none_is_given(program, path, on, answers, method, sure):
    found = assessed(program, path, on, **answers)
    assert found["method"] == method
    assert found["exact"] is None
    assert found["cannot"] == assessment.CANNOT
    assert "以受理地民政部门规定为准" in found["cannot"]
    if sure:
        assert found["amount"]["low"] == sure
        assert found["amount"]["high"] is None


@pytest.mark.parametrize("program", ["dibian", "gangxing"])
def test_what_is_only_recognised_has_no_amount(program):
    found = assessed(program, HUNAN, NOW)
    assert (found["method"], found["exact"], found["cannot"]) == ("none", None, "")


@settings(max_examples=30)
@given(
    people=st.integers(1, 8),
    wage=st.integers(0, 10_000_000),
    rent=st.integers(0, 1_000_000),
)
def test_the_difference_is_what_lacks_to_the_standard(people, wage, rent):
    members = [{"row": f"m{n}"} for n in range(people - 1)]
    found = assessed(members=members, income_wage=wage, income_property=rent)
    lacks = (74_400 * 12 * people - wage - rent) // 12
    assert found["per_head"]["low"] == (wage + rent) // (12 * people)
    if lacks > 0:
        assert found["exact"] == lacks
    else:
        assert found["exact"] is None
        assert "household.income" in [rule["key"] for rule in assessment.failed(found)]


@settings(max_examples=20)
@given(st.dictionaries(st.sampled_from(sorted(NOTHING)), st.integers(0, 10**9) | st.just("unsure")))
def test_a_standard_that_may_be_higher_never_gives_an_exact_amount(said):
    found = assessed(path=HUNAN, on=NOW, apply_type="rural", **said)
    assert found["exact"] is None
    assert found["cannot"]


def test_a_person_is_read_from_the_answers():
    found = facts.of(
        {
            "applicant_id_number": "430923190001010010",
            "applicant_health": ["disability_2", "chronic"],
            "applicant_disability_kind": ["body", "unsure"],
            "applicant_work": "farming",
            "obligors": "nobody",
            "members": [{"row": "a", "health": ["serious"]}],
        },
        {},
        on=NOW,
    )
    assert (found["person_age"], found["disability"], found["disability_kind"]) == (
        126, "grade_2", ["body"],
    )  # fmt: skip
    assert (found["illness"], found["person_work"], found["support"]) == (
        "chronic", "working", "none",
    )  # fmt: skip
    assert (found["others_severe"], found["members"]) == ("yes", 2)
    assert facts.of({"applicant_health": ["unsure"]}, {}, on=NOW)["disability"] is None
