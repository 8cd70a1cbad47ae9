"""What a mandate says: who may help, in which words, and what of it is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from portal.foundation.errors import Invalid
from portal.people.access import Act
from portal.people.identity import PersonName, Phone

KINDS: Mapping[str, str] = {
    "kin": "家里人、亲戚",
    "neighbour": "邻居、朋友",
    "cadre": "村（组）干部",
    "assistant": "救助协理员",
    "township": "乡镇（街道）工作人员",
    "guardian": "监护人",
    "proactive": "主动帮助",
}
ROLES = ("cadre", "assistant", "township")
"""Only they may help without a mandate (第39条: village and township)."""

APPEAL = timedelta(days=60)
"""行政复议期; as the remedies of the programs say it. A mandate ends with it."""

TEXT_VERSION = "2026-11"
TEXT = """社会救助代办委托书

我办社会救助有困难，请这位帮忙的人代办。
他可以替我填表、拍照、提交、看进度。
他不能替我签字，不能改收款账号。
他办的每一步都有记录，也会告诉我。
我随时可以取消，不用说为什么。
有了决定，过了复议期，自动结束。
依据：社会救助法第三十七条。
"""

ALL = "all"
"""As the forms ask how much a helper may do: everything of the household, or one program."""
BLANK_SCOPE = "他能办：□ 只办这一种（　　　　　　） □ 我家所有的。"

FLAGS: Mapping[str, str] = {
    "unsigned": "委托还没有签字。请当面补签。",
    "proactive": "本人没法委托，是主动帮助。请回访。",
    "role_unverified": "代办人说是村里、乡镇的，请核实。",
    "no_phone": "本人没有电话。请当面问是否同意。",
    "helper_number": "留的电话是代办人的。请当面核对。",
    "shared_number": "留的电话几户都在用。请当面核对。",
    "undelivered": "短信没有送到本人。请当面问是否同意。",
    "not_me": "本人说没有同意代办。请当面问清。",
    "claimed_by_code": "账户凭取消码认领。请核对身份。",
    "passed_on": "申请转到了一部手机。请核对身份。",
    "guardian_unproved": "监护人还没有证明。请当面看。",
}
"""What the investigator asks at the visit; never a verdict."""

_LONGEST = 60


@dataclass(frozen=True)
class Said:
    """What is said of the two people. `phone` is the helped person's own, "" for none;
    `role` is who a 主动帮助 comes from; `why` says why the person needs help."""

    person: str = ""
    phone: str = ""
    relation: str = ""
    role: str = ""
    helper: str = ""
    why: str = ""


def checked(kind: str, said: Said) -> Said:
    """Trimmed and in order. Raises Invalid naming each field."""
    errors: dict[str, list[str]] = {}
    told = {name: str(value).strip()[:_LONGEST] for name, value in vars(said).items()}
    if kind not in KINDS:
        errors["kind"] = ["请选您是他的什么人。"]
    if kind == "proactive" and told["role"] not in ROLES:
        errors["role"] = ["主动帮助只由村里、乡镇来办。"]
    for name in ("person", "helper"):
        try:
            told[name] = PersonName.parse(told[name]).value
        except Invalid as refusal:
            errors[name] = [refusal.message]
    if told["phone"]:
        try:
            told["phone"] = Phone.parse(told["phone"]).value
        except Invalid as refusal:
            errors["phone"] = [refusal.message]
    if errors:
        raise Invalid("有几处需要改一下。", fields=errors)
    return Said(**told)


def scope(titles: Sequence[str]) -> str:
    """What may be done, as the mandate's text says it; no titles: everything."""
    return f"他只能办：{'、'.join(titles)}。" if titles else "我家所有的，他都能办。"


def check_acts(acts: Sequence[str]) -> None:
    if not acts or not set(acts) <= set(Act):
        raise Invalid("请选能帮您做什么。", fields={"acts": ["请至少选一样。"]})


def text_digest() -> bytes:
    return sha256(TEXT.encode()).digest()
