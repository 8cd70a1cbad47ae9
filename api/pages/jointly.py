"""What the files of one household still need together, for the list of steps and the last check."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.pages import overview
from api.pages.overview import CARRIED, CHANGED, EMPTY, FILLED, WANTING, Said, Task
from api.pages.together import Together
from portal.filing import documents, forms, signatures, sorting
from portal.filing.tables import Application
from portal.handover import submission
from portal.policy import asking, conditions
from portal.policy.catalogue import DocumentRule, Field, Program


@dataclass(frozen=True)
class Todo:
    """`missing`: the few answers one of the files cannot go without, with the page that asks;
    `unsorted`: files with photos not put under any paper; `ready`: what could be handed in now."""

    tasks: list[Task]
    missing: list[tuple[str, Field]]
    open: list[tuple[str, Field]]
    photos: int
    unsorted: list[tuple[Application, int]]
    not_photographed: list[DocumentRule]
    signing: Application | None
    signers: list[signatures.Signer]
    ready: set[str]

    @property
    def unsigned(self) -> list[signatures.Signer]:
        return [signer for signer in self.signers if signer.signed is None]


def todo(session: Session, walk: Together, *, now: datetime) -> Todo:
    files = list(zip(walk.drafts, walk.programs, strict=True))
    lacking = {p.id: submission.lacking(session, file, p) for file, p in files}
    signing, signers = _signers(session, files, now=now)
    return Todo(
        tasks=[_task(walk, page.key, lacking) for page in walk.open_pages()],
        missing=list(_asked(walk, lacking)),
        open=list(_open(walk, lacking)),
        photos=len({d.sent_digest for f, _p in files for d in documents.of(session, f)}),
        unsorted=[(f, n) for f, _p in files if (n := len(sorting.unsorted(session, f)))],
        not_photographed=_not_photographed(session, walk, files),
        signing=signing,
        signers=signers,
        ready={program for program, fields in lacking.items() if not fields},
    )


def said(session: Session, walk: Together) -> list[Said]:
    """Every page's answers in words."""
    return [
        Said(page.key, page.title, list(overview.lines(session, page.fields, walk.context(page))))
        for page in walk.open_pages()
    ]


def _task(walk: Together, key: str, lacking: dict[str, dict[str, list[str]]]) -> Task:
    page, known = walk.page(key), walk.context(walk.page(key))
    answered = any(conditions.answered(f.name, known) for f in page.fields)
    wanting = any(f.name in lacking[program] for f in page.fields for program in page.asks[f.name])
    if answered and walk.is_asked_otherwise(page):
        return Task(key, page.title, CHANGED)
    if answered and walk.is_carried(page):
        return Task(key, page.title, CARRIED)
    return Task(key, page.title, EMPTY if not answered else WANTING if wanting else FILLED)


def _asked(walk: Together, lacking: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, Field]]:
    for page in walk.pages:
        for asked in page.fields:
            if any(asked.name in lacking[program] for program in page.asks[asked.name]):
                yield page.key, asked


def _open(walk: Together, lacking: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, Field]]:
    """Asked and not answered, in every form that asks; never demanded."""
    answers = walk.answers
    empty = {
        program.id: {f.name for f in forms.open_questions(program.form, answers[program.id])}
        for program in walk.programs
    }
    for page in walk.pages:
        for asked in page.fields:
            programs = page.asks[asked.name]
            if any(asked.name in empty[p] and asked.name not in lacking[p] for p in programs):
                yield page.key, asked


def _not_photographed(
    session: Session, walk: Together, files: list[tuple[Application, Program]]
) -> list[DocumentRule]:
    have = {d.item for file, _program in files for d in documents.of(session, file)}
    wanted: dict[str, DocumentRule] = {}
    for _file, program in files:
        for rule in asking.documents(program, walk.answers[program.id]):
            wanted.setdefault(rule.item, rule)
    return [rule for item, rule in wanted.items() if item not in have]


def _signers(
    session: Session, files: list[tuple[Application, Program]], *, now: datetime
) -> tuple[Application | None, list[signatures.Signer]]:
    """The first file in which somebody is asked to sign; signed there it is signed in all."""
    for file, program in files:
        signers = signatures.needed(session, file, program, now=now)
        if signers:
            return file, signers
    return None, []
