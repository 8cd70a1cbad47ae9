"""Photos that arrive in parts, over days and networks, and are never sent twice.

A photo is addressed by the SHA-256 of its own bytes, so beginning is no call and a repeat is
harmless. Each part is sealed and on disk before it is acknowledged:

    blob = keep_part(session, blobs, application, part)          # disk, session only reads
    note_part(session, application, part, blob=blob, now=now)    # one short commit

The last part is not kept by itself: `whole` puts the photo together, and it is taken in as any
other (portal/filing/documents.py), in the commit that also closes the upload.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.filing.photo_check import MOST_BYTES, refusal
from portal.filing.tables import Application, Upload, UploadPart
from portal.foundation import retention, vault
from portal.foundation.blobs import Blobs, begins
from portal.foundation.crash import crash_around_commit
from portal.foundation.errors import Conflict, Invalid, TooLarge

KEPT = retention.period("uploads")
"""So long parts wait for the rest; a phone may be without a signal for days."""
MOST_OPEN = 60
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_NUMBER = re.compile(r"[0-9]{1,11}\Z")


@dataclass(frozen=True)
class Part:
    """Bytes `start` to `start + len(data)` of the photo `digest`, which is `length` bytes long."""

    digest: str
    length: int
    start: int
    data: bytes = field(repr=False)

    @property
    def is_last(self) -> bool:
        return self.start + len(self.data) >= self.length


def part(digest: str, length: str, start: str, data: bytes) -> Part:
    """From the headers of a request, checked. Raises Invalid, or TooLarge for a whole too big."""
    if not _DIGEST.match(digest):
        raise refusal(Invalid, "digest_invalid", "照片编号不对，请重新选这张照片。")
    if not (_NUMBER.match(length) and _NUMBER.match(start)):
        raise refusal(Invalid, "upload_headers", "没有收到照片。请再选一次。")
    whole, first = int(length), int(start)
    if whole > MOST_BYTES:
        raise refusal(TooLarge, "too_large", "照片太大了。请用手机相机重新拍一张。")
    if whole < 1 or first + len(data) > whole:
        raise refusal(Invalid, "upload_headers", "没有收到照片。请再选一次。")
    return Part(digest, whole, first, data)


def safe(session: Session, application_id: UUID, digest: str) -> int:
    """How many bytes of this photo are here, from the first on, without a gap."""
    return _reach(_parts(session, application_id, digest))


def check_next(session: Session, application_id: UUID, wanted: Part) -> None:
    """Raises Conflict (wrong_offset) for a part that leaves a gap: ask what is here, go on there."""
    if wanted.start > safe(session, application_id, wanted.digest):
        raise Conflict("前面还差一段，请接着传。", code="wrong_offset")


def keep_part(session: Session, blobs: Blobs, application: Application, wanted: Part) -> str:
    """The name of the blob that holds this part. `session` only reads. Raises Busy."""
    place = _place(application.id, wanted.digest, wanted.start)
    return blobs.put(vault.seal(session, application.key_id, wanted.data, place=place))


def note_part(
    session: Session, application: Application, wanted: Part, *, blob: str, now: datetime
) -> int:
    """Write a kept part down; how many bytes are safe now. The caller has locked the application.

    Raises Conflict for a gap, Invalid when the photo was longer or shorter before, or when too
    many are under way.
    """
    upload = _upload(session, application.id, wanted.digest)
    if upload is None:
        upload = _begin(session, application, wanted, now=now)
    if upload.length != wanted.length:
        raise refusal(Invalid, "upload_headers", "照片变了，请重新选这张照片。")
    check_next(session, application.id, wanted)
    known = session.get(UploadPart, (upload.id, wanted.start))
    if known is None:
        session.add(
            UploadPart(upload_id=upload.id, start=wanted.start, size=len(wanted.data), blob=blob)
        )
    elif known.size < len(wanted.data):
        known.size, known.blob = len(wanted.data), blob
    upload.changed_at = now
    session.flush()
    crash_around_commit(session, "P1", "P2")
    return safe(session, application.id, wanted.digest)


def whole(session: Session, blobs: Blobs, application: Application, last: Part) -> bytes:
    """The photo put together from its parts and the last one. Raises Conflict for a gap."""
    check_next(session, application.id, last)
    data = bytearray()
    for row in _parts(session, application.id, last.digest):
        if row.start >= last.start:
            break
        opened = vault.unseal(
            session, application.key_id, blobs.read(row.blob),
            place=_place(application.id, last.digest, row.start),
        )  # fmt: skip
        data[row.start : row.start + len(opened)] = opened
    data[last.start :] = last.data
    return bytes(data)


def close(session: Session, application_id: UUID, digest: str) -> None:
    """The photo is taken in, or cannot be: its parts go. Their blobs go with the next sweep."""
    upload = _upload(session, application_id, digest)
    if upload is not None:
        session.execute(delete(UploadPart).where(UploadPart.upload_id == upload.id))
        session.delete(upload)
        session.flush()


def blob_names(session: Session, prefix: str = "") -> set[str]:
    """Every blob of a part; the sweep must leave these."""
    return set(session.scalars(select(UploadPart.blob).where(begins(UploadPart.blob, prefix))))


def forget_old(session: Session, *, now: datetime) -> None:
    """Uploads nobody went on with for two weeks."""
    old = select(Upload.id).where(Upload.changed_at < now - KEPT)
    session.execute(delete(UploadPart).where(UploadPart.upload_id.in_(old)))
    session.execute(delete(Upload).where(Upload.changed_at < now - KEPT))


def _begin(session: Session, application: Application, wanted: Part, *, now: datetime) -> Upload:
    under_way = select(func.count()).where(Upload.application_id == application.id)
    if (session.scalar(under_way) or 0) >= MOST_OPEN:
        raise refusal(Invalid, "too_many", "没传完的照片太多。请先传完几张。")
    upload = Upload(
        application_id=application.id, digest=wanted.digest, length=wanted.length, started_at=now,
        changed_at=now,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    return upload


def _upload(session: Session, application_id: UUID, digest: str) -> Upload | None:
    rows = select(Upload).where(Upload.application_id == application_id, Upload.digest == digest)
    return session.scalars(rows).first()


def _parts(session: Session, application_id: UUID, digest: str) -> Sequence[UploadPart]:
    rows = select(UploadPart).join(Upload, Upload.id == UploadPart.upload_id)
    mine = rows.where(Upload.application_id == application_id, Upload.digest == digest)
    return session.scalars(mine.order_by(UploadPart.start)).all()


def _reach(parts: Sequence[UploadPart]) -> int:
    end = 0
    for row in parts:
        if row.start > end:
            break
        end = max(end, row.start + row.size)
    return end


def _place(application_id: UUID, digest: str, start: int) -> str:
    return f"uploads:{application_id}:{digest}:{start}"
