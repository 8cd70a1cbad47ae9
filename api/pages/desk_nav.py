"""The bar on top of the desk: a line a page, shown to the roles that have something to do there;
the first seven at once, the rest under 更多."""

from flask import current_app, request

from portal.casework import signals
from portal.casework.duties import COUNTY, READING, TOWNSHIP, WATCHING
from portal.people.access import Actor, Role
from portal.people.appointments import OFFICES

LINKS: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("/desk/", "队列", READING),
    ("/desk/clock", "时限", READING),
    ("/desk/messages", "留言", TOWNSHIP | COUNTY),
    ("/desk/complaints", "投诉", WATCHING | {Role.COUNTY_CLERK, Role.COUNTY_CONFIRMER}),
    ("/desk/aid", "急难", TOWNSHIP | COUNTY),
    ("/desk/leads", "线索", READING),
    ("/desk/changes", "变化", READING),
    ("/desk/referrals", "转介", TOWNSHIP | COUNTY | {Role.DEPARTMENT_CLERK}),
    ("/desk/figures", "情况", READING),
    ("/desk/board", "公示栏", READING),
    ("/desk/payments", "发放", frozenset({Role.COUNTY_CLERK, Role.COUNTY_CONFIRMER})),
    ("/desk/opinions", "评价", WATCHING | {Role.COUNTY_CLERK, Role.COUNTY_CONFIRMER}),
    ("/desk/ledger", "账本", TOWNSHIP | COUNTY | WATCHING),
    ("/desk/tasks", "上门告知", TOWNSHIP),
    ("/desk/assistants", "协理员", frozenset(OFFICES)),
    ("/desk/signals", "代办情况", signals.WHO),
    ("/desk/near-kin", "近亲属备案", READING),
    ("/desk/export", "批量导出", TOWNSHIP | COUNTY),
    ("/desk/keys", "快捷键", READING | {Role.DEPARTMENT_CLERK}),
)
"""A page that another room adds stands here too; while its route is missing it is not shown."""


def links(actor: Actor) -> list[tuple[str, str, bool]]:
    """(address, title, whether it is this page) of what this person may open."""
    there = {rule.rule for rule in current_app.url_map.iter_rules()}
    return [
        (path, title, request.path == path)
        for path, title, roles in LINKS
        if path in there and actor.holds(*roles)
    ]


def first(actor: Actor) -> str:
    """Where this person begins."""
    return next((path for path, _title, _here in links(actor)), "/desk/")
