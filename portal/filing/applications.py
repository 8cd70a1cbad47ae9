"""An application: started, found, filled in, discarded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing import forms, guarding, marks, masking, references, routing
from portal.filing.discarding import discard as discard
from portal.filing.discarding import readable as readable
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.people import access
from portal.people.access import Act, Actor
from portal.policy import regions
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL, Status

OPEN_TO_EDIT = frozenset({Status.DRAFT, Status.RETURNED})
TRANSFERRED, CARRIED = "transfer", "carried"
"""`routed_by` of a file an office has sent on or opened itself: later answers do not move it."""
_MOST_DRAFTS = 10


@dataclass(frozen=True)
class Answer:
    """One kept answer: its value, the digest of the question, and the save that wrote it.

    `carried`: when it was first said, for an earlier file; empty once the person has looked.
    """

    value: Any
    question: str
    revision: int
    at: str
    carried: str = ""


def start(
    session: Session,
    program: Program,
    *,
    account_id: UUID | None,
    household_id: UUID | None = None,
    own_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> Application:
    """A new draft with a key of its own. `own_id`: the id a phone gave it without a signal.

    Raises Invalid when nothing is applied for here (社会救助法 第38、51条: the school, the
    hospital), or when one person, or one household, keeps too many unfinished drafts.
    """
    if not program.has_form:
        raise Invalid(f"{program.short}不在这里申请。请看该找谁。", code="not_here")
    if len(_drafts(session, account_id, household_id)) >= _MOST_DRAFTS:
        raise Invalid("您有很多没填完的申请。请先办完或删掉。", code="too_many_drafts")
    return new(
        session, program, account_id=account_id, household_id=household_id, own_id=own_id,
        actor=str(actor), now=now,
    )  # fmt: skip


def new(
    session: Session, program: Program, *, account_id: UUID | None, household_id: UUID | None,
    own_id: UUID | None = None, actor: str, now: datetime,
) -> Application:  # fmt: skip
    """An empty draft, unasked: for the office's own acts."""
    application = Application(
        id=own_id or uuid4(), reference_no=references.free(session), program_id=program.id,
        account_id=account_id, household_id=household_id,
        key_id=vault.new_key(session, "application", now=now),
        status=Status.DRAFT, revision=0, answers_sealed=b"", created_at=now, changed_at=now,
    )  # fmt: skip
    _write(session, application, {})
    session.add(application)
    session.flush()
    audit.record(session, "application.started", actor=str(actor), subject=application.id, now=now)
    return application


def find(
    session: Session, application_id: UUID, *, actor: Actor, lock: bool = False,
    now: datetime | None = None,
) -> Application:  # fmt: skip
    """Raises NotFound, the same for what does not exist and for what is not theirs. A helper's
    mandate is looked up as of `now`; without it no helper finds anything."""
    application = session.get(Application, application_id, with_for_update=lock or None)
    if application is None or not access.may_read(
        actor, owner=application.account_id, region_path=application.region_path,
        grant=guarding.granted(session, application, actor=actor, lock=lock, now=now),
        program_id=application.program_id,
    ):  # fmt: skip
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
    access.check_act(actor, Act.FILL)
    check_editable(application)
    kept = kept_answers(session, application)
    before = {name: answer.value for name, answer in kept.items()}
    if actor.grant is not None:
        changes = masking.restored(program.form, changes, before)
    wanted, errors = forms.clean(program.form, changes)
    errors.update(routing.unknown_places(session, program.form, wanted))
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    changed = _changed(kept, wanted, revision)
    guarding.check_answers(session, program, before, changed, actor=actor, now=now)
    digests = {f.name: f.digest for f in program.form.fields}
    others = asked_otherwise(program, kept)
    seen = [n for n in wanted if n in kept and (kept[n].carried or n in others)]
    if changed or seen:
        kept |= {n: replace(kept[n], carried="", question=digests[n]) for n in seen}
        _store(session, application, program, kept, changed, now=now)
        audit.record(
            session, "answers.saved", actor=str(actor), subject=application.id, now=now,
            detail={"fields": sorted(changed), "revision": application.revision},
        )  # fmt: skip
    return application.revision


def asked_otherwise(program: Program, kept: Mapping[str, Answer]) -> set[str]:
    """The questions answered when their words, kind or options were others."""
    return {
        f.name
        for f in program.form.fields
        if f.name in kept and kept[f.name].value is not None and kept[f.name].question != f.digest
    }


def write(
    session: Session,
    application: Application,
    program: Program,
    kept: Mapping[str, Answer],
    *,
    now: datetime,
) -> None:
    """Seal the answers anew, and find the file's place and its blind indexes by them."""
    _write(session, application, kept)
    application.changed_at = now
    plain = {name: answer.value for name, answer in kept.items() if answer.value is not None}
    _index(session, application, program, plain)
    marks.of_answers(session, application, plain, now=now)


def check_editable(application: Application) -> None:
    """Raises Conflict when the file has left the applicant's hands."""
    if application.status not in OPEN_TO_EDIT:
        raise Conflict("申请已经提交，现在不能改。可以补照片或打电话。", code="closed_to_edit")


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
    write(session, application, program, kept, now=now)


def _write(session: Session, application: Application, kept: Mapping[str, Answer]) -> None:
    text = json.dumps({n: vars(a) for n, a in kept.items()}, ensure_ascii=False)
    application.answers_sealed = vault.seal_text(
        session, application.key_id, text, place=_place(application)
    )


def _index(
    session: Session, application: Application, program: Program, plain: Mapping[str, Any]
) -> None:
    """Where it goes, and the blind indexes it is found by."""
    if application.routed_by not in (TRANSFERRED, CARRIED):
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


def _drafts(
    session: Session, account_id: UUID | None, household_id: UUID | None
) -> list[Application]:
    """Of one household, or of whoever has none."""
    rows = select(Application).where(Application.status == Status.DRAFT)
    if household_id is not None:
        rows = rows.where(Application.household_id == household_id)
    elif account_id is not None:
        rows = rows.where(Application.account_id == account_id)
    else:
        return []
    return list(session.scalars(rows))


def _place(application: Application) -> str:
    return f"applications.answers:{application.id}"
