"""What a survey looks at: the program's own questions, beside what the applicant said to each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.handover.frozen import EMPTY, spoken_value
from portal.policy import citing, conditions
from portal.policy.catalogue import Field, Program, Source
from portal.policy.eligibility import questions
from portal.policy.reading import Node, read_yaml

FILE = Path(__file__).with_name("topics.yaml")
HERE = "here"
"""Of a member: whether the person really lives with the others."""
_ASKED_OF_MEMBERS = ("health", "work")
_SEEN = ("money", "count", "choice", "choices", "yes_no", "place")
"""Kinds of questions an investigator can confirm or correct; free words are only read."""
_OF_OTHER_OFFICES = frozenset({"recognised"})
"""Once confirmed it is recognised, not looked at again (社会救助法 第42条)."""
_MOST = 200
_HERE = Field(name=HERE, kind="yes_no", label="真的一起生活")


@dataclass(frozen=True)
class Line:
    """One thing to look at. `name` is the answer's, or `members.<row>.<question>`.

    `field` judges what was found. `to_do`: the applicant left it 说不清，入户时核.
    """

    name: str
    label: str
    field: Field
    declared: Any
    declared_text: str
    to_do: bool
    person: str = ""

    @property
    def blank(self) -> bool:
        """Nothing was said, so nothing can be confirmed."""
        return self.declared is None


@dataclass(frozen=True)
class Topic:
    key: str
    title: str
    source: Source
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Extra:
    name: str
    after: str


@dataclass(frozen=True)
class _Rule:
    key: str
    title: str
    source: Source
    steps: tuple[str, ...]
    extra: tuple[_Extra, ...]
    members: bool


@dataclass(frozen=True)
class Rules:
    """`how`: the ways of 社会救助法 第43条; `form_note`: what this form is not."""

    form_note: str
    how: Mapping[str, str]
    how_source: Source
    two: Source
    topics: tuple[_Rule, ...]


@cache
def load(file: Path = FILE) -> Rules:
    """Raises WrongProgram for a faulty file."""
    node = read_yaml(file).only(("sources", "form_note", "how", "how_source", "two", "topics"))
    known = citing.sources(node)
    how = node.at("how")
    return Rules(
        form_note=node.text("form_note"),
        how={key: how.text(key) for key in how.mapping()},
        how_source=citing.source(node.at("how_source"), known),
        two=citing.source(node.at("two"), known),
        topics=tuple(_rule(entry, known) for entry in node.each("topics")),
    )


def of(session: Session, program: Program, answers: Mapping[str, Any]) -> tuple[Topic, ...]:
    """The topics of this program's form that have anything to look at, in order."""
    found = (
        Topic(rule.key, rule.title, rule.source, tuple(_lines(session, rule, program, answers)))
        for rule in load().topics
    )
    return tuple(topic for topic in found if topic.lines)


def every_line(topics: tuple[Topic, ...]) -> dict[str, Line]:
    return {line.name: line for topic in topics for line in topic.lines}


def words(session: Session, line: Line, value: Any) -> str:
    """A found value as people say it."""
    return spoken_value(session, line.field, value)


def _lines(
    session: Session, rule: _Rule, program: Program, answers: Mapping[str, Any]
) -> Iterator[Line]:
    if rule.members:
        yield from _members(session, program, answers)
    steps = {step.key: step.fields for step in program.form.steps}
    shown = [key for key in rule.steps if key in steps]
    for field in (f for key in shown for f in steps[key] if _is_seen(f, answers)):
        yield _line(session, field, field.name, answers.get(field.name))
        for extra in rule.extra:
            if extra.after == field.name:
                yield _line(session, _extra(extra.name), extra.name, None)
    if shown or rule.key == "housing":
        for extra in rule.extra:
            if not extra.after:
                yield _line(session, _extra(extra.name), extra.name, None)


def _members(session: Session, program: Program, answers: Mapping[str, Any]) -> Iterator[Line]:
    group = next((f for f in program.form.fields if f.name == "members"), None)
    if group is None:
        return
    inner = {f.name: f for f in group.fields}
    for number, row in enumerate(answers.get("members") or (), 1):
        key, who = row["row"], row.get("name") or f"家庭成员{number}"
        yield Line(f"members.{key}.{HERE}", f"{who}：{_HERE.label}", _HERE, True, "是", False, key)
        for name in (n for n in _ASKED_OF_MEMBERS if n in inner):
            line = _line(session, inner[name], f"members.{key}.{name}", row.get(name))
            yield replace(line, label=f"{who}：{inner[name].label}", person=key)


def _is_seen(field: Field, answers: Mapping[str, Any]) -> bool:
    """Money is always looked at: what was not declared may be found."""
    if field.kind not in _SEEN or field.name in _OF_OTHER_OFFICES:
        return False
    return field.kind == "money" or conditions.holds(field.when, answers)


def _line(session: Session, asked: Field, name: str, declared: Any) -> Line:
    text = spoken_value(session, asked, declared)
    return Line(
        name=name,
        label=asked.label,
        field=_judged(asked),
        declared=declared if text != EMPTY else None,
        declared_text=text,
        to_do=_unsure(declared),
    )


def _judged(asked: Field) -> Field:
    """The question as the investigators answer it: nobody is unsure any more."""
    options = tuple(o for o in asked.options if not o.value.endswith(questions.UNSURE))
    kind = "text" if asked.kind == "place" else asked.kind
    return replace(asked, kind=kind, options=options, most=_MOST if kind == "text" else asked.most)


def _unsure(declared: Any) -> bool:
    given = declared if isinstance(declared, list) else [declared]
    return any(isinstance(one, str) and one.endswith(questions.UNSURE) for one in given)


def _extra(name: str) -> Field:
    """A question of the self-check, asked by the investigators themselves."""
    asked = questions.load().all[name]
    return Field(
        name=name, kind=asked.kind, label=asked.label, hint=asked.hint, options=asked.options
    )


def _rule(node: Node, known: citing.Sources) -> _Rule:
    node.only(("key", "title", "source"), ("steps", "extra", "members"))
    return _Rule(
        key=node.text("key"),
        title=node.text("title"),
        source=citing.source(node.at("source"), known),
        steps=tuple(node.texts("steps")),
        extra=tuple(_extra_rule(entry) for entry in node.each("extra")),
        members=node.flag("members", default=False),
    )


def _extra_rule(node: Node) -> _Extra:
    node.only(("name",), ("after",))
    if node.text("name") not in questions.load().all:
        raise node.wrong("is no question of the self-check", "name")
    return _Extra(node.text("name"), node.text("after", ""))
