"""A wrong file is refused at start, with its name, the place in it and the reason."""

import shutil
from contextlib import suppress
from copy import deepcopy
from functools import reduce
from pathlib import Path
from random import Random

import pytest
import yaml

from portal.policy import loader
from portal.policy.loader import WrongProgram


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("programs", "places"):
        shutil.copytree(loader.FOLDER / name, tmp_path / name)
    return tmp_path


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


DIBAO, CASES = "programs/dibao/program.yaml", "programs/dibao/cases.yaml"
WRONG = [
    ("标题写错键", DIBAO, "title: 最低生活保障", "titel: 最低生活保障", "titel", "unknown key"),
    ("少了概要", DIBAO, "summary: 家里的钱不够过日子，国家每月补一些。\n", "", "summary", "missing"),
    ("编号不是文件夹", DIBAO, "id: dibao", "id: tekun", "id", "name of the folder"),
    ("没有这种入口", DIBAO, "entry: here", "entry: nowhere", "entry", "none of"),
    ("没有这种题", DIBAO, "kind: yes_no", "kind: slider", "kind", "none of"),
    ("题名重复", DIBAO, "name: expense_work", "name: expense_rehab", "steps", "stands twice"),
    ("步骤重复", DIBAO, "key: expenses", "key: assets", "steps", "stands twice"),
    ("条件问了后面的题", DIBAO, "when: {lives_elsewhere: true}", "when: {declares_true: true}", "living_place", "not asked before"),
    ("条件里没有这个选项", DIBAO, "when: {near_kin: present}", "when: {near_kin: perhaps}", "near_kin_words", "never 'perhaps'"),
    ("条件是空的", DIBAO, "when: {near_kin: present}", "when: {}", "when", "at least one key"),
    ("单选没有选项", DIBAO, "        options:\n          urban: 城市低保\n          rural: 农村低保\n          single: 单人低保（一个人单独申请）\n          unsure: 不知道，请窗口帮我定\n", "", "apply_type", "have options"),
    ("选项读成了真假", DIBAO, "          present: 有", "          yes: 有", "options", "not text"),
    ("受理地不是地方题", DIBAO, "routing: household_place", "routing: reason", "routing", "kind place"),
    ("没有法条", DIBAO, "  - {of: law, article: 第18条}\n  - {of: law, article: 第19条}\n  - {of: law, article: 第37条}\n  - {of: law, article: 第40条}\n  - {of: law, article: 第44条}\n  - {of: law, article: 第62条}\n", "", "legal_basis", "cites no article"),
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
    ("地区和文件名不同", "places/430000.yaml", 'region: "430000"', 'region: "530000"', "region", "name of the file"),
]  # fmt: skip


def test_the_data_loads(folder):
    assert set(loader.load(folder).programs) == {"dibao", "linshi"}


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


@pytest.mark.parametrize("file", [DIBAO, CASES, "places/530000.yaml"])
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
