"""The four consents: their exact texts and versions, and who gave which of them when.

Told before the first personal datum, given one by one, withdrawn as easily as given
(个人信息保护法 第14、15、17、23、29条；网络数据安全管理条例 第21条).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.foundation import audit
from portal.foundation.errors import Conflict, Invalid
from portal.people.tables import Account, Consent

Kind = Literal["general", "sensitive", "means_check", "handover"]


@dataclass(frozen=True)
class ConsentText:
    """What is read and agreed to: headed lists, each line one short sentence."""

    kind: Kind
    version: str
    title: str
    agree: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def digest(self) -> bytes:
        """SHA-256 of the whole text: proves later what was read."""
        lines = [self.kind, self.version, self.title, self.agree]
        for heading, sentences in self.parts:
            lines += [heading, *sentences]
        return sha256("\n".join(lines).encode()).digest()


_RIGHTS = (
    "您能随时查看和更改。",
    "您能随时撤回同意。",
    "在“我的信息”里就能撤回。",
    "撤回前已经办的事仍有效。",
    "您也能要求删除。",
    "有意见，请打12349。",
)
_WHO = ("由您申请地的县级民政部门处理。", "乡镇（街道）窗口具体经办。", "电话：12349。")

TEXTS: Mapping[Kind, ConsentText] = {
    text.kind: text
    for text in (
        ConsentText(
            "general",
            "2026-11",
            "一般个人信息",
            "我同意处理我的一般个人信息。",
            (
                ("谁来处理", _WHO),
                ("处理什么", ("姓名、手机号、住址。", "家里有哪些人。")),
                ("为了什么", ("帮您填写和提交救助申请。", "告诉您办到哪一步。")),
                (
                    "保存多久",
                    (
                        "没提交的草稿，您可随时删除。",
                        "已提交的，按救助档案规定保存。",
                        "期限以当地规定为准。",
                    ),
                ),
                ("您的权利", _RIGHTS),
            ),
        ),
        ConsentText(
            "sensitive",
            "2026-11",
            "敏感个人信息",
            "我同意处理我的敏感个人信息。",
            (
                ("谁来处理", _WHO),
                (
                    "处理什么",
                    (
                        "身份证号、健康和残疾情况。",
                        "收入、财产、银行账号。",
                        "孩子的信息，由监护人同意。",
                        "证件和单据的照片。",
                    ),
                ),
                (
                    "为了什么",
                    ("判断能申请哪种救助。", "这些信息缺了，办理会慢。", "不想填的，可以先空着。"),
                ),
                ("对您的影响", ("泄露了可能伤害您。", "所以全部加密保存。", "谁看过都有记录。")),
                ("保存多久", ("和您的申请一起保存。", "期限以当地规定为准。")),
                ("您的权利", _RIGHTS),
            ),
        ),
        ConsentText(
            "means_check",
            "2026-11",
            "家庭经济状况核对",
            "我同意核对我家的经济状况。",
            (
                ("谁来核对", ("县级民政部门的核对机构。", "电话：12349。")),
                (
                    "核对什么",
                    ("户籍、车辆、房产、社保。", "存款、证券、保险。", "只查您家共同生活的人。"),
                ),
                (
                    "为了什么",
                    (
                        "看您家是否符合条件。",
                        "依据是社会救助法第40、41条。",
                        "您就不用自己开证明。",
                    ),
                ),
                ("保存多久", ("核对结果和申请一起保存。", "期限以当地规定为准。")),
                ("现在不同意可以吗", ("可以。不影响您提交申请。", "工作人员入户时会再问您。")),
                ("您的权利", _RIGHTS),
            ),
        ),
        ConsentText(
            "handover",
            "2026-11",
            "转交给受理窗口",
            "我同意把申请转交给受理窗口。",
            (
                (
                    "转交给谁",
                    (
                        "您申请地的乡镇（街道）窗口。",
                        "由它报县级民政部门。",
                        "不会给无关的单位或个人。",
                    ),
                ),
                ("转交什么", ("您填的内容、照片和签名。",)),
                ("为了什么", ("窗口要看材料才能受理。", "不转交就没法办理。")),
                ("怎样转交", ("加密后转交。", "窗口收到会给回执。")),
                ("保存多久", ("按救助档案规定保存。", "期限以当地规定为准。")),
                ("您的权利", _RIGHTS),
            ),
        ),
    )
}
KINDS: tuple[Kind, ...] = tuple(TEXTS)
NEEDED: tuple[Kind, ...] = ("general", "sensitive", "handover")
"""Without these nothing can be filled in. The means check may be refused, or given later."""


def give(
    session: Session,
    account: Account,
    kinds: Iterable[str],
    *,
    now: datetime,
    versions: Mapping[str, str] | None = None,
) -> None:
    """One line for each kind not already standing in its present version.

    `versions` are those the person read, if the client says so. Raises Invalid for an
    unknown kind, Conflict (consent_changed) when another version was read.
    """
    standing = given(session, account)
    for kind in _known(kinds):
        text = TEXTS[kind]
        if (versions or {}).get(kind, text.version) != text.version:
            raise Conflict("说明有更新，请重新看一遍。", code="consent_changed")
        if standing.get(kind) is None:
            session.add(
                Consent(
                    account_id=account.id,
                    kind=kind,
                    text_version=text.version,
                    text_digest=text.digest,
                    given_at=now,
                )
            )
            _note(session, "give.consent", account, kind, now=now)
    session.flush()


def withdraw(session: Session, account: Account, kinds: Iterable[str], *, now: datetime) -> None:
    """End these consents; what was done before stays lawful. Raises Invalid for an unknown kind."""
    for kind in _known(kinds):
        for row in _rows(session, account.id):
            if row.kind == kind:
                row.withdrawn_at = now
                _note(session, "withdraw.consent", account, kind, now=now)
    session.flush()


def given(session: Session, account: Account) -> dict[Kind, datetime | None]:
    """For every kind when it was given in its present version, or None."""
    found: dict[Kind, datetime | None] = dict.fromkeys(KINDS)
    for row in _rows(session, account.id):
        for kind in KINDS:
            if row.kind == kind and row.text_digest == TEXTS[kind].digest:
                found[kind] = row.given_at
    return found


def missing(session: Session, account: Account) -> list[Kind]:
    """The needed kinds not given, or given to an older text. Empty: filling in may begin."""
    standing = given(session, account)
    return [kind for kind in NEEDED if standing[kind] is None]


def withdrawn(session: Session, account_id: UUID, kind: Kind) -> bool:
    """Whether this consent was given once and, in every version, taken back."""
    rows = select(Consent.withdrawn_at).where(
        Consent.account_id == account_id, Consent.kind == kind
    )
    moments = session.scalars(rows).all()
    return bool(moments) and None not in moments


def _rows(session: Session, account_id: UUID) -> list[Consent]:
    standing = (
        select(Consent)
        .where(Consent.account_id == account_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.given_at)
    )
    return list(session.scalars(standing))


def _known(kinds: Iterable[str]) -> list[Kind]:
    asked = list(kinds)
    if any(kind not in TEXTS for kind in asked):
        raise Invalid("没有这一项同意。", fields={"kinds": ["请从页面上选择。"]})
    return [kind for kind in KINDS if kind in asked]


def _note(session: Session, action: str, account: Account, kind: Kind, *, now: datetime) -> None:
    detail = {"kind": kind, "version": TEXTS[kind].version}
    audit.record(session, action, actor=f"applicant:{account.id}", now=now, detail=detail)
