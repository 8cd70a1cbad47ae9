"""How the clerk's pages are put together: what each template is given."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, request

from api.context import actor, now, portal, session
from api.pages import show
from portal.casework import office, queue, sheet, stages, timeline
from portal.casework.said import DECLINE_REASONS
from portal.filing.tables import Application
from portal.foundation.clock import local, spoken
from portal.foundation.errors import Invalid
from portal.handover import frozen
from portal.people.access import Role
from portal.policy import regions
from portal.policy.catalogue import Program
from portal.policy.lifecycle import Status

ALERTS = {"food": "没饭吃", "shelter": "没地方住"}
_MOST_PLACES = 30


def file_page(
    application: Application,
    *,
    revealed: bool = False,
    refusal: Invalid | None = None,
    form: str = "",
) -> Response:
    program = portal().catalogue.find(application.program_id)
    reader = queue.reader(session(), application, now=now())
    found = sheet.read(session(), application, program, revealed=revealed)
    return page(
        "desk/file.html",
        422 if refusal else 200,
        application=application,
        program=program,
        sheet=found,
        contacts=_contacts(found, program),
        story=timeline.timeline(session(), application, portal().catalogue, now=now()),
        office_name=_place_name(application),
        transfers=office.transfers(session(), application),
        elsewhere=reader is not None and reader != str(actor()),
        mine=reader == str(actor()),
        may_act=actor().role is Role.TOWNSHIP_CLERK and application.status == Status.SUBMITTED,
        askable=_askable(program),
        reasons=DECLINE_REASONS,
        revealed=revealed,
        refusal=refusal,
        form=form,
        typed=request.form,
        ticked=set(request.form.getlist("item")),
    )


def _askable(program: Program) -> list[dict[str, str]]:
    """What may be asked for, papers apart from answers."""
    papers = {rule.item for rule in program.documents} | {"other"}
    return [
        {"item": item, "title": title, "paper": "1" if item in papers else ""}
        for item, title in office.askable(program)
    ]


def _contacts(found: sheet.Sheet, program: Program) -> list[sheet.Row]:
    """Who, where and how to be found: what an alert needs first."""
    rows = [row for topic in found.topics for row in topic.rows]
    places = {f.name for f in program.form.fields if f.kind in ("phone", "place")}
    wanted = places | {"applicant_name", "found_by", "what_happened"}
    return [row for row in rows if row.name in wanted and row.text != frozen.EMPTY]


def transfer_page(application: Application, refusal: Invalid | None = None) -> Response:
    words = (request.values.get("q") or "").strip()[:40]
    found = regions.search(session(), words, level="township", limit=_MOST_PLACES) if words else []
    return page(
        "desk/transfer.html",
        422 if refusal else 200,
        application=application,
        office_name=_place_name(application),
        words=words,
        places=found,
        refusal=refusal,
        typed=request.form,
    )


def sign_in_page(name: str, error: str, status: int = 200) -> Response:
    return show("desk/sign_in.html", status, name=name, error=error, who=None, alerts=0)


def page(template: str, status: int = 200, **values: Any) -> Response:
    who = actor()
    alerts, _waiting = queue.counts(session(), actor=who)
    return show(
        template, status, who=who, division=regions.find(session(), who.region_code).name,
        alerts=alerts, alert_words=ALERTS, labels=stages.LABELS, spoken=spoken, at=at,
        programs=portal().catalogue.programs, **values,
    )  # fmt: skip


def _place_name(application: Application) -> str:
    return regions.full_name(session(), application.region_code or "")


def age(since: datetime) -> str:
    """几分钟、几小时、几天, for people."""
    minutes = int((now() - since).total_seconds()) // 60
    if minutes < 60:
        return f"{minutes}分钟"
    hours = minutes // 60
    return f"{hours}小时" if hours < 48 else f"{hours // 24}天（{local(since):%m月%d日}起）"


def at(application_id: UUID) -> str:
    return f"/desk/files/{application_id}"
