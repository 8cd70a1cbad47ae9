"""How an emergency comes to the desk: as an application or alert, or as a person at the window."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.casework import events, office
from portal.contact import in_person
from portal.filing import applications
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Conflict, Invalid
from portal.handover import submission
from portal.people.access import Actor
from portal.policy import regions
from portal.policy.catalogue import Catalogue
from portal.policy.lifecycle import Status

PROGRAM = "linshi"
_AT_THE_WINDOW = "本人在窗口"


def register(
    session: Session,
    catalogue: Catalogue,
    person: str,
    cause: str,
    *,
    found_by: str = "",
    address: str = "",
    actor: Actor,
    now: datetime,
) -> Application:
    """A file for somebody who stands at the window; a name is not needed (姓名不详，男，约60岁).

    No account, no consent, no signature and no paper: 社会救助法 第29、50条. The place is
    the clerk's township, where the emergency is. Raises Invalid (person, cause).
    """
    wrong = {"person": person, "cause": cause}
    lacking = {name: ["请写一句。"] for name, words in wrong.items() if not words.strip()}
    if lacking:
        raise Invalid("还差几项。", fields=lacking)
    if regions.find(session, actor.region_code).level != "township":
        raise Invalid("请由乡镇（街道）窗口登记。", fields={"place": ["请由乡镇登记。"]})
    program = catalogue.find(PROGRAM)
    application = applications.start(session, program, account_id=None, actor=actor, now=now)
    application.urgent = True
    answers = {
        "emergency_place": {"code": actor.region_code, "address": address.strip()[:200]},
        "applicant_name": person.strip()[:60],
        "what_happened": cause.strip(),
        "found_by": found_by.strip() or _AT_THE_WINDOW,
    }
    applications.save_answers(
        session, application, program, answers, revision=0, actor=actor, now=now
    )
    submission.submit(session, application, program, actor=actor, now=now)
    audit.record(session, "aid.registered", actor=str(actor), subject=application.id, now=now)
    return application


def take_in(
    session: Session, application: Application, sentence: str, *, actor: Actor, now: datetime
) -> None:
    """Accept it if nobody has, and answer its alert in the clerk's name.

    Raises Conflict for a file of another road, NotFound for another township's.
    """
    if application.machine != "emergency":
        raise Conflict("这不是临时救助。可另登记一份急难救助。", code="another_road")
    office.find(session, application.id, actor=actor)
    events.lock(session, application)
    if application.alert is not None:
        name = actor.name or "窗口"
        office.answer_alert(
            session, application, name=name, sentence=sentence, actor=actor, now=now
        )
    if application.status == Status.SUBMITTED:
        office.accept(session, application, actor=actor, now=now)


def told_at_the_window(
    session: Session, application: Application, *, actor: Actor, now: datetime
) -> None:
    """Nobody is sent to tell somebody who has just stood here."""
    errand = in_person.waiting(session, application.id)
    if errand is not None:
        in_person.done(errand, "window", actor=str(actor), now=now)
