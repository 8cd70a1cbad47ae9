"""Signatures and photos in one go without a signal: each by their own hand, sorted on the phone."""

import base64
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from portal.filing import signatures
from portal.filing.signing_words import TEXT, TEXT_VERSION
from portal.filing.tables import Application, Document, Signature
from portal.people import mandate_basis
from portal.people.mandate_tables import Mandate
from tests.journeys import sheet, story, waiting
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, soon
from tests.journeys.test_pin import EVERYTHING
from tests.journeys.waiting import KEPT_PAGES, forgive_the_dead_network, know_the_place, visit_once

pytestmark = pytest.mark.browser

NAME, RIGHT, SPOUSE, CHILD = "田大山", "田大川", "向秀英", "田小妹"
LENT = ("sign.js", "signing.js", "signing.html")


def test_没信号_自己签_一次拍几张_回头分(phone: Callable[..., Phone], site: Site) -> None:
    hers = _ready(phone)
    file = sheet.begin(hers, "dibao", person=NAME, helper="李邻居", pin="no", signs=True)
    said = {"applicant_name": NAME, "found_by": "村口小店带话", "household_place": story.VILLAGE}
    sheet.only(hers, {**said, "reason": ("illness",), "reason_words": "病了。"})
    _family(hers)
    _photos_in_one_go(hers)
    hers.tap("拍好了，下一步", stays=True)
    _both_sign_and_his_name_was_wrong(hers)
    sheet.finish(hers)
    hers.sees("封好了，有信号就自己交")
    _tells_nothing(hers)
    _topics_go_first(hers)
    hers.sees("已经交了，编号")
    assert waiting.topics(hers) == {}
    again = hers.page.get_by_role("link", name="要再签一次")
    expect(again).to_have_text(["申请人要再签一次。"])
    expect(again).to_have_attribute("href", f"/applications/{file}/signers")
    assert [str(one) for one in waiting.handed_in(site)] == [file]
    _as_she_signed(site, file)
    forgive_the_dead_network(hers)


def _ready(phone: Callable[..., Phone]) -> Phone:
    """Signed in, with everything a helper's phone keeps; then no signal."""
    hers = phone(screen=SMALL)
    hers.open("/helping")
    hers.sign_in(story.PHONE)
    hers.consent()
    visit_once(hers)
    know_the_place(hers)
    hers.open("/helping")
    kept = lambda: [one.rpartition("/")[2] for one in hers.page.evaluate(KEPT_PAGES)]  # noqa: E731
    assert soon(lambda: set(LENT) <= set(kept()))
    hers.context.set_offline(True)
    return hers


def _family(hers: Phone) -> None:
    """His wife, and a child, who is not asked."""
    hers.page.evaluate("location.hash = location.hash.split('/')[0] + '/household'")
    for name, year in ((SPOUSE, "1960"), (CHILD, "2015")):
        hers.tap("加一个人", stays=True)
        row = hers.page.locator("[data-row]:visible").last.get_attribute("data-row")
        hers.type(f"{row}.name", name)
        for part, number in (("y", year), ("m", "3"), ("d", "5")):
            hers.type(f"{row}.birth_date.{part}", number)
        hers.choose(f"{row}.relation", "丈夫或妻子" if name == SPOUSE else "未满18岁的儿女")
    expect(hers.page.locator("form[data-page=household]")).not_to_have_attribute("data-typing", "1")


def _photos_in_one_go(hers: Phone) -> None:
    hers.page.evaluate("location.hash = location.hash.split('/')[0] + '/photos'")
    sheet.photograph(
        hers, "unsorted", "id_front_L1_00.jpg", "bank_L1_00.jpg", "hukou_L1_00.jpg"
    )  # fmt: skip
    first = _paper(hers, "unsorted").locator("li").first
    first.locator("select").select_option("id_card")
    expect(_paper(hers, "id_card").locator("li")).to_have_count(1)
    expect(_paper(hers, "unsorted").locator("li")).to_have_count(2)


def _paper(hers: Phone, item: str) -> Locator:
    return hers.page.locator(f'form[data-paper="{item}"]')


def _both_sign_and_his_name_was_wrong(hers: Phone) -> None:
    cards = hers.page.locator("[data-board] section")
    expect(cards).to_have_count(3)
    expect(cards.nth(0)).to_contain_text("签好了，谢谢。")
    expect(cards.nth(1)).to_contain_text(f"请{NAME}自己签。")
    hers.sees("现在不签也能交。")
    expect(hers.page.locator("[data-board] > details")).to_contain_text(f"{TEXT_VERSION} 版")
    sheet.sign(hers, cards.nth(2))
    expect(cards.nth(2).locator("[data-done]")).to_be_visible()
    expect(cards.nth(1).locator("[data-done]")).to_be_hidden()
    sheet.sign(hers, cards.nth(1))
    expect(cards.nth(1).locator("[data-done]")).to_be_visible()
    sheet.only(hers, {"applicant_name": RIGHT})


def _tells_nothing(hers: Phone) -> None:
    text, _key, photos = hers.page.evaluate(EVERYTHING)
    kept = base64.b64decode(text)
    assert photos == 3
    words = (NAME, RIGHT, SPOUSE, CHILD, "李邻居", "strokes", "id_card", "unsorted")
    assert [w for w in words if w.encode() in kept or w.encode("utf-16-le") in kept] == []


def _topics_go_first(hers: Phone) -> None:
    """While a topic is refused no signature goes: its signer might stand on that page."""
    signed: list[str] = []
    hers.page.on("request", lambda one: signed.append(one.url) if "/signed" in one.url else None)
    refused = {"code": "invalid", "message": "先别收。"}
    hers.context.route("**/typed?*", lambda route: route.fulfill(status=422, json=refused))
    hers.context.set_offline(False)
    hers.sees(refused["message"])
    expect(hers.page.get_by_text(refused["message"])).to_have_count(5)
    assert signed == []
    hers.context.unroute("**/typed?*")
    hers.tap("现在就传", stays=True)


def _as_she_signed(site: Site, file: str) -> None:
    members = waiting.answers(site, file)["members"]
    wife = next(one["row"] for one in members if one["name"] == SPOUSE)
    with site.portal.database.reading() as session:
        (given,) = session.scalars(select(Signature))
        application = session.get_one(Application, given.application_id)
        assert (given.signer, given.method, given.text_version) == (
            f"member:{wife}", "screen", TEXT_VERSION,
        )  # fmt: skip
        assert (given.text, str(given.application_id)) == (TEXT, file)
        assert signatures.name_of(session, application, given) == SPOUSE
        assert len(signatures.strokes_of(session, application, given)) == 3
        (mandate,) = session.scalars(select(Mandate))
        assert (mandate.basis, given.mandate_id) == ("screen", mandate.id)
        assert len(mandate_basis.strokes_of(session, mandate)) == 3
        items = sorted(session.scalars(select(Document.item)))
        assert items == ["id_card", "other", "other"], "what nobody sorted goes along"
