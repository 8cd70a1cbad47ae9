"""The words signed under, the ways to sign, and how strong each is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from portal.filing.tables import Signature

TEXT_VERSION = "2026-11"
TEXT = """家庭经济状况核对授权书

我申请社会救助，或和申请人共同生活。
我同意县级民政部门核对我的收入和财产。
可以查：户籍、婚姻、社保、公积金。
可以查：交税、车辆、房子、存款。
可以查：保险、证券等。
查到的只用于这次救助和以后的复核。
我可以看核对结果。有不同意见可以提出。
我说的情况是真实的。
依据：社会救助法第四十条、第四十一条。
"""

OUTSIDE_TEXT = """家庭经济状况核对授权书（不同住的人）

有人申请社会救助，办理单位要问我。
我可以不同意，不用说为什么。
我同意县级民政部门核对我的收入和财产。
可以查：户籍、婚姻、社保、公积金。
可以查：交税、车辆、房子、存款。
查到的只用于这次救助。
我随时可以撤回。
依据：社会救助法第四十一条。
"""

METHODS: Mapping[str, str] = {
    "screen": "在手机上签",
    "code": "用本人手机验证码",
    "paper": "在纸上签后拍照",
    "visit": "入户时签",
}
STRENGTH: Mapping[str, str] = {
    "code": "较强：本人手机收到验证码",
    "paper": "中：纸上签名的照片",
    "screen": "中：屏幕手写",
    "visit": "待签：入户时补签",
}
_GUARDIAN = "监护人代签：请看监护证明"
_LENT_PHONE = "弱：在帮忙人的手机上手写"
_OWN_LINK = "中：本人打开链接手写"

HERE, LINK = "here", "link"


@dataclass(frozen=True)
class How:
    """What is noted beside a signature: the kind of device, whether a guardian signed, and when,
    as the phone says, if that was without a signal."""

    device: str = ""
    guardian: bool = False
    offline_at: datetime | None = None


PLAIN = How()


def strength(signature: Signature) -> str:
    """How much the office may build on it, in a few words."""
    if signature.signed_as == "guardian":
        return _GUARDIAN
    if signature.method == "screen" and signature.via == LINK:
        return _OWN_LINK
    if signature.method == "screen" and signature.mandate_id is not None:
        return _LENT_PHONE
    return STRENGTH.get(signature.method, "")


def words_for(signer: str) -> str:
    """The text this signer reads: the household's, or that for people outside it."""
    return OUTSIDE_TEXT if signer.startswith("outside:") else TEXT


def text_digest(signer: str = "") -> bytes:
    return sha256(words_for(signer).encode()).digest()
