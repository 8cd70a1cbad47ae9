"""The township asks for two things once; she does both from the one list and hands in again."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.casework import events
from portal.filing.tables import Application
from portal.foundation.clock import utc_now
from portal.policy.lifecycle import Party, Status
from tests.journeys import story
from tests.journeys.phone import Phone
from tests.journeys.site import Site

pytestmark = pytest.mark.browser

LIST = [
    {"item": "medical_bills", "sentence": "请补拍看病的单子。"},
    {"item": "phone", "sentence": "电话打不通，请改一下。"},
]


def test_一张清单补好再交(phone: Callable[..., Phone], site: Site) -> None:
    hers = phone()
    address = story.begin(hers)
    for step in ("applicant", "contact", "household_place", "reason"):
        hers.open(f"{address}/steps/{step}")
        if step == "household_place":
            hers.place("household_place", *story.VILLAGE)
        hers.answer(story.STEPS[step])
        hers.tap("保存，下一步")
    hers.open(f"{address}/check")
    hers.tap("提交")
    ask_for(site)
    hers.open(address)
    hers.sees("轮到您了")
    hers.sees("请补拍看病的单子。")
    hers.tap("拍这一样：看病的单子")
    hers.photograph("medical_bills", story.photo("bill_L2_00.jpg"))
    hers.kept(1)
    hers.tap("拍好了，回去")
    hers.tap("去填这一样：联系电话")
    hers.type("phone", "13874312346")
    hers.tap("保存，回去")
    assert hers.page.locator(".tag", has_text="已补").count() == 2
    hers.tap("补好了，再交一次")
    hers.tap("提交")
    hers.sees("已提交，尚未受理")
    hers.open(address)
    hers.tap("别的", stays=True)
    hers.tap("不想申请了，撤回")
    hers.tap("撤回这份低保申请")
    hers.sees("已撤回")


def ask_for(site: Site) -> None:
    with site.portal.database.writing() as session:
        application = session.scalars(select(Application)).one()
        events.record(
            session, application, "returned", after=Status.RETURNED, party=Party.TOWNSHIP,
            actor="staff:test", said={"items": LIST}, now=utc_now(),
        )  # fmt: skip
