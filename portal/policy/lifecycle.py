"""The states of a case and who may move it: one line a move, read aloud to the office.

Law first (社会救助法), older texts where it is silent 「新法施行后是否继续有效，待核」.
The portal never moves a case by itself except where the party is PORTAL.
"""

from dataclasses import dataclass
from enum import StrEnum

from portal.foundation.errors import Conflict


class Status(StrEnum):
    """办理状态 (facts: programs.yaml, state_machine)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    NOT_ACCEPTED = "not_accepted"
    ACCEPTED = "accepted"
    SURVEYING = "surveying"
    CHECK_DISPUTE = "check_dispute"
    FIRST_REVIEW = "first_review"
    PUBLIC_NOTICE = "public_notice"
    REINVESTIGATING = "reinvestigating"
    COUNTY_REVIEW = "county_review"
    APPROVED = "approved"
    DENIED = "denied"
    PAYING = "paying"
    REVIEWING = "reviewing"
    GRADUATING = "graduating"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    ABORTED = "aborted"


class Party(StrEnum):
    """Who makes a move."""

    APPLICANT = "applicant"
    TOWNSHIP = "township"
    COUNTY = "county"
    PORTAL = "portal"


FINAL = frozenset(
    {Status.NOT_ACCEPTED, Status.DENIED, Status.STOPPED, Status.WITHDRAWN, Status.ABORTED}
)


@dataclass(frozen=True)
class Move:
    before: Status
    after: Status
    party: Party
    source: str


_S, _P = Status, Party
MOVES: tuple[Move, ...] = (
    Move(_S.DRAFT, _S.SUBMITTED, _P.APPLICANT, "社会救助法 第37条"),
    Move(_S.SUBMITTED, _S.RETURNED, _P.TOWNSHIP, "民发〔2021〕57号 第10条：一次性告知"),
    Move(_S.RETURNED, _S.SUBMITTED, _P.APPLICANT, "民发〔2021〕57号 第10条"),
    Move(_S.SUBMITTED, _S.ACCEPTED, _P.TOWNSHIP, "社会救助法 第64条"),
    Move(_S.SUBMITTED, _S.NOT_ACCEPTED, _P.TOWNSHIP, "社会救助法 第70条：限定事由"),
    Move(_S.ACCEPTED, _S.SURVEYING, _P.TOWNSHIP, "社会救助法 第43条"),
    Move(_S.SURVEYING, _S.CHECK_DISPUTE, _P.APPLICANT, "民发〔2021〕57号 第18条"),
    Move(_S.CHECK_DISPUTE, _S.SURVEYING, _P.TOWNSHIP, "民发〔2021〕57号 第18条"),
    Move(_S.SURVEYING, _S.FIRST_REVIEW, _P.TOWNSHIP, "社会救助法 第44条"),
    Move(_S.FIRST_REVIEW, _S.PUBLIC_NOTICE, _P.TOWNSHIP, "民发〔2021〕57号 第19条"),
    Move(_S.FIRST_REVIEW, _S.COUNTY_REVIEW, _P.TOWNSHIP, "社会救助法 第44条"),
    Move(_S.PUBLIC_NOTICE, _S.COUNTY_REVIEW, _P.TOWNSHIP, "民发〔2021〕57号 第19条：期满无异议"),
    Move(_S.PUBLIC_NOTICE, _S.REINVESTIGATING, _P.TOWNSHIP, "民发〔2021〕57号 第19条：有异议"),
    Move(_S.REINVESTIGATING, _S.COUNTY_REVIEW, _P.TOWNSHIP, "民发〔2021〕57号 第19条"),
    Move(_S.REINVESTIGATING, _S.PUBLIC_NOTICE, _P.TOWNSHIP, "民发〔2021〕43号 第15条：重新公示"),
    Move(_S.COUNTY_REVIEW, _S.APPROVED, _P.COUNTY, "社会救助法 第44条"),
    Move(_S.COUNTY_REVIEW, _S.DENIED, _P.COUNTY, "社会救助法 第44、45条：书面说明理由"),
    Move(_S.COUNTY_REVIEW, _S.SURVEYING, _P.COUNTY, "民发〔2021〕57号 第20条：退回补充调查"),
    Move(_S.APPROVED, _S.PAYING, _P.COUNTY, "民发〔2021〕57号 第21条：下月起发放"),
    Move(_S.PAYING, _S.REVIEWING, _P.TOWNSHIP, "社会救助法 第46、47条"),
    Move(_S.REVIEWING, _S.PAYING, _P.COUNTY, "社会救助法 第47条"),
    Move(_S.REVIEWING, _S.GRADUATING, _P.COUNTY, "2022兜底通知 一（三）：渐退期"),
    Move(_S.REVIEWING, _S.STOPPED, _P.COUNTY, "社会救助法 第48条：先听取意见"),
    Move(_S.GRADUATING, _S.STOPPED, _P.COUNTY, "社会救助法 第48条：先听取意见"),
    Move(_S.GRADUATING, _S.PAYING, _P.COUNTY, "社会救助法 第47条"),
    Move(_S.SUBMITTED, _S.WITHDRAWN, _P.APPLICANT, "申请人自愿撤回"),
    Move(_S.RETURNED, _S.WITHDRAWN, _P.APPLICANT, "申请人自愿撤回"),
    Move(_S.ACCEPTED, _S.WITHDRAWN, _P.APPLICANT, "申请人自愿撤回"),
    Move(_S.SURVEYING, _S.WITHDRAWN, _P.APPLICANT, "申请人自愿撤回"),
    Move(_S.SURVEYING, _S.ABORTED, _P.COUNTY, "民发〔2021〕57号 第29条：拒不配合"),
)
_TABLE = {(m.before, m.after): m for m in MOVES}


def check_move(before: str, after: str, party: Party) -> Move:
    """The line of the table that allows it. Raises Conflict when there is none for this party."""
    move = _TABLE.get((Status(before), Status(after)))
    if move is None or move.party is not party:
        raise Conflict("现在不能这样办理。请刷新页面看最新进度。", code="move_not_allowed")
    return move
