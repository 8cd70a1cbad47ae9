"""Ways into the mini-program from outside: the code on a poster, the link; made once, kept."""

import re
from datetime import datetime, timedelta

from portal.contact.wechat import LINK_DAYS, Wechat
from portal.contact.wechat_line import WechatFault
from portal.contact.wechat_tables import WechatCode
from portal.foundation.database import Database

HOME = "pages/home/home"
_EARLY = timedelta(days=5)
_ALLOWED = re.compile(r"[0-9a-z_-]*")
_MOST_SCENE = 32


def scene(region: str, program: str = "") -> str:
    """What the mini-program is told: r=433127103&p=dibao. No person, ever. Raises ValueError."""
    parts = [f"{name}={said}" for name, said in (("r", region), ("p", program)) if said]
    text = "&".join(parts) or "r="
    if not _ALLOWED.fullmatch(region + program) or len(text) > _MOST_SCENE:
        raise ValueError(f"no scene for {region} {program}")
    return text


def picture(line: Wechat | None, database: Database, told: str, *, now: datetime) -> bytes | None:
    """The mini-program code that opens with `told`; None where WeChat is off or gives none now:
    the paper is printed without it."""
    if line is None:
        return None
    try:
        return _kept(database, "code", told, now=now) or _keep(
            database, "code", told, line.code(told, HOME), None
        )
    except WechatFault:
        return None


def link(line: Wechat, database: Database, told: str, *, now: datetime) -> str:
    """An address that opens the mini-program with `told`, good for five more days at least.

    Raises WechatFault.
    """
    found = _kept(database, "link", told, now=now + _EARLY)
    if found is None:
        until = now + timedelta(days=LINK_DAYS)
        found = _keep(database, "link", told, line.link(HOME, told).encode(), until)
    return found.decode()


def _kept(database: Database, kind: str, told: str, *, now: datetime) -> bytes | None:
    with database.reading() as session:
        row = session.get(WechatCode, (kind, told))
        over = row is None or (row.expires_at is not None and row.expires_at <= now)
        return None if row is None or over else row.made


def _keep(database: Database, kind: str, told: str, made: bytes, until: datetime | None) -> bytes:
    with database.writing() as session:
        session.merge(WechatCode(kind=kind, scene=told, made=made, expires_at=until))
    return made
