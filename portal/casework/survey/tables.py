"""What is kept of visits, surveys, means checks and disputes; what people said of themselves is sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Visit(Base):
    """入户预约: when who comes. The newest one that is not moved counts."""

    __tablename__ = "visits"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    at: Mapped[datetime]
    investigators: Mapped[list[Any]] = mapped_column(JSON)
    """Ids of staff, as text."""
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    moved_at: Mapped[datetime | None]
    """When a later appointment took its place."""
    change_asked_at: Mapped[datetime | None]
    change_sealed: Mapped[bytes | None]
    """What the family said when it asked for another time."""


class Survey(Base):
    """入户调查: one survey of a household; a draft until two investigators finish it."""

    __tablename__ = "surveys"
    __table_args__ = (UniqueConstraint("application_id", "round"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    round: Mapped[int] = mapped_column(Integer)
    """1, and one more for every investigation after it (重新调查、补充调查)."""
    revision: Mapped[int] = mapped_column(Integer, default=0)
    investigators: Mapped[list[Any]] = mapped_column(JSON)
    """Ids of staff, as text."""
    body_sealed: Mapped[bytes | None]
    """JSON: how, on, lines {name: {state, value, why}}, people, remarks, signed."""
    findings_sealed: Mapped[bytes | None]
    """JSON {name: {declared, found, why}}, once finished."""
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    finished_by: Mapped[UUID | None]


class VisitSignature(Base):
    """入户签名: a signature that was given in front of the investigators, not only promised."""

    __tablename__ = "visit_signatures"

    signature_id: Mapped[UUID] = mapped_column(ForeignKey("signatures.id"), primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    taken_by: Mapped[UUID]
    taken_at: Mapped[datetime]


class VisitPhoto(Base):
    """入户照片: one photo the investigators took. The sent bytes are sealed and never served."""

    __tablename__ = "visit_photos"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    sent_blob: Mapped[str] = mapped_column(String(64), index=True)
    prepared_blob: Mapped[str | None] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    """received → prepared | unreadable."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    taken_by: Mapped[UUID]
    taken_at: Mapped[datetime]


class CheckObligor(Base):
    """义务人核对: somebody outside the household, looked at only when needed and agreed to."""

    __tablename__ = "check_obligors"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    said_sealed: Mapped[bytes]
    """JSON: name, id_number, relation, why it is necessary."""
    consented_at: Mapped[datetime | None]
    added_by: Mapped[UUID]
    added_at: Mapped[datetime]


class CheckRequest(Base):
    """核对请求: the county is asked to check a household.

    state: asked → running → answered → told.
    """

    __tablename__ = "check_requests"
    __table_args__ = (UniqueConstraint("application_id", "round"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    round: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    asked_by: Mapped[UUID]
    asked_at: Mapped[datetime]
    started_by: Mapped[UUID | None]
    started_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    """agrees · differs · unknown · recognised, as the county says it; never the platform."""
    sentence_sealed: Mapped[bytes | None]
    """The county's words to the applicant; not in the case's history, which helpers read too."""
    told_at: Mapped[datetime | None]


class CheckRecord(Base):
    """核对记录: one person in a check.

    state: left_out (`fault` says why) · waiting · partial · answered.
    """

    __tablename__ = "check_records"
    __table_args__ = (
        UniqueConstraint("request_id", "subject"),
        Index("ix_check_records_state_next_try_at", "state", "next_try_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("check_requests.id"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    subject: Mapped[str] = mapped_column(String(48))
    """`applicant`, `member:<row>` or `obligor:<id>`."""
    number: Mapped[int] = mapped_column(Integer)
    """Their place in the household, the applicant first."""
    person_sealed: Mapped[bytes]
    """JSON: name, id_number as it was asked about."""
    phone_index: Mapped[bytes | None] = mapped_column(index=True)
    """Of the phone the person signed with: who holds it may see this record."""
    state: Mapped[str] = mapped_column(String(16))
    fault: Mapped[str | None] = mapped_column(String(32))
    report_sealed: Mapped[bytes | None]
    """JSON: items {code: {at, title, lines}}, missing."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class CheckAnswer(Base):
    """核对回执: every answer of the check platform by its own number; the same twice is one.

    state: applied · foreign (of somebody else) · late. Of the last two nothing is kept.
    """

    __tablename__ = "check_answers"

    record_id: Mapped[UUID] = mapped_column(ForeignKey("check_records.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[datetime]


class CheckDispute(Base):
    """核对异议: what the person says against a result, and the township's answer."""

    __tablename__ = "check_disputes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("check_requests.id"))
    sentence_sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(16))
    """corrected · kept."""
    answer_sealed: Mapped[bytes | None]
    """JSON: sentence, and which lines of whom are corrected."""
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
