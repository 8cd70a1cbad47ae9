"""Slim cases by the million: rows of the tables a desk and a timeline read, loaded by COPY."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.policy.tables import Region

TOWNSHIP = "430923121"
SHARE_HERE = 100
"""Every hundredth case lies in the measured township, none of them urgent: nothing is found early."""
STATUSES = (
    ("paying", 60), ("denied", 8), ("withdrawn", 4), ("returned", 2), ("submitted", 6),
    ("accepted", 5), ("surveying", 6), ("first_review", 3), ("public_notice", 2),
    ("county_review", 4),
)  # fmt: skip
ROADS = {"paying": 5, "denied": 4, "county_review": 3, "public_notice": 3, "first_review": 2}
KINDS = ("accepted", "surveying", "first_review", "county_review", "approved")
TABLES = {
    "data_keys": ("id", "purpose", "wrapped", "created_at"),
    "applications": (
        "id", "reference_no", "program_id", "key_id", "status", "revision", "answers_sealed",
        "region_code", "region_path", "county_code", "submission_no", "event_seq", "urgent",
        "created_at", "changed_at", "filed_at", "bounces",
    ),
    "submissions": ("application_id", "version", "frozen_sealed", "receipt_sealed", "submitted_at"),
    "intake_dossiers": (
        "id", "key", "application_id", "version", "region_code", "region_path", "urgent", "blob",
        "digest", "size", "receipt", "received_at", "taken_by", "taken_at",
    ),
    "outbox": (
        "id", "key", "application_id", "version", "region_code", "created_at", "next_try_at",
        "tries", "sent", "delivered_at",
    ),
    "case_events": (
        "id", "application_id", "seq", "kind", "after", "party", "actor", "at", "recorded_at",
    ),
}  # fmt: skip

Row = tuple[Any, ...]
AT_ONCE = 50_000
OPENED = datetime.fromisoformat("2026-01-05T01:00:00Z")
STATUS_NAMES = [name for name, _share in STATUSES]
STATUS_SHARES = list(accumulate(share for _name, share in STATUSES))


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one slim case."""

    id: UUID
    number: str
    status: str
    path: str
    filed: datetime
    urgent: bool
    steps: int
    taken: bool

    @property
    def town(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def county(self) -> str:
        return self.path.rsplit("/", 2)[-2]


def load(session: Session, url: str, size: int) -> None:
    """So many cases, table by table, then the planner is told."""
    draw, paths = random.Random(size), _paths(session)  # noqa: S311
    with psycopg.connect(url) as connection:
        for start in range(0, size, AT_ONCE):
            cases = [_case(n, draw, paths) for n in range(start, min(size, start + AT_ONCE))]
            for table, columns in TABLES.items():
                words = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
                with connection.cursor() as cursor, cursor.copy(words.encode()) as copy:
                    for case in cases:
                        for row in ROWS[table](case):
                            copy.write_row(row)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _paths(session: Session) -> list[str]:
    """The measured township first, then every other of the two provinces."""
    rows = select(Region.code, Region.parent_code, Region.level)
    above = {code: parent for code, parent, _level in session.execute(rows)}
    found = [code for code, _parent, level in session.execute(rows) if level == "township"]
    return [_path(code, above) for code in (TOWNSHIP, *sorted(set(found) - {TOWNSHIP}))]


def _path(code: str | None, above: dict[str, str | None]) -> str:
    line: list[str] = []
    while code:
        line.insert(0, code)
        code = above.get(code)
    return "/".join(line)


def _case(number: int, draw: random.Random, paths: list[str]) -> Case:
    status = draw.choices(STATUS_NAMES, cum_weights=STATUS_SHARES)[0]
    early = status in ("submitted", "returned", "withdrawn")
    return Case(
        id=UUID(int=(1 << 96) + number),
        number=f"{number:010d}x",
        status=status,
        path=paths[0 if number % SHARE_HERE == 0 else draw.randrange(1, len(paths))],
        filed=OPENED + timedelta(minutes=draw.randrange(400_000)),
        urgent=number % SHARE_HERE > 0 and draw.random() < 0.02,
        steps=ROADS.get(status, 0 if early else 1),
        taken=not early,
    )


def _dossier(case: Case) -> Row:
    taken = ("staff:bench", case.filed) if case.taken else (None, None)
    return (
        case.id, f"{case.id}/1", case.id, 1, case.town, case.path, case.urgent, "-", "-", 1, "-",
        case.filed, *taken,
    )  # fmt: skip


def _application(case: Case) -> Row:
    return (
        case.id, case.number, "dibao", case.id, case.status, 1, b"-", case.town, case.path,
        case.county, 1, case.steps, case.urgent, case.filed, case.filed, case.filed, 0,
    )  # fmt: skip


def _events(case: Case) -> list[Row]:
    return [
        (UUID(int=case.id.int + (seq << 100)), case.id, seq, KINDS[seq - 1], KINDS[seq - 1],
         "township", "staff:bench", case.filed, case.filed)
        for seq in range(1, case.steps + 1)
    ]  # fmt: skip


ROWS: dict[str, Callable[[Case], list[Row]]] = {
    "data_keys": lambda case: [(case.id, "application", b"-", case.filed)],
    "applications": lambda case: [_application(case)],
    "submissions": lambda case: [(case.id, 1, b"-", b"-", case.filed)],
    "intake_dossiers": lambda case: [_dossier(case)],
    "outbox": lambda case: [
        (
            case.id,
            f"{case.id}/1",
            case.id,
            1,
            case.town,
            case.filed,
            case.filed,
            1,
            "[]",
            case.filed,
        )
    ],
    "case_events": _events,
}
