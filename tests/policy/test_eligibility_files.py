"""Rules, questions and examples are data: a wrong file is refused with its place and a reason."""

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from portal.policy.catalogue import Amount, Source
from portal.policy.eligibility import examples, parameters, questions, rules
from portal.policy.eligibility.parameters import standard
from portal.policy.loader import WrongProgram


def put(path: tuple, value: object):
    def change(data: dict) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


TEST = ("rules", 1, "tracks", 0, "tests", 0)
WRONG = {
    "多了一项": put((*TEST, "extra"), 1),
    "没写条款": put((*TEST, "source"), {"of": "law"}),
    "没写哪天起": put((*TEST, "from"), None),
    "出处不在单子上": put((*TEST, "source", "of"), "moon"),
    "不认识的算法": put((*TEST, "test"), {"eval": "1"}),
    "两种算法": put((*TEST, "test", "office"), "assets"),
    "没有这条线": put((*TEST, "test", "below"), "moon"),
    "没有这个问题": put((*TEST, "test"), {"fact": "moon", "is": ["x"]}),
    "没有这个选项": put((*TEST, "test"), {"fact": "illness", "is": ["moon"]}),
    "数字和选项混用": put((*TEST, "test"), {"fact": "illness", "from": 3}),
    "看后面的项目": put((*TEST, "test"), {"fits": ["yiliao"]}),
    "日期重叠": put(("rules", 0, "until"), date(2026, 7, 1)),
    "名字不对": put(("program",), "moon"),
    "没有办法": put(("rules", 1, "tracks"), []),
    "嵌套里错": put((*TEST, "test"), {"any": [{"all": [{"open": {"moon": 1}}]}]}),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_错的规定不收(tmp_path: Path, change) -> None:
    folder = tmp_path / "programs"
    shutil.copytree(rules.FOLDER, folder)
    rules.load(folder)
    file = folder / "dibao" / "eligibility.yaml"
    data = yaml.safe_load(file.read_text("utf-8"))
    change(data)
    file.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    rules.load.cache_clear()
    with pytest.raises(WrongProgram) as refused:
        rules.load(folder)
    assert "dibao/eligibility.yaml" in str(refused.value)
    rules.load.cache_clear()


def test_第十四个项目只要一个文件夹(tmp_path: Path) -> None:
    folder = tmp_path / "programs"
    shutil.copytree(rules.FOLDER, folder)
    shutil.copytree(folder / "shouzai", folder / "xinde")
    file = folder / "xinde" / "eligibility.yaml"
    file.write_text(file.read_text("utf-8").replace("program: shouzai", "program: xinde"), "utf-8")
    assert "xinde" in rules.load(folder)
    assert any(e.program == "xinde" for e in examples.load(folder))


@pytest.mark.parametrize(
    ("file", "change"),
    [
        (questions.FOLDER / "questions.yaml", put(("questions", 0, "kind"), "text")),
        (questions.FOLDER / "questions.yaml", put(("questions", 0, "extra"), 1)),
        (questions.FOLDER / "questions.yaml", put(("contradictions", 0, "sum"), ["members"])),
        (parameters.FOLDER / "parameters.yaml", put(("basic_pension", 0, "value"), "maybe")),
        (parameters.FOLDER / "parameters.yaml", put(("dibian_times", 0, "least"), [1.5, 1])),
        (parameters.FOLDER / "parameters.yaml", put(("moon",), [])),
    ],
)
def test_错的问题和数不收(tmp_path: Path, file: Path, change) -> None:
    data = yaml.safe_load(file.read_text("utf-8"))
    change(data)
    copy = tmp_path / file.name
    copy.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    load = questions.load if file.stem == "questions" else parameters.load
    with pytest.raises(WrongProgram):
        load(copy)


def amount(region: str, kind: str, since: str, yuan: int | None) -> Amount:
    value = None if yuan is None else yuan * 100
    changes = {"43": "01-01", "53": "07-01"}[region[:2]]
    return Amount(
        region, "dibao", "urban", "低保标准", value, "month", kind, since, Source("x"), changes
    )


HUNAN = ["430000", "430400", "430481"]
YUNNAN = ["530000", "530100", "530113"]
GUIDE = amount("530000", "guide_min", "2025-07-01", 744)
LINES = {
    "没有标准": ([], HUNAN, "2026-01-01", 0, None),
    "日子还没到": ([GUIDE], YUNNAN, "2025-06-30", 0, None),
    "全省最低只是至少": ([GUIDE], YUNNAN, "2025-08-01", 744, None),
    "当地当年的是准数": (
        [GUIDE, amount("530113", "local", "2025-07-01", 760)], YUNNAN, "2026-06-30", 760, 760,
    ),
    "过了换标准的日子只是至少": (
        [GUIDE, amount("530113", "local", "2025-07-01", 760)], YUNNAN, "2026-07-01", 760, None,
    ),
    "比全省低是历史": (
        [GUIDE, amount("530113", "local", "2025-07-01", 700)], YUNNAN, "2025-08-01", 744, None,
    ),
    "比全省旧是历史": (
        [GUIDE, amount("530113", "local", "2024-07-01", 800)], YUNNAN, "2025-08-01", 744, None,
    ),
    "平均数不算": (
        [amount("430000", "avg_actual", "2025-05-01", 710)], HUNAN, "2025-08-01", 0, None,
    ),
    "空的不算": ([GUIDE, amount("530000", "guide_min", "2026-07-01", None)], YUNNAN, "2026-08-01", 744, None),
    "别处的不算": ([amount("530100", "local", "2025-07-01", 900)], HUNAN, "2025-08-01", 0, None),
    "新法后县里定的待核": (
        [amount("430481", "local", "2026-01-01", 800)], HUNAN, "2026-08-01", 800, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LINES.values(), ids=LINES)
def test_标准是一个范围(case) -> None:
    published, codes, on, low, high = case
    line = standard(published, codes, on=date.fromisoformat(on))
    assert line.low == low * 100 * 12
    assert line.high == (None if high is None else high * 100 * 12)
    assert ("至少" in line.words or "没有" in line.words) == (high is None)
