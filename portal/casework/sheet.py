"""A submitted file as the clerk reads it: frozen answers, photos, signatures; numbers masked."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import events, history, photo_marks, stages
from portal.filing import applications, documents, signatures
from portal.filing.tables import Application, Document, Submission
from portal.foundation.clock import spoken
from portal.foundation.errors import Refusal
from portal.handover import frozen, strokes
from portal.people.identity import IdNumber, Phone
from portal.policy.catalogue import Field, Program
from portal.policy.lifecycle import Status

SENSITIVE_KINDS = ("id_number", "phone")
SENSITIVE_NAMES = ("account_number",)


@dataclass(frozen=True)
class Row:
    """One answer in words. `masked` when digits are hidden; `changed` since the last submission."""

    name: str
    label: str
    text: str
    item_no: int | None = None
    masked: bool = False
    changed: bool = False
    people: tuple[tuple["Row", ...], ...] = ()


@dataclass(frozen=True)
class Topic:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Photo:
    """`ready` when there is a copy to look at; `late` when it came after the last submission;
    `mark` accepted · retake · None, `asked` the sentence of a retake."""

    id: UUID
    title: str
    ready: bool
    advice: tuple[str, ...]
    sent_text: str
    late: bool = False
    item: str = ""
    mark: str | None = None
    asked: str = ""


@dataclass(frozen=True)
class Signed:
    """A signature in force, or (`method` empty) one that is still to be given."""

    name: str
    who: str
    method: str
    strength: str
    when: str
    drawing: str = ""
    photo: UUID | None = None


@dataclass(frozen=True)
class Sheet:
    version: int
    topics: tuple[Topic, ...]
    photos: tuple[Photo, ...]
    not_photographed: tuple[str, ...]
    signed: tuple[Signed, ...]
    history: list[dict[str, Any]]
    asked: list[dict[str, Any]]
    same_household: int


def read(
    session: Session, application: Application, program: Program, *, revealed: bool = False
) -> Sheet:
    """The newest submission. `revealed` shows whole numbers; the caller has recorded that."""
    version = application.submission_no
    body = frozen.contents(session, application, version)
    before = frozen.contents(session, application, version - 1) if version > 1 else None
    questions = {f.name: f for f in program.form.fields}
    return Sheet(
        version=version,
        topics=tuple(
            Topic(
                step["title"], tuple(_row(f, questions, before, revealed) for f in step["fields"])
            )
            for step in body["steps"]
            if step["fields"]
        ),
        photos=tuple(_photos(session, application, program)),
        not_photographed=tuple(rule["title"] for rule in body["not_photographed"]),
        signed=_signed(body, program, application),
        history=history.lines(session, application, words=stages.DESK_WORDS, for_desk=True),
        asked=_asked(session, application, program),
        same_household=applications.same_household(session, application),
    )


def _row(
    field: Mapping[str, Any],
    questions: Mapping[str, Field],
    before: Mapping[str, Any] | None,
    revealed: bool,
) -> Row:
    question = questions.get(field["name"])
    kind = field["kind"]
    text, masked = field["text"], False
    if not revealed:
        text, masked = _hide(kind, field["name"], field["value"], text)
    inner = {f.name: f for f in question.fields} if question else {}
    return Row(
        name=field["name"],
        label=field["label"],
        text=text,
        item_no=question.item_no if question else None,
        masked=masked,
        changed=before is not None and _value(before, field["name"]) != field["value"],
        people=tuple(
            tuple(_inner(one, inner, revealed) for one in person["fields"])
            for person in field.get("people", ())
        ),
    )


def _inner(one: Mapping[str, Any], questions: Mapping[str, Field], revealed: bool) -> Row:
    kind = questions[one["name"]].kind if one["name"] in questions else ""
    text, masked = one["text"], False
    if not revealed:
        text, masked = _hide(kind, one["name"], one["value"], text)
    return Row(name=one["name"], label=one["label"], text=text, masked=masked)


def _hide(kind: str, name: str, value: Any, text: str) -> tuple[str, bool]:
    """The text with its digits hidden, if it is a number of a person."""
    if not value or (kind not in SENSITIVE_KINDS and name not in SENSITIVE_NAMES):
        return text, False
    with suppress(Refusal):  # what cannot be read is hidden by its length
        if kind == "id_number":
            return IdNumber.parse(value).masked, True
        if kind == "phone":
            return Phone.parse_any(value).masked, True
    return f"{'*' * max(0, len(value) - 4)}{value[-4:] if len(value) > 8 else '****'}", True


def hidden(kind: str, name: str, value: Any, text: str) -> str:
    """The text of one answer with the digits of a person's number hidden."""
    return _hide(kind, name, value, text)[0]


def _value(body: Mapping[str, Any], name: str) -> Any:
    for step in body["steps"]:
        for field in step["fields"]:
            if field["name"] == name:
                return field["value"]
    return None


def _photos(session: Session, application: Application, program: Program) -> list[Photo]:
    """Those handed in, and those added while the township has the file."""
    last = session.get_one(Submission, (application.id, application.submission_no)).submitted_at
    hers = application.status == Status.RETURNED
    found = documents.of(session, application)
    marks, asked = photo_marks.states(session, application), photo_marks.asked(session, application)
    return [
        _photo(d, program, d.created_at > last, marks.get(d.id), asked.get(d.id, ""))
        for d in found
        if not (hers and d.created_at > last)
    ]


def _photo(document: Document, program: Program, late: bool, mark: str | None, asked: str) -> Photo:
    return Photo(
        id=document.id,
        title=frozen.title_of(document.item, program),
        ready=document.state == documents.PREPARED,
        advice=tuple(documents.advice(document)),
        sent_text=spoken(document.created_at),
        late=late,
        item=document.item,
        mark=mark,
        asked=asked,
    )


def _signed(
    body: Mapping[str, Any], program: Program, application: Application
) -> tuple[Signed, ...]:
    given = [_signature(one) for one in body["signatures"]]
    if not program.consent_needed or application.urgent:
        return tuple(given)
    have = {one["signer"] for one in body["signatures"]}
    return (*given, *(s for key, s in _adults(body) if key not in have))


def _adults(body: Mapping[str, Any]) -> list[tuple[str, Signed]]:
    """The applicant and the members of the list, as somebody who has not signed yet.

    A child is listed too when the birth date is not known; the clerk sees who it is.
    """
    lacking = signatures.STRENGTH["visit"]
    found = [("applicant", Signed("申请人", "申请人", "", lacking, ""))]
    for step in body["steps"]:
        for field in step["fields"]:
            for person in field.get("people", ()) if field["name"] == "members" else ():
                said = {f["name"]: f for f in person["fields"]}
                if not _is_child(said, body):
                    name = said["name"]["text"] if "name" in said else "家庭成员"
                    who = Signed(name, "家庭成员", "", lacking, "")
                    found.append((f"member:{person['row']}", who))
    return found


def _is_child(said: Mapping[str, Mapping[str, Any]], body: Mapping[str, Any]) -> bool:
    number = said.get("id_number", {}).get("value")
    born = said.get("birth_date", {}).get("value")
    if number:
        try:
            born = IdNumber.parse(number).birth_date.isoformat()
        except Refusal:
            born = None
    if not born:
        return False
    today = body["submitted_at"][:10]
    age: int = int(today[:4]) - int(born[:4]) - (today[5:] < born[5:])
    return age < 18


def _signature(one: Mapping[str, Any]) -> Signed:
    return Signed(
        name=one["name"],
        who="申请人" if one["signer"] == "applicant" else "家庭成员",
        method=one["method_text"],
        strength=one["strength"],
        when=spoken(datetime.fromisoformat(one["signed_at"])),
        drawing=strokes.svg(one["strokes"]),
        photo=UUID(one["document_id"]) if one["document_id"] else None,
    )


def _asked(session: Session, application: Application, program: Program) -> list[dict[str, Any]]:
    """The lists sent so far: what, which sentence, when."""
    lists = {e.id: e.at for e in events.of(session, application) if e.kind == "returned"}
    return [
        {
            "title": history.item_title(program, c.item),
            "sentence": events.sentence(session, application, c),
            "on_text": spoken(lists[c.event_id]),
            "answered": c.answered_at is not None,
        }
        for c in events.corrections(session, application)
        if c.event_id in lists
    ]
