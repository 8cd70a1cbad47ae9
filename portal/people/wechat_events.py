"""What WeChat tells about people: messages switched off, messages that did not arrive."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.contact import sending
from portal.contact.wechat import Wechat
from portal.contact.wechat_push import entries, is_first
from portal.people import wechat, wechat_quotas

SWITCHED, SENT = "subscribe_msg_change_event", "subscribe_msg_sent_event"


def take(session: Session, line: Wechat, event: Mapping[str, Any], *, now: datetime) -> None:
    """Note one event, once. What the portal has no use for is left alone.

    An acceptance is noted when the phone says so, and not here a second time.
    """
    if not is_first(session, event, now=now):
        return
    for entry in entries(event):
        if event.get("Event") == SWITCHED:
            _switched(session, line, str(event.get("FromUserName", "")), entry, now=now)
        elif event.get("Event") == SENT and str(entry.get("ErrorCode", "0")) != "0":
            sending.back_to_text(session, str(entry.get("MsgID", "")), now=now)


def _switched(
    session: Session, line: Wechat, openid: str, entry: Mapping[str, Any], *, now: datetime
) -> None:
    account = wechat.account_of(session, openid)
    moments = [m for m, t in line.templates.items() if t.id == entry.get("TemplateId")]
    if account is not None and entry.get("SubscribeStatusString") == "reject":
        for moment in moments:
            wechat_quotas.close(session, account.id, moment, answered="reject", now=now)
