"""What is frozen at submission: everything the office needs, readable without this portal."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing import applications, documents, signatures
from portal.filing.applications import Answer
from portal.filing.tables import Application, Document, Signature, Submission
from portal.filing.values import UNSURE
from portal.foundation import vault
from portal.foundation.errors import NotFound
from portal.handover import delegation
from portal.people.tables import Consent
from portal.policy import asking, conditions, regions
from portal.policy.catalogue import Field, Program, Step

FORMAT = "jiuzhutong-application/1"
EMPTY = "（未填）"
_WHY = {
    applications.TRANSFERRED: "由原受理地转来。",
    applications.CARRIED: "由办事机构接着原来的申请办理。",
}
OTHER_TITLES = {
    documents.OTHER: "其他材料",
    documents.SIGNED_PAGE: "签过字的授权书",
    documents.MANDATE_PAPER: "托人办的委托书",
    documents.GUARDIAN_PROOF: "监护人的证明",
}


def freeze(
    session: Session, application: Application, program: Program,
    *, mandate_id: UUID | None = None, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """One version of the file as plain JSON values, labels beside values.

    `mandate_id`: that under which a helper hands it in.
    """
    kept = applications.kept_answers(session, application)
    answers = applications.answers(session, application)
    sent = documents.of(session, application)
    return {
        "format": FORMAT,
        "application_id": str(application.id),
        "reference_no": application.reference_no,
        "version": application.submission_no,
        "program": {"id": program.id, "title": program.title, "version": str(program.version)},
        "form_digest": program.form.digest,
        "filed_at": stamp(application.filed_at or now),
        "submitted_at": stamp(now),
        "urgent": application.urgent,
        "alert": application.alert or "",
        "office": _office(session, application, program, answers),
        "steps": [_step(session, step, kept, answers) for step in program.form.steps],
        "documents": [_document(document, program) for document in sent],
        "not_photographed": _not_photographed(program, answers, sent),
        "signatures": [
            _signature(session, application, row) for row in signatures.of(session, application)
        ],
        "consents": _consents(session, application),
        "mandate": delegation.of(session, mandate_id) if mandate_id else None,
    }


def contents(session: Session, application: Application, version: int) -> dict[str, Any]:
    """What was frozen at that submission. Raises NotFound."""
    row = _submission(session, application, version)
    plain = vault.unseal(
        session, application.key_id, row.frozen_sealed, place=place("frozen", application, version)
    )
    found: dict[str, Any] = json.loads(plain)
    return found


def receipt(session: Session, application: Application, version: int) -> dict[str, Any]:
    """The receipt given for that submission, exactly as it was. Raises NotFound."""
    row = _submission(session, application, version)
    plain = vault.unseal(
        session,
        application.key_id,
        row.receipt_sealed,
        place=place("receipt", application, version),
    )
    found: dict[str, Any] = json.loads(plain)
    return found


def place(column: str, application: Application, version: int) -> str:
    return f"submissions.{column}:{application.id}/{version}"


def stamp(moment: datetime) -> str:
    """2026-11-22T01:00:00Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def title_of(item: str, program: Program) -> str:
    titles = {rule.item: rule.title for rule in program.documents}
    return titles.get(item) or OTHER_TITLES.get(item, "其他材料")


def _submission(session: Session, application: Application, version: int) -> Submission:
    row = session.get(Submission, (application.id, version))
    if row is None:
        raise NotFound("还没有提交，没有回执。")
    return row


def _office(
    session: Session, application: Application, program: Program, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Where it goes and why; a transferred file stays where it was sent."""
    code = application.region_code or ""
    place = asking.place(program, answers)
    return {
        "region_code": code,
        "region_path": application.region_path or "",
        "name": regions.full_name(session, code),
        "why": _WHY.get(application.routed_by or "", place.why),
        "decided_by": application.routed_by or "",
    }


def _step(
    session: Session, step: Step, kept: Mapping[str, Answer], answers: Mapping[str, Any]
) -> dict[str, Any]:
    asked = [f for f in step.fields if conditions.holds(f.when, answers)]
    return {
        "key": step.key,
        "title": step.title,
        "fields": [_field(session, f, kept.get(f.name)) for f in asked],
    }


def _field(session: Session, field: Field, answer: Answer | None) -> dict[str, Any]:
    value = answer.value if answer else None
    question = answer.question if answer and value is not None else field.digest
    entry = {
        "name": field.name,
        "label": field.label,
        "kind": field.kind,
        "question": question,
        "question_changed": question != field.digest,
        "value": value,
        "text": spoken_value(session, field, value),
    }
    if field.kind == "people":
        entry["people"] = [_person(session, field, row) for row in value or []]
    return entry


def _person(session: Session, field: Field, row: Mapping[str, Any]) -> dict[str, Any]:
    asked = [f for f in field.fields if conditions.holds(f.when, row)]
    return {
        "row": row.get("row", ""),
        "fields": [
            {
                "name": f.name,
                "label": f.label,
                "value": row.get(f.name),
                "text": spoken_value(session, f, row.get(f.name)),
            }
            for f in asked
        ],
    }


def spoken_value(session: Session, field: Field, value: Any) -> str:
    """The answer in words, as a person would write it on paper."""
    if value is None or value == "" or value == []:
        return EMPTY
    if field.kind == "place":
        name = regions.full_name(session, value["code"]) if value.get("code") else ""
        return f"{name}{value.get('address', '')}" or EMPTY
    return _plain_words(field, value)


def _plain_words(field: Field, value: Any) -> str:
    labels = {option.value: option.label for option in field.options}
    match field.kind:
        case "money":
            return "说不清，入户时核" if value == UNSURE else f"{value / 100:,.2f} 元"
        case "yes_no":
            return "是" if value else "否"
        case "consent":
            return "同意" if value else "不同意"
        case "choice":
            return str(labels.get(value, value))
        case "choices":
            return "、".join(labels.get(one, one) for one in value)
        case "date":
            day = date.fromisoformat(value)
            return f"{day.year}年{day.month}月{day.day}日"
        case "people":
            return f"{len(value)}人"
    return str(value)


def _document(document: Document, program: Program) -> dict[str, Any]:
    return {
        "id": str(document.id),
        "item": document.item,
        "title": title_of(document.item, program),
        "sent_sha256": document.sent_digest,
        **({"envelope_sha256": document.envelope_digest} if document.envelope_digest else {}),
        "opened_sha256": document.prepared_digest,
        "sent_size": document.sent_size,
        "sent_at": stamp(document.created_at),
    }


def _not_photographed(
    program: Program, answers: Mapping[str, Any], sent: Sequence[Document]
) -> list[dict[str, str]]:
    have = {document.item for document in sent}
    rules = asking.documents(program, answers)
    return [{"item": r.item, "title": r.title} for r in rules if r.item not in have]


def _signature(session: Session, application: Application, row: Signature) -> dict[str, Any]:
    return {
        "signer": row.signer,
        "name": signatures.name_of(session, application, row),
        "method": row.method,
        "method_text": signatures.METHODS.get(row.method, row.method),
        "strength": signatures.strength(row),
        "text_version": row.text_version,
        "text_sha256": row.text_digest.hex(),
        "text": row.text or _text(row),
        "strokes": signatures.strokes_of(session, application, row),
        "phone": signatures.phone_of(session, application, row),
        "document_id": str(row.document_id) if row.document_id else None,
        "device": row.device or "",
        "via": row.via or "",
        "signed_as": row.signed_as or "self",
        "mandate": str(row.mandate_id) if row.mandate_id else None,
        "signed_at": stamp(row.signed_at),
    }


def _text(row: Signature) -> str:
    """Of a signature older than the kept words."""
    return signatures.TEXT if row.text_digest == signatures.text_digest() else ""


def _consents(session: Session, application: Application) -> list[dict[str, str]]:
    if application.account_id is None:
        return []
    rows = select(Consent).where(
        Consent.account_id == application.account_id, Consent.withdrawn_at.is_(None)
    )
    return [
        {
            "kind": row.kind,
            "text_version": row.text_version,
            "text_sha256": row.text_digest.hex(),
            "given_at": stamp(row.given_at),
        }
        for row in session.scalars(rows.order_by(Consent.given_at, Consent.id))
    ]
