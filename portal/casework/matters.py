"""A further 事项 the township adds to a household it knows (社会救助法 第39、64条)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events, office
from portal.filing import family
from portal.filing.tables import Application
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.handover import carrying
from portal.people import access
from portal.people.access import Actor, Role
from portal.people.tables import Household
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Party, Status

WHY = "township"


def add_matter(
    session: Session,
    household: Household,
    catalogue: Catalogue,
    program: Program,
    *,
    sentence: str,
    actor: Actor,
    now: datetime,
) -> Application:
    """The household's file for `program`, carried from what it handed in last, filed now.

    `sentence` tells the person why; the person may take it back with one tap. It waits as a
    draft where an answer is missing that the form cannot do without. Only a township clerk of
    the household's own township. Raises Forbidden, NotFound, Invalid (sentence, program),
    Conflict (already_open; said_no: the household took back such a file before).
    """
    if not actor.holds(Role.TOWNSHIP_CLERK):
        raise Forbidden("加办由乡镇（街道）窗口来做。")
    source = last_handed_in(session, household, actor=actor)
    check(session, household, program)
    if not sentence.strip():
        raise Invalid("请写一句为什么加办。", fields={"sentence": ["请写一句为什么加办。"]})
    office.note_reading(session, source, "read.file", actor=actor, now=now)
    made = carrying.carry(session, source, catalogue, program, WHY, actor=actor, now=now)
    events.record(
        session, made, "matter_added", after=None, party=Party.TOWNSHIP, actor=str(actor),
        said={"sentence": sentence}, now=now,
    )  # fmt: skip
    return made


def can_be_added(session: Session, household: Household, catalogue: Catalogue) -> list[Program]:
    """What the township could add now, in the order of the catalogue."""
    found = []
    for program in catalogue.programs.values():
        try:
            check(session, household, program)
        except (Invalid, Conflict):
            continue
        found.append(program)
    return found


def check(session: Session, household: Household, program: Program) -> None:
    """Raises Invalid or Conflict where this 事项 cannot be added by the office."""
    if not program.has_form or program.travels_alone:
        raise _wrong("这件事要本人自己来办。", "not_here")
    mine = [one for one in family.of(session, household) if one.program_id == program.id]
    if any(one.carried_why and one.status == Status.WITHDRAWN for one in mine):
        raise Conflict("这家人说过不办这一件。", code="said_no")
    if family.open_in(session, household, program.id) is not None:
        raise Conflict("这一件已经在办。", code="already_open")


def last_handed_in(session: Session, household: Household, *, actor: Actor) -> Application:
    """What this office knows of the household. Raises NotFound."""
    rows = (
        select(Application)
        .where(Application.household_id == household.id, Application.submission_no > 0)
        .order_by(Application.filed_at.desc(), Application.id)
    )
    for found in session.scalars(rows):
        if access.may_read(actor, owner=None, region_path=found.region_path):
            return found
    raise NotFound("没有找到这一家。")


def _wrong(sentence: str, code: str) -> Invalid:
    return Invalid(sentence, code=code, fields={"program": [sentence]})
