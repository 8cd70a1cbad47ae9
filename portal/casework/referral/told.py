"""Where a person's affair was sent on, what was told, and what she is asked: in her words."""

from typing import Any

from sqlalchemy.orm import Session

from portal.casework.referral import consents, contents, referrals, trace
from portal.casework.referral.tables import Referral, ReferralConsent
from portal.filing.tables import Application
from portal.foundation.clock import local_date, spoken
from portal.policy.catalogue import Catalogue

STATES = {
    referrals.REFERRED: "等他们收下",
    referrals.RECEIVED: "他们收下了，正在办",
    referrals.RETURNED: "他们退回了，乡镇重新转",
    referrals.CLOSED: "办完了",
    referrals.CANCELLED: "您收回了同意，不转了",
}
AT_THE_DESK = {
    referrals.REFERRED: "等收下",
    referrals.RECEIVED: "已收下，在办",
    referrals.RETURNED: "已退回",
    referrals.CLOSED: "已办结",
    referrals.CANCELLED: "本人收回同意",
}
CONSENT_STATES = {
    consents.ASKED: "等您说",
    consents.AGREED: "您同意了",
    consents.DECLINED: "您没有同意",
    consents.WITHDRAWN: "您收回了同意",
}
NOTHING_ELSE = "不愿意，不影响别的救助。"
CAN_BE_TAKEN_BACK = "同意了，也可以随时收回。"


def for_applicant(
    session: Session, application: Application, catalogue: Catalogue
) -> dict[str, Any] | None:
    """What the applicant reads; None when nobody else was asked and nothing is asked of her.

    `referrals` [{to, title, number, sentence, told [labels], state, state_text, due_text,
    steps [{text, on_text, sentence}]}], `consents` [as `question`].
    """
    sent = referrals.of(session, application)
    asked = consents.of(session, application)
    if not sent and not asked:
        return None
    return {
        "referrals": [_referral(session, row, catalogue) for row in sent],
        "consents": [question(row, words) for row, words in asked],
    }


def question(row: ReferralConsent, words: dict[str, Any]) -> dict[str, Any]:
    """{id, receiver, sentence, labels, state, state_text, may_answer, may_take_back}."""
    return {
        "id": str(row.id),
        **words,
        "labels": [label.rstrip("？?") for label in words["labels"]],
        "state": row.state,
        "state_text": CONSENT_STATES[row.state],
        "may_answer": row.state in (consents.ASKED, consents.DECLINED),
        "may_take_back": row.state == consents.AGREED,
    }


def due_text(row: Referral) -> str:
    """最迟2026年12月1日（当地转介办法） or that nobody has set a day."""
    if row.due_on is None:
        return "以当地转介办法为准"
    basis = referrals.BASES.get(row.due_basis or "", "")
    return f"最迟{row.due_on.year}年{row.due_on.month}月{row.due_on.day}日（{basis}）"


def _referral(session: Session, row: Referral, catalogue: Catalogue) -> dict[str, Any]:
    body = contents.unseal(session, row.key_id, row.id, row.contents_sealed)
    return {
        "to": row.department,
        "title": catalogue.find(row.program_id).title,
        "number": referrals.number(row),
        "sentence": body["sentence"],
        "told": [entry["label"].rstrip("？?") for entry in body["fields"]],
        "statuses": [one["title"] for one in body["statuses"]],
        "state": row.state,
        "state_text": STATES[row.state],
        "on": local_date(row.made_at).isoformat(),
        "due_text": due_text(row) if row.state in referrals.OPEN else "",
        "steps": [
            {
                "text": line.text,
                "on_text": spoken(line.row.at),
                "sentence": line.said.get("sentence", ""),
                "result": line.said.get("result", ""),
            }
            for line in trace.of(session, row)
        ],
    }
