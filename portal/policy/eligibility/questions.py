"""What the self-check asks, and reading the answers: a flat typed record, or a sentence for each fault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from portal.policy import checks
from portal.policy.catalogue import Condition, Option
from portal.policy.conditions import holds, names
from portal.policy.reading import Node, read_yaml

FOLDER = Path(__file__).parent
KINDS = ("choice", "choices", "count", "money")
UNSURE = "unsure"
ALONE = ("none", UNSURE)
"""Options that say nothing beside others."""


@dataclass(frozen=True)
class Question:
    """One fact of the household. Money is 分; "unsure" (说不清) is an answer to all kinds."""

    name: str
    kind: str
    label: str
    short: str
    hint: str = ""
    first: bool = False
    unit: str = ""
    options: tuple[Option, ...] = ()
    least: int = 0
    most: int = 0
    when: Condition | None = None


@dataclass(frozen=True)
class Contradiction:
    """The answers of `parts` together may not exceed those of `most` together."""

    parts: tuple[str, ...]
    most: tuple[str, ...]
    field: str
    says: str


@dataclass(frozen=True)
class Questions:
    all: Mapping[str, Question]
    contradictions: tuple[Contradiction, ...]


@dataclass(frozen=True)
class Reading:
    """`facts`: every question's answer, None when unknown; `errors`: a sentence for each fault."""

    facts: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)


@cache
def load(file: Path = FOLDER / "questions.yaml") -> Questions:
    """Raises WrongProgram for a faulty file."""
    node = read_yaml(file).only(("questions", "contradictions"))
    found: dict[str, Question] = {}
    for entry in node.each("questions"):
        question = _question(entry)
        for name in names(question.when):
            if name not in found:
                raise entry.wrong(f"{name!r} is not asked before", "when")
        if question.name in found:
            raise entry.wrong("stands twice", "name")
        found[question.name] = question
    return Questions(found, tuple(_contradiction(c, found) for c in node.each("contradictions")))


def read(questions: Questions, answers: Mapping[str, Any]) -> Reading:
    """The facts of these answers. What does not apply, or is unsure, is None: unknown."""
    reading = Reading()
    for name in answers:
        if name not in questions.all:
            reading.errors[str(name)[:40]] = ["没有这个问题。"]
    for name, question in questions.all.items():
        given = answers.get(name)
        if given is not None and (fault := _fault(question, given)):
            reading.errors[name] = [fault]
    if not reading.errors:
        reading.facts.update(facts(questions, answers))
        for rule in questions.contradictions:
            if _contradicts(rule, reading.facts):
                reading.errors[rule.field] = [rule.says]
    return reading


def facts(questions: Questions, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The record the engine judges. `answers` have no fault."""
    found: dict[str, Any] = {}
    for name, question in questions.all.items():
        given = answers.get(name)
        applies = question.when is None or holds(question.when, answers)
        unknown = given == UNSURE or given == [UNSURE] or given == []
        found[name] = given if applies and not unknown else None
    return found


def _fault(question: Question, given: Any) -> str:
    if question.kind in ("count", "money"):
        return "" if given == UNSURE else _number_fault(question, given)
    if question.kind == "choice":
        return "" if _is_option(question, given) else "请从列出的里面选。"
    if not isinstance(given, list) or not all(_is_option(question, one) for one in given):
        return "请从列出的里面选。"
    if len(given) > 1 and any(one in ALONE for one in given):
        return "选了“没有”或“说不清”，别的就不选。"
    return ""


def _number_fault(question: Question, given: Any) -> str:
    if isinstance(given, bool) or not isinstance(given, int):
        return "这里要填整数。"
    if question.least <= given <= question.most:
        return ""
    if question.kind == "money":
        return f"请填0到{question.most // 100}元之间的数。"
    return f"请填{question.least}到{question.most}之间的数。"


def _is_option(question: Question, given: Any) -> bool:
    return isinstance(given, str) and any(given == o.value for o in question.options)


def _contradicts(rule: Contradiction, facts: Mapping[str, Any]) -> bool:
    most = [facts[name] for name in rule.most]
    if any(amount is None for amount in most):
        return False
    return bool(sum(facts[name] or 0 for name in rule.parts) > sum(most))


def _question(node: Node) -> Question:
    node.only(
        ("name", "kind", "label", "short"),
        ("hint", "first", "unit", "options", "least", "most", "when"),
    )
    kind = node.word("kind", KINDS)
    if node.has("options") != (kind in ("choice", "choices")):
        raise node.wrong("choice and choices have options, other kinds have none", "options")
    if node.has("most") != (kind in ("count", "money")):
        raise node.wrong("count and money have least and most", "most")
    return Question(
        name=node.text("name"),
        kind=kind,
        label=node.text("label"),
        short=node.text("short"),
        hint=node.text("hint", ""),
        first=node.flag("first", default=False),
        unit=node.text("unit", ""),
        options=_options(node),
        least=node.whole("least") or 0,
        most=node.whole("most") or 0,
        when=checks.condition(node, "when"),
    )


def _options(node: Node) -> tuple[Option, ...]:
    if not node.has("options"):
        return ()
    inner = node.at("options")
    return tuple(Option(value, inner.text(value)) for value in inner.mapping())


def _contradiction(node: Node, known: Mapping[str, Question]) -> Contradiction:
    node.only(("sum", "most", "field", "says"))
    parts, most = (_money(node, key, known) for key in ("sum", "most"))
    return Contradiction(parts, most, node.word("field", list(known)), node.text("says"))


def _money(node: Node, key: str, known: Mapping[str, Question]) -> tuple[str, ...]:
    found = tuple(str(one.value) for one in node.each(key))
    for name in found:
        if name not in known or known[name].kind != "money":
            raise node.wrong(f"{name!r} is no question of kind money", key)
    return found
