"""From what was proposed to a household with its drafts, in one press of a button."""

import json
from secrets import token_hex
from typing import Any
from uuid import UUID

from flask import Response, request

from api import acting, me
from api import applications as api
from api import households as api_households
from api.context import actor, maybe_actor, now, portal, reader, session
from api.pages import go, mine, onward, show, together
from portal.foundation import idempotency
from portal.foundation.clock import spoken
from portal.foundation.errors import NotFound
from portal.people import consents, households, mandates
from portal.people.access import Role
from portal.people.tables import Account, Household
from portal.policy import guide, regions
from portal.policy.catalogue import Program

pages = mine.room("beginning")

_NEW = "new"


@pages.get(onward.START)
def propose() -> Response:
    """For programs named in the address, found by search; nothing personal is in it."""
    return _page(_programs(request.args.getlist("program")))


@pages.post(onward.START)
def start() -> Response:
    """Sign in and agree first, if need be; then a household with one draft a 事项."""
    chosen = _programs(request.form.getlist("program"))
    if not chosen:
        return _page([], error="请至少勾一样。", status=422)
    who = maybe_actor()
    if who is None or who.role is not Role.APPLICANT:
        return show("pages/sign_in.html", onward=onward.fields(), phone="", after="/household")
    account = reader().get_one(Account, actor().id)
    if consents.missing(reader(), account):
        return _consents_page(account)
    wanted = _wanted_home(account)
    if wanted is None:
        return _which_page(account)
    return go(_begin(api.resident(), wanted, [p.id for p in chosen]))


def _begin(account: Account, wanted: str, programs: list[str]) -> str:
    """One press makes one household, however often it arrives; where to go on."""
    key, who = request.form.get("key", "")[:64] or token_hex(12), str(actor())
    said = idempotency.claim(session(), key, actor=who, route=onward.START, request=b"", now=now())
    if said is not None:
        return "/household"
    home = _home(account, wanted)
    api_households.carry(api_households.add_matters(home, programs), _said())
    idempotency.answered(session(), key, actor=who, route=onward.START, status=303, answer=b"")
    return together.at(home, "tasks")


def _wanted_home(account: Account) -> str | None:
    """The id of a household, or that it is a new one; None while the person has to say."""
    mandate, fresh = acting.intended()
    if mandate is not None and fresh:
        found = mandates.find(reader(), mandate, actor=actor())
        return str(found.household_id)
    asked = request.form.get("household", "")
    return asked or (None if households.of_account(reader(), account.id) else _NEW)


def _home(account: Account, wanted: str) -> Household:
    """Raises NotFound for a household that is not theirs."""
    if wanted == _NEW:
        return households.start(
            session(), account_id=account.id, region_code=_place(), actor=actor(), now=now()
        )
    try:
        return acting.household(session(), UUID(wanted), lock=True)
    except ValueError as fault:
        raise NotFound("没有找到这一家。请回到首页再试。") from fault


def _place() -> str | None:
    code = request.form.get("place", "")
    try:
        return regions.find(reader(), code).code if code else None
    except NotFound:
        return None


def _said() -> dict[str, Any]:
    """The answers given in the self-check, as the page carried them."""
    try:
        sent = json.loads(request.form.get("said", "") or "{}")
    except (ValueError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


def _programs(wanted: list[str]) -> list[Program]:
    """What is applied for here; charity goes its own way."""
    known = portal().catalogue.programs
    found = [known[one] for one in dict.fromkeys(wanted) if one in known]
    return [p for p in found if p.has_form and not p.travels_alone]


def _page(chosen: list[Program], *, error: str = "", status: int = 200) -> Response:
    every = _programs([p.id for p in guide.in_order(portal().catalogue.programs)])
    return show(
        "pages/start.html",
        status,
        chosen=chosen,
        others=[p for p in every if p not in chosen],
        error=error,
        key=token_hex(12),
        said=request.form.get("said", ""),
        place=request.form.get("place", ""),
    )


def _which_page(account: Account) -> Response:
    homes = households.of_account(reader(), account.id)
    return show(
        "pages/which_home.html",
        homes=[(home, together.name_of(home), spoken(home.created_at)) for home in homes],
        onward=onward.fields(),
    )


def _consents_page(account: Account) -> Response:
    given = consents.given(reader(), account)
    return show(
        "pages/consents.html",
        onward=onward.fields(),
        texts=me.texts(None),
        chosen=[kind for kind, at in given.items() if at is not None],
        error="",
        after="/household",
    )
