"""The words for each status, whose turn it is in it, and the road a case usually takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.casework.tables import CaseEvent
from portal.filing.tables import Application
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
    _S.AIDED: "已先行救助",
    _S.MAKING_UP: "已救助，正在补手续",
    _S.REFERRED: "已转给接收部门",
    _S.RECEIVED: "接收部门已收到",
    _S.CLOSED: "已办结",
}

TURNS: Mapping[str, str] = {
    "you": "您",
    "township": "乡镇（街道）",
    "county": "县民政局",
    "department": "接收部门",
    "nobody": "没有人：办完了",
}
_WITH_YOU = frozenset({_S.DRAFT, _S.RETURNED})
_WITH_THE_COUNTY = frozenset({_S.COUNTY_REVIEW, _S.APPROVED, _S.GRADUATING})
_WITH_THE_DEPARTMENT = frozenset({_S.REFERRED, _S.RECEIVED})

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
    _S.AIDED: "乡镇（街道）登记，该补的后补。",
    _S.MAKING_UP: "乡镇（街道）补登记，不影响救助。",
    _S.REFERRED: "等接收部门收下。",
    _S.RECEIVED: "接收部门办理，再告诉您结果。",
    _S.CLOSED: "这件事办完了。再有难处请再来。",
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
    "next_tier": "转评下一档救助",
    "matter_added": "窗口帮您加办了这件事",
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
    "photo_accepted": "一张照片看清了",
    "photo_retake": "请您重拍一张照片",
    "extended": "办理时间延长了",
    "nudged": "您催办了一次",
    "escalated": "超时了，已报上级",
    "check_requested": "请县里核对收入和财产",
    "check_result": "核对有了结果",
    "check_dispute_answered": "答复了您的异议，继续调查",
    "visit": "工作人员上门了",
    "visit_planned": "约好了上门的时间",
    "visit_change": "您想改上门的时间",
    "near_kin": "干部近亲属，已单独登记",
    "first_reviewed": "乡镇（街道）提出了初审意见",
    "notice_over": "公示结束",
    "objected": "公示中有人提出意见",
    "county_returned": "县里退回，补充调查",
    "kept": "复核后维持不变",
    "reduced": "救助金减少了",
    "decision_delivered": "决定已送到",
    "hearing_asked": "要先听您的意见",
    "heard": "听取了您的意见",
    "registered_small": "登记为小额快救",
    "aided": "先给了救助",
    "making_up": "开始补手续",
    "papers_made_up": "手续补好了",
    "over_ceiling": "数目大，报县里决定",
    "conference": "几家单位一起商量了",
    "handed_out": "又发了一次救助",
    "need_referred": "别的难处转给了别的部门",
    "need_answered": "别的部门答复了",
    "referred": "转给了接收部门",
    "referral_received": "接收部门收下了",
    "referral_returned": "接收部门退回，重新转",
    "closed": "办结了",
    "death": "登记了家人去世",
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
    "next_tier": "自动转评下一档",
    "matter_added": "窗口加办",
    "check_dispute": "申请人对核对结果有异议",
    "withdrawn": "申请人撤回",
    "photo_accepted": "照片可用",
    "photo_retake": "请申请人重拍照片",
    "extended": "延长办理期限",
    "nudged": "申请人催办",
    "escalated": "超期提醒上级",
    "check_requested": "发起信息核对",
    "check_result": "核对结果",
    "check_dispute_answered": "核对异议已复查",
    "visit": "入户调查",
    "visit_planned": "预约入户",
    "visit_change": "申请人想改入户时间",
    "near_kin": "近亲属单独登记备案",
    "first_reviewed": "初审意见",
    "notice_over": "公示期满",
    "objected": "公示收到异议",
    "county_returned": "退回补充调查",
    "kept": "复核维持",
    "reduced": "减发",
    "decision_delivered": "决定送达",
    "hearing_asked": "通知听取意见",
    "heard": "听取本人意见",
    "registered_small": "小额快救登记",
    "aided": "先行救助",
    "making_up": "补办手续",
    "papers_made_up": "手续补齐",
    "over_ceiling": "超乡镇限额报县级",
    "conference": "一事一议",
    "handed_out": "发放一笔",
    "need_referred": "另外的需求转介",
    "need_answered": "转介有答复",
    "referred": "转介",
    "referral_received": "转介已接收",
    "referral_returned": "转介退回",
    "closed": "办结",
    "death": "登记死亡",
}
"""The same events as the office calls them."""


@dataclass(frozen=True)
class Stage:
    """One step of the road. `reached` are the statuses that mean: here now."""

    key: str
    title: str
    reached: frozenset[Status]
    limits: tuple[str, ...] = ()


_START = (
    Stage("submitted", "提交", frozenset({_S.DRAFT, _S.RETURNED})),
    Stage("accepted", "受理", frozenset({_S.SUBMITTED}), ("acceptance",)),
)
_SURVEY = ("survey_start", "expense_survey", "survey")
_DECISION = (
    Stage("county_review", "交县民政局", frozenset({_S.PUBLIC_NOTICE, _S.REINVESTIGATING})),
    Stage("approved", "作出决定", frozenset({_S.COUNTY_REVIEW}), ("county_review",)),
    Stage("paying", "发放", frozenset({_S.APPROVED}), ("first_payment",)),
)
ROAD: tuple[Stage, ...] = (
    *_START,
    Stage("surveying", "调查核对", frozenset({_S.ACCEPTED}), _SURVEY),
    Stage("first_review", "乡镇初审", frozenset({_S.SURVEYING, _S.CHECK_DISPUTE})),
    Stage("public_notice", "村里公示", frozenset({_S.FIRST_REVIEW}), ("public_notice",)),
    *_DECISION,
)
"""What has to happen, in order; each with the statuses in which it is the next thing."""
_AID_ROAD: tuple[Stage, ...] = (
    *_START,
    Stage("aided", "先救助", frozenset({_S.ACCEPTED}), ("small_track", "first_aid")),
    Stage("closed", "补手续，办结", frozenset({_S.AIDED, _S.MAKING_UP}), ("first_aid_papers",)),
)
_COUNTY_ROAD: tuple[Stage, ...] = (*_START, *_DECISION)
_REFERRAL_ROAD: tuple[Stage, ...] = (
    *_START,
    Stage("referred", "转给接收部门", frozenset({_S.ACCEPTED})),
    Stage("received", "接收部门收下", frozenset({_S.REFERRED})),
    Stage("closed", "办结", frozenset({_S.RECEIVED})),
)


def road(application: Application, happened: Sequence[CaseEvent]) -> tuple[Stage, ...]:
    """The steps of one case, by its machine and where it has been.

    临时救助 has three roads: aid first, the county's, and the long one of 支出型.
    """
    been = {application.status, *(event.after for event in happened)}
    if application.machine == "referral" or not _WITH_THE_DEPARTMENT.isdisjoint(been):
        return _REFERRAL_ROAD
    if application.machine != "emergency" or _S.SURVEYING in been:
        return ROAD
    return _COUNTY_ROAD if _S.COUNTY_REVIEW in been else _AID_ROAD


def turn(status: Status) -> str:
    """you · township · county · department · nobody."""
    if status in FINAL or status is _S.PAYING:
        return "nobody"
    if status in _WITH_YOU:
        return "you"
    if status in _WITH_THE_DEPARTMENT:
        return "department"
    return "county" if status in _WITH_THE_COUNTY else "township"
