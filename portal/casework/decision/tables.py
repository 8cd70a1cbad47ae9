"""What the offices wrote down on their way to a decision; all words sealed with the file's key."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.foundation.database import Base


class Opinion(Base):
    """初审意见: one opinion of the township, with the computation it looked at."""

    __tablename__ = "opinions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("case_events.id"))
    author: Mapped[str] = mapped_column(String(80))
    body_sealed: Mapped[bytes]
    """{opinion, category, amount, people, sentence, basis, own_survey, computed}."""
    made_at: Mapped[datetime]


class PublicNotice(Base):
    """初审公示: one posting in the village; `body_sealed` holds only what the allow-list names."""

    __tablename__ = "public_notices"
    __table_args__ = (UniqueConstraint("application_id", "round"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    round: Mapped[int] = mapped_column(Integer)
    """1, and one more for every posting anew."""
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    """The village, or the township where the village is not known."""
    body_sealed: Mapped[bytes]
    posted_by: Mapped[str] = mapped_column(String(80))
    posted_at: Mapped[datetime]
    last_day: Mapped[date]
    ended_at: Mapped[datetime | None]
    """When it was taken down: not before `last_day` is over, unless somebody objected."""


class Objection(Base):
    """公示异议: what somebody says against a posting; who, if they say so, is never shown on.

    Against a 初审公示 (`notice_id`), or what was made public afterwards (`publication_id`).
    """

    __tablename__ = "objections"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("public_notices.id"))
    publication_id: Mapped[UUID | None] = mapped_column(ForeignKey("publications.id"))
    how: Mapped[str] = mapped_column(String(16))
    """phone · visit · letter · portal."""
    body_sealed: Mapped[bytes]
    """{sentence, told, name, phone}: `told` is what the applicant reads; the last may be empty."""
    received_by: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime]
    outcome_sealed: Mapped[bytes | None]
    """{sentence, upheld}, once looked into."""
    settled_by: Mapped[str | None] = mapped_column(String(80))
    settled_at: Mapped[datetime | None]
    code_index: Mapped[bytes | None] = mapped_column(index=True, unique=True)
    """Blind index of the code by which who said it online asks later; who it was stands nowhere."""


class Hearing(Base):
    """听取意见: a change is proposed and the person is asked (社会救助法 第48条)."""

    __tablename__ = "hearings"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    change: Mapped[str] = mapped_column(String(16))
    """reduced · stopped."""
    body_sealed: Mapped[bytes]
    """{sentence, law, amount}."""
    answer_by: Mapped[date]
    opened_by: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """Once a decision was built on it, or the proposal was dropped."""


class HearingLine(Base):
    """意见记录: what the person said, or a visit that did not meet them."""

    __tablename__ = "hearing_lines"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearings.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """statement · not_met."""
    how: Mapped[str] = mapped_column(String(16))
    """phone · visit · portal."""
    day: Mapped[date]
    body_sealed: Mapped[bytes]
    """{sentence, who, staff}: who spoke; the members of staff who were there."""
    written_by: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime]


class Decision(Base):
    """决定: one decision and the letter about it, as it was written that day."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("office_code", "year", "serial"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("case_events.id"))
    kind: Mapped[str] = mapped_column(String(16))
    """approved · denied · reduced · graduating · stopped · aborted."""
    office_code: Mapped[str] = mapped_column(String(12))
    year: Mapped[int] = mapped_column(Integer)
    serial: Mapped[int] = mapped_column(Integer)
    body_sealed: Mapped[bytes]
    """What was decided, for screens, and `paper`: all that stands on the letter."""
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    """When the person first opened the letter in the portal; no delivery by itself."""


class Delivery(Base):
    """送达: how and when a letter reached the person."""

    __tablename__ = "deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decisions.id"), index=True)
    how: Mapped[str] = mapped_column(String(16))
    """window · post · visit."""
    day: Mapped[date]
    body_sealed: Mapped[bytes]
    """{sentence}: who took it, or the number of the parcel."""
    written_by: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime]


class LetterNumber(Base):
    """文号: the last number an office used in a year, held while the next one is taken."""

    __tablename__ = "letter_numbers"

    office_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)
