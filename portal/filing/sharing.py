"""One household, several files: what is said in one is known in the others still open.

Answers flow to the household's facts and to its other drafts, never to a file handed in.
What the household said for an earlier file is offered again, marked until somebody looked.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing import applications, family, questions, shared_papers
from portal.filing.applications import Answer
from portal.filing.tables import Application
from portal.filing.walk import Page
from portal.foundation import audit
from portal.people import access, households
from portal.people.access import Actor
from portal.people.households import Fact, Facts
from portal.people.tables import Household
from portal.policy.catalogue import Catalogue, Field, Program

RECOGNISED = "recognised"
"""The question of every form that asks which status the family has already."""


def start(
    session: Session,
    household: Household,
    catalogue: Catalogue,
    program: Program,
    *,
    own_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> Application:
    """A draft of this household with what it has said before, and the photos of its open files.

    Raises what applications.start raises.
    """
    application = applications.start(
        session, program, account_id=household.account_id, household_id=household.id,
        own_id=own_id, actor=actor, now=now,
    )  # fmt: skip
    fill_in(session, application, catalogue, program, household, actor=actor, now=now)
    if not program.travels_alone:
        for other in family.running(session, household):
            if access.in_scope(actor, other.program_id):
                shared_papers.borrow(session, other, application, program, actor=actor, now=now)
    return application


def fill_in(
    session: Session,
    application: Application,
    catalogue: Catalogue,
    program: Program,
    household: Household,
    *,
    actor: Actor | str,
    now: datetime,
) -> None:
    """Put the household's facts into the questions still empty, each marked as said before,
    and what it has been granted into the question that asks for it. Nothing that was said for
    a program outside a helper's mandate comes along."""
    kept = applications.kept_answers(session, application)
    facts = households.facts(session, household)
    known = {key: f for key, f in facts.items() if access.in_scope(actor, f.source)}
    asked = questions.by_digest(catalogue)
    new = {}
    for field in program.form.fields:
        fact = _fact_for(field, known, asked)
        if fact is not None and field.name not in kept:
            new[field.name] = Answer(fact.value, field.digest, 0, fact.at, carried=fact.at)
    new |= _granted(session, household, program, kept, now=now)
    if not new:
        return
    applications.write(session, application, program, {**kept, **new}, now=now)
    audit.record(
        session, "answers.carried", actor=str(actor), subject=application.id,
        detail={"fields": sorted(new), "household": str(household.id)}, now=now,
    )  # fmt: skip


def tell_granted(
    session: Session,
    application: Application,
    program: Program,
    household: Household,
    *,
    now: datetime,
) -> None:
    """Put what the household has been granted meanwhile into the question that asks for it."""
    kept = applications.kept_answers(session, application)
    new = _granted(session, household, program, kept, now=now)
    if new:
        applications.write(session, application, program, {**kept, **new}, now=now)


def save(
    session: Session,
    application: Application,
    catalogue: Catalogue,
    changes: Mapping[str, Any],
    *,
    revision: int,
    actor: Actor,
    now: datetime,
) -> int:
    """applications.save_answers, and what was said is then known to the whole household.

    The new revision. Raises what save_answers raises.
    """
    program = catalogue.find(application.program_id)
    new = applications.save_answers(
        session, application, program, changes, revision=revision, actor=actor, now=now
    )
    if application.household_id is not None:
        household = session.get_one(Household, application.household_id)
        _spread(session, household, application, catalogue, changes, actor=actor, now=now)
    return new


def save_page(
    session: Session,
    household: Household,
    catalogue: Catalogue,
    page: Page,
    values: Mapping[str, Any],
    *,
    since: int,
    actor: Actor,
    now: datetime,
) -> None:
    """One page of the walk, into every draft that asks it. `since`: family.moment as the page
    was drawn; what was changed elsewhere after it is refused.

    Raises Invalid or Conflict as save_answers does; the caller then commits nothing.
    """
    fields = {field.name: field for field in page.fields}
    said: list[tuple[Field, Any]] = []
    for application in family.drafts(session, household, catalogue, actor=actor):
        program = catalogue.find(application.program_id)
        asked = [f for f in program.form.fields if program.id in page.asks.get(f.name, ())]
        kept = applications.kept_answers(session, application)
        changes = {
            f.name: questions.answer_for(
                fields[f.name], values[f.name], f, kept[f.name].value if f.name in kept else None
            )
            for f in asked
            if f.name in values
        }
        if not changes:
            continue
        applications.save_answers(
            session, application, program, changes,
            revision=_revision_at(kept, since), actor=actor, now=now,
        )  # fmt: skip
        answers = applications.answers(session, application)
        said += [
            (f, answers.get(f.name))
            for f in asked
            if f.name in changes and f.digest == fields[f.name].digest
        ]
    _learn(session, household, said, source=page.owner, actor=actor, now=now)


def _spread(
    session: Session,
    household: Household,
    application: Application,
    catalogue: Catalogue,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """To the facts, and to the drafts that ask the same."""
    program = catalogue.find(application.program_id)
    asked = {f.name: f for f in program.form.fields if f.name in changes}
    answers = applications.answers(session, application)
    said = [(field, answers.get(name)) for name, field in asked.items()]
    _learn(session, household, said, source=program.id, actor=actor, now=now)
    for other in family.siblings(session, application, catalogue, actor=actor):
        theirs = catalogue.find(other.program_id)
        present = applications.answers(session, other)
        told = {
            field.name: questions.answer_for(
                asked[field.name], answers.get(field.name), field, present.get(field.name)
            )
            for field in theirs.form.fields
            if field.name in asked and _flows(asked[field.name], field)
        }
        if told:
            applications.save_answers(
                session, other, theirs, told, revision=other.revision, actor=actor, now=now
            )


def _flows(asked: Field, other: Field) -> bool:
    """A consent is given file by file."""
    return asked.kind != "consent" and questions.is_same(asked, other)


def _learn(
    session: Session,
    household: Household,
    said: Iterable[tuple[Field, Any]],
    *,
    source: str,
    actor: Actor,
    now: datetime,
) -> None:
    new: Facts = {
        (field.name, field.digest): Fact(value, field.digest, now.isoformat(), source)
        for field, value in said
        if questions.is_kept(field)
    }
    households.learn(session, household, new, actor=actor, now=now)


def _fact_for(field: Field, known: Facts, asked: Mapping[tuple[str, str], Field]) -> Fact | None:
    """What was said last to this question, or to a wider or narrower one of the same words."""
    if not questions.is_kept(field) or field.name == RECOGNISED:
        return None
    for (name, digest), fact in sorted(known.items(), key=lambda k: k[1].at, reverse=True):
        other = asked.get((name, digest))
        if other is not None and questions.is_same(other, field):
            value = questions.answer_for(other, fact.value, field)
            return Fact(value, field.digest, fact.at, fact.source)
    return None


def _granted(
    session: Session,
    household: Household,
    program: Program,
    kept: Mapping[str, Answer],
    *,
    now: datetime,
) -> dict[str, Answer]:
    field = next((f for f in program.form.fields if f.name == RECOGNISED), None)
    options = {o.value for o in field.options} if field else set()
    value = [one for one in family.recognised(session, household) if one in options]
    if field is None or not value or (RECOGNISED in kept and kept[RECOGNISED].value == value):
        return {}
    return {RECOGNISED: Answer(value, field.digest, 0, now.isoformat())}


def _revision_at(kept: Mapping[str, Answer], since: int) -> int:
    """The revision the file had then: that of the newest answer not written after it."""
    before = (
        answer.revision
        for answer in kept.values()
        if family.microseconds(datetime.fromisoformat(answer.at)) <= since
    )
    return max(before, default=0)
