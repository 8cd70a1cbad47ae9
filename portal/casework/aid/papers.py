"""后补手续: what is put on file after the aid, a list with a day, and never a condition.

Nothing is taken back because a paper is missing (社会救助法 第29、48、50条).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.aid import grants, handing
from portal.casework.aid.tables import AidPaper
from portal.filing import applications, documents
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.errors import Conflict, Forbidden, Invalid, NotFound
from portal.people.access import Actor, Role
from portal.policy import asking
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Party, Status

OPEN, DONE, CANNOT = "open", "done", "cannot"
SIGNED = "signed"
OWN = {SIGNED: "补签字（本人或经办人）"}
"""民发〔2018〕23号 二（二）: when it has eased, person, reason and amount are on file, signed."""
_MOST_WORDS = 200


@dataclass(frozen=True)
class Paper:
    """One thing of the list. `photographed`: a photo of it came in meanwhile."""

    row: AidPaper
    title: str
    words: str
    photographed: bool


def begin(
    session: Session,
    catalogue: Catalogue,
    application: Application,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Make the list and open 补手续. What the office looks up itself is not on it (第62条)."""
    program = catalogue.find(application.program_id)
    answers = applications.answers(session, application)
    shared = catalogue.shared(application.region_path or "")
    wanted = [SIGNED, *(rule.item for rule in asking.documents(program, answers, shared))]
    have = {row.item for row in _rows(session, application)}
    session.add_all(
        AidPaper(id=uuid4(), application_id=application.id, item=item, state=OPEN)
        for item in wanted
        if item not in have
    )
    session.flush()
    events.record(
        session, application, "making_up", after=Status.MAKING_UP, party=Party.TOWNSHIP,
        actor=str(actor), said=None, now=now,
    )  # fmt: skip


def settle(
    session: Session,
    application: Application,
    item: str,
    state: str,
    words: str = "",
    *,
    actor: Actor,
    now: datetime,
) -> AidPaper:
    """One thing is there, or cannot be had (then why), or is open again.

    Raises NotFound, Invalid (state, words), Conflict once closed, Forbidden.
    """
    if handing.giver(actor, application) is not Party.TOWNSHIP:
        raise Forbidden("补手续由乡镇（街道）办。", code="party_not_allowed")
    if application.status not in (Status.AIDED, Status.MAKING_UP):
        raise Conflict("现在不在补手续。请刷新。", code="move_not_allowed")
    if state not in (OPEN, DONE, CANNOT):
        raise Invalid("请选一种情况。", fields={"state": ["请选一种情况。"]})
    if state == CANNOT and not words.strip():
        raise Invalid("拿不到的，请写一句原因。", fields={"words": ["请写一句原因。"]})
    row = _find(session, application, item)
    row.state, row.actor, row.at = state, str(actor), now
    row.said_sealed = _sealed(session, application, row, words)
    session.flush()
    detail = {"item": item, "state": state}
    audit.record(
        session, "aid.paper", actor=str(actor), subject=application.id, detail=detail, now=now
    )
    return row


def finish(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> None:
    """Close the file, with whatever is there; open papers are noted as not to be had.

    Raises Invalid without a sentence, Conflict instalments_open while something promised
    has not been given, Forbidden.
    """
    party = handing.giver(actor, application)
    if application.status == Status.PAYING:
        party = _county(actor)
    events.lock(session, application)
    if not sentence.strip():
        raise Invalid("请写一句办结说明。", fields={"sentence": ["请写一句办结说明。"]})
    if grants.unpaid(session, application):
        raise Conflict("还有没发完的，先发完再办结。", code="instalments_open")
    if application.status in (Status.AIDED, Status.MAKING_UP):
        _note_the_rest(session, application, sentence, actor=actor, now=now)
    said = {"result": "helped", "sentence": sentence}
    events.record(
        session, application, "closed", after=Status.CLOSED, party=party, actor=str(actor),
        said=said, now=now,
    )  # fmt: skip


def of(session: Session, application: Application, program: Program) -> list[Paper]:
    """The list in its order; empty for 小额快救 and before any aid."""
    photographed = {d.item for d in documents.of(session, application)}
    titles = {rule.item: rule.title for rule in program.documents} | OWN
    order = [SIGNED, *(rule.item for rule in program.documents)]
    rows = sorted(_rows(session, application), key=lambda r: order.index(r.item))
    return [
        Paper(r, titles[r.item], _words(session, application, r), r.item in photographed)
        for r in rows
    ]


def _note_the_rest(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> None:
    rest = [row for row in _rows(session, application) if row.state == OPEN]
    for row in rest:
        row.state, row.actor, row.at = CANNOT, str(actor), now
        row.said_sealed = _sealed(session, application, row, sentence)
    if not rest and _rows(session, application):
        events.record(
            session, application, "papers_made_up", after=None, party=Party.TOWNSHIP,
            actor=str(actor), said=None, now=now,
        )  # fmt: skip


def _county(actor: Actor) -> Party:
    if not actor.holds(Role.COUNTY_CONFIRMER):
        raise Forbidden("这一步由县民政局办。", code="party_not_allowed")
    return Party.COUNTY


def _rows(session: Session, application: Application) -> Sequence[AidPaper]:
    rows = select(AidPaper).where(AidPaper.application_id == application.id)
    return session.scalars(rows.order_by(AidPaper.item)).all()


def _find(session: Session, application: Application, item: str) -> AidPaper:
    for row in _rows(session, application):
        if row.item == item:
            return row
    raise NotFound("清单里没有这一样。")


def _sealed(session: Session, application: Application, row: AidPaper, words: str) -> bytes | None:
    text = words.strip()[:_MOST_WORDS]
    if not text:
        return None
    return vault.seal_text(session, application.key_id, text, place=_place(row))


def _words(session: Session, application: Application, row: AidPaper) -> str:
    if row.said_sealed is None:
        return ""
    return vault.unseal_text(session, application.key_id, row.said_sealed, place=_place(row))


def _place(row: AidPaper) -> str:
    return f"aid_papers.said:{row.id}"
