"""A survey and a check as the desk reads them: plain JSON values for its pages and its API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework.survey import (
    consents,
    delegations,
    disputes,
    investigators,
    register,
    results,
    sheet,
    surveying,
    taking_back,
    topics,
    visit_photos,
    visits,
)
from portal.casework.survey.tables import Survey
from portal.casework.survey.topics import Line
from portal.filing import applications, documents
from portal.filing.tables import Application, Document
from portal.foundation.clock import spoken
from portal.foundation.errors import Conflict
from portal.people.access import Actor, Role
from portal.policy.catalogue import Program
from portal.policy.lifecycle import NOTES, Status

_SIGNED = {True: "签了", False: "没有签"}


def summary(
    session: Session, application: Application, program: Program, *, actor: Actor, now: datetime
) -> dict[str, Any] | None:
    """For a panel of the file's page; None where nothing is surveyed, or nothing was.

    {visit, to_do: [label], draft: {saved_text} | None, done: {on, names, finished_text,
    changed: [{label, declared, found, why}], open: [label]} | None, people: who may visit,
    may_plan, may_write}.
    """
    last, draft = surveying.finished(session, application), surveying.draft(session, application)
    visit = visits.coming(session, application)
    here = application.machine != "referral" and Status(application.status) in surveying.OPEN
    if not here and last is None and visit is None:
        return None
    lines = _every(session, application, program)
    there = investigators.available(session, application)
    return {
        "visit": visits.told(session, application, visit) if visit else None,
        "to_do": [line.label.rstrip("？") for line in lines.values() if line.to_do],
        "draft": {"saved_text": spoken(draft.saved_at)} if draft else None,
        "done": _done(session, application, last, lines) if last else None,
        "people": [{"id": str(one.id), "name": one.display_name} for one in there],
        "may_plan": here and actor.holds(Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_CLERK),
        "may_write": here and actor.holds(Role.TOWNSHIP_INVESTIGATOR),
        "here": here,
    }


def form(
    session: Session, application: Application, program: Program, *, actor: Actor, now: datetime
) -> dict[str, Any]:
    """The whole survey: the draft, else the finished one, else an empty one.

    {round, revision, finished_text, editable, investigators: [id], people: who may visit, on,
    how, remarks, notes, family, staff, found_people, topics: [{key, title, lines: [{name, label,
    kind, options, declared_text, to_do, blank, state, value, found_text, why}]}], to_do: [name],
    signing: [{key, name, state, text, may_take_back, to_ask, back_text}], photos, ask: what is
    left to ask about help}.
    """
    survey = surveying.draft(session, application) or surveying.finished(session, application)
    body = surveying.body(session, application, survey)
    found = topics.of(session, program, applications.answers(session, application))
    lines = topics.every_line(found)
    return {
        **_about(session, application, survey, actor),
        **{part: body[part] for part in ("on", "how", "remarks", "notes", *sheet.SIDES)},
        "found_people": body[sheet.PEOPLE],
        "to_do": [name for name, line in lines.items() if line.to_do],
        "topics": [
            {
                "key": topic.key,
                "title": topic.title,
                "lines": [
                    _line(session, line, body["lines"].get(line.name)) for line in topic.lines
                ],
            }
            for topic in found
        ],
        "ask": [{**vars(a), "key": a.key} for a in delegations.questions(session, application)],
        "signing": taking_back.beside(
            session, application, program, signing(session, application, program, now=now), now=now
        ),
        "photos": [
            {"id": str(p.id), "ready": p.state == documents.PREPARED, "on_text": spoken(p.taken_at)}
            for p in visit_photos.of(session, application)
        ],
    }


def signing(
    session: Session, application: Application, program: Program, *, now: datetime
) -> list[dict[str, Any]]:
    """Who has agreed to the check and who is still to be asked at the visit; empty where
    nobody is asked. `state`: signed · promised · missing · left_out."""
    try:
        people = consents.people(session, application, program, now=now)
    except Conflict:
        return []
    return [
        {"key": one.key, "name": one.name, "state": _state(one), "text": _said(one)}
        for one in people
    ]


def check(
    session: Session, application: Application, program: Program, *, actor: Actor, now: datetime
) -> dict[str, Any] | None:
    """For the check's panel, without a line of any report; None where nothing is checked.

    {request: results.summary | None, signing, recognised: [words], dispute | None, may_ask,
    may_start, may_tell, may_leave_out, may_answer, may_add_obligor, asked_by_link}.
    """
    row = register.newest(session, application)
    asked = signing(session, application, program, now=now)
    known = register.recognised(session, application)
    if application.machine == "referral" or not (row or asked or known):
        return None
    dispute = disputes.standing(session, application)
    here = Status(application.status) in NOTES["check_requested"].at
    free = here and (row is None or row.told_at is not None)
    checker = actor.holds(Role.COUNTY_CHECKER)
    township = actor.holds(Role.TOWNSHIP_INVESTIGATOR, Role.TOWNSHIP_CLERK)
    state = row.state if row else ""
    return {
        "request": results.summary(session, application, row) if row else None,
        "signing": asked,
        "recognised": known,
        "dispute": disputes.told(session, application, dispute) if dispute else None,
        "may_ask": free and bool(asked) and (checker or township),
        "may_start": checker and state == register.ASKED,
        "may_tell": checker and state in (register.RUNNING, register.ANSWERED),
        "may_leave_out": checker and free and bool(known),
        "may_answer": dispute is not None and township,
        "asked_by_link": asked_by_link(session, application),
        "may_add_obligor": here and actor.holds(Role.TOWNSHIP_INVESTIGATOR, Role.COUNTY_CHECKER),
    }


def asked_by_link(session: Session, application: Application) -> list[dict[str, str]]:
    """Obligors whom the office asked to sign by a link: {id, name, state, text}."""
    return [
        {
            "id": one.key.partition(":")[2],
            "name": one.name,
            "state": _state(one),
            "text": _said(one),
        }
        for one in consents.obligors(session, application)
        if one.by_link
    ]


def dispute_photos(session: Session, application: Application) -> list[Document]:
    """What the applicant added since the standing dispute."""
    dispute = disputes.standing(session, application)
    if dispute is None:
        return []
    return [d for d in documents.of(session, application) if d.created_at >= dispute.made_at]


def _about(
    session: Session, application: Application, survey: Survey | None, actor: Actor
) -> dict[str, Any]:
    """Which survey it is, who makes it, and who may."""
    rules = topics.load()
    finished = survey.finished_at if survey else None
    there = investigators.available(session, application)
    return {
        "round": survey.round if survey else 1,
        "revision": survey.revision if survey and not finished else 0,
        "finished_text": spoken(finished) if finished else "",
        "editable": _editable(application, actor),
        "form_note": rules.form_note,
        "ways": dict(rules.how),
        "investigators": _chosen(session, application, survey),
        "people": [{"id": str(one.id), "name": one.display_name} for one in there],
        "names": investigators.named(session, survey.investigators) if survey else [],
    }


def _every(session: Session, application: Application, program: Program) -> Mapping[str, Line]:
    answers = applications.answers(session, application)
    return topics.every_line(topics.of(session, program, answers))


def _done(
    session: Session, application: Application, survey: Survey, lines: Mapping[str, Line]
) -> dict[str, Any]:
    body = surveying.body(session, application, survey)
    found = surveying.found(session, application, survey)
    return {
        "round": survey.round,
        "on": body["on"],
        "names": investigators.named(session, survey.investigators),
        "finished_text": spoken(survey.finished_at) if survey.finished_at else "",
        "changed": [
            {
                "label": lines[name].label,
                "declared": lines[name].declared_text,
                "found": topics.words(session, lines[name], one["found"]),
                "why": one["why"],
            }
            for name, one in found.items()
            if name in lines and one["found"] != one["declared"]
        ],
        "found_people": body[sheet.PEOPLE],
        "open": [
            line.label.rstrip("？")
            for name, line in lines.items()
            if line.to_do and name not in found
        ],
        "family": _side(body["family"]),
        "staff": _side(body["staff"]),
        "remarks": body["remarks"],
    }


def _side(said: Mapping[str, Any]) -> str:
    if "signed" not in said:
        return "没有写明"
    because = said["because"] or "没有写原因"
    return _SIGNED[True] if said["signed"] else f"{_SIGNED[False]}：{because}"


def _line(session: Session, line: Line, said: Mapping[str, Any] | None) -> dict[str, Any]:
    state = said["state"] if said else sheet.OPEN
    value = said["value"] if said else None
    return {
        "name": line.name,
        "label": line.label,
        "kind": line.field.kind,
        "options": [[o.value, o.label] for o in line.field.options],
        "declared_text": line.declared_text,
        "to_do": line.to_do,
        "blank": line.blank,
        "state": state,
        "value": value,
        "found_text": topics.words(session, line, value) if state == sheet.CORRECTED else "",
        "why": said["why"] if said else "",
    }


def _editable(application: Application, actor: Actor) -> bool:
    here = application.machine != "referral" and Status(application.status) in surveying.OPEN
    return here and actor.holds(Role.TOWNSHIP_INVESTIGATOR)


def _chosen(session: Session, application: Application, survey: Survey | None) -> list[str]:
    if survey is not None:
        return list(survey.investigators)
    visit = visits.standing(session, application)
    return list(visit.investigators) if visit else []


def _state(one: consents.Person) -> str:
    if not one.why_not:
        return "signed"
    if one.why_not == consents.NO_CONSENT:
        return "promised" if one.promised else "missing"
    return "left_out"


def _said(one: consents.Person) -> str:
    if not one.why_not:
        return "已授权"
    if one.by_link and one.why_not == consents.NO_CONSENT:
        return "等他用链接签"
    if one.promised:
        return "说好入户时签"
    return consents.WHY_NOT[one.why_not]
