"""Several matters of one family filled in without a signal, and a second form without retyping."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal.filing import applications
from portal.filing.tables import Application, Document
from portal.people import consents, sign_in
from portal.policy import loader
from tests.journeys import sheet, story, waiting
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, soon
from tests.journeys.test_without_signal import KEPT as KEPT_PAGES
from tests.journeys.waiting import (
    forgive_the_dead_network,
    know_the_place,
    on_the_phone,
    topics,
    visit_once,
)
from tests.pages.furnished import cookie

pytestmark = pytest.mark.browser

MakePhone = Callable[..., Phone]
BOTH = "/fill/dibao+linshi"
TOLD = {
    "what_happened": "屋顶塌了。", "applicant_name": story.NAME, "phone": story.PHONE,
    "income_wage": "0", "income_business": "1200.5",
}  # fmt: skip


def ready(phone: MakePhone, site: Site) -> Phone:
    """Signed in, on a phone that keeps what opens without a signal, and has looked at one program."""
    hers = phone(screen=SMALL)
    with site.portal.database.writing() as session:
        account = sign_in.open_account(session, story.PHONE, now=site.clock())
        consents.give(session, account, consents.KINDS, now=site.clock())
        owner = account.id
    token = cookie(site.portal, owner)
    hers.context.add_cookies([{"name": "refresh", "value": token, "url": site.url}])
    hers.open("/applications")
    visit_once(hers)
    hers.open("/guide/linshi")
    assert soon(lambda: any("lock.js" in one for one in hers.page.evaluate(KEPT_PAGES)))
    return hers


def begun(phone: MakePhone, site: Site) -> tuple[Phone, str]:
    """Two matters of one family, the first page open; the household's id."""
    hers = ready(phone, site)
    know_the_place(hers)
    hers.open("/household/start?program=dibao&program=linshi")
    hers.tap("一次填好")
    hers.tap("接着填")
    assert soon(lambda: BOTH in hers.page.evaluate(KEPT_PAGES))
    return hers, hers.page.url.split("/")[4]


def test_几件事_没信号也一页页填_一起交(phone: MakePhone, site: Site) -> None:
    hers, home = begun(phone, site)
    hers.tick("filled_in_by", "self")
    hers.context.set_offline(True)
    hers.tap("保存，下一步")
    assert hers.page.url.startswith(f"{hers.url}{BOTH}#{home}/"), hers.page.url
    hers.sees("低保、临时救助申请")
    hers.sees("以前填过的，这里看不到。")
    fill(hers)
    sheet.photograph(hers, "id_card", "id_front_L1_00.jpg")
    sheet.photograph(hers, "incident_proof", "bill_L2_00.jpg")
    hers.tap("拍好了，下一步", stays=True)
    closed_and_opened(hers, "/waiting")
    hers.sees("等信号")
    assert {"applicant", "reason", "income"} <= set(topics(hers))
    hers.open(BOTH)
    hers.tap("接着填自己的")
    hers.open(f"{BOTH}#{home}/applicant")
    hers.page.reload()
    hers.settled()
    expect(hers.page.locator("[name=applicant_name]")).to_have_value(story.NAME)
    hers.open(f"{BOTH}#{home}/done")
    hers.page.reload()
    hers.settled()
    hers.tap("填好了，有信号就交")
    hers.sees("封好了，有信号就自己交")
    assert story.NAME not in str(on_the_phone(hers))
    closed_and_opened(hers, "/waiting")
    hers.context.set_offline(False)
    hers.sees("已经交了，编号")
    hers.sees("照片2张")
    everything_is_there(site)
    hers.tap("知道了", stays=True)
    assert soon(lambda: on_the_phone(hers) == {})
    forgive_the_dead_network(hers)


def fill(hers: Phone) -> None:
    """Three topics by their button, then those nothing goes without, and the photos."""
    for _turn in range(3):
        _next(hers)
    for step in (
        "happened",
        "emergency_place",
        "applicant",
        "contact",
        "household_place",
        "income",
    ):
        _look_at(hers, step)
        shown = hers.page.locator(f'[data-page="{step}"]')
        if step.endswith("_place"):
            hers.place(step, *story.VILLAGE)
        hers.answer({n: v for n, v in TOLD.items() if shown.locator(f'[name="{n}"]').count()})
        _next(hers)
    reasons = hers.page.locator('form[data-page]:has([data-name="reason"])')
    assert reasons.count() == 2, "one name, two questions"
    for number in range(2):
        step = reasons.nth(number).get_attribute("data-page")
        _look_at(hers, step or "")
        reasons.nth(number).locator('label.o:has([name="reason"])').first.tap()
        _next(hers)
    _look_at(hers, "photos")


def _next(hers: Phone) -> None:
    shown = hers.page.locator("form[data-page]:not([hidden])")
    key = shown.get_attribute("data-page")
    shown.get_by_role("button", name="存好，下一步").tap()
    expect(hers.page.locator(f'[data-page="{key}"]')).to_be_hidden()


def _look_at(hers: Phone, step: str) -> None:
    hers.page.evaluate("(step) => { location.hash = location.hash.replace(/[^/]+$/, step); }", step)
    expect(hers.page.locator(f'[data-page="{step}"]')).to_be_visible()


def closed_and_opened(hers: Phone, path: str) -> None:
    old = hers.page
    hers.page = hers.context.new_page()
    hers.page.on("console", hers._heard)
    old.close()
    hers.open(path)


def everything_is_there(site: Site) -> None:
    assert soon(lambda: len(waiting.handed_in(site)) == 2)
    with site.portal.database.reading() as session:
        rows = {one.program_id: one for one in session.scalars(select(Application))}
        files = {program: one.id for program, one in rows.items()}
        found = {p: applications.answers(session, one) for p, one in rows.items()}
        photos = [(d.item, d.application_id) for d in session.scalars(select(Document))]
    assert set(files) == {"dibao", "linshi"}
    dibao, linshi = found["dibao"], found["linshi"]
    for said in (dibao, linshi):
        assert (said["applicant_name"], said["filled_in_by"]) == (story.NAME, "self")
        assert said["reason"]
    assert dibao["income_business"] == 120050
    assert linshi["what_happened"] == TOLD["what_happened"]
    assert linshi["emergency_place"]["code"] == dibao["household_place"]["code"]
    assert len(photos) == len(set(photos)), "none twice"
    assert ("incident_proof", files["linshi"]) in photos
    assert ("id_card", files["dibao"]) in photos


OTHER = "田大山"
PEOPLE = ("", "王秀英", OTHER)
PUT = """
([files, topics]) => new Promise((done) => {
  const request = indexedDB.open("drafts", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("drafts");
  request.onsuccess = () => {
    const transaction = request.result.transaction("drafts", "readwrite");
    const drafts = transaction.objectStore("drafts");
    files.concat(topics).forEach(([key, one]) => drafts.put(one, key));
    transaction.oncomplete = () => { request.result.close(); done(); };
  };
})
"""
LENT = """
async ([module, entries]) => {
  document.querySelectorAll("[data-part=begin] h2 ~ button").forEach((one) => one.remove());
  const begun = [];
  const { lend } = await import(module);
  lend(document.querySelector("[data-begin]"), "linshi", entries, (more) => begun.push(more));
  document.querySelectorAll("[data-part=begin] h2 ~ button").forEach((one) => one.click());
  return begun;
}
"""
"""What each of the buttons would begin a file with."""


def test_谁填过的只给谁用(phone: MakePhone, site: Site) -> None:
    """Every mixture of person, account, program and state on one phone: offered is only what the
    same hand began for the same person and what can still be read, and it holds that person's words."""
    hers = ready(phone, site)
    mine = hers.page.evaluate("document.cookie.match(/who=([0-9a-f]+)/)[1]")
    kinds = product(PEOPLE, (mine, "0" * 16, ""), ("dibao", "linshi"), (True, False))
    files, expected = {}, []
    for number, (person, who, program, is_open) in enumerate(kinds):
        files[f"{number:08d}"] = (person, who, program, is_open)
        if (who, program, is_open) == (mine, "dibao", True):
            expected.append((f"{number:08d}", person))
    hers.page.evaluate(
        PUT, [[_file(*one) for one in files.items()], [_topic(*one) for one in files.items()]]
    )
    hers.context.set_offline(True)
    hers.open("/fill/linshi")
    offered = hers.page.locator("[data-part=begin] button", has_text="里填过的").all_inner_texts()
    assert sorted(offered) == sorted(
        f"用{person or '自己'}低保里填过的" for _file_, person in expected
    )
    module = next(one for one in hers.page.evaluate(KEPT_PAGES) if one.endswith("over.js"))
    begun_with = hers.page.evaluate(LENT, [module, list(on_the_phone(hers).items())])
    assert len(begun_with) == len(expected)
    for (file, person), new in zip(sorted(expected), begun_with, strict=True):
        assert (new.get("person") or "") == person
        assert new["over"] == {"applicant": {"typed": _said(file), "touched": ["applicant_name"]}}
    forgive_the_dead_network(hers)


def _file(key: str, one: tuple[str, str, str, bool]) -> tuple[str, dict[str, Any]]:
    person, who, program, is_open = one
    kept = {"id": key, "begun": True, "here": False, "who": who, "seen": {}, "at": 1}
    words = {"short": "低保" if program == "dibao" else "临时救助", "program": program}
    if person:
        words |= {"person": person, "kind": "neighbour", "helper": "李协理"}
    return f"{key}/", kept | words | ({} if is_open else {"closed": True, "person": ""})


def _topic(key: str, one: tuple[str, str, str, bool]) -> tuple[str, dict[str, Any]]:
    """As the phone keeps it: sealed only, where its file is closed."""
    asked = {"applicant_name": _digest("applicant_name")}
    words = (
        {"typed": _said(key), "touched": list(asked), "asked": asked}
        if one[3]
        else {"closed": True}
    )
    return f"{key}/applicant", {"to": "/nowhere", "step": "applicant", "revision": 0} | words


def _said(key: str) -> list[list[str]]:
    return [["applicant_name", f"名字{key}"]]


def _digest(name: str) -> str:
    fields = loader.load().find("dibao").form.fields
    return next(field.digest for field in fields if field.name == name)[:4]


def test_再填一份不用重填_看过才算(phone: MakePhone, site: Site) -> None:
    """低保 and 临时救助 for the same neighbour: names, numbers and members come along, an answer
    taken away stays away, and nothing goes before its page was saved."""
    hers = ready(phone, site)
    hers.context.set_offline(True)
    first = sheet.begin(hers, "dibao", person="王秀英", helper="李协理", pin="no")
    sheet.only(
        hers, {"applicant_id_number": story.NUMBER, "phone": story.PHONE, "found_by": "小店"}
    )
    _look_at(hers, "household")
    story.add_grandson(hers)
    assert soon(lambda: "household" in topics(hers))
    hers.open("/fill/linshi")
    hers.tap("用王秀英低保里填过的")
    hers.sees("临时救助申请：王秀英")
    second = hers.page.url.partition("#")[2].partition("/")[0]
    assert not [
        key for key in on_the_phone(hers) if key.startswith(f"{second}/") and key != f"{second}/"
    ]
    _look_at(hers, "contact")
    expect(hers.page.locator("[name=phone]")).to_have_value(story.PHONE)
    hers.type("found_by", "")
    _next(hers)
    assert soon(lambda: f"{second}/contact" in on_the_phone(hers))
    hers.page.reload()
    hers.settled()
    _look_at(hers, "contact")
    expect(hers.page.locator("[name=found_by]")).to_have_value("")
    _look_at(hers, "household")
    expect(hers.page.locator('[name^="members."][name$=".name"]:not(template *)')).to_have_value(
        "石小军"
    )
    _next(hers)
    assert soon(lambda: f"{second}/household" in on_the_phone(hers))
    hers.open("/waiting")
    hers.context.set_offline(False)
    assert soon(lambda: topics(hers) == {})
    assert waiting.answers(site, first)["applicant_id_number"] == story.NUMBER
    found = waiting.answers(site, second)
    assert found["phone"] == story.PHONE
    assert [one["name"] for one in found["members"]] == ["石小军"]
    assert {"applicant_id_number", "found_by"} & set(found) == set(), "not looked at; taken away"
    forgive_the_dead_network(hers)
