"""An application: started, found, filled in, discarded."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing import forms, routing
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people import access
from portal.people.access import Actor
from portal.policy import regions
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL, Status

OPEN_TO_EDIT = frozenset({Status.DRAFT, Status.RETURNED})
TRANSFERRED = "transfer"
"""`routed_by` of a file an office has sent on: later answers do not send it back."""
_MOST_DRAFTS = 10


@dataclass(frozen=True)
class Answer:
    """One kept answer: its value, the digest of the question, and the save that wrote it."""

    value: Any
    question: str
    revision: int
    at: str


def start(
    session: Session, program: Program, *, account_id: UUID | None, actor: Actor, now: datetime
) -> Application:
    """A new draft with a key of its own.

    Raises Invalid when nothing is applied for here (社会救助法 第38、51条: the school, the
    hospital), or when one person keeps too many unfinished drafts.
    """
    if not program.has_form:
        raise Invalid(f"{program.short}不在这里申请。请看该找谁。", code="not_here")
    if account_id is not None and len(_drafts(session, account_id)) >= _MOST_DRAFTS:
        raise Invalid("您有很多没填完的申请。请先办完或删掉。", code="too_many_drafts")
    application = Application(
        id=uuid4(), reference_no=_free_reference(session), program_id=program.id,
        account_id=account_id, key_id=vault.new_key(session, "application", now=now),
        status=Status.DRAFT, revision=0, answers_sealed=b"", created_at=now, changed_at=now,
    )  # fmt: skip
    _write(session, application, {})
    session.add(application)
    session.flush()
    audit.record(session, "application.started", actor=str(actor), subject=application.id, now=now)
    return application


def find(
    session: Session, application_id: UUID, *, actor: Actor, lock: bool = False
) -> Application:
    """Raises NotFound, the same for what does not exist and for what is not theirs."""
    application = session.get(Application, application_id, with_for_update=lock or None)
    if application is None or not access.may_read(
        actor, owner=application.account_id, region_path=application.region_path
    ):
        raise NotFound("没有找到这份申请。")
    return application


def mine(session: Session, account_id: UUID) -> list[Application]:
    """Newest first."""
    rows = select(Application).where(Application.account_id == account_id)
    return list(session.scalars(rows.order_by(Application.created_at.desc(), Application.id)))


def open_one(session: Session, account_id: UUID, program_id: str) -> Application | None:
    """The own unfinished or running application for this program, to be warned of."""
    for application in mine(session, account_id):
        if application.program_id == program_id and application.status not in FINAL:
            return application
    return None


def same_household(session: Session, application: Application) -> int:
    """How many other running files carry the same identity number; told to the office only."""
    if application.household_index is None:
        return 0
    rows = select(Application.status).where(
        Application.household_index == application.household_index,
        Application.program_id == application.program_id,
        Application.id != application.id,
    )
    return sum(s not in FINAL and s != Status.DRAFT for s in session.scalars(rows))


def answers(session: Session, application: Application) -> dict[str, Any]:
    """{field: value} of what is answered."""
    kept = kept_answers(session, application)
    return {name: answer.value for name, answer in kept.items() if answer.value is not None}


def kept_answers(session: Session, application: Application) -> dict[str, Answer]:
    """Every answer with its history marks; emptied ones have value None."""
    text = vault.unseal_text(
        session, application.key_id, application.answers_sealed, place=_place(application)
    )
    return {name: Answer(**entry) for name, entry in json.loads(text).items()}


def save_answers(
    session: Session,
    application: Application,
    program: Program,
    changes: Mapping[str, Any],
    *,
    revision: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Merge field by field; the new revision.

    `revision` is the one the changes were made from. Different fields merge; the same
    field changed elsewhere to another value is refused and nothing is written. The
    caller has locked the row.

    Raises Invalid with a sentence a field, Conflict (answers_conflict, or closed_to_edit).
    """
    check_editable(application)
    wanted, errors = forms.clean(program.form, changes)
    errors.update(routing.unknown_places(session, program.form, wanted))
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    kept = kept_answers(session, application)
    changed = _changed(kept, wanted, revision)
    if changed:
        _store(session, application, program, kept, changed, now=now)
        detail = {"fields": sorted(changed), "revision": application.revision}
        audit.record(
            session,
            "answers.saved",
            actor=str(actor),
            subject=application.id,
            detail=detail,
            now=now,
        )
    return application.revision


def check_editable(application: Application) -> None:
    """Raises Conflict when the file has left the applicant's hands."""
    if application.status not in OPEN_TO_EDIT:
        raise Conflict("申请已经提交，现在不能改。可以补照片或打电话。", code="closed_to_edit")


def discard(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """Throw a draft away: its key is destroyed, so nothing of it can be read again.

    Raises Conflict for anything already submitted; that is withdrawn, not discarded.
    """
    if application.status != Status.DRAFT or application.submission_no:
        raise Conflict("已经提交的申请不能删。可以撤回。", code="not_a_draft")
    application.status, application.closed_at, application.changed_at = Status.WITHDRAWN, now, now
    application.household_index = application.last_four_index = None
    vault.destroy_key(session, application.key_id, now=now)
    audit.record(
        session, "application.discarded", actor=str(actor), subject=application.id, now=now
    )


def readable(session: Session, application: Application) -> bool:
    """Whether its key still exists: a discarded draft keeps only its bare row."""
    key = session.get(vault.DataKey, application.key_id)
    return key is not None and key.wrapped is not None


def _changed(
    kept: Mapping[str, Answer], wanted: Mapping[str, Any], revision: int
) -> dict[str, Any]:
    """What differs from the kept answers. Raises Conflict where somebody changed it since."""
    changed = {n: v for n, v in wanted.items() if n not in kept or kept[n].value != v}
    changed = {n: v for n, v in changed.items() if v is not None or n in kept}
    clash = [n for n in changed if n in kept and kept[n].revision > revision]
    if clash:
        raise Conflict(
            "有的内容在别处改过了。请看一看再存。",
            code="answers_conflict",
            fields={name: ["这一项在别处改过了。"] for name in clash},
        )
    return changed


def _store(
    session: Session,
    application: Application,
    program: Program,
    kept: dict[str, Answer],
    changed: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    application.revision += 1
    questions = {f.name: f.digest for f in program.form.fields}
    for name, value in changed.items():
        kept[name] = Answer(value, questions[name], application.revision, now.isoformat())
    _write(session, application, kept)
    application.changed_at = now
    plain = {name: answer.value for name, answer in kept.items() if answer.value is not None}
    _index(session, application, program, plain)


def _write(session: Session, application: Application, kept: Mapping[str, Answer]) -> None:
    text = json.dumps({n: vars(a) for n, a in kept.items()}, ensure_ascii=False)
    application.answers_sealed = vault.seal_text(
        session, application.key_id, text, place=_place(application)
    )


def _index(
    session: Session, application: Application, program: Program, plain: Mapping[str, Any]
) -> None:
    """Where it goes, and the blind indexes it is found by."""
    if application.routed_by != TRANSFERRED:
        code, why = routing.township(program, plain)
        application.region_code = code
        application.routed_by = why if code else None
        application.region_path = regions.path(session, code) if code else None
    number = plain.get("applicant_id_number")
    application.household_index = (
        vault.blind_index(session, f"household:{program.id}", number) if number else None
    )
    four = (number or plain.get("phone") or "")[-4:]
    application.last_four_index = (
        last_four_index(session, application.reference_no, four) if four else None
    )


def last_four_index(session: Session, reference_no: str, four: str) -> bytes:
    """Bound to the reference number, so that equal digits of two people do not look equal."""
    return vault.blind_index(session, "last_four", f"{reference_no}:{four.upper()}")


def _drafts(session: Session, account_id: UUID) -> list[Application]:
    return [a for a in mine(session, account_id) if a.status == Status.DRAFT]


def _free_reference(session: Session) -> str:
    """Ten digits people can say over the phone; the last one checks the others (Luhn)."""
    while True:
        body = str(secrets.randbelow(9) + 1) + "".join(str(secrets.randbelow(10)) for _ in range(8))
        number = body + _luhn(body)
        taken = select(Application.id).where(Application.reference_no == number)
        if session.scalars(taken).first() is None:
            return number


def _luhn(body: str) -> str:
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body))]
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def _place(application: Application) -> str:
    return f"applications.answers:{application.id}"
