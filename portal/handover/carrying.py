"""A file the office opens itself for a household, from the answers and photos of another one.

Nobody is asked again for what was given (社会救助法 第62条). What was agreed to is not carried:
consents and signatures are given file by file.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.filing import applications, questions, shared_papers, sharing
from portal.filing.applications import Answer
from portal.filing.tables import Application
from portal.foundation import audit
from portal.handover import submission
from portal.people import households
from portal.people.access import Actor
from portal.people.households import Fact, Facts
from portal.people.tables import Household
from portal.policy.catalogue import Catalogue, Program


def household_of(
    session: Session, application: Application, catalogue: Catalogue, *, now: datetime
) -> Household:
    """The household of a file; a new one, knowing its answers, where it has none."""
    if application.household_id is not None:
        return session.get_one(Household, application.household_id)
    household = households.start(
        session, account_id=application.account_id, region_code=application.region_code,
        actor="portal", now=now,
    )  # fmt: skip
    application.household_id = household.id
    program = catalogue.find(application.program_id)
    asked = {f.name: f for f in program.form.fields}
    said: Facts = {
        (name, a.question): Fact(a.value, a.question, a.at, program.id)
        for name, a in applications.kept_answers(session, application).items()
        if a.value is not None and name in asked and questions.is_kept(asked[name])
    }
    households.learn(session, household, said, actor="portal", now=now)
    return household


def carry(
    session: Session,
    source: Application,
    catalogue: Catalogue,
    program: Program,
    why: str,
    *,
    actor: Actor | str,
    now: datetime,
) -> Application:
    """A file of `program` for the same household and township, handed in at this moment; it
    waits as a draft when an answer is missing that the form cannot do without.

    `why`: next_tier or township. The caller has looked that there is none yet; a second one
    from the same source breaks the unique index and with it the transaction.
    """
    household = household_of(session, source, catalogue, now=now)
    made = applications.new(
        session, program, account_id=source.account_id, household_id=household.id,
        actor=str(actor), now=now,
    )  # fmt: skip
    made.carried_from, made.carried_why = source.id, why
    made.region_code, made.region_path = source.region_code, source.region_path
    made.routed_by = applications.CARRIED
    _answers(session, source, made, program, actor=str(actor), now=now)
    sharing.fill_in(session, made, catalogue, program, household, actor=str(actor), now=now)
    shared_papers.borrow(session, source, made, program, actor=actor, now=now)
    session.flush()
    if not submission.lacking(session, made, program):
        submission.submit(session, made, program, actor=actor, now=now)
    return made


def _answers(
    session: Session,
    source: Application,
    made: Application,
    program: Program,
    *,
    actor: str,
    now: datetime,
) -> None:
    """What was answered to the same questions, marked as said for the other file."""
    kept = applications.kept_answers(session, source)
    carried = {
        field.name: Answer(
            kept[field.name].value, field.digest, 0, kept[field.name].at,
            carried=kept[field.name].carried or kept[field.name].at,
        )
        for field in program.form.fields
        if questions.is_kept(field)
        and field.name in kept
        and kept[field.name].question == field.digest
        and kept[field.name].value is not None
    }  # fmt: skip
    applications.write(session, made, program, carried, now=now)
    audit.record(
        session, "answers.carried", actor=actor, subject=made.id,
        detail={"fields": sorted(carried), "from": str(source.id)}, now=now,
    )  # fmt: skip
