"""What a clerk at the one-door window does with a file. Nobody here approves or denies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import events, intake_events, queue
from portal.casework.queue import lists as lists
from portal.casework.queue import release as release
from portal.casework.queue import take_next as take_next
from portal.casework.tables import CaseEvent
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.handover import embedded
from portal.people import access
from portal.people.access import Actor, Role
from portal.policy import regions
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Party, Status
from portal.policy.tables import Region

_UNKNOWN = "没有找到这份申请。"


def find(
    session: Session, application_id: UUID, *, actor: Actor, lock: bool = False
) -> Application:
    """A file of the clerk's own division. Raises NotFound, also for a draft and for another's."""
    queue.check_staff(actor)
    application = session.get(Application, application_id, with_for_update=lock or None)
    if application is None or not application.submission_no:
        raise NotFound(_UNKNOWN)
    if not access.may_read(
        actor, owner=application.account_id, region_path=application.region_path
    ):
        raise NotFound(_UNKNOWN)
    return application


def note_reading(
    session: Session,
    application: Application,
    what: str,
    *,
    actor: Actor,
    now: datetime,
    **detail: Any,
) -> None:
    """Who opened what: `read.file`, `read.photo`, `read.form`, `view.number`."""
    audit.record(
        session, what, actor=str(actor), subject=application.id, now=now,
        detail={"version": application.submission_no, **detail},
    )  # fmt: skip


def accept(session: Session, application: Application, *, actor: Actor, now: datetime) -> CaseEvent:
    """受理. The legal clocks start here (社会救助法 第64条)."""
    return _act(session, application, "accepted", None, actor=actor, now=now)


def ask_for(
    session: Session,
    application: Application,
    program: Program,
    items: Sequence[tuple[str, str]],
    *,
    again: str = "",
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """一次性告知: one complete list, a sentence each; the applicant's turn.

    A second list needs a reason `again`. What the office checks itself is never asked for
    (社会救助法 第62条). Raises Invalid by item.
    """
    _check_items(program, items)
    before = [e for e in events.of(session, application) if e.kind == "returned"]
    if before and not again.strip():
        raise Invalid(
            "补正只告知一次。再要补，请写明原因。", code="asked_before",
            fields={"again": ["请写为什么又要补。"]},
        )  # fmt: skip
    listed = [{"item": item, "sentence": sentence} for item, sentence in items]
    said = {"items": listed, "again": again}
    return _act(session, application, "returned", said, actor=actor, now=now)


def transfer(
    session: Session,
    application: Application,
    place: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """转办 to the right township; the first filing time stays (社会救助法 第64条).

    The same way twice is refused, so that nobody is sent in circles. Raises Invalid,
    Conflict (sent_there_before, not_delivered).
    """
    region = _township(session, application, place)
    if queue.current(session, application) is None:
        raise Conflict("材料还在路上，请过一会儿再转。", code="not_delivered")
    come_from = application.region_code or ""
    for way in transfers(session, application):
        if (way.get("from_place"), way.get("place")) == (come_from, region.code):
            raise Conflict("已经转去过那里。请联系县民政局。", code="sent_there_before")
    said = {
        "place": region.code, "place_name": region.name, "from_place": come_from,
        "from_name": regions.find(session, come_from).name, "sentence": sentence,
    }  # fmt: skip
    event = _act(session, application, "transferred", said, actor=actor, now=now)
    application.region_code = region.code
    application.region_path = regions.path(session, region.code)
    application.routed_by = applications.TRANSFERRED
    embedded.move(session, application, actor=str(actor), now=now)
    return event


def transfers(session: Session, application: Application) -> list[dict[str, Any]]:
    """From where to where and why, first to last."""
    moved = [e for e in events.of(session, application) if e.kind == "transferred"]
    return [events.said(session, application, event) for event in moved]


def decline(
    session: Session,
    application: Application,
    reason: str,
    sentence: str,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """不予受理, only as duplicate · withdrawn · not_assistance (社会救助法 第70条).

    Papers that lack are asked for; they are no reason. Raises Invalid.
    """
    said = {"reason": reason, "sentence": sentence}
    return _act(session, application, "declined", said, actor=actor, now=now)


def answer_alert(
    session: Session,
    application: Application,
    *,
    name: str,
    sentence: str,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """A named person has answered 没饭吃 or 没地方住. Raises Conflict when somebody has already."""
    find(session, application.id, actor=actor)
    events.lock(session, application)
    if application.alert is None:
        raise Conflict("这件急事已经有人答复。", code="alert_answered")
    if not sentence.strip():
        raise Invalid("请写一句怎么帮的。", fields={"sentence": ["请写一句怎么帮的。"]})
    said = {"name": name, "sentence": sentence, "alert": application.alert}
    party = Party.COUNTY if actor.role is Role.COUNTY_CLERK else Party.TOWNSHIP
    event = events.record(
        session, application, "alert_answered", after=None, party=party, actor=str(actor),
        said=said, now=now,
    )  # fmt: skip
    application.alert = None
    application.alert_answered_by, application.alert_answered_at = actor.id, now
    return event


def _act(
    session: Session,
    application: Application,
    kind: str,
    said: dict[str, Any] | None,
    *,
    actor: Actor,
    now: datetime,
) -> CaseEvent:
    """One act of the township at the front door, on a file no colleague has."""
    if actor.role is not Role.TOWNSHIP_CLERK:
        raise Forbidden("这一步由乡镇（街道）窗口办理。", code="party_not_allowed")
    find(session, application.id, actor=actor)
    events.lock(session, application)
    if application.status != Status.SUBMITTED:
        raise Conflict("这份申请已经办过这一步。请刷新。", code="move_not_allowed")
    row = queue.current(session, application)
    if row is not None:
        embedded.take(session, row.key, row.digest, actor=actor, now=now)
    event = events.record(
        session, application, kind, after=events.KINDS[kind], party=Party.TOWNSHIP,
        actor=str(actor), said=said, now=now,
    )  # fmt: skip
    intake_events.retry(session, application, now=now)
    return event


def _check_items(program: Program, items: Sequence[tuple[str, str]]) -> None:
    if not items:
        raise Invalid("请勾选要补的，每项写一句话。", fields={"items": ["请至少勾选一项。"]})
    shared = {rule.item for rule in program.documents if rule.need == "shared"}
    known = {i for i, _title in askable(program)}
    errors: dict[str, list[str]] = {}
    for item, sentence in items:
        if item in shared:
            errors[item] = ["这项由我们自己查，不能要求补。"]
        elif item not in known:
            errors[item] = ["没有这一项。"]
        elif not sentence.strip():
            errors[item] = ["请写一句话，说清要补什么。"]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)


def askable(program: Program) -> list[tuple[str, str]]:
    """(item, title) of everything a clerk may ask for: papers, answers, anything else."""
    papers = [(r.item, r.title) for r in program.documents if r.need != "shared"]
    answers = [(f.name, f.label) for f in program.form.fields if f.kind != "consent"]
    named = {item for item, _title in papers}
    return [*papers, *(a for a in answers if a[0] not in named), ("other", "其他")]


def _township(session: Session, application: Application, place: str) -> Region:
    try:
        region = regions.find(session, place)
    except NotFound as fault:
        raise _wrong_place("没有这个地方。请重新选。") from fault
    if region.level != "township":
        raise _wrong_place("请选到乡镇（街道）。")
    if region.code == application.region_code:
        raise _wrong_place("它现在就在这里。")
    return region


def _wrong_place(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"place": [sentence]})
