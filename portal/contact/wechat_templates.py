"""The words of subscription messages: which text they stand for, at which moment they are asked.

They lie open on a lock screen like a text: no program, no person, no outcome.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.foundation.clock import spoken
from portal.foundation.settings import WrongSettings

MOMENTS = ("submitted", "correction", "decision")
PAGE = "pages/messages/messages"
MOST_CHARACTERS = 20
_KEYS = ("thing1", "thing2", "time3")
_NAMES = ("what", "todo", "when")


@dataclass(frozen=True)
class Template:
    """A template of the mini-program's console: its id, and what its three places are called."""

    id: str
    keys: Mapping[str, str]


@dataclass(frozen=True)
class Words:
    """What one text says in WeChat; `moment` under which its template was asked for."""

    moment: str
    what: str
    todo: str


WORDS: Mapping[str, Words] = {
    "submitted": Words("submitted", "申请已提交，尚未受理", "点开看进度"),
    "accepted": Words("submitted", "您的申请已受理", "点开看下一步"),
    "transferred": Words("submitted", "申请已转到该办的地方", "提交时间不变"),
    "returned": Words("correction", "您的申请要补材料", "点开看清单"),
    "photo_retake": Words("correction", "有一张照片要重拍", "点开看是哪一张"),
    "visit_planned": Words("correction", "工作人员要上门", "点开看时间"),
    "hearing": Words("correction", "有一件事要先听您的意见", "点开看是什么事"),
    "office_wrote": Words("correction", "办事人员给您留言了", "点开看留言"),
    "payment_failed": Words("decision", "请核对收款账号", "点开看是什么事"),
    "consent_asked": Words("correction", "有一件事想问您愿不愿意", "点开看是什么事"),
    "not_accepted": Words("decision", "您的申请有了答复", "点开看原因"),
    "extended": Words("decision", "您的申请要多办几天", "点开看原因"),
    "progress": Words("decision", "您的申请有新进展", "点开看现在到哪一步"),
}
"""What is not here goes by text only: codes, and all that is for an office."""


def values(words: Words, *, now: datetime) -> dict[str, str]:
    return {"what": words.what, "todo": words.todo, "when": spoken(now)}


def read_template(said: str) -> Template:
    """`id`, or `id/thing4/thing7/time2` where the console calls the places otherwise.

    Raises WrongSettings.
    """
    template, *keys = said.split("/")
    if len(keys) not in (0, len(_NAMES)):
        raise WrongSettings(f"a WeChat template is ID or ID/what/todo/when, not {said}")
    return Template(template, dict(zip(_NAMES, keys or _KEYS, strict=True)))
