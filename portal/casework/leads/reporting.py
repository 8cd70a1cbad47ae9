"""主动发现: anybody tells of a household in need in three fields, and may ask later what became.

社会救助法 第39条. Nothing of who reports is kept, signed in or not: the household cannot be told
what nobody knows. The code tells its holder that somebody went, never what was found.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework.leads.tables import Lead
from portal.foundation import audit, rates, vault
from portal.foundation.errors import Invalid, NotFound
from portal.people.access import ANYONE
from portal.people.identity import plain
from portal.policy import regions, signals
from portal.policy.lifecycle import LeadStatus
from portal.policy.tables import Region

REPORTED = signals.REPORTED
LEAD_KEY = "lead"
"""Purpose of the key each lead has of its own."""
MOST_CHARACTERS, MOST_TO_FIND = 500, 120
STATES: Mapping[str, str] = {
    LeadStatus.REPORTED: "收到了，乡镇会去看",
    LeadStatus.VERIFIED: "有人去看过了，正在办",
}
SEEN_TO = "有人去看过，已经办了"
"""All a reporter learns of the end: what came of it is the household's own."""
_CODE_DIGITS = 16
_PER_DEVICE, _PER_NETWORK, _MISSES = 5, 60, 20
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """`place`: a village or township. `find`: a name, a number, a door: whatever helps."""

    place: str
    what: str
    find: str


def report(
    session: Session, said: Said, *, device: str, network: str = "", now: datetime
) -> tuple[Lead, str]:
    """The lead and a code of sixteen digits, told once and kept nowhere.

    Raises Invalid by field, TooOften.
    """
    place, what, find = _checked(session, said)
    _limit(session, device, network, now)
    code = "".join(str(secrets.randbelow(10)) for _ in range(_CODE_DIGITS))
    lead = keep(session, REPORTED, place, {"what": what, "find": find, "why": ""}, now=now)
    lead.code_index = _index(session, code)
    session.flush()
    audit.record(
        session, "report.lead", actor=str(ANYONE), subject=lead.id,
        detail={"region": lead.region_code}, now=now,
    )  # fmt: skip
    return lead, code


def keep(
    session: Session, signal: str, place: Region, about: Mapping[str, str], *, now: datetime
) -> Lead:
    """A new lead; what it says is sealed under its own key."""
    made, key_id = uuid4(), vault.new_key(session, LEAD_KEY, now=now)
    words = json.dumps(dict(about), ensure_ascii=False)
    lead = Lead(
        id=made, key_id=key_id, signal=signal, region_code=place.code,
        same_index=same(session, signal, place.code, about),
        region_path=regions.path(session, place.code), status=LeadStatus.REPORTED,
        about_sealed=vault.seal_text(session, key_id, words, place=at("about", made)),
        created_at=now,
    )  # fmt: skip
    session.add(lead)
    session.flush()
    return lead


def same(session: Session, signal: str, code: str, about: Mapping[str, str]) -> bytes:
    """A keyed digest by which the same line of a list is known again."""
    parts = (signal, code, about.get("find", ""), about.get("what", ""))
    return vault.blind_index(session, "lead-same", "\n".join(parts))


def follow(session: Session, code: str) -> str:
    """One sentence for who reported. Raises NotFound, the same for every wrong code."""
    digits = plain(code)[:40]
    found = session.scalars(select(Lead).where(Lead.code_index == _index(session, digits))).first()
    if found is None:
        raise NotFound("没有找到。请核对16位数字。")
    return STATES.get(LeadStatus(found.status), SEEN_TO)


def count_miss(session: Session, device: str, *, now: datetime) -> None:
    """A wrong code was tried. Raises TooOften after twenty in an hour."""
    bucket = vault.blind_index(session, "device", device).hex()[:40]
    rates.count(session, f"lead-miss:{bucket}", most=_MISSES, per=_HOUR, now=now)


def about(session: Session, lead: Lead) -> dict[str, str]:
    """{what, find, why}, opened; all empty once it was forgotten."""
    if lead.erased_at is not None:
        return {"what": "", "find": "", "why": ""}
    place = at("about", lead.id)
    found: dict[str, str] = json.loads(
        vault.unseal_text(session, lead.key_id, lead.about_sealed, place=place)
    )
    return found


def at(column: str, lead_id: object) -> str:
    return f"leads.{column}_sealed:{lead_id}"


def _checked(session: Session, said: Said) -> tuple[Region, str, str]:
    """Raises Invalid naming everything that is wrong."""
    place, errors = _place(session, said.place), {}
    what, find = (text.replace("\r\n", "\n").strip() for text in (said.what, said.find))
    if place is None:
        errors["place"] = ["请选到乡镇，最好选到村。"]
    if not _readable(what, MOST_CHARACTERS):
        errors["what"] = [f"请写一句有什么难处，最多{MOST_CHARACTERS}个字。"]
    if not _readable(find, MOST_TO_FIND):
        errors["find"] = [f"请写怎么找到他，最多{MOST_TO_FIND}个字。"]
    if errors or place is None:
        raise Invalid("有几处需要改一下。", fields=errors)
    return place, what, find


def _readable(words: str, most: int) -> bool:
    return (
        bool(words) and len(words) <= most and not any(c < " " and c not in "\n\t" for c in words)
    )


def _place(session: Session, code: str) -> Region | None:
    try:
        found = regions.find(session, code)
    except NotFound:
        return None
    return found if found.level in ("township", "village") else None


def _limit(session: Session, device: str, network: str, now: datetime) -> None:
    for kind, name, most in (("device", device, _PER_DEVICE), ("network", network, _PER_NETWORK)):
        if name:
            bucket = vault.blind_index(session, kind, name).hex()[:40]
            rates.count(session, f"lead:{kind}:{bucket}", most=most, per=_HOUR, now=now)


def _index(session: Session, code: str) -> bytes:
    return vault.blind_index(session, "lead", code)
