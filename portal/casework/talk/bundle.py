"""复议材料包: the papers of one file in one download, for its owner to contest a decision with.

Listed first, made one after the other: a phone gets the first bytes at once, and no more than one
paper or photo is in memory.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import events, history
from portal.casework.decision import letters, notice
from portal.casework.publicity import publishing
from portal.casework.talk import bundle_papers, thread
from portal.casework.talk.tables import ThreadMessage
from portal.filing import documents
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.blobs import Blobs
from portal.foundation.database import Database
from portal.foundation.errors import NotFound
from portal.handover import form_pdf, frozen, paper
from portal.people.access import Actor
from portal.policy.catalogue import Catalogue, Program

_MISSING = "这份现在拿不到，请向窗口要。\n"

Make = Callable[[Session], bytes]


@dataclass(frozen=True)
class Part:
    """One file of the bundle: its name, what it is, and how it is made."""

    name: str
    title: str
    make: Make


def note(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    """Whole numbers and photos leave: that they did is recorded."""
    audit.record(session, "take.bundle", actor=str(actor), subject=application.id, now=now)


def parts(
    session: Session,
    application: Application,
    catalogue: Catalogue,
    blobs: Blobs,
    *,
    actor: Actor,
    now: datetime,
) -> list[Part]:
    """What lies in it, in the order of the index. Raises NotFound before the first submission."""
    if not application.submission_no:
        raise NotFound("还没有提交，没有材料可以打包。")
    program = catalogue.find(application.program_id)
    found = [
        *_forms(session, application, program),
        Part("3-办理经过.pdf", "办理经过：每一步、每一天", partial(
            bundle_papers.course, application_id=application.id, catalogue=catalogue, now=now)),
        *_notices(session, application, program, now),
        *_postings(session, application, now),
        *_letters(session, application),
        *_photos(session, application, program, blobs),
        *_talk(session, application, blobs, actor, now),
        *_afterwards(session, application, now),
    ]  # fmt: skip
    listed = [(part.name, part.title) for part in found]
    first = Part("0-先看这里.pdf", "目录，怎么申请复议", partial(
        bundle_papers.index, application_id=application.id, catalogue=catalogue, listed=listed,
        now=now))  # fmt: skip
    return [first, *found]


def stream(database: Database, made: Sequence[Part]) -> Iterator[bytes]:
    """The zip, as it grows. A part that cannot be made any more is a line that says so."""
    out = _Spool()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for part in made:
            data, name = _made(database, part)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
            yield out.taken()
    yield out.taken()


class _Spool(io.RawIOBase):
    """A file that gives away what was written: behind that it can still be sought in, so that
    every entry's head says its size, which old phones want."""

    def __init__(self) -> None:
        super().__init__()
        self._gone, self._here = 0, io.BytesIO()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._gone + self._here.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._gone + self._here.seek(offset - self._gone, whence)

    def write(self, data: Any) -> int:
        return self._here.write(data)

    def taken(self) -> bytes:
        found = self._here.getvalue()
        self._gone, self._here = self._gone + len(found), io.BytesIO()
        return found


def _made(database: Database, part: Part) -> tuple[bytes, str]:
    """Read in a short session of its own: a slow phone holds nothing open."""
    try:
        with database.reading() as session:
            return part.make(session), part.name
    except (NotFound, OSError):
        return _MISSING.encode(), f"{part.name}.txt"


def _forms(session: Session, application: Application, program: Program) -> Iterator[Part]:
    for sent in history.submissions(session, application):
        number = sent.version
        again = f"-第{number}次" if application.submission_no > 1 else ""
        yield Part(f"1-申请表{again}.pdf", "申请表，按您填的", partial(
            _form, application_id=application.id, version=number))  # fmt: skip
        yield Part(f"2-回执{again}.pdf", "回执，哪天交的", partial(
            bundle_papers.receipt, application_id=application.id, version=number))  # fmt: skip
        yield Part(f"2-回执{again}（带数字签名）.json", "同一张回执，证明没有改过", partial(
            _signed_receipt, application_id=application.id, version=number))  # fmt: skip


def _notices(
    session: Session, application: Application, program: Program, now: datetime
) -> Iterator[Part]:
    lists = [e for e in events.of(session, application) if e.kind == "returned"]
    for number, event in enumerate(lists, 1):
        yield Part(f"4-补正告知-{number}.pdf", "窗口要您补什么", partial(
            bundle_papers.correction_list, application_id=application.id, event_id=event.id,
            program=program, now=now))  # fmt: skip


def _postings(session: Session, application: Application, now: datetime) -> Iterator[Part]:
    for posted in notice.of(session, application):
        yield Part(f"4-公示-第{posted.round}次.pdf", "村里公示了什么", partial(
            bundle_papers.posting, application_id=application.id, notice_id=posted.id,
            now=now))  # fmt: skip

    for number, made in enumerate(publishing.every(session, application), 1):
        yield Part(f"4-公布-{number}.pdf", "村里公布了什么", partial(
            bundle_papers.publication, application_id=application.id, publication_id=made.id,
            now=now))  # fmt: skip


def _afterwards(session: Session, application: Application, now: datetime) -> Iterator[Part]:
    """Once something was granted."""
    if any(one.kind == "approved" for one in events.of(session, application)):
        yield Part("8-批准以后.pdf", "发的钱、报的变化、定期核查", partial(
            bundle_papers.afterwards, application_id=application.id, now=now))  # fmt: skip


def _letters(session: Session, application: Application) -> Iterator[Part]:
    for number, decision in enumerate(letters.of(session, application), 1):
        yield Part(f"5-决定书-{number}.pdf", "决定书，复议要用", partial(
            _letter, application_id=application.id, decision_id=decision.id))  # fmt: skip


def _photos(
    session: Session, application: Application, program: Program, blobs: Blobs
) -> Iterator[Part]:
    for number, photo in enumerate(documents.of(session, application), 1):
        title = frozen.title_of(photo.item, program)
        name = re.sub(r"[^\w\u4e00-\u9fff]", "", title)[:20]
        yield Part(f"6-照片/{number:02d}-{name}.jpg", f"照片：{title}", partial(
            photo_of, blobs=blobs, application_id=application.id, document_id=photo.id))  # fmt: skip


def _talk(
    session: Session, application: Application, blobs: Blobs, actor: Actor, now: datetime
) -> Iterator[Part]:
    lines = thread.lines(session, application, actor=actor)
    if lines:
        yield Part("7-留言.pdf", "您和窗口说过的话", partial(
            bundle_papers.talk, application_id=application.id, actor=actor, now=now))  # fmt: skip
    for number, line in enumerate((one for one in lines if one.voice), 1):
        kind = session.get_one(ThreadMessage, line.id).voice_type
        yield Part(f"7-留言/录音{number}.{kind}", "录音", partial(
            _voice, blobs=blobs, application_id=application.id, message_id=line.id))  # fmt: skip


def _form(session: Session, *, application_id: UUID, version: int) -> bytes:
    application = session.get_one(Application, application_id)
    body = frozen.contents(session, application, version)
    photos = [{**entry, "file": "", "note": "见照片"} for entry in body["documents"]]
    return form_pdf.render(paper.of(body, photos))


def _signed_receipt(session: Session, *, application_id: UUID, version: int) -> bytes:
    application = session.get_one(Application, application_id)
    given = frozen.receipt(session, application, version)
    return json.dumps(given, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _letter(session: Session, *, application_id: UUID, decision_id: UUID) -> bytes:
    application = session.get_one(Application, application_id)
    return letters.render(session, application, letters.find(session, application, decision_id))


def photo_of(session: Session, *, blobs: Blobs, application_id: UUID, document_id: UUID) -> bytes:
    application = session.get_one(Application, application_id)
    found = documents.find(session, application, document_id)
    return documents.open_copy(session, blobs, found)


def _voice(session: Session, *, blobs: Blobs, application_id: UUID, message_id: UUID) -> bytes:
    application = session.get_one(Application, application_id)
    found = thread.find(session, application, message_id)
    return thread.open_voice(session, blobs, application, found)[0]
