"""法定义务人 outside the household: listed, asked to sign by a link, let off again.

社会救助法 第41条: only when necessary, and with their own consent. Without it nobody is checked.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.casework import events, sealed
from portal.casework.survey import consents, investigators
from portal.casework.survey.tables import CheckObligor
from portal.filing import outside
from portal.filing.tables import Application
from portal.foundation import audit
from portal.foundation.errors import Invalid, NotFound, Refusal
from portal.people.access import Actor, Role
from portal.people.identity import IdNumber
from portal.people.names import PersonName

PAPER, LINK, NOT_YET = "paper", "link", "none"
"""How the consent comes: signed on paper and looked at · by a link · it is not there."""
_MOST = 200


def add(
    session: Session, application: Application, said: Mapping[str, Any], consent: str,
    *, actor: Actor, now: datetime,
) -> CheckObligor:  # fmt: skip
    """List somebody: name, id_number, relation, and why it is necessary.

    By a link they stand on the household's signing board from now on, and their signature
    there is the consent. Raises Invalid, Forbidden.
    """
    _check(actor, application)
    events.lock(session, application)
    kept = _read(said)
    if consent == LINK:
        asked = outside.ask(session, application, kept["name"], kept["why"], actor=actor, now=now)
        kept["link"] = outside.key_of(asked.id)
    new = uuid4()
    row = CheckObligor(
        id=new, application_id=application.id,
        said_sealed=sealed.seal(session, application, consents.OBLIGOR, new, kept),
        consented_at=now if consent == PAPER else None, added_by=actor.id, added_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    detail = {"obligor": str(new), "consent": consent}
    audit.record(
        session, "obligor.added", actor=str(actor), subject=application.id, detail=detail, now=now
    )
    return row


def let_off(
    session: Session, application: Application, obligor_id: UUID, *, actor: Actor, now: datetime
) -> None:
    """Their signature is no longer needed: their link ends, nobody checks them.

    Raises NotFound for whoever was not asked by a link, Forbidden.
    """
    _check(actor, application)
    events.lock(session, application)
    row = session.get(CheckObligor, obligor_id)
    if row is None or row.application_id != application.id:
        raise NotFound("没有找到这个人。")
    said = sealed.unseal(session, application, consents.OBLIGOR, row.id, row.said_sealed)
    key = str(said.get("link", ""))
    if key not in {one.key for one in outside.signers(session, application)}:
        raise NotFound("没有请他用链接签，或者已经不用了。")
    outside.forgo(session, application, outside.id_in(key), actor=actor, now=now)


def _check(actor: Actor, application: Application) -> None:
    investigators.check_duty(actor, application, Role.TOWNSHIP_INVESTIGATOR, Role.COUNTY_CHECKER)


def _read(said: Mapping[str, Any]) -> dict[str, str]:
    kept, errors = {}, {}
    for part, read in _PARTS.items():
        given = said.get(part)
        try:
            kept[part] = read(given.strip() if isinstance(given, str) else "")
        except Refusal as refusal:
            errors[part] = [refusal.message]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return kept


def _words(given: str) -> str:
    if not 0 < len(given) <= _MOST:
        raise Invalid(f"请写明，最多{_MOST}个字。")
    return given


_PARTS: Mapping[str, Callable[[str], str]] = {
    "name": lambda given: PersonName.parse(given).value,
    "id_number": lambda given: IdNumber.parse(given).value,
    "relation": _words,
    "why": _words,
}
