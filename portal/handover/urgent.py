"""「我现在就需要帮助」: three fields, no sign-in, straight to the township.

社会救助法 第29、50条: urgent aid comes first, papers later; nothing here may block it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import audit
from portal.handover import submission
from portal.people.access import ANYONE, Actor, Role
from portal.policy.catalogue import Program

MOST, WINDOW = 300, timedelta(hours=1)
"""So many calls from one network are taken in that time."""


def answers(program: Program, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The three fields as answers of the program's form; unknown needs are left out."""
    labels = {o.value: o.label for f in program.form.fields if f.name == "needs" for o in f.options}
    needs = [need for need in wanted["needs"] if need in labels]
    return {
        "emergency_place": wanted["place"],
        "found_by": wanted["found_by"],
        "what_happened": wanted["happened"] or "、".join(labels[need] for need in needs) or None,
        "needs": needs,
        "applicant_name": wanted.get("name") or None,
    }


def ask(
    session: Session,
    program: Program,
    answers: dict[str, Any],
    *,
    account_id: UUID | None = None,
    now: datetime,
) -> tuple[Application, dict[str, Any]]:
    """File an emergency at once: the application and its signed receipt.

    `answers` carries emergency_place, a way to be found, and what happened; a name is
    welcome and not needed. Raises Invalid by field.
    """
    actor = ANYONE if account_id is None else Actor(Role.APPLICANT, account_id)
    application = applications.start(session, program, account_id=account_id, actor=actor, now=now)
    application.urgent = True
    applications.save_answers(
        session, application, program, answers, revision=0, actor=actor, now=now
    )
    receipt = submission.submit(session, application, program, actor=actor, now=now)
    audit.record(session, "urgent.asked", actor=str(actor), subject=application.id, now=now)
    return application, receipt
