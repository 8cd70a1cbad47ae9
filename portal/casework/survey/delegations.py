"""代办 as the office sees it: who helps a file's household, and what is left to ask face to face.

社会救助法 第37条、第39条. Read from the mandates as they stand now, never from the frozen file.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework.survey import investigators, taking_back
from portal.filing import helping, telling
from portal.filing.helping import Question
from portal.filing.tables import Application, Document
from portal.foundation import vault
from portal.foundation.blobs import Blobs
from portal.foundation.clock import local, spoken
from portal.foundation.errors import Conflict, Invalid, NotFound
from portal.handover import delegation, strokes
from portal.people import mandate_basis, mandates
from portal.people.access import Actor, Role
from portal.people.audio_check import Heard
from portal.people.mandate_tables import Mandate
from portal.people.mandate_terms import FLAGS

MOST = 200
_ASKING = (Role.TOWNSHIP_CLERK, Role.TOWNSHIP_INVESTIGATOR)
_ASKED, _PAYEE = "asked", "payee"
"""Where the answers and the reasons lie among the mandate's own sealed words."""
_PAPERS = (("paper_id", "签过字的委托书"), ("proof_id", "监护的证明"))
_TOLD = (
    "id", "kind", "kind_text", "relation", "person", "helper", "why", "basis", "basis_text",
    "witnesses",
)  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """One question: `about` names who helps. `mandate` None: about a consent taken back."""

    code: str
    sentence: str
    about: str
    mandate: UUID | None

    @property
    def key(self) -> str:
        """The name of its box in the survey form."""
        return f"ask.{self.code}.{self.mandate}"


def questions(session: Session, application: Application) -> list[Ask]:
    """What the investigator has to ask the person; each goes once somebody has asked it."""
    back = taking_back.unasked(session, application)
    return [
        Ask(one.code, one.sentence, _about(session, one), one.mandate)
        for one in helping.at_visit(session, application)
        if one.mandate is not None or back
    ]


def of(session: Session, application: Application, *, now: datetime) -> list[dict[str, Any]]:
    """Every mandate this file is about, live and earlier, newest first.

    {id, kind, kind_text, relation, person, helper, why, basis, basis_text, witnesses, state,
    live, since_text, signed_text, told_text, drawing, voice, papers: [{title, application, id}],
    ask: [{code, sentence}], asked: [{sentence, said, on_text, by}], payee_until, payee: [{words,
    on_text, by}]}. One whose key has been destroyed is left out.
    """
    found = []
    for mandate in _about_file(session, application):
        try:
            found.append(_told(session, mandate, now=now))
        except vault.Unreadable:
            continue
    return found


def answer(
    session: Session, application: Application, mandate_id: UUID, code: str, sentence: str,
    *, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """The person was asked and said this: the question is off the list, and who asked is recorded.

    Raises Invalid (sentence), Conflict (asked_before), NotFound, Forbidden.
    """
    mandate = _for_act(session, application, mandate_id, actor=actor)
    said = _words(sentence, "sentence", "请写一句本人怎么说的。")
    if code not in helping.flags(mandate):
        raise Conflict("这一条已经问过了。请刷新。", code="asked_before")
    _keep(session, mandate, _ASKED, {"code": code, "said": said}, actor=actor, now=now)
    mandates.unflag(mandate, code)
    if code == helping.GUARDIAN_UNPROVED:
        mandates.flag(mandate, helping.GUARDIAN_SEEN)
    mandates.note(
        session, "mandate.asked", mandate, actor=str(actor), now=now, code=code,
        application=str(application.id),
    )  # fmt: skip


def open_payee(
    session: Session, application: Application, mandate_id: UUID, reason: str, *, seen: bool,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """The person, seen face to face, wants another payee account: it may be entered until the
    end of the day, and the person is told by text where one reaches them.

    Raises Invalid (seen, reason), Conflict (mandate_over), NotFound, Forbidden.
    """
    mandate = _for_act(session, application, mandate_id, actor=actor)
    if not seen:
        raise _wrong("seen", "要先当面核过是本人。")
    words = _words(reason, "reason", "请写为什么改。")
    if not mandates.in_force(session, mandate, now=now):
        raise Conflict("这份委托现在不能用。", code="mandate_over")
    _keep(session, mandate, _PAYEE, {"words": words}, actor=actor, now=now)
    mandates.open_payee(session, mandate, until=_midnight(now), actor=actor, now=now)
    telling.of_payee(session, mandate, now=now)


def recording(session: Session, blobs: Blobs, application: Application, mandate_id: UUID) -> Heard:
    """The person saying yes, for the office to listen to. Raises NotFound."""
    return mandate_basis.audio_of(session, blobs, _one(session, application, mandate_id))


def _told(session: Session, mandate: Mandate, *, now: datetime) -> dict[str, Any]:
    said, kept = delegation.of(session, mandate.id), mandates.opened(session, mandate)
    until = mandate.payee_open_until
    return {
        **{name: said[name] for name in _TOLD},
        "state": _state(session, mandate, now=now),
        "live": mandates.in_force(session, mandate, now=now),
        "since_text": spoken(mandate.started_at),
        "signed_text": spoken(mandate.basis_at) if mandate.basis_at else "",
        "told_text": spoken(mandate.told_at) if mandate.told_at else "",
        "drawing": strokes.svg(said["strokes"]),
        "voice": mandate.audio_blob is not None,
        "papers": _papers(session, mandate),
        "ask": [{"code": code, "sentence": FLAGS[code]} for code in helping.flags(mandate)],
        "asked": [
            {**_stamped(one), "sentence": FLAGS[one["code"]]} for one in kept.get(_ASKED, [])
        ],
        "payee_until": spoken(until) if until and now < until else "",
        "payee": [_stamped(one) for one in kept.get(_PAYEE, [])],
    }


def _state(session: Session, mandate: Mandate, *, now: datetime) -> str:
    if mandate.revoked_at is not None:
        return f"{spoken(mandate.revoked_at)}取消（{_who_ended(mandate)}）"
    if mandates.suspended(session, mandate, now=now):
        return "暂停：协理员停用"
    if mandates.WAITS in mandate.flags:
        return "等本人同意"
    return "已经结束" if helping.over(session, mandate, now=now) else "正在帮忙"


def _who_ended(mandate: Mandate) -> str:
    kind, _, rest = (mandate.revoked_by or "").partition(":")
    if kind == "person":
        return "本人用取消码"
    if kind == "helper" or rest == str(mandate.helper_account_id):
        return "帮忙的人"
    return {"applicant": "本人", "staff": "工作人员"}.get(kind, "系统")


def _papers(session: Session, mandate: Mandate) -> list[dict[str, str]]:
    """Photos among what was handed in; of a draft nobody at the desk sees any."""
    found = []
    for name, title in _PAPERS:
        document = session.get(Document, getattr(mandate, name) or UUID(int=0))
        if document and session.get_one(Application, document.application_id).submission_no:
            file = str(document.application_id)
            found.append({"title": title, "application": file, "id": str(document.id)})
    return found


def _about(session: Session, question: Question) -> str:
    if question.mandate is None:
        return ""
    mandate = session.get_one(Mandate, question.mandate)
    try:
        said = mandates.details(session, mandate)
    except vault.Unreadable:
        return ""
    return f"{said.helper}（{delegation.kind_text(mandate.kind, said.role)}）"


def _about_file(session: Session, application: Application) -> list[Mandate]:
    if application.household_id is None:
        return []
    return [
        one
        for one in mandates.of_household(session, application.household_id)
        if not one.programs or application.program_id in one.programs
    ]


def _one(session: Session, application: Application, mandate_id: UUID) -> Mandate:
    for mandate in _about_file(session, application):
        if mandate.id == mandate_id:
            return mandate
    raise NotFound("没有找到这份委托。")


def _for_act(
    session: Session, application: Application, mandate_id: UUID, *, actor: Actor
) -> Mandate:
    """Locked, for the window or an investigator. Raises Forbidden, NotFound."""
    investigators.check_duty(actor, application, *_ASKING)
    mandate = _one(session, application, mandate_id)
    session.refresh(mandate, with_for_update=True)
    return mandate


def _keep(
    session: Session, mandate: Mandate, where: str, said: dict[str, str],
    *, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    line = {**said, "at": now.isoformat(), "by": actor.name}
    lines = [*mandates.opened(session, mandate).get(where, []), line]
    household = mandates.household_of(session, mandate)
    mandates.tell_more(session, household, mandate, {where: lines})


def _stamped(line: dict[str, str]) -> dict[str, str]:
    return {**line, "on_text": spoken(datetime.fromisoformat(line["at"]))}


def _words(given: str, name: str, lacking: str) -> str:
    said = " ".join(given.split())
    if not said:
        raise _wrong(name, lacking)
    if len(said) > MOST:
        raise _wrong(name, f"太长了，最多{MOST}个字。")
    return said


def _wrong(name: str, sentence: str) -> Invalid:
    return Invalid(sentence, fields={name: [sentence]})


def _midnight(now: datetime) -> datetime:
    """The end of this day in Beijing."""
    day = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day + timedelta(days=1)).astimezone(UTC)
