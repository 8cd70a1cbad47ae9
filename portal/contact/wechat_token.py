"""The token of WeChat's calls: one for all processes, renewed early and by one of them."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.contact.wechat_line import Line, NoAnswer
from portal.contact.wechat_tables import WechatToken
from portal.foundation import vault
from portal.foundation.database import Database

EARLY = timedelta(minutes=5)
_RENEWING = timedelta(seconds=15)
_WAITS, _WAIT = 50, 0.1


@dataclass(frozen=True)
class Tokens:
    """Must not be asked inside a transaction: renewing it writes."""

    database: Database
    line: Line
    app_id: str
    secret: str
    clock: Callable[[], datetime]

    def current(self, *, stale: str = "") -> str:
        """A token good for a while; never again `stale`, which WeChat has refused.

        Renewed five minutes early by whichever process comes first; meanwhile the others go on
        with the old one. Raises NoAnswer, WechatFault.
        """
        for _ in range(_WAITS):
            now = self.clock()
            token, until = self._held()
            usable = token not in ("", stale)
            if usable and until and until - now > EARLY:
                return token
            if self._claim(until, now):
                return self._renew(stale)
            if usable and until and until > now:
                return token
            time.sleep(_WAIT)
        raise NoAnswer("nobody renewed the token")

    def _held(self) -> tuple[str, datetime | None]:
        with self.database.reading() as session:
            row = session.get(WechatToken, self.app_id)
            if row is None or row.sealed is None or row.expires_at is None:
                return "", None
            token = vault.unseal_text(session, row.key_id, row.sealed, place=self._place)
            return token, row.expires_at

    def _claim(self, seen: datetime | None, now: datetime) -> bool:
        """Whether this process is the one to renew the token it has `seen` running out then."""
        with self.database.writing() as session:
            row = self._row(session, now)
            renewing = row.renewing_until is not None and row.renewing_until > now
            if renewing or row.expires_at != seen:
                return False
            row.renewing_until = now + _RENEWING
            return True

    def _renew(self, stale: str) -> str:
        try:
            token, lives = self._ask(force=False)
            if token == stale:
                token, lives = self._ask(force=True)
            self._keep(token, lives)
        finally:
            with self.database.writing() as session:
                self._row(session, self.clock()).renewing_until = None
        return token

    def _ask(self, *, force: bool) -> tuple[str, timedelta]:
        wanted = {
            "grant_type": "client_credential", "appid": self.app_id, "secret": self.secret,
            "force_refresh": force,
        }  # fmt: skip
        said = self.line.ask("/cgi-bin/stable_token", query={}, body=wanted, repeatable=not force)
        token, seconds = said.get("access_token"), said.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise NoAnswer("no token in the answer")
        return token, timedelta(seconds=seconds)

    def _keep(self, token: str, lives: timedelta) -> None:
        with self.database.writing() as session:
            row = self._row(session, self.clock())
            row.sealed = vault.seal_text(session, row.key_id, token, place=self._place)
            row.expires_at = self.clock() + lives

    def _row(self, session: Session, now: datetime) -> WechatToken:
        """The row, locked; two first uses at the same moment still make one."""
        if session.get(WechatToken, self.app_id, with_for_update=True) is None:
            with suppress(IntegrityError), session.begin_nested():
                key_id = vault.new_key(session, "wechat", now=now)
                session.add(WechatToken(app_id=self.app_id, key_id=key_id))
        return session.get_one(WechatToken, self.app_id, with_for_update=True)

    @property
    def _place(self) -> str:
        return f"wechat_tokens.sealed:{self.app_id}"
