"""How the clerk's pages are put together: what each template is given."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, request

from api.context import actor, now, portal, session
from api.pages import (
    desk_aid,
    desk_clock,
    desk_decision,
    desk_delegations,
    desk_household,
    desk_nav,
    desk_open,
    desk_record,
    desk_survey,
    desk_talk,
    show,
)
from portal.casework import (
    amending,
    colleagues,
    duties,
    flags,
    office,
    openings,
    queue,
    sheet,
    stages,
    transfers,
)
from portal.casework.figures import reading
from portal.casework.said import DECLINE_REASONS
from portal.filing.tables import Application
from portal.foundation.clock import local, spoken
from portal.foundation.errors import Invalid
from portal.handover import frozen
from portal.people.access import Role
from portal.policy import regions
from portal.policy.catalogue import Program
from portal.policy.lifecycle import FINAL, Status
from portal.policy.tables import Region

ALERTS = {"food": "没饭吃", "shelter": "没地方住"}
PANELS: tuple[tuple[str, str, Callable[[Application, Program], dict[str, Any] | None]], ...] = (
    ("clock", "时限", lambda a, p: desk_clock.panel(a, p)),
    ("delegations", "代办", lambda a, p: desk_delegations.panel(a, p)),
    ("survey", "调查", lambda a, p: desk_survey.panel(a, p)),
    ("check", "核对", lambda a, p: desk_survey.check_panel(a, p)),
    ("aid", "救助", lambda a, p: desk_aid.panel(a, p)),
    ("referral", "转介", lambda a, p: desk_aid.referral_panel(a, p)),
    ("decision", "审核", lambda a, p: desk_decision.panel(a, p)),
    ("household", "一家的事项", lambda a, p: desk_household.panel(a, p)),
    ("after", "公开和变化", lambda a, p: desk_open.panel(a, p)),
    ("own_word", "本人说的", lambda a, p: desk_record.panel(a, p)),
    ("talk", "留言", lambda a, p: desk_talk.panel(a, p)),
)
"""The parts other rooms add to a file's page: static/desk/parts/<name>.html, its title in the
page's jump list, and what it is given. Called late: those rooms import this module."""
_ABOVE, _BELOW = frozenset({"clock"}), frozenset({"own_word", "talk"})
"""Before the answers, and after them; the others go before once a file is accepted."""
_MOST_PLACES = 30
_COUNTY_DIGITS = 6
_FILTERS = ("program", "status", "place", "words")


def queue_page() -> Response:
    """The lists, or with filters in the address the one list they find."""
    filters, who = wanted(), actor()
    found = queue.lists(
        session(), actor=who, now=now(), wanted=filters, catalogue=portal().catalogue
    )
    oldest = found.oldest_undelivered
    return page(
        "desk/queue.html",
        queue=found,
        wanted=filters,
        figure=reading.MEASURES.get(filters.figure, ""),
        townships=_townships(),
        colleagues=colleagues.of_place(session(), actor=who),
        figures=_figures(found.counted),
        flags=flags.of(session(), actor=who) if who.holds(*duties.WATCHING) else (),
        flag_words=flags.WORDS,
        watching=duties.only_watches(who),
        undelivered_for=age(oldest) if oldest else "",
        done=stages.DESK_WORDS.get(request.args.get("done", ""), ""),
        nothing="nothing" in request.args,
    )


def wanted() -> queue.Wanted:
    said, ticked = request.args, set(request.args)
    program, status, place, words = (said.get(name, "").strip()[:64] for name in _FILTERS)
    return queue.Wanted(
        program, status, place, words, _person(),
        urgent="urgent" in ticked, late="late" in ticked, mine="mine" in ticked,
        figure=said.get("figure", "")[:16],
    )  # fmt: skip


def _person() -> UUID | None:
    try:
        return UUID(request.args["investigator"])
    except (KeyError, ValueError):
        return None


def _townships() -> list[Region]:
    """To choose from, for a county; a township is one."""
    who = actor()
    if who.holds(*duties.TOWNSHIP) or len(who.region_code) != _COUNTY_DIGITS:
        return []
    return [r for r in regions.children(session(), who.region_code) if r.level == "township"]


def _figures(counted: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(status, in words, how many), in the order of the road."""
    return [(str(s), stages.LABELS[s], counted[s]) for s in Status if counted.get(s)]


def reason_page(application_id: UUID, refusal: Invalid | None = None) -> Response:
    """What a supervisor sees of a file before a reason is written."""
    return page(
        "desk/reason.html", 422 if refusal else 200,
        application=office.find(session(), application_id, actor=actor(), opened=True),
        refusal=refusal, typed=request.form,
    )  # fmt: skip


def file_page(
    application: Application,
    *,
    revealed: bool = False,
    refusal: Invalid | None = None,
    form: str = "",
) -> Response:
    program = portal().catalogue.find(application.program_id)
    found = sheet.read(session(), application, program, revealed=revealed)
    return page(
        "desk/file.html",
        422 if refusal else 200,
        application=application,
        program=program,
        sheet=found,
        contacts=_contacts(found, program),
        **_panels(application, program),
        office_name=_place_name(application),
        **_whose(application),
        **_may(application),
        **_colleagues(application, asked=bool(found.asked)),
        askable=_askable(program),
        reasons=DECLINE_REASONS,
        looking={k: v for k, v in openings.REASONS.items() if k != "supervise"},
        revealed=revealed,
        refusal=refusal,
        form=form,
        typed=request.form,
        ticked=set(request.form.getlist("item")),
        own_parties=amending.parties(actor()),
    )


def _whose(application: Application) -> dict[str, Any]:
    """Who has it open, and how it came here."""
    reader = queue.reader(session(), application, now=now())
    ways = transfers.of(session(), application)
    return {
        "elsewhere": reader is not None and reader != str(actor()),
        "mine": reader == str(actor()),
        "transfers": ways,
        "settled": bool(ways) and ways[-1]["by_county"],
        "bounced": application.bounces >= transfers.MOST_BOUNCES,
    }


def _may(application: Application) -> dict[str, bool]:
    """Which of the page's own forms this person gets."""
    who, waits = actor(), application.status == Status.SUBMITTED
    works = who.holds(*duties.TOWNSHIP, *duties.COUNTY)
    return {
        "may_act": waits and who.holds(Role.TOWNSHIP_CLERK),
        "may_mark": works and application.status not in FINAL,
        "may_reveal": works,
        "may_copy": works,
        "may_assign": who.holds(*duties.TOWNSHIP) and application.status not in FINAL,
        "may_settle": settles(application),
    }


def settles(application: Application) -> bool:
    """Whether this person names the place of a file that waits."""
    who = actor()
    waits = application.status == Status.SUBMITTED
    return waits and who.holds(*duties.COUNTY) and not who.holds(Role.TOWNSHIP_CLERK)


def _colleagues(application: Application, *, asked: bool) -> dict[str, Any]:
    there = colleagues.investigators(session(), application)
    given = [one.display_name for one in there if one.id == application.investigator_id]
    return {
        "investigators": there,
        "given_to": given[0] if given else "",
        "superiors": colleagues.superiors(session(), application, actor=actor()) if asked else [],
    }


def _panels(application: Application, program: Program) -> dict[str, list[Any]]:
    """(name, title, what it is given), those above the answers and those below."""
    found = [(name, title, panel(application, program)) for name, title, panel in PANELS]
    waits = application.status == Status.SUBMITTED
    below = {name for name, _t, _p in found if waits and name not in _ABOVE} | _BELOW
    return {
        "above": [one for one in found if one[2] is not None and one[0] not in below],
        "below": [one for one in found if one[2] is not None and one[0] in below],
    }


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
        settles=settles(application),
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
        programs=portal().catalogue.programs, links=desk_nav.links(who), printed=spoken(now()),
        **values,
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
