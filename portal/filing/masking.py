"""What a helper is shown of identity and account numbers once anything was handed in.

The same shapes come back from a form untouched; `restored` puts the real ones in their place.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing.tables import Application
from portal.people.access import Actor
from portal.policy.catalogue import Field, Form

ACCOUNT_NUMBER = "account_number"


def masks(session: Session, application: Application, *, actor: Actor) -> bool:
    """Whether this actor sees only the ends of numbers: a helper, once a file of the
    household has been handed in."""
    if actor.grant is None:
        return False
    if application.submission_no or application.household_id is None:
        return bool(application.submission_no)
    handed_in = select(Application.id).where(
        Application.household_id == application.household_id, Application.submission_no > 0
    )
    return session.scalars(handed_in.limit(1)).first() is not None


def masked(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with identity numbers and the account reduced to their ends."""
    return _walk(form.fields, answers)


def restored(form: Form, changes: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The changes with every masked number that came back as it was made whole again."""
    fields = {f.name: f for f in form.fields}
    return {
        name: _back(fields[name], value, kept.get(name)) if name in fields else value
        for name, value in changes.items()
    }


def secret(field: Field) -> bool:
    """Whether the answer to this question is a number to be masked."""
    return field.kind == "id_number" or field.name == ACCOUNT_NUMBER


def _walk(fields: Iterable[Field], answers: Mapping[str, Any]) -> dict[str, Any]:
    known = {f.name: f for f in fields}
    return {n: _mask(known[n], v) if n in known else v for n, v in answers.items()}


def _mask(field: Field, value: Any) -> Any:
    if field.kind == "people" and isinstance(value, list):
        return [_walk(field.fields, person) for person in value]
    return _ends(field, value) if secret(field) and isinstance(value, str) else value


def _ends(field: Field, value: str) -> str:
    """One digit at each end of an identity number, the last four of an account."""
    if field.kind == "id_number":
        return f"{value[:1]}{'*' * max(len(value) - 2, 1)}{value[-1:]}"
    return f"{'*' * max(len(value) - 4, 4)}{value[-4:]}"


def _back(field: Field, value: Any, kept: Any) -> Any:
    if field.kind == "people" and isinstance(value, list) and isinstance(kept, list):
        before = {p.get("row"): p for p in kept if isinstance(p, Mapping)}
        inner = {f.name: f for f in field.fields}
        return [_person(person, before, inner) for person in value]
    same = secret(field) and isinstance(kept, str) and value == _ends(field, kept)
    return kept if same else value


def _person(person: Any, before: Mapping[Any, Any], inner: Mapping[str, Field]) -> Any:
    if not isinstance(person, Mapping):
        return person
    row = person.get("row")
    old = before.get(row, {}) if isinstance(row, str) else {}
    return {n: _back(inner[n], v, old.get(n)) if n in inner else v for n, v in person.items()}
