"""A stand-in county back office: it moves accepted files on, by signed events over HTTP.

For demonstration and tests. It sees the files in our own database, which a real office
would get as dossiers; what it says goes the way of every outside office.
"""

import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.casework import envelopes, events, intake_events, moves
from portal.casework.tables import OfficeClient, OfficeEvent
from portal.filing.tables import Application
from portal.foundation.clock import local_date
from portal.foundation.database import Database
from portal.foundation.settings import Mode, Settings, WrongSettings
from portal.people.access import Role, covers
from portal.policy.lifecycle import Status

NAME = "standin-office"
KEY_FILE = "standin-office.key"
PATH = "/intake/events"

Post = Callable[[bytes, Mapping[str, str]], int]
"""(body, headers) → HTTP status of POST /intake/events."""
Decide = Callable[[Application], str]
"""What the county says to a file: empty to approve, else the reason not to."""

_NEXT: Mapping[Status, str] = {
    Status.ACCEPTED: "surveying",
    Status.CHECK_DISPUTE: "surveying",
    Status.SURVEYING: "first_review",
    Status.FIRST_REVIEW: "public_notice",
    Status.PUBLIC_NOTICE: "county_review",
    Status.REINVESTIGATING: "county_review",
    Status.COUNTY_REVIEW: "approved",
    Status.APPROVED: "paying",
}
_WORDS = {
    "surveying": "两名工作人员上门调查。",
    "first_review": "调查表和核对结果齐了。",
    "public_notice": "在村务公开栏公示七天。",
    "county_review": "公示期满，没有异议。",
    "approved": "经审核，符合条件。",
    "paying": "从下月起按月发放。",
}
_INVESTIGATORS = ["演示调查员甲", "演示调查员乙"]
_DENIED_BASIS = "社会救助法第四十五条"


@dataclass(frozen=True)
class Office:
    """One back office: its name, its key, how it reaches the portal, whom it leaves alone."""

    name: str
    key: Ed25519PrivateKey
    post: Post
    leaves: frozenset[str] = frozenset()


def open_office(
    settings: Settings,
    database: Database,
    post: Post,
    *,
    region_code: str,
    leaves: frozenset[str] = frozenset(),
    now: datetime,
) -> Office:
    """The office of `region_code` with its key in the data folder, enrolled at the portal.

    It does not touch files of the townships it `leaves` to people. Raises WrongSettings in
    production.
    """
    if settings.mode is Mode.PRODUCTION:
        raise WrongSettings("the stand-in back office is for demonstration only")
    key = _key(settings.data / KEY_FILE)
    public = key.public_key().public_bytes_raw()
    with database.writing() as session:
        known = session.get(OfficeClient, NAME)
        if known is None or (known.public_key, known.region_code) != (public, region_code):
            intake_events.enroll(session, NAME, public, Role.BACK_OFFICE, region_code, now=now)
    return Office(NAME, key, post, leaves)


def step(
    database: Database,
    office: Office,
    *,
    now: datetime,
    decide: Decide = lambda _application: "",
    skip_notice: bool = False,
) -> int:
    """Move every file that can be moved by one stage; how many events were taken.

    A 公示 hangs seven days; with `skip_notice` the demonstration says it began a week ago.
    """
    with database.reading() as session:
        wanted = [
            _event(session, application, office, decide, skip_notice, now)
            for application in _files(session, office)
        ]
    return sum(send(office, event, now=now) in (200, 202) for event in wanted if event)


def run(
    database: Database,
    office: Office,
    stop: threading.Event,
    *,
    clock: Callable[[], datetime],
    pause: float = 3.0,
    skip_notice: bool = True,
) -> None:
    """Step after step until `stop` is set; a portal that is not up is tried again."""
    while not stop.is_set():
        with suppress(OSError):
            step(database, office, now=clock(), skip_notice=skip_notice)
        stop.wait(pause)


def send(office: Office, event: Mapping[str, Any], *, now: datetime) -> int:
    """Sign and post one event; the HTTP status."""
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    headers = envelopes.sign(office.key, body, nonce=uuid4().hex, now=now)
    return office.post(body, {"X-Client": office.name, **headers})


def event(
    application_id: UUID,
    seq: int,
    kind: str,
    *,
    at: datetime,
    said: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of one event, with an id of its own."""
    return {
        "id": str(uuid4()),
        "application_id": str(application_id),
        "seq": seq,
        "kind": kind,
        "at": at.isoformat(),
        "said": dict(said or {}),
    }


def over_http(url: str, *, timeout: float = 10.0) -> Post:
    """Posts to the portal at `url`. Raises OSError when it cannot be reached."""
    if not url.startswith(("http://", "https://")):
        raise WrongSettings("the portal's address must begin with http:// or https://")

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        request = urllib.request.Request(  # noqa: S310 - checked above
            url.rstrip("/") + PATH, data=body, method="POST",
            headers={"Content-Type": "application/json", **headers},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return int(refused.code)

    return post


def _key(path: Path) -> Ed25519PrivateKey:
    """The office's own key; made at first, mode 0600."""
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes_raw()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(made)
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def _files(session: Session, office: Office) -> list[Application]:
    """Those of its division that wait for a move of the back office; what another department
    decides is left to its people at the desk."""
    client = session.get(OfficeClient, office.name)
    if client is None:
        return []
    rows = select(Application).where(
        Application.status.in_(list(_NEXT)),
        Application.machine != "referral",
        Application.region_code.not_in(office.leaves),
    )
    found = session.scalars(rows.order_by(Application.filed_at, Application.id))
    return [a for a in found if covers(client.region_code, a.region_path or "")]


def _event(
    session: Session,
    application: Application,
    office: Office,
    decide: Decide,
    skip_notice: bool,
    now: datetime,
) -> dict[str, Any] | None:
    """What it says next; None while the notice still hangs."""
    kind = _NEXT[Status(application.status)]
    at = now - timedelta(days=moves.NOTICE_DAYS) if kind == "public_notice" and skip_notice else now
    if kind == "county_review" and _still_hangs(session, application, now):
        return None
    said: dict[str, Any] = {"sentence": _WORDS[kind]}
    if kind == "first_review" and not _is_visited(session, application):
        kind, said = "visit", {"investigators": _INVESTIGATORS, "on": local_date(now).isoformat()}
    reason = decide(application) if kind == "approved" else ""
    if reason:
        kind, said = "denied", {"sentence": reason, "basis": _DENIED_BASIS}
    seq = _last_seq(session, application, office) + 1
    return event(application.id, seq, kind, at=at, said=said)


def _is_visited(session: Session, application: Application) -> bool:
    return any(e.kind == "visit" for e in events.of(session, application))


def _still_hangs(session: Session, application: Application, now: datetime) -> bool:
    posted = [e.at for e in events.of(session, application) if e.kind == "public_notice"]
    on_notice = application.status == Status.PUBLIC_NOTICE
    return on_notice and now < posted[-1] + timedelta(days=moves.NOTICE_DAYS)


def _last_seq(session: Session, application: Application, office: Office) -> int:
    applied = select(func.max(OfficeEvent.seq)).where(
        OfficeEvent.application_id == application.id,
        OfficeEvent.client == office.name,
        OfficeEvent.state != intake_events.REFUSED,
    )
    return session.scalar(applied) or 0
