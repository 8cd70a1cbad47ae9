"""Subscription messages: what waits to be told goes by WeChat as far as the person allowed it."""

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.contact.messages import Message
from portal.contact.sending import WechatWay
from portal.contact.wechat import Wechat
from portal.contact.wechat_line import NoAnswer, WechatFault
from portal.contact.wechat_templates import PAGE, WORDS, Words, values
from portal.foundation.database import Database
from portal.people import wechat, wechat_quotas
from portal.people.tables import Account

REFUSED = 43101
"""The person said no, or none is left."""
_log = logging.getLogger(__name__)


def allowed(session: Session, account_id: UUID, template: str) -> bool:
    """Whether this text may go to this person's WeChat."""
    words = WORDS.get(template)
    return words is not None and wechat_quotas.has(session, account_id, words.moment)


def way(line: Wechat | None, database: Database, *, now: datetime) -> WechatWay | None:
    """What `sending.send_due` tries first; None where WeChat is off."""
    if line is None:
        return None

    def send(message: Message) -> str | None:
        words = WORDS.get(message.template)
        if words is None or message.account_id is None or words.moment not in line.templates:
            return None
        openid = _spend(database, message.account_id, words.moment)
        if not openid:
            return None
        try:
            said = values(words, now=message.created_at)
            return line.send(openid, line.templates[words.moment], said, PAGE)
        except WechatFault as fault:
            _note(database, message.account_id, words, fault, now=now)
            return None

    return send


def _spend(database: Database, account_id: UUID, moment: str) -> str:
    """The openid, with one message used up before it is sent; "" where none may be."""
    with database.writing() as session:
        account = session.get(Account, account_id)
        openid = wechat.openid_of(session, account) if account is not None else ""
        return openid if openid and wechat_quotas.spend(session, account_id, moment) else ""


def _note(
    database: Database, account_id: UUID, words: Words, fault: WechatFault, *, now: datetime
) -> None:
    """A no of the person's ends it; of WeChat's, the message was not used up. After a silence
    nobody knows: better one too few than a card promised and not sent."""
    _log.warning("subscription message by text instead: %s", fault.errcode)
    with database.writing() as session:
        if fault.errcode == REFUSED:
            wechat_quotas.close(session, account_id, words.moment, answered="reject", now=now)
        elif not isinstance(fault, NoAnswer):
            wechat_quotas.give_back(session, account_id, words.moment)
