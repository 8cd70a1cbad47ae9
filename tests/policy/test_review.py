"""`portal check-policy` and `portal policy-diff`: what is to mend, and what a change changes."""

import shutil
from datetime import date

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.policy import loader, review
from tests.policy.tampering import change

TODAY = date(2026, 11, 22)
DIBAO = "programs/dibao/program.yaml"


def test_the_data_are_clean():
    assert review.faults(loader.load(), on=TODAY) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (DIBAO, "review_by: 2027-01-31", "review_by: 2026-11-21", "dibao：办事指南该复核了（2026-11-21）。"),
        (DIBAO, "{text: 没成年的儿女。, source: {of: d57, article: 第7条}, who: [minor_child]}", "{text: 没成年的儿女。, source: {of: law}, who: [minor_child]}", "没有写是法律第几条"),
        ("programs/linshi/program.yaml", "note: 只在姚安县，日期没有查到；", "note: 只在姚安县；", "的出处没有日期，也没有文号：姚安县"),
        (DIBAO, "    note: 只读到节选；新法施行后是否继续有效，待核", "    note: 只读到节选", "没有标明待核：湖南省最低生活保障审核确认办法"),
        ("places/431100.yaml", "    date: 2023-03-30\n", "", "431100 dibao 低保标准 2023-01-01：的出处没有日期"),
    ],
    ids=["过了复核日", "没有法条", "出处没有日期", "旧文件没标待核", "标准的出处没有日期"],
)  # fmt: skip
def test_what_is_to_mend(folder, file, old, new, said):
    change(folder, file, old, new)
    assert any(said in fault for fault in review.faults(loader.load(folder), on=TODAY))


def test_too_few_examples(folder):
    path = folder / "programs/jibing/cases.yaml"
    path.write_text(path.read_text("utf-8").partition("  - name: 工地摔伤")[0], "utf-8")
    assert review.faults(loader.load(folder), on=TODAY) == ["jibing：例子只有1个，至少要4个。"]


def test_the_same_data_change_nothing(folder):
    assert review.differences(loader.load(), loader.load(folder), on=TODAY) == []


def test_a_higher_standard_is_said_for_the_examples_it_concerns(folder):
    change(folder, "places/430000.yaml", '- {from: "2025", value: 74000, source: {of: reply2025}}',
           '- {from: "2025", value: 74000, source: {of: reply2025}}\n'
           "      - {from: 2026-01-01, value: 78000, source: {of: reply2025}}")  # fmt: skip
    said = review.differences(loader.load(), loader.load(folder), on=TODAY)
    assert (
        "低保「独居老人只填四样」：城市、低保标准原来：2025年的标准是每月740元。现在至少有这么多。"
        "2026年的标准待确认。现在：全省最低标准是每月780元。各地可以更高。"
    ) in said
    assert not any("云南人在居住地申请" in line for line in said)


def test_papers_questions_and_places_are_said_by_their_names(folder):
    change(folder, DIBAO, "when: {lives_with_permit: true}\n    source", "source")
    change(folder, DIBAO, "title: 银行卡或存折", "title: 一卡通")
    change(folder, "programs/_parts/reason.yaml", "        unless: reason_words\n", "")
    change(folder, DIBAO, 'within: "530000"', 'within: "430000"')
    said = review.differences(loader.load(), loader.load(folder), on=TODAY)
    assert "低保「独居老人只填四样」：有用的材料多了「居住证」。" in said
    assert "低保「独居老人只填四样」：有用的材料少了「银行卡或存折」。" in said
    assert any(
        s.startswith("低保「云南人在居住地申请」：受理的地方从530113102变成532325101") for s in said
    )
    assert "低保边缘「只填最要紧的几样」：必填的多了「为什么过日子难？」。" in said


def test_programs_that_come_and_go(folder):
    shutil.rmtree(folder / "programs/cishan")
    without = loader.load(folder)
    assert review.differences(loader.load(), without, on=TODAY) == [
        "取消项目：社会力量和慈善帮扶。"
    ]
    assert review.differences(without, loader.load(), on=TODAY) == [
        "新增项目：社会力量和慈善帮扶。"
    ]


def test_the_commands(folder, monkeypatch, tmp_path):
    run = CliRunner()
    clean = run.invoke(main, ["check-policy", "--on", "2026-11-22"])
    assert clean.exit_code == 0
    assert "政策数据没有问题。" in clean.output
    late = run.invoke(main, ["check-policy", "--on", "2030-01-01"])
    assert late.exit_code == 1
    assert "办事指南该复核了" in late.output
    assert run.invoke(main, ["check-policy", "--on", "明天"]).exit_code == 2
    same = run.invoke(main, ["policy-diff", str(loader.FOLDER), str(folder)])
    assert same.output == "对例子没有变化。\n"
    wrong = run.invoke(main, ["policy-diff", str(loader.FOLDER), str(tmp_path / "programs")])
    assert wrong.exit_code != 0
