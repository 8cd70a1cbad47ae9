"""Answers of the self-check as first answers of an application; each can still be changed."""

from collections.abc import Mapping
from typing import Any

from portal.policy.catalogue import Field, Form

_NAMED = {"happened": "reason", "area": "apply_type"}
"""Facts whose question has another name on the forms; others keep theirs."""


def answers_for(form: Form, said: Mapping[str, Any]) -> dict[str, Any]:
    """What of `said` this form asks too, in its own options. Nothing is guessed."""
    fields = {f.name: f for f in form.fields}
    found = {}
    for name, value in said.items():
        asked = fields.get(_NAMED.get(name, name))
        kept = _fitting(asked, value) if asked else None
        if asked and kept is not None:
            found[asked.name] = kept
    return found


def _fitting(asked: Field, value: Any) -> Any:
    """The value where the field can have it, else None."""
    options = {o.value for o in asked.options}
    if asked.kind == "choices" and isinstance(value, list):
        return [one for one in value if isinstance(one, str) and one in options] or None
    if asked.kind == "choice" and isinstance(value, str):
        return value if value in options else None
    if asked.kind == "money":
        return value if isinstance(value, int) or value == "unsure" else None
    return None
