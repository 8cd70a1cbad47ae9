"""People outside the household whom an office asks to be checked: only when it is necessary,
and only with their own consent (社会救助法 第41条). Nobody is asked by default."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.filing.signing_tables import OutsideSigner
from portal.filing.tables import Application
from portal.foundation import audit, vault
from portal.foundation.errors import Forbidden, Invalid, NotFound
from portal.people import access
from portal.people.access import Actor, Role
from portal.people.identity import PersonName

_LONGEST = 200


@dataclass(frozen=True)
class Asked:
    """Somebody whom an office asked, and why."""

    id: UUID
    name: str
    why: str

    @property
    def key(self) -> str:
        """As signatures and links name them."""
        return key_of(self.id)


def ask(
    session: Session, application: Application, name: str, why: str, *, actor: Actor, now: datetime
) -> OutsideSigner:
    """Put this person on the signing board; they sign by their own link, or not at all.

    Raises Forbidden for whoever is not of the office whose file it is, Invalid by field.
    """
    _check_office(application, actor)
    if not why.strip() or len(why) > _LONGEST:
        raise Invalid("请写为什么必须问他。", fields={"why": ["请写为什么必须问他。"]})
    told = {"name": PersonName.parse(name).value, "why": why.strip()}
    asked = OutsideSigner(
        id=uuid4(), application_id=application.id, told_sealed=b"", asked_by=str(actor),
        asked_at=now,
    )  # fmt: skip
    asked.told_sealed = vault.seal_text(
        session, application.key_id, json.dumps(told, ensure_ascii=False), place=_place(asked.id)
    )
    session.add(asked)
    session.flush()
    _note(session, application, "outside.asked", asked.id, actor=actor, now=now)
    return asked


def forgo(
    session: Session, application: Application, asked_id: UUID, *, actor: Actor, now: datetime
) -> None:
    """The office no longer needs it. Raises NotFound, Forbidden."""
    _check_office(application, actor)
    asked = session.get(OutsideSigner, asked_id)
    if asked is None or asked.application_id != application.id:
        raise NotFound("没有找到这位签名人。")
    asked.ended_at = now
    _note(session, application, "outside.forgone", asked.id, actor=actor, now=now)


def signers(session: Session, application: Application) -> list[Asked]:
    """Who is asked now, in the order they were."""
    rows = select(OutsideSigner).where(
        OutsideSigner.application_id == application.id, OutsideSigner.ended_at.is_(None)
    )
    found = session.scalars(rows.order_by(OutsideSigner.asked_at, OutsideSigner.id))
    return [Asked(row.id, **_told(session, application, row)) for row in found]


def key_of(asked_id: UUID) -> str:
    return f"outside:{asked_id}"


def id_in(key: str) -> UUID:
    return UUID(key.partition(":")[2])


def _told(session: Session, application: Application, row: OutsideSigner) -> dict[str, str]:
    plain = vault.unseal_text(session, application.key_id, row.told_sealed, place=_place(row.id))
    told: dict[str, str] = json.loads(plain)
    return told


def _check_office(application: Application, actor: Actor) -> None:
    if actor.role is Role.APPLICANT or not access.may_read(
        actor, owner=None, region_path=application.region_path
    ):
        raise Forbidden("只有办理的单位能请户外的人签。")


def _note(
    session: Session, application: Application, what: str, asked_id: UUID,
    *, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    detail = {"asked": str(asked_id)}
    audit.record(session, what, actor=str(actor), subject=application.id, detail=detail, now=now)


def _place(asked_id: UUID) -> str:
    return f"outside_signers.told:{asked_id}"
