"""What one application still needs and what it says, for the task list and the last check."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.pages import mine
from portal.filing import applications, documents, forms, signatures, sorting
from portal.filing.tables import Application
from portal.handover.frozen import spoken_value
from portal.policy import asking, conditions
from portal.policy.catalogue import DocumentRule, Field, Program, Step

EMPTY, FILLED, WANTING, CARRIED = "未填", "已填", "要补", "上次填的"
CHANGED = "问题改了"
"""Answered when the question was another; whoever saves its page has seen the new one."""


@dataclass(frozen=True)
class Task:
    """One step of the form and how far it is."""

    key: str
    title: str
    state: str


@dataclass(frozen=True)
class Todo:
    """`missing`: the few answers nothing goes without. All else may stay open."""

    tasks: list[Task]
    missing: list[tuple[str, Field]]
    open: list[tuple[str, Field]]
    photos: int
    not_photographed: list[DocumentRule]
    unsorted: int
    """Photos that lie under no paper yet; they go along as they are."""
    signers: list[signatures.Signer] = field(default_factory=list)

    @property
    def unsigned(self) -> list[signatures.Signer]:
        return [signer for signer in self.signers if signer.signed is None]


@dataclass(frozen=True)
class Said:
    """One step's answers in words: (question, answer) of what is answered."""

    key: str
    title: str
    lines: list[tuple[str, str]]


def of(session: Session, application: Application, program: Program, *, now: datetime) -> Todo:
    answers = applications.answers(session, application)
    lacking = forms.missing(program.form, answers)
    kept = applications.kept_answers(session, application)
    marks = {name: CARRIED for name, answer in kept.items() if answer.carried}
    marks |= dict.fromkeys(applications.asked_otherwise(program, kept), CHANGED)
    sent = {document.item for document in documents.of(session, application)}
    asked = [(s.key, f) for s in program.form.steps for f in mine.step_of(s).fields]
    empty = {f.name for f in forms.open_questions(program.form, answers)} - set(lacking)
    return Todo(
        tasks=[_task(step, answers, lacking, marks) for step in steps(program, answers)],
        missing=[(key, f) for key, f in asked if f.name in lacking],
        open=[(key, f) for key, f in asked if f.name in empty],
        photos=len(documents.of(session, application)),
        not_photographed=[r for r in asking.documents(program, answers) if r.item not in sent],
        unsorted=len(sorting.unsorted(session, application)),
        signers=signatures.needed(session, application, program, now=now),
    )


def steps(program: Program, answers: dict[str, Any]) -> list[Step]:
    """The steps with at least one question that applies, and that this actor may answer."""
    return [
        step
        for step in map(mine.step_of, program.form.steps)
        if any(conditions.holds(f.when, answers) for f in step.fields)
    ]


def said(session: Session, program: Program, answers: dict[str, Any]) -> list[Said]:
    """These answers in words, step by step."""
    return [
        Said(step.key, step.title, list(lines(session, step.fields, answers)))
        for step in steps(program, answers)
    ]


def _task(
    step: Step, answers: dict[str, Any], lacking: dict[str, list[str]], marks: dict[str, str]
) -> Task:
    marked = [marks[f.name] for f in step.fields if f.name in marks]
    if marked:
        return Task(step.key, step.title, CHANGED if CHANGED in marked else CARRIED)
    answered = any(conditions.answered(f.name, answers) for f in step.fields)
    wanting = any(f.name in lacking for f in step.fields)
    state = EMPTY if not answered else WANTING if wanting else FILLED
    return Task(step.key, step.title, state)


def lines(
    session: Session, fields: tuple[Field, ...], answers: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    for asked in fields:
        value = answers.get(asked.name)
        if value is None or not conditions.holds(asked.when, answers):
            continue
        yield asked.label, spoken_value(session, asked, value)
        if asked.kind == "people":
            for number, person in enumerate(value, 1):
                told = [words for _question, words in lines(session, asked.fields, person)]
                yield f"第{number}个人", "；".join(told)
