"""What must be true between the parts of a program before anybody is asked anything."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from portal.policy.catalogue import EVERYBODY, Condition, Field, Program
from portal.policy.conditions import WORDS, names
from portal.policy.reading import Node, WrongProgram, read_yaml

_WITH_OPTIONS = ("choice", "choices")
_EXPECTED = ("missing", "documents", "place", "township", "go_to")
WITH_A_FORM = ("here", "here_or_housing", "emergency_place")
"""The entries where one applies in this portal; at all others a guide says whom to turn to."""


def check(node: Node, cases: Path, program: Program) -> None:
    """Raises WrongProgram for names said twice, conditions on later or unknown fields, choices
    without options, a form where none is due or none where one is, a place of filing that is
    not asked, and examples that do not fit the form.
    """
    _once(node, "steps", [s.key for s in program.form.steps])
    _once(node, "documents", [d.item for d in program.documents])
    _check_fields(node, program.form.fields)
    known = {f.name: f for f in program.form.fields}
    for place, when in _conditions(program):
        _check_names(node, place, when, known)
    _check_entry(node, program, known)
    _check_procedure(node, program)
    _check_referral(node, program, known)
    _check_who(node, program, known)
    _check_cases(cases, program, known)


def _conditions(program: Program) -> Iterable[tuple[str, Condition | None]]:
    """Every condition outside the form, and where it stands."""
    yield from ((f"documents.{rule.item}", rule.when) for rule in program.documents)
    yield "consent_when", program.consent_when
    yield from ((f"elsewhere.{other.place}", other.when) for other in program.elsewhere)
    if program.automatic is not None:
        yield "automatic.when", program.automatic.when


def _check_entry(node: Node, program: Program, known: Mapping[str, Field]) -> None:
    """社会救助法 第37、38、51、52条: no form where none is due, and never a dead end."""
    if program.has_form != (program.entry in WITH_A_FORM):
        raise node.wrong(f"{' and '.join(WITH_A_FORM)} have a form, others have none", "steps")
    if not program.has_form:
        if not program.go_to:
            raise node.wrong("without a form it must say whom to turn to", "go_to")
        return
    for place in (program.routing, *(e.place for e in program.elsewhere)):
        if place not in known or known[place].kind != "place":
            raise node.wrong(f"{place!r} is no field of kind place", "routing")
    if not any(f.indispensable for f in known.values()):
        raise node.wrong("no field is indispensable", "steps")


def _check_procedure(node: Node, program: Program) -> None:
    timed = {d.step for d in program.deadlines}
    moves = [*program.procedure, *(m for t in program.tracks for m in t.procedure)]
    if not moves:
        raise node.wrong("a program needs its steps", "procedure")
    for move in moves:
        for step in move.deadlines:
            if step not in timed:
                raise node.wrong(f"{step!r} is no step of the deadlines", f"procedure.{move.step}")


def _check_referral(node: Node, program: Program, known: Mapping[str, Field]) -> None:
    """Only what the receiving form needs travels; to others than offices by separate consent."""
    referral = program.referral
    if referral is None:
        return
    _once(node, "referral.fields", referral.fields)
    for name in referral.fields:
        if name not in known:
            raise node.wrong(f"{name!r} is no field of the form", "referral.fields")
    if referral.consent and getattr(known.get(referral.consent), "kind", "") != "consent":
        raise node.wrong(f"{referral.consent!r} is no field of kind consent", "referral.consent")


def _check_who(node: Node, program: Program, known: Mapping[str, Field]) -> None:
    """A rule of the household speaks of relations the form knows, or of everybody."""
    inner = {f.name: f for f in known["members"].fields} if "members" in known else {}
    relations = {o.value for o in inner["relation"].options} if "relation" in inner else set()
    for rule in (*program.household.counted, *program.household.not_counted):
        for who in rule.who:
            if who not in relations | {EVERYBODY}:
                raise node.wrong(f"{who!r} is no relation of the form", "household")


def condition(node: Node, key: str) -> Condition | None:
    """The condition at `key`, its shape checked. Raises WrongProgram."""
    if not node.has(key):
        return None
    _check_shape(node.at(key))
    found: Condition = node.value[key]
    return found


def _check_shape(node: Node) -> None:
    if not isinstance(node.value, dict) or not node.value:
        raise node.wrong("a condition is a mapping with at least one key")
    for key, wanted in node.value.items():
        if not isinstance(key, str):
            raise node.wrong(f"key {key!r} is not text (YAML reads on, yes, no: quote it)")
        if key in ("all", "any"):
            for part in node.each(key):
                _check_shape(part)
        elif key == "not":
            _check_shape(node.at(key))
        elif not _plain(wanted):
            raise node.wrong("compare with text, a whole number, true or false, or a list", key)


def _plain(wanted: Any) -> bool:
    values = wanted if isinstance(wanted, list) else [wanted]
    return bool(values) and all(isinstance(v, str | int) for v in values)


def _once(node: Node, key: str, said: Sequence[str]) -> None:
    for name in said:
        if said.count(name) > 1:
            raise node.wrong(f"{name!r} stands twice", key)


def _check_fields(node: Node, fields: Sequence[Field], group: str = "steps") -> None:
    """In reading order: a condition may look only at what was asked before."""
    _once(node, group, [f.name for f in fields])
    earlier: dict[str, Field] = {}
    for one in fields:
        place = f"{group}.{one.name}"
        _check_field(node, place, one)
        _check_names(node, place, one.when, earlier)
        if one.unless and one.unless not in [f.name for f in fields]:
            raise node.wrong(f"unless names {one.unless!r}, which is not asked", place)
        if one.fields:
            _check_fields(node, one.fields, place)
        earlier[one.name] = one


def _check_field(node: Node, place: str, one: Field) -> None:
    if one.name in WORDS or not one.name.isidentifier() or one.name != one.name.lower():
        raise node.wrong("the name must be small letters, digits and _", place)
    if (one.kind in _WITH_OPTIONS) != bool(one.options):
        raise node.wrong("choice and choices have options, other kinds have none", place)
    if (one.kind == "people") != bool(one.fields):
        raise node.wrong("people has fields, other kinds have none", place)
    if one.kind == "people" and one.most is None:
        raise node.wrong("people needs `most`", place)


def _check_names(
    node: Node, place: str, when: Condition | None, known: Mapping[str, Field]
) -> None:
    for name in names(when):
        if name not in known:
            raise node.wrong(f"the condition names {name!r}, which is not asked before", place)
    for name, values in _compared(when):
        allowed = _values(known[name])
        for value in values:
            if allowed is not None and value not in allowed:
                raise node.wrong(f"{name} is never {value!r}", place)


def _compared(when: Condition | None) -> Iterable[tuple[str, list[Any]]]:
    for key, wanted in (when or {}).items():
        if key in ("all", "any"):
            for part in wanted:
                yield from _compared(part)
        elif key == "not":
            yield from _compared(wanted)
        elif key != "answered":
            yield key, wanted if isinstance(wanted, list) else [wanted]


def _values(one: Field) -> list[Any] | None:
    """All answers the field can have, or None when they are not few."""
    if one.options:
        return [o.value for o in one.options]
    return [True, False] if one.kind in ("yes_no", "consent") else None


def _check_cases(file: Path, program: Program, known: Mapping[str, Field]) -> None:
    root = read_yaml(file)
    if not program.cases:
        raise WrongProgram(file, "cases", "a program needs examples")
    _once(root, "cases", [c.name for c in program.cases])
    for case in root.each("cases"):
        case.at("expect").only((), _EXPECTED)
        _check_answers(case.at("answers"), known)


def _check_answers(answers: Node, known: Mapping[str, Field]) -> None:
    for name, given in answers.mapping().items():
        if name not in known:
            raise answers.wrong("is no field of the form", name)
        allowed = _values(known[name])
        for value in given if isinstance(given, list) else [given]:
            if allowed is not None and value not in allowed:
                raise answers.wrong(f"{value!r} is no option", name)
        if known[name].kind == "people":
            inner = {f.name: f for f in known[name].fields}
            for row in answers.each(name):
                rest = {k: v for k, v in row.mapping().items() if k != "row"}
                _check_answers(Node(rest, row.file, row.place), inner)
