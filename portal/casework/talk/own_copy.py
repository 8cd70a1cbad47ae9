"""Everything the portal holds of one person, in one download (个人信息保护法 第45条)."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.casework import readers
from portal.casework.talk import bundle, complaints
from portal.casework.talk.bundle import Part
from portal.contact import inbox
from portal.filing import applications, documents, signatures
from portal.filing.tables import Application
from portal.foundation import audit, rates
from portal.foundation.blobs import Blobs
from portal.people import choices, households, mandates, sign_in, wechat
from portal.people.access import Actor
from portal.people.tables import Account, Consent
from portal.policy.catalogue import Catalogue

_PER_DAY = 5
_ALL = 10_000


def note(session: Session, account: Account, *, actor: Actor, now: datetime) -> None:
    """That it leaves is recorded. Raises TooOften after five in a day."""
    rates.count(session, f"copy:{account.id}", most=_PER_DAY, per=timedelta(days=1), now=now)
    audit.record(session, "take.copy", actor=str(actor), now=now)


def parts(
    session: Session,
    account: Account,
    catalogue: Catalogue,
    blobs: Blobs,
    *,
    actor: Actor,
    now: datetime,
) -> list[Part]:
    """What lies in it: the account as JSON, then a folder for every file."""
    found = [Part("账户和家庭.json", "账户、同意、消息、家庭、委托", partial(
        _account, account_id=account.id, now=now))]  # fmt: skip
    for file in applications.mine(session, account.id):
        if applications.readable(session, file):
            found += _file(session, file, catalogue, blobs, actor=actor, now=now)
    return found


def _file(
    session: Session, file: Application, catalogue: Catalogue, blobs: Blobs, *, actor: Actor,
    now: datetime,
) -> Iterator[Part]:  # fmt: skip
    """A filed one as its 材料包, a draft as it stands; what was said and who looked with both."""
    folder = f"申请{file.reference_no}"
    yield Part(f"{folder}/填的内容.json", "填的、签的、谁看过", partial(
        _contents, application_id=file.id))  # fmt: skip
    if file.submission_no:
        for part in bundle.parts(session, file, catalogue, blobs, actor=actor, now=now):
            yield Part(f"{folder}/{part.name}", part.title, part.make)
        return
    for number, photo in enumerate(documents.of(session, file), 1):
        make = partial(
            bundle.photo_of, blobs=blobs, application_id=file.id, document_id=photo.id
        )  # fmt: skip
        yield Part(f"{folder}/照片{number:02d}.jpg", "照片", make)


def _account(session: Session, *, account_id: UUID, now: datetime) -> bytes:
    account = session.get_one(Account, account_id)
    chosen = choices.of(session, account)
    consents = session.scalars(select(Consent).where(Consent.account_id == account_id))
    homes = households.of_account(session, account_id)
    told = {
        "手机号": sign_in.phone_of(session, account).value if account.phone_sealed else None,
        "微信": wechat.openid_of(session, account) or None,
        "开户": account.created_at, "上次登录": account.last_seen_at,
        "口令词": chosen.word, "提醒": chosen.reminders,
        "第二个号码": chosen.second_phone.value if chosen.second_phone else None,
        "同意": [_consent(one) for one in consents],
        "消息": [asdict(one) for one in inbox.of(session, account_id, limit=_ALL)],
        "家庭": [_household(session, one) for one in homes],
        "替谁办": [_mandate(one) for one in mandates.of_helper(session, account)],
        "举报投诉": [
            complaints.opened(session, one, now=now)
            for one in complaints.of_account(session, account_id)
        ],
    }  # fmt: skip
    return _json(told)


def _contents(session: Session, *, application_id: UUID) -> bytes:
    file = session.get_one(Application, application_id)
    signed = [
        {
            "谁": signatures.name_of(session, file, one),
            "怎么签的": one.method,
            "哪天": one.signed_at,
        }
        for one in signatures.of(session, file)
    ]
    told = {
        "编号": file.reference_no, "项目": file.program_id, "状态": file.status,
        "内容": applications.answers(session, file), "签名": signed,
        "谁看过": readers.of(session, file),
    }  # fmt: skip
    return _json(told)


def _consent(one: Consent) -> dict[str, Any]:
    return {
        "哪一项": one.kind,
        "版本": one.text_version,
        "同意": one.given_at,
        "撤回": one.withdrawn_at,
    }


def _household(session: Session, home: Any) -> dict[str, Any]:
    known = households.facts(session, home)
    return {
        "说过的": {name: fact.value for (name, _question), fact in known.items()},
        "谁帮忙": [
            {**vars(mandates.details(session, one)), **_mandate(one)}
            for one in mandates.of_household(session, home.id)
        ],
    }


def _mandate(one: Any) -> dict[str, Any]:
    return {"种类": one.kind, "从": one.started_at, "到": one.ends_at, "取消": one.revoked_at}


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1, default=str).encode()
