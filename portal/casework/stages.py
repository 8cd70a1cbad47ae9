"""The words for each status, whose turn it is in it, and the road a case usually takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.policy.lifecycle import FINAL, Status

_S = Status

LABELS: Mapping[Status, str] = {
    _S.DRAFT: "还没提交",
    _S.SUBMITTED: "已提交，尚未受理",
    _S.RETURNED: "要您补材料",
    _S.NOT_ACCEPTED: "没有受理",
    _S.ACCEPTED: "已受理",
    _S.SURVEYING: "正在调查核对",
    _S.CHECK_DISPUTE: "核对有异议，正在复查",
    _S.FIRST_REVIEW: "乡镇正在初审",
    _S.PUBLIC_NOTICE: "正在公示",
    _S.REINVESTIGATING: "公示有异议，重新调查",
    _S.COUNTY_REVIEW: "县里正在审核",
    _S.APPROVED: "已批准",
    _S.DENIED: "没有批准",
    _S.PAYING: "正在发放",
    _S.REVIEWING: "正在定期复核",
    _S.GRADUATING: "渐退期",
    _S.STOPPED: "已停发",
    _S.WITHDRAWN: "已撤回",
    _S.ABORTED: "已终止办理",
}

TURNS: Mapping[str, str] = {
    "you": "您",
    "township": "乡镇（街道）",
    "county": "县民政局",
    "nobody": "没有人：办完了",
}
_WITH_YOU = frozenset({_S.DRAFT, _S.RETURNED})
_WITH_THE_COUNTY = frozenset({_S.COUNTY_REVIEW, _S.APPROVED, _S.GRADUATING})

WHAT_NEXT: Mapping[Status, str] = {
    _S.DRAFT: "请填好，再点提交。",
    _S.SUBMITTED: "乡镇（街道）看您的材料，决定受理。",
    _S.RETURNED: "请照清单补好，再交一次。",
    _S.ACCEPTED: "工作人员会上门了解情况。",
    _S.SURVEYING: "工作人员调查，核对收入和财产。",
    _S.CHECK_DISPUTE: "乡镇（街道）复查您说的情况。",
    _S.FIRST_REVIEW: "乡镇（街道）写出初审意见。",
    _S.PUBLIC_NOTICE: "村里公示，听大家的意见。",
    _S.REINVESTIGATING: "乡镇（街道）重新调查。",
    _S.COUNTY_REVIEW: "县民政局审核，作出决定。",
    _S.APPROVED: "县民政局安排发钱。",
    _S.PAYING: "家里有变化，请告诉乡镇。",
    _S.REVIEWING: "乡镇（街道）复核您家情况。",
    _S.GRADUATING: "救助还在发，到期前会告诉您。",
    _S.NOT_ACCEPTED: "请看原因。不同意可以复议。",
    _S.DENIED: "请看原因。不同意可以复议。",
    _S.STOPPED: "请看原因。不同意可以复议。",
    _S.ABORTED: "请看原因。不同意可以复议。",
    _S.WITHDRAWN: "想再办，可以重新申请。",
}

REMEDY = (
    "不服可以申请行政复议，也可以打官司。",
    "复议一般在收到后60日内提出。",
    "打官司一般在6个月内。",
    "期限以告知书写的为准。",
)
"""社会救助法 第76条."""
REMEDY_BASIS = "社会救助法 第76条"
CAN_BE_CONTESTED = frozenset({_S.NOT_ACCEPTED, _S.DENIED, _S.STOPPED, _S.ABORTED})

EVENT_WORDS: Mapping[str, str] = {
    "submitted": "您提交了申请",
    "submitted_again": "您补好后又交了一次",
    "accepted": "乡镇（街道）受理了",
    "returned": "乡镇（街道）请您补材料",
    "transferred": "申请转到了该办的地方",
    "declined": "乡镇（街道）没有受理",
    "alert_answered": "有人答复了您的急事",
    "correction": "办事人员更正了记录",
    "surveying": "开始调查核对",
    "check_dispute": "您对核对结果有异议",
    "first_review": "乡镇（街道）开始初审",
    "public_notice": "开始公示",
    "reinvestigating": "公示有异议，重新调查",
    "county_review": "材料交到县民政局",
    "approved": "县民政局批准了",
    "denied": "县民政局没有批准",
    "paying": "开始发放",
    "reviewing": "开始定期复核",
    "graduating": "进入渐退期",
    "stopped": "停发了",
    "withdrawn": "您撤回了申请",
    "aborted": "终止了办理",
}

DESK_WORDS: Mapping[str, str] = {
    **EVENT_WORDS,
    "submitted": "申请人提交",
    "submitted_again": "申请人补正后再次提交",
    "accepted": "受理",
    "returned": "一次性告知补正",
    "transferred": "转办",
    "declined": "不予受理",
    "alert_answered": "急事已答复",
    "check_dispute": "申请人对核对结果有异议",
    "withdrawn": "申请人撤回",
}
"""The same events as the office calls them."""


@dataclass(frozen=True)
class Stage:
    """One step of the road. `reached` are the statuses that mean: here now."""

    key: str
    title: str
    reached: frozenset[Status]
    limits: tuple[str, ...] = ()


ROAD: tuple[Stage, ...] = (
    Stage("submitted", "提交", frozenset({_S.DRAFT, _S.RETURNED})),
    Stage("accepted", "受理", frozenset({_S.SUBMITTED}), ("acceptance",)),
    Stage(
        "surveying", "调查核对", frozenset({_S.ACCEPTED}),
        ("survey_start", "first_aid", "small_track", "expense_survey", "survey"),
    ),
    Stage("first_review", "乡镇初审", frozenset({_S.SURVEYING, _S.CHECK_DISPUTE})),
    Stage("public_notice", "村里公示", frozenset({_S.FIRST_REVIEW}), ("public_notice",)),
    Stage("county_review", "交县民政局", frozenset({_S.PUBLIC_NOTICE, _S.REINVESTIGATING})),
    Stage("approved", "作出决定", frozenset({_S.COUNTY_REVIEW}), ("county_review",)),
    Stage("paying", "发放", frozenset({_S.APPROVED}), ("first_payment",)),
)  # fmt: skip
"""What has to happen, in order; each with the statuses in which it is the next thing."""


def turn(status: Status) -> str:
    """you · township · county · nobody."""
    if status in FINAL or status is _S.PAYING:
        return "nobody"
    if status in _WITH_YOU:
        return "you"
    return "county" if status in _WITH_THE_COUNTY else "township"
