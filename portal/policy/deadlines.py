"""How long a step takes, as people say it."""

from portal.policy.amounts import UNKNOWN
from portal.policy.catalogue import Deadline

_UNITS = {
    "hour": "小时", "day": "天", "workday": "个工作日", "month": "个月", "calendar_month": "个月",
}  # fmt: skip


def words(deadline: Deadline) -> str:
    """3个工作日内 · 至少7天 · 下个月; the sentence for unknown when nobody published a figure."""
    if deadline.days is None:
        return UNKNOWN
    if (deadline.unit, deadline.days) == ("month", 1):
        return "下个月"
    length = f"{deadline.days}{_UNITS[deadline.unit]}"
    return f"至少{length}" if deadline.kind == "duration" else f"{length}内"
