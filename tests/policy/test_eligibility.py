"""Every example of every program: as expected in Python, and word for word the same in JavaScript."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.policy import loader
from portal.policy.eligibility import engine, examples, pack, proposing, questions, rules
from portal.policy.eligibility.examples import Example
from portal.policy.reading import WrongProgram

SHARED = Path(__file__).parents[2] / "static" / "shared"
CATALOGUE = loader.load()
EXAMPLES = examples.load()
ASKED = questions.load()


def packed(example: Example) -> pack.Pack:
    return pack.pack(CATALOGUE, example.path, on=example.on, assume=example.assume)


def judged(example: Example) -> dict:
    reading = questions.read(ASKED, example.answers)
    assert not reading.errors, reading.errors
    return proposed(packed(example), reading.facts)


def proposed(one: pack.Pack, facts: dict) -> dict:
    found = engine.compile_rules(one)(facts)
    return {**found, "ways": proposing.propose(one, facts, found["results"])}


def in_javascript(cases: list) -> list:
    """[pack, answers] → {facts, errors} and, without errors, what check gives."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("NODE IS NOT INSTALLED: eligibility.js was not compared with the Python engine")
    source = (SHARED / "conditions.js").read_text("utf-8")
    source += (SHARED / "eligibility.js").read_text("utf-8").replace("import {", "// import {")
    source = source.replace("export function", "function")
    run = """
const {packs, cases} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(cases.map(([at, answers]) => {
  const said = read(packs[at], answers);
  if (Object.keys(said.errors).length) return said.errors;
  const found = check(packs[at], said.facts);
  return {...found, ways: propose(packs[at], said.facts, found.results)};
})));"""
    packs: list = []
    for one, _answers in cases:
        if one not in packs:
            packs.append(one)
    body = {"packs": packs, "cases": [[packs.index(one), answers] for one, answers in cases]}
    done = subprocess.run(
        [node, "-e", source + run], input=json.dumps(body), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_python(one: pack.Pack, answers: dict) -> dict:
    reading = questions.read(ASKED, answers)
    return reading.errors or proposed(one, reading.facts)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.program}：{e.name}")
def test_例子(example: Example) -> None:
    result = next(r for r in judged(example)["results"] if r["program"] == example.program)
    states = {
        f"{track['key']}.{test['key']}": test["state"]
        for track in result["tracks"]
        for test in track["tests"]
    }
    wanted = dict(example.expect)
    assert result["outcome"] == wanted.pop("outcome"), states
    assert result["by"] == wanted.pop("by", "")
    for key, state in wanted.pop("tests", {}).items():
        assert states[key] == state, key
    for key, amount in wanted.items():
        assert result["amount"][key] == amount


def test_每个项目至少八个例子() -> None:
    counted = {p: sum(1 for e in EXAMPLES if e.program == p) for p in rules.load()}
    assert set(counted) == set(CATALOGUE.programs)
    assert min(counted.values()) >= 8
    assert sum(counted.values()) >= 120


def test_例子的时间地点都有边界() -> None:
    """Before and after the law, in both provinces, at the line and beside it."""
    days = {e.on.isoformat() for e in EXAMPLES}
    assert {"2026-06-30", "2026-07-01"} <= days
    assert {e.path[:2] for e in EXAMPLES} == {"43", "53"}


def test_手机上算的一模一样() -> None:
    cases = [[packed(e), dict(e.answers)] for e in EXAMPLES]
    for example, found in zip(EXAMPLES, in_javascript(cases), strict=True):
        assert found == judged(example), example.name


def test_每个结果都说只供参考() -> None:
    for result in judged(EXAMPLES[0])["results"]:
        assert result["disclaimer"] == "试算结果仅供参考，以民政部门审核确认为准。"


def test_每一条都写明出处() -> None:
    for result in judged(EXAMPLES[0])["results"]:
        for track in result["tracks"]:
            for test in track["tests"]:
                assert test["source"]["document"]
                assert test["source"]["since"] >= "2014"


HAPPENED = {
    "老人没人管": (["care"], {"tekun"}, {"dibao", "dibian", "gangxing"}),
    "没钱看病": (["medical_cost"], {"yiliao", "linshi", "dibao"}, {"dibian", "gangxing"}),
    "房子塌了": (["disaster", "housing"], {"shouzai", "zhufang", "linshi"}, set()),
    "孩子上学": (["schooling"], {"linshi", "dibao"}, {"dibian", "gangxing"}),
    "丢了工作": (["no_income", "housing"], {"linshi", "jiuye", "dibao", "zhufang"}, {"dibian"}),
    "什么也没说": (["none"], set(), set()),
}


@pytest.mark.parametrize("words", HAPPENED)
def test_说了难处就提议(words: str) -> None:
    """One tick is enough to be proposed something; charity never, nothing twice on a ladder."""
    happened, ticked, by_itself = HAPPENED[words]
    one = pack.pack(
        CATALOGUE, "430000/430900/430923", on=EXAMPLES[0].on.replace(year=2026, month=11)
    )
    ways = in_python(one, {"happened": happened})["ways"]
    assert {p for p, way in ways.items() if way == "tick"} == ticked
    assert by_itself <= {p for p, way in ways.items() if way == "by_itself"}
    assert ways["cishan"] == "alone"
    assert ways["jiaoyu"] == ("elsewhere" if "schooling" in happened else "maybe")


def test_可能符合的都勾上_更强的在就不勾() -> None:
    for example in EXAMPLES:
        found = judged(example)
        for result in found["results"]:
            way = found["ways"][result["program"]]
            if result["program"] == "cishan":
                assert way == "alone"
            elif result["outcome"] == "may_fit":
                assert way in ("tick", "elsewhere")
            elif result["outcome"] in ("covered_by", "does_not_seem_to"):
                assert way in ("covered", "unfit")


@pytest.mark.parametrize(
    ("spoilt", "says"), [("care: [tekun]", "happened.war")], ids=["没有这样的事"]
)
def test_写错的提议拒绝(tmp_path: Path, spoilt: str, says: str) -> None:
    text = (proposing.FOLDER / "proposals.yaml").read_text("utf-8")
    file = tmp_path / "proposals.yaml"
    file.write_text(text.replace(spoilt, "war: [tekun]"), "utf-8")
    with pytest.raises(WrongProgram, match=says):
        proposing.load(("tekun",), file)
