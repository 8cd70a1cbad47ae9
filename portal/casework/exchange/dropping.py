"""The file-drop: dossiers laid into an office's out box, its events and receipts taken from its in box.

    <folder>/<name of the office>/out   dossiers, and an answer to every file that came
                                 /in    what the office sends; refused files lie in in/refused
                                 /laid  our own marks: which dossiers were laid out, and when

The same promises as signed HTTP: said twice is done once, too early waits, and nothing that is
not signed by the office to the last bit has any effect. A file is taken away only after what it
did is in the database and its answer is on the disk. Answers are the office's to take away.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import envelopes, intake_events
from portal.casework.exchange import boxes, letters
from portal.casework.exchange.letters import Cut, Damaged, Letter
from portal.casework.tables import OfficeClient
from portal.filing.preparing import Stores
from portal.foundation import vault
from portal.foundation.crash import crash_point
from portal.foundation.errors import BadRequest, Refusal, TooOften
from portal.handover import embedded
from portal.handover.embedded import Office
from portal.handover.tables import IntakeDossier

DOSSIER, ANSWER, EVENT, RECEIPT = ".dossier", ".answer", ".event", ".receipt"
PORTAL = "portal"
MOST_OUT, MOST_AT_ONCE = 200, 200
HOLD = timedelta(hours=1)
"""So long a dossier that lies ready is nobody else's; it is renewed while it lies there."""
ARRIVING = timedelta(minutes=10)
"""A file that ends too early may still be arriving; untouched for so long it is refused."""
OLDEST = timedelta(days=60)
_LARGEST = envelopes.MOST_BYTES + letters.LONGEST_LINE + 1
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Boxes:
    """One office and its folder."""

    office: Office
    public_key: bytes
    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def inward(self) -> Path:
        return self.folder / "in"

    @property
    def laid(self) -> Path:
        return self.folder / "laid"


def run(portal: Stores, folder: Path, *, now: datetime) -> int:
    """Every office that has a folder; how many files came or went. One office's trouble is not
    another's."""
    done = 0
    for mine in _offices(portal, folder):
        for step in (_take_in, _lay_out):
            try:
                done += step(portal, mine, now)
            except OSError as fault:
                _log.error("boxes of %s: %s", mine.office.name, type(fault).__name__)
    return done


def _offices(portal: Stores, folder: Path) -> list[Boxes]:
    """Enrolled, not revoked, and given a folder by whoever runs the portal."""
    if not folder.is_dir():
        return []
    there = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.is_symlink())
    with portal.database.reading() as session:
        clients = (session.get(OfficeClient, name) for name in there)
        found = [
            Boxes(Office(c.name, c.region_code), c.public_key, folder / c.name)
            for c in clients
            if c is not None and c.revoked_at is None
        ]
    for mine in found:
        boxes.prepare(mine.out)
        boxes.prepare(mine.inward)
    return found


def _lay_out(portal: Stores, mine: Boxes, now: datetime) -> int:
    """Held first, then laid out; a mark beside the boxes says that it was, so that a file the
    office has fetched is not laid out again before its time is over."""
    with portal.database.writing() as session:
        held = embedded.hold(session, actor=mine.office, until=now + HOLD, now=now, most=MOST_OUT)
        session.expunge_all()
    crash_point("X1")
    boxes.prepare(mine.laid)
    there = set(boxes.names(mine.out, (DOSSIER,)))
    wanted = {one.key.replace("/", "-v") + DOSSIER: one for one in held}
    fetched = boxes.younger(mine.laid, (now - HOLD).timestamp())
    missing = [name for name in wanted if name not in there | fetched]
    for name in missing:
        _survive(name, partial(_lay, portal, mine, name, wanted[name], now))
    gone = [*boxes.clear(mine.out, keeping=set(wanted), ends=(DOSSIER,))]
    list(boxes.clear(mine.laid, keeping=set(wanted), ends=(DOSSIER,)))
    return len(missing) + len(gone)


def _lay(portal: Stores, mine: Boxes, name: str, one: IntakeDossier, now: datetime) -> int:
    boxes.put(mine.out, name, _dossier(portal, one))
    crash_point("X2")
    boxes.mark(mine.laid, name, now.timestamp())
    return 1


def _dossier(portal: Stores, one: IntakeDossier) -> bytes:
    with portal.database.reading() as session:
        key = vault.signing_key(session, "intake")
        data = embedded.open_dossier(session, portal.blobs, one)
    return letters.written(
        Letter("dossier", PORTAL, int(one.received_at.timestamp()), data, one.key), key
    )


def _take_in(portal: Stores, mine: Boxes, now: datetime) -> int:
    waiting = boxes.names(mine.inward, (EVENT, RECEIPT))[:MOST_AT_ONCE]
    return sum(_survive(name, partial(_one, portal, mine, name, now)) for name in waiting)


def _survive(name: str, step: Callable[[], int]) -> int:
    """No fault of one file may hold up the next; it lies where it is and is tried again."""
    try:
        return step()
    except Exception as fault:
        _log.warning("file %s of the exchange: %s", name, type(fault).__name__)
        return 0


def _one(portal: Stores, mine: Boxes, name: str, now: datetime) -> int:
    """1 when it was done with: applied, kept for its turn, or refused."""
    found = boxes.read(mine.inward, name, most=_LARGEST)
    if found is None:
        return 0
    data, written = found
    refused = True
    try:
        letter = letters.opened(data, mine.public_key)
        said, refused = _say(portal, mine, name, letter, now)
    except TooOften:
        return 0
    except Cut:
        if now - datetime.fromtimestamp(written, UTC) < ARRIVING:
            return 0
        said = no("cut", "文件不完整，请重新发。")
    except Damaged:
        with portal.database.writing() as session:
            intake_events.note_forgery(session, mine.office.name, now=now)
        said = no("signature_invalid", "签名不对，没有接收。")
    crash_point("X3")
    _answer(portal, mine, name, said, now)
    crash_point("X4")
    if refused:
        boxes.set_aside(mine.inward, name, mine.inward / "refused")
    else:
        boxes.drop(mine.inward, name)
    return 1


def _say(
    portal: Stores, mine: Boxes, name: str, letter: Letter, now: datetime
) -> tuple[dict[str, Any], bool]:
    """What came of it, and whether it was refused; what a refusal keeps is kept."""
    with portal.database.writing() as session:
        client = session.get_one(OfficeClient, mine.office.name, with_for_update=True)
        try:
            _check(name, letter, mine, now)
            return _DO[letter.kind](session, client, mine, letter.body, now), False
        except TooOften:
            raise
        except Refusal as refusal:
            if not refusal.keeps:
                session.rollback()
            return no(refusal.code, refusal.message), True


def _check(name: str, letter: Letter, mine: Boxes, now: datetime) -> None:
    """Raises BadRequest for what this office may not say here, or said too long ago."""
    if letter.sender != mine.office.name or not name.endswith(f".{letter.kind}"):
        raise BadRequest("文件名和内容对不上。", code="wrong_box")
    check_age(letter, now)


def check_age(letter: Letter, now: datetime) -> None:
    """Raises BadRequest for what was signed too long ago, or is to be signed yet."""
    age = now - datetime.fromtimestamp(min(letter.at, 2**33), UTC)
    if not -envelopes.SKEW <= age <= OLDEST:
        raise BadRequest("签名的时间不对。", code="too_old")


def apply(session: Session, client: OfficeClient, body: bytes, *, now: datetime) -> dict[str, Any]:
    """An office's event, and what is answered to it. Raises what intake_events.take_in raises."""
    outcome = intake_events.take_in(session, client, body, now=now)
    return {"id": str(outcome.id), "state": outcome.state, "again": outcome.again}


def _event(
    session: Session, client: OfficeClient, _mine: Boxes, body: bytes, now: datetime
) -> dict[str, Any]:
    return apply(session, client, body, now=now)


def _receipt(
    session: Session, _client: OfficeClient, mine: Boxes, body: bytes, now: datetime
) -> dict[str, Any]:
    try:
        said = json.loads(body)
        key, digest = str(said["key"]), str(said["sha256"])
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise BadRequest("内容格式不对，无法读取。", code="json_invalid") from fault
    taken = embedded.take(session, key, digest, actor=mine.office, now=now)
    return {"key": taken.key, "state": "taken"}


_DO: dict[str, Callable[[Session, OfficeClient, Boxes, bytes, datetime], dict[str, Any]]] = {
    "event": _event, "receipt": _receipt,
}  # fmt: skip


def _answer(portal: Stores, mine: Boxes, name: str, said: dict[str, Any], now: datetime) -> None:
    body = json.dumps({"file": name, **said}, ensure_ascii=False, sort_keys=True).encode()
    with portal.database.reading() as session:
        key = vault.signing_key(session, "intake")
    letter = Letter("answer", PORTAL, int(now.timestamp()), body)
    boxes.put(mine.out, name + ANSWER, letters.written(letter, key))


def no(code: str, message: str) -> dict[str, Any]:
    """The answer to what was not taken."""
    return {"state": "refused", "code": code, "message": message}
