"""The whole way in the mini-program: signed in, filled in, photographed, signed, handed in, put right."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import select

from portal.casework import events
from portal.filing.tables import Application, Document
from portal.foundation.settings import Settings
from portal.handover.tables import IntakeDossier
from portal.policy.lifecycle import Party, Status
from tests.journeys.site import Site, by_day, serving, soon
from tests.miniprogram import story
from tests.miniprogram.handset import Handset

pytestmark = pytest.mark.browser

LIST = [
    {"item": "bank_account", "sentence": "请补拍存折。"},
    {"item": "phone", "sentence": "电话打不通，请改一下。"},
]


@pytest.fixture
def site(settings: Settings, client: Path) -> Iterator[Site]:
    """Its own: what is in the queue and in the stand-in's outbox is counted."""
    day = by_day()
    with serving(replace(settings, wechat="standin"), clock=day, worker_clock=day) as running:
        yield running


def test_每一步都关掉再打开_什么都没丢(handset: Callable[..., Handset], site: Site) -> None:
    """Killed in the middle of every step and opened again: the same page has all that was typed."""
    hers = handset()
    file = story.begin(hers)
    hers.tap("接着填")
    for key, answer in story.STEPS.items():
        story.on_step(hers, key)
        answer(hers)
        typed = shown(hers)
        hers.kill(f"pages/step/step?id={file}&step={key}")
        story.on_step(hers, key)
        still_there(hers, key, typed)
        hers.tap(story.SAVE)
    hers.at("photos")
    photographed(hers, file)
    signed(hers, file)
    handed_in(hers, site, file)
    put_right(hers, site, file)


def shown(hers: Handset) -> object:
    """What stands in every box and which ones are ticked, as a person sees it."""
    return hers.page.evaluate(
        """() => [...document.querySelectorAll('main:not([hidden]) input, main:not([hidden]) textarea')]
        .map(one => [one.getAttribute('aria-label'), one.type.match(/radio|checkbox/) ? one.checked : one.value])"""
    )


def still_there(hers: Handset, key: str, typed: object) -> None:
    assert soon(lambda: shown(hers) == typed), f"{key}: {typed} became {shown(hers)}"


def photographed(hers: Handset, file: str) -> None:
    """Two photos taken while the line is dead outlive a kill and go by themselves afterwards."""
    hers.page.route("**/documents", _cut_off)
    hers.photograph("看病的单子", story.photo("bill_L2_00.jpg"), story.photo("bill_L1_00.jpg"))
    expect(hers.main.get_by_text("存在手机上，等着传")).to_have_count(2)
    hers.page.unroute("**/documents")
    hers.kill(f"pages/photos/photos?id={file}")
    expect(hers.main.get_by_text("✓ 已上传")).to_have_count(2)
    assert hers.storage("photos") == []
    hers.tap("下一步")


def signed(hers: Handset, file: str) -> None:
    hers.at("sign")
    hers.tap(f"去签名：{story.NAME}")
    hers.at("signer")
    hers.sign()
    hers.kill(f"pages/sign/sign?id={file}")
    hers.tap(f"去签名：{story.NAME}")
    hers.at("signer")
    hers.tap("同意，签好了")
    hers.sees("还没有签名。请用手指写名字。")
    hers.sign()
    assert hers.is_drawn()
    hers.tap("同意，签好了")
    hers.at("sign")
    hers.sees("已签：在手机上签")


def handed_in(hers: Handset, site: Site, file: str) -> None:
    hers.tap("下一步：看一遍再提交")
    hers.at("review")
    hers.kill(f"pages/review/review?id={file}")
    hers.sees("1200.50元")
    hers.sees("湖南省湘西土家族苗族自治州永顺县芙蓉镇三组12号")
    hers.sees("2张")
    hers.tap("提交")
    hers.at("receipt")
    hers.sees("已提交，尚未受理")
    hers.tap("把回执存到相册")
    agree = hers.main.get_by_role("button", name="同意，接着用", exact=True)
    agree.tap()
    hers.sees("存好了，在手机相册里。")
    assert soon(lambda: _in_the_queue(site))
    assert soon(lambda: len(outbox(site)) == 1), outbox(site)
    assert "申请已提交" in json.dumps(outbox(site), ensure_ascii=False)
    hers.kill(f"pages/case/case?id={file}")
    hers.sees("轮到乡镇（街道）")


def put_right(hers: Handset, site: Site, file: str) -> None:
    ask_for(site)
    assert soon(lambda: "您的申请要补材料" in json.dumps(outbox(site), ensure_ascii=False))
    hers.kill(f"pages/case/case?id={file}")
    hers.sees("轮到您了")
    hers.photograph("银行卡或存折", story.photo("bank_L1_00.jpg"))
    expect(hers.main.get_by_text("✓ 已上传")).to_have_count(1)
    hers.tap("去填这一样：联系电话")
    story.on_step(hers, "contact")
    hers.type("联系电话", "13874312346")
    hers.tap("保存，回去")
    hers.at("case")
    expect(hers.main.get_by_text("已补", exact=True)).to_have_count(2)
    hers.tap("补好了，再交一次")
    hers.at("review")
    hers.tap("提交")
    hers.at("receipt")
    with site.portal.database.reading() as session:
        assert session.scalars(select(Application)).one().submission_no == 2
        assert len(session.scalars(select(Document)).all()) == 3


def outbox(site: Site) -> list[object]:
    """What the stand-in for WeChat has sent to phones."""
    with urllib.request.urlopen(f"{site.url}/dev/wechat/__fake__/outbox", timeout=10) as answer:
        found = json.loads(answer.read())
    return list(found["messages"] if isinstance(found, dict) else found)


def ask_for(site: Site) -> None:
    with site.portal.database.writing() as session:
        application = session.scalars(select(Application)).one()
        events.record(
            session, application, "returned", after=Status.RETURNED, party=Party.TOWNSHIP,
            actor="staff:test", said={"items": LIST}, now=site.clock(),
        )  # fmt: skip


def _cut_off(route: Route) -> None:
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def _in_the_queue(site: Site) -> bool:
    with site.portal.database.reading() as session:
        return session.scalars(select(IntakeDossier)).first() is not None
