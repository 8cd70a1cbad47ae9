"""What WeChat's servers push to us: signed, encrypted, perhaps twice, never old.

Only the console's 安全模式 with JSON is taken: in the open modes nothing signs the body.
"""

import base64
import hmac
import json
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1, sha256
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.contact.wechat import (
    STANDIN_APP_ID,
    STANDIN_PUSH_KEY,
    STANDIN_PUSH_TOKEN,
)
from portal.contact.wechat_tables import WechatPush
from portal.foundation import retention
from portal.foundation.errors import Forbidden
from portal.foundation.settings import Settings

FRESH = timedelta(minutes=10)
_BLOCK = 32
_RANDOM, _LENGTH = 16, 4
_KEPT = retention.period("pushes")


@dataclass(frozen=True)
class Inlet:
    """`key`: the 43 characters of EncodingAESKey."""

    token: str
    key: str
    app_id: str

    def greet(self, query: Mapping[str, str], *, now: datetime) -> str:
        """The word WeChat wants back when the address is entered. Raises Forbidden."""
        self._check(query, "signature", now=now)
        return query.get("echostr", "")

    def open(self, query: Mapping[str, str], body: bytes, *, now: datetime) -> dict[str, Any]:
        """The event inside. Raises Forbidden for whatever is not WeChat's, for us, and fresh."""
        try:
            sealed = json.loads(body)["Encrypt"]
            self._check(query, "msg_signature", sealed, now=now)
            event = json.loads(decrypted(sealed, key=self.key, app_id=self.app_id))
        except (ValueError, TypeError, KeyError, struct.error) as fault:
            raise _not_wechat() from fault
        if not isinstance(event, dict):
            raise _not_wechat()
        return event

    def _check(self, query: Mapping[str, str], name: str, *more: str, now: datetime) -> None:
        stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        right = signature(self.token, stamp, nonce, *more)
        if not hmac.compare_digest(right.encode(), query.get(name, "").encode()):
            raise _not_wechat()
        sent = int(stamp) if stamp.isdecimal() and len(stamp) < 12 else 0
        if abs(now.timestamp() - sent) > FRESH.total_seconds():
            raise _not_wechat()


def inlet_of(settings: Settings) -> Inlet | None:
    """None where WeChat is off, or nothing may be pushed."""
    if settings.wechat == "standin":
        token, key = settings.wechat_push_token, settings.wechat_push_key
        app_id = settings.wechat_app_id or STANDIN_APP_ID
        return Inlet(token or STANDIN_PUSH_TOKEN, key or STANDIN_PUSH_KEY, app_id)
    if settings.wechat != "https" or not (settings.wechat_push_token and settings.wechat_push_key):
        return None
    return Inlet(settings.wechat_push_token, settings.wechat_push_key, settings.wechat_app_id)


def signature(*parts: str) -> str:
    """As WeChat makes it: hex SHA-1 over the parts, sorted and joined."""
    return sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def decrypted(sealed: str, *, key: str, app_id: str) -> bytes:
    """What is inside: sixteen random bytes, the length, the message, whom it is for; AES-256-CBC.

    Raises ValueError.
    """
    raw = base64.b64decode(key + "=")
    opener = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).decryptor()
    plain = opener.update(base64.b64decode(sealed, validate=True)) + opener.finalize()
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise ValueError("padding")
    begin = _RANDOM + _LENGTH
    (length,) = struct.unpack(">I", plain[_RANDOM:begin])
    message, addressee = plain[begin : begin + length], plain[begin + length : -padding]
    if addressee.decode() != app_id:
        raise ValueError("for another mini-program")
    return message


def is_first(session: Session, event: Mapping[str, Any], *, now: datetime) -> bool:
    """Whether this event was not here before; WeChat repeats what was not answered in 5 s."""
    digest = sha256(json.dumps(event, sort_keys=True).encode()).digest()
    if session.get(WechatPush, digest) is not None:
        return False
    with suppress(IntegrityError), session.begin_nested():
        session.add(WechatPush(digest=digest, at=now))
        session.flush()
        return True
    return False


def entries(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an event lists: WeChat sends a single one without its list."""
    found = event.get("List", [])
    listed = found if isinstance(found, list) else [found]
    return [entry for entry in listed if isinstance(entry, dict)]


def forget_old(session: Session, *, now: datetime) -> None:
    session.execute(delete(WechatPush).where(WechatPush.at < now - _KEPT))


def _not_wechat() -> Forbidden:
    return Forbidden("签名不对。", code="wechat_signature")
