"""A form and its answers: what is valid, what is asked, what is missing."""

from collections.abc import Mapping
from typing import Any

from portal.filing import values
from portal.foundation.errors import Invalid
from portal.policy import asking, conditions
from portal.policy.catalogue import Field, Form, Program


def clean(form: Form, answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The valid ones as they are kept (None: emptied), and a sentence for each that is not."""
    fields = {f.name: f for f in form.fields}
    kept: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in answers.items():
        if name not in fields:
            errors[name] = ["没有这一项。"]
            continue
        try:
            kept[name] = values.clean(fields[name], value)
        except Invalid as refusal:
            errors.update(
                {f"{name}.{inner}": texts for inner, texts in refusal.fields.items()}
                or {name: [refusal.message]}
            )
    return kept, errors


def asked(form: Form, answers: Mapping[str, Any]) -> list[Field]:
    """The questions that matter, given the answers so far."""
    return [f for f in form.fields if conditions.holds(f.when, answers)]


def missing(form: Form, answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """The few indispensable answers that are still empty: name, place, a way to be found,
    what happened. Everything else may be settled at the visit."""
    return {f.name: [f"还差：{f.label}"] for f in asking.missing(form, answers)}


def open_questions(form: Form, answers: Mapping[str, Any]) -> list[Field]:
    """Asked and not answered: shown as to-dos, never demanded."""
    return [f for f in asked(form, answers) if not conditions.answered(f.name, answers)]


def step_of(program: Program, field_name: str) -> str:
    """The key of the step that asks this field; the first step when unknown."""
    for step in program.form.steps:
        if any(f.name == field_name for f in step.fields):
            return step.key
    return program.form.steps[0].key
