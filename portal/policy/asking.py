"""What a program asks of these answers: what is missing, which papers help, where the file goes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.policy.catalogue import DocumentRule, Elsewhere, Field, Form, Program
from portal.policy.conditions import answered, holds

Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where the file goes: the field that says it, the division's code in it ("" when
    nobody chose one), the reason in plain words, and its article."""

    field: str
    code: str
    why: str


def missing(form: Form, answers: Answers) -> list[Field]:
    """The indispensable fields that apply and have no answer, in the order of the form."""
    return [f for f in form.fields if _wanted(f, answers) and not answered(f.name, answers)]


def documents(
    program: Program, answers: Answers, shared: Collection[str] = ()
) -> list[DocumentRule]:
    """The papers that would help for these answers; nobody is turned away without them.

    Not those that the offices of the place look up themselves, `shared` (第62条).
    """
    wanted = [d for d in program.documents if d.need == "helpful" and d.item not in shared]
    return [d for d in wanted if holds(d.when, answers)]


def consent_asked(program: Program, answers: Answers) -> bool:
    """Whether adults are asked to consent to the means check."""
    when = program.consent_when
    return program.consent_needed or (when is not None and holds(when, answers))


def alert(answers: Answers) -> str | None:
    """food (没饭吃) or shelter (没地方住): the township is alerted until a named person answers."""
    needs = answers.get("needs") or ()
    return next((need for need in ("food", "shelter") if need in needs), None)


def place(program: Program, answers: Answers) -> Place:
    """The place of filing (社会救助法 第37条): the program's own, or another that is open."""
    own = _code(answers, program.routing)
    for other in program.elsewhere:
        if _is_open(other, own, answers):
            return Place(other.place, _code(answers, other.place), other.why)
    return Place(program.routing, own, program.routing_why)


def _wanted(field: Field, answers: Answers) -> bool:
    if not field.indispensable or not holds(field.when, answers):
        return False
    return not (field.unless and answered(field.unless, answers))


def _is_open(other: Elsewhere, own: str, answers: Answers) -> bool:
    codes: Sequence[str] = (own, _code(answers, other.place))
    inside = other.within.rstrip("0")
    return all(code.startswith(inside) for code in codes) and holds(other.when, answers)


def _code(answers: Answers, field: str) -> str:
    given = answers.get(field)
    code = given.get("code") if isinstance(given, Mapping) else None
    return code if isinstance(code, str) else ""
