"""One family's matters in the mini-program: chosen, filled in once, one refused, handed in at once."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.filing import applications
from portal.filing.tables import Application, Document
from portal.policy.lifecycle import Status
from tests.journeys.site import Site
from tests.miniprogram import story
from tests.miniprogram.handset import Handset
from tests.miniprogram.test_looks import ANSWERS, call
from tests.miniprogram.test_roster import modal

pytestmark = pytest.mark.browser

TOLD: dict[str, Any] = {**ANSWERS, "emergency_place": ANSWERS["household_place"]}
TYPED = ("applicant_name", "applicant_id_number")


def test_一家人的事_一次填好_不要的不办_一起交(handset: Callable[..., Handset], site: Site) -> None:
    hers = handset(user="family")
    hers.open("pages/matters/matters?programs=dibao,linshi,yiliao")
    hers.tap("用微信登录")
    hers.at("consents")
    story.consent(hers)
    hers.at("matters")
    hers.tap("加上，去填")
    hers.at("walk")
    hers.sees("3件事，一次填好")
    home = hers.page.evaluate("__mp.stack.top().instance.data.home")
    said_no(hers, home)
    typed_once(hers, home)
    the_rest(hers, home)
    hers.kill(f"pages/photos/photos?home={home}")
    hers.photograph("看病的单子", story.photo("bill_L2_00.jpg"))
    expect(hers.main.get_by_text("✓ 已上传")).to_have_count(1)
    hers.kill(f"pages/hand-in/hand-in?home={home}")
    hers.sees(story.NAME)
    hers.sees("1张")
    hers.tap("一起提交")
    hers.at("receipts")
    hers.sees("2件都提交了")
    handed_in(hers, site)


def said_no(hers: Handset, home: str) -> None:
    hers.tap("有的不想办了，或加办一件")
    hers.at("matters")
    hers.tap("医疗救助：这一件不要办")
    modal(hers, "医疗救助不要办？", "不要办")
    hers.sees("医疗救助不办了。")
    hers.kill(f"pages/walk/walk?home={home}")
    hers.sees("2件事，一次填好")


def typed_once(hers: Handset, home: str) -> None:
    """Killed with the boxes full: nothing is typed again, and both files have it."""
    at = f"pages/step/step?home={home}&step=applicant"
    hers.kill(at)
    hers.type("要申请的人叫什么名字？", story.NAME)
    hers.type("他的身份证号码", story.NUMBER)
    hers.kill(at)
    name = hers.main.get_by_label("要申请的人叫什么名字？", exact=True)
    expect(name).to_have_value(story.NAME)
    hers.tap(story.SAVE)
    expect(name).to_have_count(0)


def the_rest(hers: Handset, home: str) -> None:
    path = f"/api/households/{home}"
    now = call(hers, "GET", path)
    for page in now["pages"]:
        told = {n: TOLD[n] for n in page["asks"] if n in TOLD and n not in TYPED}
        if "reason" in told:
            told["reason"] = [page["fields"][0]["options"][0]["value"]]
        now = call(
            hers, "PUT", f"{path}/answers",
            {"since": now["revision"], "page": page["key"], "answers": told},
        )  # fmt: skip


def handed_in(hers: Handset, site: Site) -> None:
    numbers = hers.main.locator(".big").all_inner_texts()
    with site.portal.database.reading() as session:
        rows = select(Application).where(Application.reference_no.in_(numbers))
        files = session.scalars(rows).all()
        assert {f.program_id for f in files} == {"dibao", "linshi"}
        assert {f.status for f in files} == {Status.SUBMITTED}
        for file in files:
            assert applications.answers(session, file)["applicant_name"] == story.NAME
            photos = select(Document).where(Document.application_id == file.id)
            assert len(session.scalars(photos).all()) == 1
