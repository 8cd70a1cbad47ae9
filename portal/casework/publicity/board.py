"""What hangs in one village now: 初审公示, 公布 of grants, a 特困 stop; the allow-list and no more.

The same for the page, the API and the printed board. What is over, taken down, erased, or kept
off for somebody's safety is nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, or_, select
from sqlalchemy.orm import Session

from portal.casework import duties
from portal.casework.decision import notice, objections
from portal.casework.decision.tables import PublicNotice
from portal.casework.publicity import publishing, unlisting
from portal.casework.publicity.tables import Publication
from portal.filing.tables import Application
from portal.foundation import rates, typesetting, vault
from portal.foundation.clock import local_date
from portal.foundation.errors import Invalid, NotFound
from portal.people.access import Actor, covers
from portal.policy import regions
from portal.policy.lifecycle import Status

REVIEW = objections.REVIEW
KINDS: Mapping[str, str] = {
    REVIEW: "初审公示", publishing.DECISION: "已经确认", publishing.STOP: "准备停止供养",
}  # fmt: skip
LABELS: Mapping[str, Mapping[str, str]] = {
    REVIEW: notice.ALLOWED,
    publishing.DECISION: {
        **notice.ALLOWED, "category": "救助类别", "amount": "救助金额", "from": "公布开始",
        "until": "公布到",
    },
    publishing.STOP: {**notice.ALLOWED, "category": "现在的救助"},
}  # fmt: skip
PER_PAGE = 20
WHILE: Mapping[str, tuple[Status, ...]] = {
    REVIEW: (Status.PUBLIC_NOTICE, Status.REINVESTIGATING),
    publishing.DECISION: (Status.APPROVED, Status.PAYING, Status.REVIEWING, Status.GRADUATING),
    publishing.STOP: (Status.REVIEWING, Status.GRADUATING),
}
"""A file that went on takes its posting with it."""
MOST_PRINTED = 500
_TEMPLATE = Path(__file__).with_name("board.typ")
_PER_DEVICE, _PER_NETWORK = 120, 3000
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Posting:
    """One of them as anybody may read it: `fields` are of notice.ALLOWED and of nothing else."""

    id: UUID
    kind: str
    fields: Mapping[str, str]
    application_id: UUID

    @property
    def title(self) -> str:
        return KINDS[self.kind]

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(LABELS[self.kind][name], words) for name, words in self.fields.items()]


@dataclass(frozen=True)
class Page:
    """One page of a village's postings, the newest first."""

    code: str
    place: str
    number: int
    pages: int
    postings: Sequence[Posting]


def page(session: Session, code: str, number: int, *, now: datetime) -> Page:
    """Online: only what has a last day, only by village. Raises Invalid (region) otherwise."""
    village = _village(session, code)
    every = session.execute(_hanging(village, local_date(now), online=True)).all()
    pages = max(1, -(-len(every) // PER_PAGE))
    at = min(max(1, number), pages)
    shown = [(row[0], row[1]) for row in every[(at - 1) * PER_PAGE : at * PER_PAGE]]
    return Page(village, regions.full_name(session, village), at, pages, _opened(session, shown))


def find(session: Session, posting_id: UUID, *, now: datetime) -> Posting:
    """What hangs online now. Raises NotFound, the same for over, hidden and unknown."""
    for kind in KINDS:
        table = _table(kind)
        rows = _lines(kind, table).where(*_shown(kind, local_date(now), online=True))
        if session.execute(rows.where(table.id == posting_id)).first() is not None:
            for found in _opened(session, [(kind, posting_id)]):
                return found
    raise NotFound("公示已经结束，或没有这一条。")


def count_look(session: Session, *, device: str, network: str, now: datetime) -> None:
    """Raises TooOften: whoever copies whole counties is no neighbour."""
    for kind, name, most in (("device", device, _PER_DEVICE), ("network", network, _PER_NETWORK)):
        if name:
            bucket = vault.blind_index(session, kind, name).hex()[:40]
            rates.count(session, f"notices:{kind}:{bucket}", most=most, per=_HOUR, now=now)


def places(session: Session, *, actor: Actor, now: datetime) -> list[tuple[str, str, int]]:
    """For the desk: (code, name, how many hang) of this division's places. Raises Forbidden."""
    duties.check_reader(actor)
    counted: dict[str, int] = {}
    for row in session.execute(_hanging("", local_date(now), online=False, actor=actor)):
        counted[row[2]] = counted.get(row[2], 0) + 1
    named = [(code, regions.full_name(session, code), n) for code, n in counted.items()]
    return sorted(named)


def paper(session: Session, code: str, *, actor: Actor, now: datetime) -> bytes:
    """The village's printed board, A4. Raises NotFound for another division's place."""
    duties.check_reader(actor)
    if not covers(actor.region_code, regions.path(session, code)):
        raise NotFound("没有找到这个地方。")
    rows = session.execute(_hanging(code, local_date(now), online=False, actor=actor)).all()
    found = _opened(session, [(row[0], row[1]) for row in rows[:MOST_PRINTED]])
    groups = [
        {"title": title, "lines": [one.rows for one in found if one.kind == kind]}
        for kind, title in KINDS.items()
    ]
    today = local_date(now)
    words = {
        "title": "社会救助公示栏", "place": regions.full_name(session, code),
        "groups": [group for group in groups if group["lines"]],
        "made": [today.year, today.month, today.day],
    }  # fmt: skip
    return typesetting.render(_TEMPLATE, words)


def _hanging(
    code: str, today: date, *, online: bool, actor: Actor | None = None
) -> Select[str, UUID, str, datetime]:
    """(kind, id, place, posted at) of what hangs in a place, or in all of a member's division."""
    narrowed = []
    for kind in KINDS:
        table = _table(kind)
        rows = _lines(kind, table).where(*_shown(kind, today, online=online))
        mine = rows.where(table.region_code == code) if code else rows
        narrowed.append(mine.where(duties.scope(actor)) if actor is not None else mine)
    found = narrowed[0].union_all(*narrowed[1:]).subquery()
    columns = (found.c.kind, found.c.id, found.c.place, found.c.at)
    return select(*columns).order_by(found.c.at.desc(), found.c.id)


def _table(kind: str) -> type[PublicNotice | Publication]:
    return PublicNotice if kind == REVIEW else Publication


def _lines(kind: str, table: type[PublicNotice | Publication]) -> Select[str, UUID, str, datetime]:
    columns = (
        literal(kind).label("kind"), table.id.label("id"), table.region_code.label("place"),
        table.posted_at.label("at"),
    )  # fmt: skip
    return select(*columns).join(Application, Application.id == table.application_id)


def _shown(kind: str, today: date, *, online: bool) -> list[ColumnElement[bool]]:
    """Neither over nor taken down nor hidden; on paper also what has no last day."""
    every = [Application.status.in_(WHILE[kind]), unlisting.listed()]
    if kind == REVIEW:
        return [*every, PublicNotice.ended_at.is_(None), PublicNotice.last_day >= today]
    hangs: ColumnElement[bool] = Publication.last_day >= today
    if not online:
        hangs = or_(hangs, Publication.last_day.is_(None))
    return [*every, Publication.kind == kind, Publication.ended_at.is_(None), hangs]


def _opened(session: Session, wanted: Sequence[tuple[str, UUID]]) -> list[Posting]:
    found = []
    for kind, posting_id in wanted:
        if kind == REVIEW:
            posted = session.get_one(PublicNotice, posting_id)
            file = session.get_one(Application, posted.application_id)
            words = notice.content(session, file, posted)
        else:
            made = session.get_one(Publication, posting_id)
            file = session.get_one(Application, made.application_id)
            words = publishing.content(session, file, made)
        if words:
            found.append(Posting(posting_id, kind, notice.public(words), file.id))
    return found


def _village(session: Session, code: str) -> str:
    try:
        found = regions.find(session, code)
    except NotFound:
        found = None
    if found is None or found.level != "village":
        raise Invalid("请选到村（社区）。", fields={"region": ["请选到村（社区）。"]})
    return found.code
