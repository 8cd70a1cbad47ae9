"""What the stand-in remembers: codes, tokens, quotas, what was sent, faults to play, its clock."""

import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex, token_urlsafe
from typing import Any

from portal.contact.wechat import STANDIN_APP_ID, STANDIN_SECRET
from portal.foundation.clock import utc_now

CODE_LIVES = timedelta(minutes=5)
TOKEN_LIVES = timedelta(hours=2)
RENEWED_EARLY = timedelta(minutes=5)
FORCED_APART = timedelta(seconds=30)


@dataclass
class Code:
    """`value`: the user who tapped, or the number shown."""

    value: str
    at: datetime
    used: bool = False


@dataclass
class Fault:
    """What a path does the next `times`: an errcode, an HTTP status, or silence in seconds."""

    times: int = 1
    errcode: int = 0
    status: int = 0
    silence: float = 0.0


@dataclass
class State:
    """Everything, in one process; gone when it ends. `ahead`: how far its clock was moved."""

    app_id: str = STANDIN_APP_ID
    secret: str = STANDIN_SECRET
    clock: Callable[[], datetime] = utc_now
    ahead: timedelta = timedelta()
    codes: dict[str, Code] = field(default_factory=dict)
    phones: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, datetime] = field(default_factory=dict)
    quotas: dict[tuple[str, str], int] = field(default_factory=dict)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    """Texts to check, codes and links that were asked for, each {path, body}."""
    calls: list[str] = field(default_factory=list)
    faults: dict[str, Fault] = field(default_factory=dict)
    forced_at: datetime | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def now(self) -> datetime:
        return self.clock() + self.ahead

    def openid(self, user: str) -> str:
        """The same for the same person of this mini-program, 28 characters."""
        digest = sha256(f"{self.app_id}:{user}".encode()).digest()
        return "o" + urlsafe_b64encode(digest).decode()[:27]

    def tap(self, user: str) -> str:
        """wx.login: a code for this person."""
        code = "0" + token_urlsafe(24)
        self.codes[code] = Code(user, self.now())
        return code

    def show_phone(self, number: str) -> str:
        """The phone button: a code for this number."""
        code = token_hex(32)
        self.phones[code] = Code(number, self.now())
        return code

    def accept(self, user: str, template_id: str, times: int = 1) -> None:
        """The person allows `times` messages of a template."""
        key = (self.openid(user), template_id)
        self.quotas[key] = self.quotas.get(key, 0) + times

    def fault(self, path: str) -> Fault | None:
        """The fault to play now, counted down."""
        found = self.faults.get(path)
        if found is None or found.times <= 0:
            return None
        found.times -= 1
        return found

    def spend(self, code: str, codes: dict[str, Code]) -> tuple[str, int]:
        """What stood behind a code, once; else ("", errcode)."""
        found = codes.get(code)
        if found is None or self.now() - found.at > CODE_LIVES:
            return "", 40029
        if found.used:
            return "", 40163
        found.used = True
        return found.value, 0

    def token(self, *, force: bool) -> tuple[str, int]:
        """The stable token and the seconds it still lives; a new one five minutes early."""
        with self.lock:
            now = self.now()
            live = [t for t, end in self.tokens.items() if end - now > RENEWED_EARLY]
            if force and (self.forced_at is None or now - self.forced_at >= FORCED_APART):
                self.forced_at = now
                self.tokens.clear()
                live = []
            if not live:
                live = ["S" + token_urlsafe(100)]
                self.tokens[live[0]] = now + TOKEN_LIVES
            return live[0], int((self.tokens[live[0]] - now).total_seconds())
