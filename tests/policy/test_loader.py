"""A wrong file is refused at start, with its name, the place in it and the reason."""

import shutil
from contextlib import suppress
from copy import deepcopy
from functools import reduce
from random import Random

import pytest
import yaml

from portal.policy import asking, loader
from portal.policy.loader import WrongProgram
from tests.policy.tampering import change

DIBAO, CASES = "programs/dibao/program.yaml", "programs/dibao/cases.yaml"
PARTS = "programs/_parts/"
LIVING, EXPENSES, PROMISES = (
    PARTS + "living.yaml",
    PARTS + "expenses.yaml",
    PARTS + "declarations.yaml",
)
SCHOOL, CHARITY, HEALTH = (
    f"programs/{name}/program.yaml" for name in ("jiaoyu", "cishan", "yiliao")
)
HUNAN = "places/430000.yaml"
WRONG = [
    ("标题写错键", DIBAO, "title: 最低生活保障", "titel: 最低生活保障", "titel", "unknown key"),
    ("少了概要", DIBAO, "summary: 家里的钱不够过日子，国家每月补一些。\n", "", "summary", "missing"),
    ("编号不是文件夹", DIBAO, "id: dibao", "id: tekun", "id", "name of the folder"),
    ("没有这种入口", DIBAO, "entry: here", "entry: nowhere", "entry", "none of"),
    ("没有这种题", LIVING, "kind: yes_no", "kind: slider", "kind", "none of"),
    ("题名重复", EXPENSES, "name: expense_work", "name: expense_rehab", "steps", "stands twice"),
    ("步骤重复", EXPENSES, "key: expenses", "key: assets", "steps", "stands twice"),
    ("条件问了后面的题", LIVING, "when: {lives_elsewhere: true}", "when: {declares_true: true}", "living_place", "not asked before"),
    ("条件里没有这个选项", PROMISES, "when: {near_kin: present}", "when: {near_kin: perhaps}", "near_kin_words", "never 'perhaps'"),
    ("条件是空的", PROMISES, "when: {near_kin: present}", "when: {}", "when", "at least one key"),
    ("单选没有选项", DIBAO, "        options:\n          urban: 城市低保\n          rural: 农村低保\n          single: 单人低保（一个人单独申请）\n          unsure: 不知道，请窗口帮我定\n", "", "apply_type", "have options"),
    ("选项读成了真假", PROMISES, "          present: 有", "          yes: 有", "options", "not text"),
    ("受理地不是地方题", DIBAO, "routing: household_place", "routing: reason", "routing", "kind place"),
    ("没有法条", DIBAO, "".join(f"  - {{of: law, article: 第{n}条}}\n" for n in (18, 19, 20, 21, 23, 37, 40, 41, 44, 45, 48, 62)), "", "legal_basis", "cites no article"),
    ("出处不明", DIBAO, "source: {of: d57, article: 第15条}", "source: {of: rumour}", "source.of", "none of"),
    ("时限没有出处", DIBAO, "    source: {of: d57, article: 第15条}\n", "", "source", "missing"),
    ("天数是文字", DIBAO, "days: 30", "days: 三十", "days", "whole number"),
    ("把握程度不对", DIBAO, "date: 2026-07-01, confidence: V", "date: 2026-07-01, confidence: X", "confidence", "none of"),
    ("同一个键写两次", DIBAO, "short: 低保", "short: 低保\nshort: 低保户", "line", "stands twice"),
    ("不是YAML", DIBAO, "id: dibao", "id: [dibao", "line", "cannot be read"),
    ("材料成了必交", DIBAO, "need: helpful", "need: required", "need", "none of"),
    ("包含的部分没有", DIBAO, "include: household", "include: nobody", "(top)", "file is missing"),
    ("代替项没有问", "programs/_parts/applicant.yaml", "unless: found_by", "unless: pigeon", "phone", "not asked"),
    ("例子答了没有的题", CASES, "found_by:", "pigeon:", "answers.pigeon", "no field"),
    ("例子选了没有的项", CASES, "apply_type: rural", "apply_type: lunar", "apply_type", "no option"),
    ("例子里的人答错", CASES, "relation: minor_child", "relation: cousin", "relation", "no option"),
    ("例子期望写错键", CASES, "missing: []", "mising: []", "mising", "unknown key"),
    ("金额不是整数", "places/430000.yaml", "value: 74000", "value: 740.5", "value", "whole number"),
    ("日期不对", "places/430000.yaml", "from: 2020-11-01", "from: 明年", "from", "year, a month or a day"),
    ("没有表的入口填了表", DIBAO, "entry: here", "entry: school", "steps", "others have none"),
    ("该有表的入口没有表", SCHOOL, "entry: school", "entry: here", "steps", "have a form"),
    ("没有表又不说找谁", SCHOOL, "go_to:", "sources_of_help:", "sources_of_help", "unknown key"),
    ("没写哪天复核", DIBAO, "review_by: 2027-01-31\n", "", "review_by", "missing"),
    ("复核日期不是日期", DIBAO, "review_by: 2027-01-31", "review_by: 明年", "review_by", "a date"),
    ("规则没有出处", DIBAO, "{text: 没成年的儿女。, source: {of: d57, article: 第7条}, who: [minor_child]}", "{text: 没成年的儿女。}", "household.counted[2].source", "missing"),
    ("规则写错键", DIBAO, "{text: 没成年的儿女。, source", "{words: 没成年的儿女。, source", "household.counted[2].words", "unknown key"),
    ("规则说的不是家里人", DIBAO, "who: [spouse]", "who: [cousin]", "household", "no relation"),
    ("转评到没有的项目", DIBAO, "next_tier: dibian", "next_tier: heaven", "next_tier", "cannot follow"),
    ("转评转回来", DIBAO, "next_tier: dibian", "next_tier: dibao", "next_tier", "cannot follow"),
    ("收入写错键", DIBAO, "  deducted:", "  subtracted:", "income.subtracted", "unknown key"),
    ("没有这种经办人", DIBAO, "actor: county", "actor: emperor", "actor", "none of"),
    ("环节没有这个时限", DIBAO, "deadlines: [survey_start]", "deadlines: [moonrise]", "procedure.survey", "no step of the deadlines"),
    ("转的不是表里的题", CHARITY, "    - service_need\n", "    - income_wage\n", "referral.fields", "no field of the form"),
    ("转的题写两次", CHARITY, "    - service_need\n", "    - phone\n", "referral.fields", "stands twice"),
    ("同意不是同意题", CHARITY, "consent: charity_consent", "consent: phone", "referral.consent", "kind consent"),
    ("不用申请的条件没问", HEALTH, "when: {recognised: [dibao, tekun]}", "when: {rich: true}", "automatic.when", "not asked"),
    ("共享的材料没有", HUNAN, "shared_sources: []", "shared_sources: [moon_rock]", "shared_sources", "no paper"),
    ("改标准的日子不对", HUNAN, 'changes_on: "01-01"', 'changes_on: "1月"', "changes_on", "a month and a day"),
    ("标准写了两次", HUNAN, '- {from: "2023", value: 65000', '- {from: "2021", value: 65000', "from", "stands twice"),
    ("标准没有出处", HUNAN, '{from: "2025", value: 74000, source: {of: reply2025}}', '{from: "2025", value: 74000}', "source", "missing"),
    ("标准没有日期", HUNAN, '{from: "2025", value: 74000, source', '{value: 74000, source', "from", "missing"),
    ("标准属于没有的项目", HUNAN, "program: tekun", "program: moon", "program", "none of"),
    ("地区和文件名不同", "places/430000.yaml", 'region: "430000"', 'region: "530000"', "region", "name of the file"),
]  # fmt: skip


def test_the_data_loads(folder):
    assert set(loader.load(folder).programs) == {
        "dibao", "tekun", "linshi", "dibian", "gangxing", "yiliao", "jiaoyu", "zhufang", "jiuye",
        "shouzai", "jibing", "liulang", "cishan",
    }  # fmt: skip


def test_a_folder_alone_makes_a_fourteenth_program(folder):
    """No Python and no client knows the name of a program."""
    shutil.copytree(folder / "programs/zhufang", folder / "programs/qunuan")
    change(folder, "programs/qunuan/program.yaml", "id: zhufang", "id: qunuan")
    change(folder, "programs/qunuan/program.yaml", "title: 住房救助", "title: 取暖救助")
    catalogue = loader.load(folder)
    assert len(catalogue.programs) == 14
    assert catalogue.find("qunuan").title == "取暖救助"
    assert catalogue.find("qunuan").has_form


def test_without_a_form_it_must_say_whom_to_turn_to(folder):
    file = folder / SCHOOL
    whole = yaml.safe_load(file.read_text("utf-8"))
    del whole["go_to"]
    file.write_text(yaml.safe_dump(whole, allow_unicode=True), "utf-8")
    with pytest.raises(WrongProgram, match="whom to turn to"):
        loader.load(folder)


def test_what_a_place_looks_up_itself_is_never_asked_for(folder):
    change(folder, "places/430000.yaml", "shared_sources: []", "shared_sources: [bank_account]")
    catalogue = loader.load(folder)
    dibao = catalogue.find("dibao")
    here, there = catalogue.shared("430000/430900/430923"), catalogue.shared("530000")
    assert [d.item for d in asking.documents(dibao, {}, here)] == []
    assert [d.item for d in asking.documents(dibao, {}, there)] == ["bank_account"]


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "reason"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_refused(folder, file, old, new, place, reason):
    change(folder, file, old, new)
    with pytest.raises(WrongProgram) as refused:
        loader.load(folder)
    assert place in str(refused.value)
    assert reason in str(refused.value)
    assert ".yaml" in str(refused.value)


def paths(value, path=()):
    yield path
    for key, inner in (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else []
    ):
        yield from paths(inner, (*path, key))


@pytest.mark.parametrize("file", [DIBAO, CASES, SCHOOL, CHARITY, "places/530000.yaml"])
@pytest.mark.parametrize("odd", [None, 3, "x", [None], {"x": [3]}], ids=str)
def test_whatever_stands_there_loads_or_is_refused(folder, file, odd):
    """Never any other exception than WrongProgram, wherever something odd stands."""
    whole = yaml.safe_load((folder / file).read_text("utf-8"))
    everywhere = list(paths(whole))[1:]
    for path in Random(str(odd)).sample(everywhere, 2):
        changed = deepcopy(whole)
        reduce(lambda v, key: v[key], path[:-1], changed)[path[-1]] = odd
        (folder / file).write_text(yaml.safe_dump(changed, allow_unicode=True), "utf-8")
        with suppress(WrongProgram):
            loader.load(folder)


def test_no_guide(folder):
    (folder / "programs/dibao/guide.md").unlink()
    with pytest.raises(WrongProgram, match="guide"):
        loader.load(folder)


def test_no_examples(folder):
    (folder / CASES).write_text("cases: []\n", "utf-8")
    with pytest.raises(WrongProgram, match="examples"):
        loader.load(folder)
