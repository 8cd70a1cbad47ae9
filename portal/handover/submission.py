"""Submission: check, freeze, sign the receipt and queue the file, all in one commit."""

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing import applications, forms, sorting, telling
from portal.filing.tables import Application, Submission
from portal.foundation import audit, vault
from portal.foundation.crash import crash_around_commit, crash_point
from portal.foundation.errors import Invalid
from portal.handover import frozen, outbox, receipts
from portal.people import access
from portal.people.access import Act, Actor
from portal.people.mandate_tables import Mandate
from portal.policy import asking
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL, Party, Status, check_move

STATUS_SENTENCE = "已提交，尚未受理"
_WITH_THE_APPLICANT = frozenset({Status.DRAFT, Status.RETURNED})


def submit(
    session: Session,
    application: Application,
    program: Program,
    *,
    actor: Actor | str,
    now: datetime,
) -> dict[str, Any]:
    """The signed receipt; the file leaves with this transaction or not at all.

    Said again for a file already submitted it is the same receipt and nothing happens.
    Photos and signatures are never demanded.

    Raises Invalid naming the few answers it cannot do without, Conflict for a closed file.
    """
    if isinstance(actor, Actor):
        access.check_act(actor, Act.SUBMIT)
    mandate_id = actor.mandate if isinstance(actor, Actor) else None
    crash_point("S1")
    session.flush()
    session.refresh(application, with_for_update=True)
    if application.submission_no and Status(application.status) not in _WITH_THE_APPLICANT | FINAL:
        return receipt(session, application)
    if not application.submission_no:
        application.machine = program.machine
    check_move(application.status, Status.SUBMITTED, Party.APPLICANT, machine=application.machine)
    _check_complete(session, application, program)
    application.status = Status.SUBMITTED
    if application.alert_answered_at is None:
        application.alert = asking.alert(applications.answers(session, application))
    application.filed_at = application.filed_at or now
    given = _next_version(session, application, program, mandate_id, actor=str(actor), now=now)
    if mandate_id is not None:
        mandate = session.get_one(Mandate, mandate_id)
        telling.of_submission(session, mandate, application.id, now=now)
    crash_point("S5")
    crash_around_commit(session, "S6", "S7")
    return given


def resubmit(
    session: Session, application: Application, program: Program, *, now: datetime
) -> dict[str, Any]:
    """The same file once more, with the photos added since; where it stands does not change."""
    last = session.get(Submission, (application.id, application.submission_no))
    mandate_id = last.mandate_id if last else None
    return _next_version(session, application, program, mandate_id, actor="portal", now=now)


def receipt(session: Session, application: Application) -> dict[str, Any]:
    """The receipt of the last submission, exactly as it was given. Raises NotFound."""
    return frozen.receipt(session, application, application.submission_no)


def _next_version(
    session: Session, application: Application, program: Program, mandate_id: UUID | None,
    *, actor: str, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    application.submission_no += 1
    application.changed_at = now
    sorting.settle(session, application, actor=actor, now=now)
    given = _freeze(session, application, program, mandate_id, now=now)
    outbox.put(session, application, now=now)
    crash_point("S4")
    _record(session, application, given, actor=actor, now=now)
    return given


def lacking(session: Session, application: Application, program: Program) -> dict[str, list[str]]:
    """The few answers it cannot be handed in without, a sentence each; empty when it can."""
    found = forms.missing(program.form, applications.answers(session, application))
    if application.urgent:
        found.pop("applicant_name", None)
    if application.region_code is None:
        found.setdefault(program.routing, ["请从列表里选地方。"])
    return found


def _check_complete(session: Session, application: Application, program: Program) -> None:
    if fields := lacking(session, application, program):
        raise Invalid("还差几项，填好就能提交。", code="incomplete", fields=fields)


def _freeze(
    session: Session, application: Application, program: Program, mandate_id: UUID | None,
    *, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    body = frozen.freeze(session, application, program, mandate_id=mandate_id, now=now)
    given = receipts.signed(session, "receipt", _receipt_body(body))
    key, version = application.key_id, application.submission_no
    session.add(
        Submission(
            application_id=application.id,
            version=version,
            frozen_sealed=vault.seal(
                session,
                key,
                receipts.canonical(body),
                place=frozen.place("frozen", application, version),
            ),
            receipt_sealed=vault.seal(
                session,
                key,
                receipts.canonical(given),
                place=frozen.place("receipt", application, version),
            ),
            mandate_id=mandate_id,
            submitted_at=now,
        )
    )
    session.flush()
    crash_point("S3")
    return given


def _receipt_body(body: dict[str, Any]) -> dict[str, Any]:
    photos = [
        {
            "item": d["item"],
            "title": d["title"],
            "sha256": d["sent_sha256"],
            "opened_sha256": d["opened_sha256"],
            **{name: d[name] for name in ("envelope_sha256",) if name in d},
        }
        for d in body["documents"]
    ]
    return {
        "application_id": body["application_id"],
        "reference_no": body["reference_no"],
        "program": body["program"]["title"],
        "version": body["version"],
        "filed_at": body["filed_at"],
        "submitted_at": body["submitted_at"],
        "office": body["office"]["name"],
        "status": STATUS_SENTENCE,
        "photos": photos,
        "contents_sha256": sha256(receipts.canonical(body)).hexdigest(),
    }


def _record(
    session: Session,
    application: Application,
    given: dict[str, Any],
    *,
    actor: str,
    now: datetime,
) -> None:
    detail = {
        "version": application.submission_no,
        "contents": given["contents_sha256"],
        "region": application.region_code,
        "photos": len(given["photos"]),
    }
    audit.record(
        session,
        "application.submitted",
        actor=actor,
        subject=application.id,
        detail=detail,
        now=now,
    )
