"""Words one resident writes and another reads on their own phone; WeChat wants to be asked first.

They are a helper's name and relation; whatever else residents write goes to offices. No fault
and no silence of WeChat's holds anybody up.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from api import sealed
from api.context import actor, portal, reader
from portal.contact.wechat_line import WechatFault
from portal.foundation.errors import Invalid
from portal.people import wechat
from portal.people.tables import Account

View = TypeVar("View", bound=Callable[..., Any])


def checked(*names: str) -> Callable[[View], View]:
    """The view is entered once WeChat has not forbidden these fields of the body; before the
    writer is opened. Raises Invalid (words_refused)."""

    def around(view: View) -> View:
        @wraps(view)
        def asked(*args: Any, **given: Any) -> Any:
            said = sealed.said()
            if isinstance(said, dict):
                _check({name: str(said.get(name) or "").strip() for name in names})
            return view(*args, **given)

        return cast(View, asked)

    return around


def _check(words: Mapping[str, str]) -> None:
    line, written = portal().wechat, {name: text for name, text in words.items() if text}
    account = reader().get(Account, actor().id)
    if line is None or account is None or not written:
        return
    openid = wechat.openid_of(reader(), account)
    if openid and not _may_show(line.may_show, openid, "\n".join(written.values())):
        message = "这几个字微信不让用。请换个说法。"
        raise Invalid(message, code="words_refused", fields={name: [message] for name in written})


def _may_show(ask: Callable[[str, str], bool], openid: str, text: str) -> bool:
    try:
        return ask(openid, text)
    except WechatFault:
        return True
