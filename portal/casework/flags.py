"""监管提示: what the office did that somebody above should look at; nothing is held up by it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.casework import duties
from portal.filing.tables import Application
from portal.foundation.database import Base
from portal.people.access import Actor

SECOND_LIST = "second_list"
WORDS = {SECOND_LIST: "第二次要求补正，没有负责人同意"}
_MOST = 200


class Flag(Base):
    """监管提示: one thing done in one file; `by` as the audit names people."""

    __tablename__ = "flags"
    __table_args__ = (Index("ix_flags_kind_at", "kind", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


def put(
    session: Session, application: Application, kind: str, *, actor: Actor, now: datetime
) -> None:
    """`kind` is a key of WORDS."""
    session.add(Flag(application_id=application.id, kind=kind, by=str(actor), at=now))


def of(session: Session, *, actor: Actor) -> Sequence[tuple[Flag, Application]]:
    """The newest of this person's division, with the files they are about."""
    rows = (
        select(Flag, Application)
        .join(Application, Application.id == Flag.application_id)
        .where(duties.scope(actor))
        .order_by(Flag.at.desc(), Flag.id)
        .limit(_MOST)
    )
    return [(flag, file) for flag, file in session.execute(rows)]
