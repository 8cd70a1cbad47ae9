"""How long a step takes, as people say it."""

from portal.policy.amounts import UNKNOWN
from portal.policy.catalogue import Deadline

_UNITS = {"hour": "小时", "day": "天", "workday": "个工作日", "month": "个月"}


def words(deadline: Deadline) -> str:
    if deadline.days is None:
        return UNKNOWN
    length = f"{deadline.days}{_UNITS[deadline.unit]}"
    return f"至少{length}" if deadline.kind == "duration" else f"{length}内"
