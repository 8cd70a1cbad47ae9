"""What may travel with a referral: the answers its program lists, and not one more.

社会救助法 第11、64条; 个人信息保护法 第23条.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid
from portal.handover import frozen
from portal.policy import conditions
from portal.policy.catalogue import Catalogue, Field, Program
from portal.policy.lifecycle import Status

CATEGORIES = ("dibao", "tekun", "dibian", "gangxing")
"""Statuses every department recognises once they are confirmed (社会救助法 第42条)."""
_STANDING = (Status.APPROVED, Status.PAYING, Status.REVIEWING, Status.GRADUATING)
_NUMBERS = ("account_number",)
_MOST_WORDS = 500


def allowed(target: Program) -> tuple[Field, ...]:
    """The questions of the program that may be answered to its department, in its own order."""
    if target.referral is None:
        return ()
    named = set(target.referral.fields)
    return tuple(f for f in target.form.fields if f.name in named)


def known(
    session: Session, application: Application | None, own: Program | None, target: Program
) -> dict[str, dict[str, Any]]:
    """What the file already says to those questions: {name: {name, label, kind, text, people}}."""
    if application is None or own is None:
        return {}
    answers = applications.answers(session, application)
    asked = {f.name: f for f in own.form.fields}
    found = {}
    for field in allowed(target):
        question = asked.get(field.name)
        if question is not None and question.kind == field.kind and field.name in answers:
            found[field.name] = _entry(session, field, question, answers[field.name])
    return found


def build(
    session: Session,
    application: Application | None,
    own: Program | None,
    target: Program,
    chosen: Collection[str],
    typed: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The chosen answers in the order of the program, each known or typed by the clerk.

    Raises Invalid for a name that may not travel, and when nothing is left to send.
    """
    fields = allowed(target)
    strange = (set(chosen) | set(typed)) - {f.name for f in fields}
    if strange:
        raise Invalid("有的内容不能转。", fields=dict.fromkeys(sorted(strange), ["这一项不能转。"]))
    have = known(session, application, own, target)
    entries = []
    for field in fields:
        words = typed.get(field.name, "").strip()[:_MOST_WORDS]
        if words:
            entries.append(_plain(field, words))
        elif field.name in chosen and field.name in have:
            entries.append(have[field.name])
    if not entries:
        raise Invalid("请至少选一项要转的。", fields={"fields": ["请至少选一项。"]})
    return entries


def statuses(
    session: Session, catalogue: Catalogue, application: Application | None
) -> list[dict[str, str]]:
    """Confirmed categories of the same person: {program, title, since}. Declared ones do not count."""
    if application is None:
        return []
    number = applications.answers(session, application).get("applicant_id_number")
    found = {}
    for category in CATEGORIES:
        for file in _of_person(session, category, number, application):
            since = _approved_on(session, file)
            if since and category in catalogue.programs:
                title = catalogue.programs[category].title
                found[category] = {"program": category, "title": title, "since": since}
    return list(found.values())


def seal(session: Session, key_id: UUID, row_id: UUID, body: Mapping[str, Any]) -> bytes:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return vault.seal_text(session, key_id, text, place=_place(row_id))


def unseal(session: Session, key_id: UUID, row_id: UUID, sealed: bytes) -> dict[str, Any]:
    """Empty once the file it belongs to was erased."""
    try:
        text = vault.unseal_text(session, key_id, sealed, place=_place(row_id))
    except vault.Unreadable:
        return {"sentence": "", "fields": [], "statuses": []}
    found: dict[str, Any] = json.loads(text)
    return found


def masked(name: str, kind: str, text: str) -> tuple[str, bool]:
    """The text with the digits of a person's number hidden; the last four stay."""
    if kind not in ("id_number", "phone") and name not in _NUMBERS or not text:
        return text, False
    return f"{'*' * max(0, len(text) - 4)}{text[-4:] if len(text) > 8 else '****'}", True


def _entry(session: Session, field: Field, question: Field, value: Any) -> dict[str, Any]:
    """One answer in words; of people only what the department's own program asks of them."""
    entry = _plain(field, frozen.spoken_value(session, question, value))
    if field.kind == "people":
        inner = {f.name: f for f in question.fields}
        asked = [f for f in field.fields if f.name in inner]
        entry["people"] = [_person(session, asked, inner, row) for row in value]
    return entry


def _person(
    session: Session, asked: Sequence[Field], inner: Mapping[str, Field], row: Mapping[str, Any]
) -> list[dict[str, Any]]:
    shown = [f for f in asked if row.get(f.name) is not None and conditions.holds(f.when, row)]
    return [_plain(f, frozen.spoken_value(session, inner[f.name], row[f.name])) for f in shown]


def _plain(field: Field, text: str) -> dict[str, Any]:
    return {"name": field.name, "label": field.label, "kind": field.kind, "text": text}


def _of_person(
    session: Session, category: str, number: Any, application: Application
) -> Sequence[Application]:
    if application.program_id == category:
        return [application] if application.status in _STANDING else []
    if not isinstance(number, str) or not number:
        return []
    index = vault.blind_index(session, f"household:{category}", number)
    rows = select(Application).where(
        Application.household_index == index, Application.program_id == category,
        Application.status.in_(_STANDING),
    )  # fmt: skip
    return session.scalars(rows).all()


def _approved_on(session: Session, file: Application) -> str:
    """ISO day of the newest confirmation; empty when no event says so."""
    days = [e.at for e in events.of(session, file) if e.kind == "approved"]
    return local_date(days[-1]).isoformat() if days else ""


def _place(row_id: UUID) -> str:
    return f"referrals.contents:{row_id}"
