"""The plain papers of the bundle: index and how to go on, receipt, course, postings, afterwards."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.casework import events, history, stages, timeline
from portal.casework.after import changes, rechecks
from portal.casework.decision import letter_paper, notice, objections
from portal.casework.decision.tables import PublicNotice
from portal.casework.payment import told as payments
from portal.casework.publicity import publishing
from portal.casework.publicity.tables import Publication
from portal.casework.talk import thread
from portal.filing.tables import Application
from portal.foundation import typesetting
from portal.foundation.clock import local, spoken
from portal.handover import frozen
from portal.people.access import Actor
from portal.policy.catalogue import Catalogue, Program
from portal.policy.lifecycle import Status

_TEMPLATE = Path(__file__).with_name("bundle.typ")
_HOW = (
    "一、写一张申请书：您是谁，不服哪个决定，为什么，想要什么。不会写，可以当面说，请他们记下来。",
    "二、带上决定书、身份证，和这个包里的材料。打印出来，或者把整个文件发给他们，都可以。",
    "三、交上去以后，要一张收条。",
    "四、不想申请复议，也可以直接打官司：到人民法院的立案窗口去。",
)
_SOURCES = (
    "依据：社会救助法第76条；中华人民共和国行政复议法；中华人民共和国行政诉讼法。"
    "期限以告知书或决定书写的为准。"
)


def index(
    session: Session,
    *,
    application_id: UUID,
    catalogue: Catalogue,
    listed: Sequence[tuple[str, str]],
    now: datetime,
) -> bytes:
    """What lies here, and the way to 复议 and 诉讼 in plain words."""
    application = session.get_one(Application, application_id)
    program = catalogue.find(application.program_id)
    office = letter_paper.office(session, application, catalogue)
    return _render(
        "先看这里", application, now,
        facts=[["申请什么", program.title], ["现在", stages.LABELS[Status(application.status)]]],
        parts=[
            _part("不服决定，怎么办", words=letter_paper.remedies(office)),
            _part("申请复议，这样做", words=_HOW),
            _part("这个包里有什么", rows=[[name, title] for name, title in listed]),
            _part("", words=[_SOURCES]),
        ],
    )  # fmt: skip


def receipt(session: Session, *, application_id: UUID, version: int) -> bytes:
    application = session.get_one(Application, application_id)
    given = frozen.receipt(session, application, version)
    at = datetime.fromisoformat(given["submitted_at"])
    photos = [[p["title"], p["sha256"]] for p in given["photos"]]
    return _render(
        "回执", application, at,
        facts=[
            ["申请什么", given["program"]], ["哪里受理", given["office"]],
            ["首次提交", spoken(datetime.fromisoformat(given["filed_at"]))],
            ["这次提交", spoken(at)], ["状态", given["status"]],
        ],
        parts=[
            _part("交了哪些照片（后面是校验码）", rows=photos, words=[] if photos else ["没有照片。"]),
            _part("校验", words=[f"内容校验码 {given['contents_sha256']}", "带数字签名的原件在同名的 json 文件里。"]),
        ],
    )  # fmt: skip


def course(session: Session, *, application_id: UUID, catalogue: Catalogue, now: datetime) -> bytes:
    """Every step with its day, its limit and where the limit stands; then all that happened."""
    application = session.get_one(Application, application_id)
    told = timeline.timeline(session, application, catalogue, now=now)
    steps = [
        [s["title"], "\n".join(t for t in (s["on_text"], s["limit"], s["basis"]) if t) or "还没到"]
        for s in told["stages"]
    ]
    happened = [
        [line["on_text"], "\n".join(t for t in (line["text"], line["place"], line["sentence"]) if t)]
        for line in told["history"] if not line["corrected"]
    ]  # fmt: skip
    return _render(
        "办理经过", application, now,
        facts=[["申请什么", told["program"]], ["现在", told["stage"]], ["轮到", told["turn_text"]]],
        parts=[_part("一步一步", rows=steps), _part("发生过的事", rows=happened)],
    )  # fmt: skip


def correction_list(
    session: Session, *, application_id: UUID, event_id: UUID, program: Program, now: datetime
) -> bytes:
    application = session.get_one(Application, application_id)
    event = next(e for e in events.of(session, application) if e.id == event_id)
    asked = events.said(session, application, event).get("items", [])
    rows = [[history.item_title(program, one["item"]), one["sentence"]] for one in asked]
    return _render(
        "补正告知", application, now, facts=[["哪天告知的", spoken(event.at)]],
        parts=[_part("要补的", rows=rows)],
    )  # fmt: skip


def posting(session: Session, *, application_id: UUID, notice_id: UUID, now: datetime) -> bytes:
    application = session.get_one(Application, application_id)
    posted = session.get_one(PublicNotice, notice_id)
    words = notice.content(session, application, posted)
    return _render(
        "公示", application, now, facts=[["哪天公示的", spoken(posted.posted_at)]],
        parts=[_part("公示的内容", rows=[[notice.ALLOWED[k], v] for k, v in words.items()])],
    )  # fmt: skip


def publication(
    session: Session, *, application_id: UUID, publication_id: UUID, now: datetime
) -> bytes:
    application = session.get_one(Application, application_id)
    posted = session.get_one(Publication, publication_id)
    words = publishing.content(session, application, posted)
    taken_down = [["撤下", spoken(posted.ended_at)]] if posted.ended_at else []
    return _render(
        objections.ABOUT[posted.kind], application, now,
        facts=[["哪天公布的", spoken(posted.posted_at)], *taken_down],
        parts=[_part("公布的内容", rows=[[notice.ALLOWED[k], v] for k, v in words.items()])],
    )  # fmt: skip


def afterwards(session: Session, *, application_id: UUID, now: datetime) -> bytes:
    """Every payment, every change told of and what was answered, every recheck."""
    application = session.get_one(Application, application_id)
    paid = [
        [one["month_text"], "\n".join(t for t in (
            one["amount_text"], one["subsidy_text"], f"{one['on_text']}发",
            f"没发成：{one['why']}" if one["failed"] else "") if t)]
        for one in map(payments.row, payments.of(session, application))
    ]  # fmt: skip
    told = [
        [f"{one['title']}\n{one['on_text']}", "\n".join(t for t in (
            one["sentence"], f"答复：{one['answer']}" if one["answer"] else "还没答复") if t)]
        for one in changes.of(session, application)
    ]  # fmt: skip
    looked = [[one["due_text"], one["done_text"]] for one in rechecks.of(session, application)]
    return _render(
        "批准以后", application, now,
        parts=[
            _part("发了多少钱", rows=paid, words=[] if paid else ["还没有发放记录。"]),
            _part("您报的变化", rows=told, words=[] if told else ["没有报过。"]),
            _part("定期核查", rows=looked, words=[] if looked else ["没有。"]),
        ],
    )  # fmt: skip


def talk(session: Session, *, application_id: UUID, actor: Actor, now: datetime) -> bytes:
    application = session.get_one(Application, application_id)
    rows = [
        [f"{one.who}\n{spoken(one.at)}", one.text or "（录音）"]
        for one in thread.lines(session, application, actor=actor)
    ]
    return _render("留言", application, now, parts=[_part("第一条到最后一条", rows=rows)])


def _render(
    title: str,
    application: Application,
    at: datetime,
    *,
    facts: Sequence[Sequence[str]] = (),
    parts: Sequence[dict[str, Any]],
) -> bytes:
    number = application.reference_no
    return typesetting.render(
        _TEMPLATE,
        {
            "made": [*local(at).timetuple()[:6]],
            "title": title,
            "facts": [["申请编号", number], *map(list, facts)],
            "parts": list(parts),
            "footer": f"救助通 · 申请编号 {number} · {spoken(at)}打印",
        },
    )


def _part(
    title: str, *, rows: Sequence[Sequence[str]] = (), words: Sequence[str] = ()
) -> dict[str, Any]:
    return {"title": title, "rows": [list(row) for row in rows], "words": list(words)}
