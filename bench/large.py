"""A million cases: the next file, one case's timeline and one more submission cost at most twice what
they cost at 10,000. `make bench` has the submission at 100,000.

`make bench-large`. Slim cases are loaded by COPY beside one whole case made through the verbs
people use. They are spread over the townships of Hunan and Yunnan, but one hundredth lies in
the township that is measured: its own queue grows with the whole. Needs a PostgreSQL server,
`make bench-large` starts one; PORTAL_TEST_POSTGRES names another. Best of many, both sizes in turn.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from bench import photos, slim_cases
from bench.slim_cases import TOWNSHIP
from portal.assembly import Portal, open_portal
from portal.casework import office, timeline
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.foundation.installation import install
from portal.foundation.settings import from_environment
from portal.handover import embedded, outbox, submission
from portal.people import consents, sign_in
from portal.people.access import Actor, Role
from portal.policy import regions

SERVER = os.environ.get("PORTAL_TEST_POSTGRES", "")  # noqa: TID251
SIZES, AIM, TIMES = (10_000, 1_000_000), 2.0, 150
SUBMISSION = "one submission, from sign-in to outbox"
COUNTY = "430923"
ANSWERS = {
    "applicant_name": "王秀英",
    "phone": "13812345678",
    "household_place": {"code": TOWNSHIP, "address": "大桥村三组"},
    "reason": ["illness", "old_age"],
}
Work = Callable[[], object]


def main() -> int:
    return compare(SIZES)


def compare(sizes: tuple[int, int], only: Collection[str] = ()) -> int:
    """1 when something costs more than AIM times as much at the larger size."""
    if not SERVER:
        photos.say("large  no PostgreSQL here: not measured")
        return 0
    with ExitStack() as both:
        small, large = (_measures(*both.enter_context(_site(size))) for size in sizes)
        names = [name for name in small if not only or name in only]
        return _told({name: _in_turn(small[name], large[name]) for name in names}, sizes)


def _in_turn(*works: Work) -> tuple[float, ...]:
    """Seconds of the best of many for each, one after the other: what disturbs meets both."""
    spent = [[_timed(work) for work in works] for _ in range(TIMES)]
    return tuple(min(column) for column in zip(*spent, strict=True))


def _told(figures: dict[str, tuple[float, ...]], sizes: tuple[int, int]) -> int:
    missed, (few, many) = 0, (f"{n:,}" for n in sizes)
    for name, (least, most) in figures.items():
        ratio = most / least
        photos.say(
            f"large  {name}: {least * 1000:.1f} ms at {few}, {most * 1000:.1f} ms at {many}, "
            f"ratio {ratio:.2f} (aim: at most {AIM:.0f})"
        )
        missed += ratio > AIM
    return int(missed > 0)


@contextmanager
def _site(size: int) -> Iterator[tuple[Portal, UUID]]:
    """A portal with so many cases, and the whole one among them."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder, database() as url:
        settings = replace(from_environment({"DATABASE_URL": url}), data=Path(folder))
        install(settings, now=utc_now())
        portal = open_portal(settings)
        try:
            case = _whole_case(portal)
            begins = time.monotonic()
            with portal.database.reading() as session:
                slim_cases.load(session, url, size)
            photos.say(f"large  {size:,} cases loaded in {time.monotonic() - begins:.0f} s")
            yield portal, case
        finally:
            portal.database.engine.dispose()


@contextmanager
def database() -> Iterator[str]:
    """A database of our own, dropped afterwards."""
    name = f"bench_{uuid4().hex[:8]}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield SERVER.rsplit("/", 1)[0] + "/" + name
    finally:
        with psycopg.connect(SERVER, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _whole_case(portal: Portal) -> UUID:
    """One case with answers, a receipt, a dossier and a story, by the verbs people use."""
    now = utc_now()
    with portal.database.writing() as session:
        regions.import_regions(session)
    case = _submission(portal, iter(["13812345678"]))
    outbox.drain(portal, partial(embedded.deliver, portal, now=now), now=now)
    with portal.database.writing() as session:
        office.accept(session, session.get_one(Application, case), actor=_staff(), now=now)
    return case


def _submission(portal: Portal, phones: Iterator[str]) -> UUID:
    """Somebody new, each time."""
    now, program = utc_now(), portal.catalogue.find("dibao")
    with portal.database.writing() as session:
        account = sign_in.open_account(session, next(phones), now=now)
        consents.give(session, account, consents.NEEDED, now=now)
        owner = Actor(Role.APPLICANT, account.id)
        file = applications.start(session, program, account_id=account.id, actor=owner, now=now)
        applications.save_answers(session, file, program, ANSWERS, revision=0, actor=owner, now=now)
        submission.submit(session, file, program, actor=owner, now=now)
        return file.id


def _staff(role: Role = Role.TOWNSHIP_CLERK, place: str = TOWNSHIP) -> Actor:
    return Actor(role, uuid4(), place)


def _measures(portal: Portal, case: UUID) -> dict[str, Work]:
    """What is measured, by name."""
    county = partial(_next, portal, place=COUNTY)
    phones = (f"139{number:08d}" for number in count())
    return {
        SUBMISSION: lambda: _submission(portal, phones),
        "next file, window": partial(_next, portal, role=Role.TOWNSHIP_CLERK),
        "next file, visit": partial(_next, portal, role=Role.TOWNSHIP_INVESTIGATOR),
        "next file, decision": partial(county, role=Role.COUNTY_CONFIRMER),
        "timeline": partial(_timeline, portal, case),
    }


def _timed(work: Work) -> float:
    begins = time.perf_counter()
    work()
    return time.perf_counter() - begins


def _next(portal: Portal, *, role: Role, place: str = TOWNSHIP) -> None:
    """Taken by somebody new, and put back by forgetting it."""
    with portal.database.reading() as session:
        found = office.take_next(session, actor=_staff(role, place), now=utc_now())
        assert found is not None  # noqa: S101 - a queue without files measures nothing


def _timeline(portal: Portal, case: UUID) -> None:
    with portal.database.reading() as session:
        file = session.get_one(Application, case)
        timeline.timeline(session, file, portal.catalogue, now=utc_now())


if __name__ == "__main__":
    sys.exit(main())
