"""What stands on a letter: the decision, why in law and in plain words, how to contest it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.casework import events
from portal.casework.decision import citing, facts, review, standing
from portal.casework.decision.assessment import ONCE
from portal.casework.limits import cited
from portal.casework.said import HEARD_HOW
from portal.filing.tables import Application, county_of
from portal.foundation.clock import local, local_date
from portal.foundation.errors import Refusal
from portal.people.identity import IdNumber
from portal.policy import directory, regions
from portal.policy.catalogue import Catalogue, Program, Source
from portal.policy.eligibility.words import yuan

TITLES = {
    "approved": "社会救助予以确认告知书",
    "denied": "社会救助不予确认告知书",
    "reduced": "社会救助减发告知书",
    "graduating": "社会救助渐退告知书",
    "stopped": "社会救助停止告知书",
    "aborted": "社会救助终止办理告知书",
}
_LAW = "《社会救助法》"
_DECIDING = f"{_LAW}第44条"
_CHANGING = f"{_LAW}第47条、第48条"
_CONTESTING = f"{_LAW}第76条"
_SUIT = Source("中华人民共和国行政诉讼法", confidence="M", note="条号和期限待核")
_REVIEW = Source("中华人民共和国行政复议法", confidence="P", note="只见报道，条号待核")
FOOTER = "救助通拟定的文书样式；正式文书以发文机关为准"
_HAPPENED = {
    "accepted": "乡镇（街道）受理。",
    "visit": "工作人员两人入户调查。",
    "check_result": "核对了收入和财产。",
    "first_reviewed": "乡镇（街道）提出初审意见。",
    "reinvestigating": "公示有异议，重新调查。",
    "county_review": "材料交到县民政局。",
    "reviewing": "开始定期核查。",
    "hearing_asked": "告诉您要变动，请您说意见。",
}
_ENDED = {"denied": "对您申请的{}，不予确认。", "aborted": "您申请的{}，终止办理。"}
UNTIL_WRITTEN = "期限以告知书写的为准。"


@dataclass(frozen=True)
class Office:
    """Who decides: the county's civil affairs bureau, or a township the province lets decide."""

    code: str
    name: str
    signed: str
    government: str


def office(session: Session, application: Application, catalogue: Catalogue) -> Office:
    county = regions.find(session, county_of(application.region_path) or "").name
    government = f"{county}人民政府"
    if standing.delegated(catalogue, application) is not None:
        town = regions.find(session, application.region_code or "")
        return Office(town.code, town.name, f"{town.name}人民政府（街道办事处）", government)
    code = county_of(application.region_path) or ""
    return Office(code, county, f"{county}民政局", government)


def of(
    session: Session,
    application: Application,
    program: Program,
    kind: str,
    body: Mapping[str, Any],
    *,
    office: Office,
    number: str,
    now: datetime,
) -> dict[str, Any]:
    """All that letter.typ prints, as plain JSON values; no number of a person in full."""
    return {
        "made": [*local(now).timetuple()[:6]],
        "title": TITLES[kind],
        "number": number,
        "to": _addressed(session, application, program, body),
        "decision": decided(program, kind, body),
        "facts": _facts(session, application, kind),
        "law": _law(kind, body),
        "why": "说明" if kind in ("approved", "graduating") else "为什么",
        "plain": body.get("plain") or body["sentence"],
        "reply": body.get("reply", ""),
        "sums_title": "钱怎么算的" if body.get("amount") else "家里的情况",
        "sums": [] if kind in ("graduating", "aborted") or body.get("gone") else sums(body),
        "after": _after(session, application, program, kind, body),
        "remedies": remedies(office),
        "sources": [cited(_REVIEW), cited(_SUIT)],
        "office": office.signed,
        "day": day_text(local_date(now)),
        "call": _call(session, application),
        "footer": FOOTER,
    }


def _addressed(
    session: Session, application: Application, program: Program, body: Mapping[str, Any]
) -> list[list[str]]:
    answers = facts.declared(session, application)
    kin = "的家人" if body.get("gone") else ""
    return [
        ["申请人", f"{answers.get('applicant_name') or ''}{kin}"],
        ["证件号码", _masked(answers.get("applicant_id_number"))],
        ["申请编号", application.reference_no],
        ["救助项目", program.title],
    ]


def decided(program: Program, kind: str, body: Mapping[str, Any]) -> str:
    """The decision in one or two sentences."""
    if kind in _ENDED:
        return _ENDED[kind].format(program.title)
    if kind == "stopped":
        ends = "不再发放" if body["before"] else "不再认定"
        return f"停止{program.title}，从{month_text(body['from'])}起{ends}。"
    if kind == "graduating":
        return f"进入渐退期。救助照原来的数发到{day_text(_day(body['until']))}。"
    if kind == "reduced":
        return (
            f"从{month_text(body['from'])}起，每月{yuan(body['amount'])}元。"
            f"原来每月{yuan(body['before'])}元。"
        )
    if body["computed"]["method"] == ONCE:
        return f"予以{program.short}，一次{yuan(body['amount'])}元。"
    category = review.categories(program).get(body["category"], program.short)
    granted = f"予以确认为{category}。保障{body['people']}人。"
    if body.get("amount"):
        granted += f"从{month_text(body['from'])}起，每月{yuan(body['amount'])}元。"
    if body.get("until"):
        granted += f"有效期到{day_text(_day(body['until']))}。"
    return granted


def remedies(office: Office) -> list[str]:
    """社会救助法 第76条; the periods as far as read, and that the letter's own count."""
    return [
        "不服这个决定，可以申请行政复议。",
        f"也可以打官司（{_CONTESTING}）。",
        f"复议：收到后60日内，一般向{office.government}提出。",
        "打官司：收到后6个月内，向人民法院提出。",
        UNTIL_WRITTEN,
    ]


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def month_text(text: str) -> str:
    """2026-12-01 → 2026年12月."""
    day = _day(text)
    return f"{day.year}年{day.month}月"


def sums(body: Mapping[str, Any]) -> list[list[str]]:
    """What was found and how an amount came about: [what, how much, where it stands]."""
    trace, amount = body["computed"], body.get("amount")
    if trace["method"] == ONCE:
        return []
    rows = [
        [step["title"], step["text"], _by(step)]
        for step in trace["steps"]
        if (step["low"] and step["key"] != "gross") or step["key"] == "counted"
    ]
    last = trace["steps"][-1]["basis"]
    rows.append(["人均收入", trace["per_head"]["text"], citing.together(last)])
    standard = trace["standard"]
    rows.append(["当地标准", standard["text"], citing.together(standard["basis"])])
    if amount and trace["amount"]["text"]:
        rows.append(["试算", trace["amount"]["text"], trace["trial"]])
    if amount:
        rows.append(["决定", f"每月{yuan(amount)}元", body.get("basis") or "按试算的差额"])
    return rows


def _by(step: Mapping[str, Any]) -> str:
    return {"survey": "入户调查", "declared": "本人填报"}.get(
        step["by"], citing.together(step["basis"])
    )


def _facts(session: Session, application: Application, kind: str) -> list[str]:
    """What happened, in order, with its days."""
    found = []
    if application.filed_at:
        found.append(f"{day_text(local_date(application.filed_at))}，您提交申请。")
    for event in events.of(session, application):
        words = _HAPPENED.get(event.kind, "")
        said = events.said(session, application, event)
        if event.kind == "public_notice" and said.get("until"):
            words = f"开始在村（社区）公示，到{day_text(_day(said['until']))}。"
        if event.kind == "heard" and kind in ("reduced", "stopped"):
            heard = said["sentence"].rstrip("。")
            words = f"{HEARD_HOW[said['how']]}，听取了您的意见：“{heard}。”"
        if words:
            found.append(f"{day_text(local_date(event.at))}，{words}")
    return found


def _law(kind: str, body: Mapping[str, Any]) -> str:
    if kind == "approved":
        rules = [r["basis"] for r in _granted_by(body) if r["state"] != "fails"]
        deciding = {"document": "社会救助法", "number": "", "article": "第44条"}
        inside = [one for one in rules if one["document"].endswith("社会救助法")]
        return f"依据{citing.together([*inside, deciding])}。"
    own = str(body["law"]).rstrip("。")
    if kind == "aborted":
        return f"依据{own}。"
    return f"{own}。依据{_DECIDING if kind == 'denied' else _CHANGING}。"


def _granted_by(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rules of the way in: the household's, or those of a person alone (单人户)."""
    rules = body["computed"]["rules"]
    first = rules[0]["key"].split(".")[0] + "." if rules else ""
    alone = body["category"] == "single"
    return [rule for rule in rules if rule["key"].startswith(first) != alone]


def _after(
    session: Session,
    application: Application,
    program: Program,
    kind: str,
    body: Mapping[str, Any],
) -> list[str]:
    if kind == "denied":
        return ["家里情况变了，可以再申请。", "别的救助，也可以问乡镇窗口。"]
    if kind == "aborted":
        return ["愿意接着办，随时可以再申请。", "有难处不方便入户，请告诉乡镇（街道）。"]
    if body.get("gone"):
        return ["家人有困难，可以申请救助。", "办丧事有困难，请问乡镇（街道）。"]
    if kind == "stopped":
        return ["以后有困难，可以再申请。", "符合别的救助的，乡镇帮您转过去。"]
    if kind == "graduating":
        return ["到期以前，先听您的意见，再作决定。", f"依据：{_CHANGING}。"]
    found = ["家里有变化，请告诉乡镇（街道）。"]
    if body.get("recheck_text"):
        found.insert(0, f"{body['recheck_text']}。")
    return [*found, "要减、要停，先听您的意见。"]


def _call(session: Session, application: Application) -> str:
    contact = directory.for_place(session, application.region_path or "", kinds=directory.OFFICES)
    return f"有不明白的，打{contact.phone}（{contact.name}）。"


def _masked(text: Any) -> str:
    try:
        return IdNumber.parse(str(text or "")).masked
    except Refusal:
        return "（未填）"


def _day(text: str) -> date:
    return date.fromisoformat(text)
