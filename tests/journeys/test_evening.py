"""An assistant's evening: households filled in without a signal, merged over a bad line."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys import bad_line, sheet, story, waiting
from tests.journeys.phone import SMALL, Phone
from tests.journeys.site import Site, soon
from tests.journeys.waiting import forgive_the_dead_network, know_the_place, visit_once

pytestmark = pytest.mark.browser

NAMES = [
    "石桂香",
    "田大山",
    "向秀英",
    "彭老幺",
    "龙玉梅",
    "王二喜",
    "李腊梅",
    "张福生",
    "刘桂花",
    "陈水生",
]
PHOTOS = (
    "bank_L1_00", "bill_L1_00", "bill_L2_00", "disab_L1_00", "disab_L2_00", "hukou_L1_00",
    "hukou_L1_01", "hukou_L2_00", "id_back_L1_00", "id_front_L1_00",
)  # fmt: skip
PHOTOS_KEPT = """
() => new Promise((done) => {
  indexedDB.open("photos", 1).onsuccess = ({ target }) => {
    target.result.transaction("photos").objectStore("photos").getAll().onsuccess = (found) => {
      target.result.close();
      done(found.target.result.map((one) => [one.application, one.sha]));
    };
  };
})
"""


_LONG = (pytest.mark.full, pytest.mark.timeout(900))


@pytest.mark.parametrize(
    "households", [pytest.param(2, id="2家"), pytest.param(10, id="10家", marks=_LONG)]
)
def test_白天没信号_晚上一次传完(browser: Browser, site: Site, households: int) -> None:
    with bad_line.bad_line(urlsplit(site.url).port or 0) as line:
        hers = Phone(browser, f"http://127.0.0.1:{line.port}", screen=SMALL)
        hers.open("/applications")
        hers.sign_in(story.PHONE)
        hers.consent()
        visit_once(hers)
        know_the_place(hers)
        hers.open("/helping")
        hers.context.set_offline(True)
        ids = [_household(hers, number) for number in range(households)]
        hers.open("/waiting")
        hers.sees(f"共{households}家：交了0家。")
        assert soon(lambda: all(sha for _file, sha in hers.page.evaluate(PHOTOS_KEPT)))
        kept = hers.page.evaluate(PHOTOS_KEPT)
        assert sorted(one for one, _sha in kept) == sorted(ids)
        line.drops = 0.2
        hers.context.set_offline(False)
        expect(hers.page.locator("[data-sum]")).to_contain_text(
            f"共{households}家：交了{households}家。还有0页、0张照片没传。", timeout=180_000
        )
        assert line.dropped
        line.drops = 0
        forgive_the_dead_network(hers)
        hers.close()
    assert sorted(map(str, waiting.handed_in(site))) == sorted(ids), "each once, none beside"
    stored = [(str(file), sha) for file, sha in waiting.photos(site)]
    assert sorted(stored) == sorted((file, sha) for file, sha in kept), "each its own photo"
    for file, name in zip(ids, NAMES, strict=False):
        assert waiting.answers(site, file)["applicant_name"] == name
    assert soon(lambda: waiting.in_the_queue(site) == households, seconds=60)


def _household(hers: Phone, number: int) -> str:
    name = NAMES[number]
    pin = "" if number else "no"
    file = sheet.begin(hers, "dibao", person=name, helper="李协理", pin=pin)
    said = {"applicant_name": name, "found_by": "村口小店带话", "household_place": story.VILLAGE}
    sheet.only(hers, {**said, "reason": ("illness",), "reason_words": f"{name}病了。"})
    sheet.photograph(hers, "id_card", f"{PHOTOS[number]}.jpg")
    sheet.finish(hers)
    return file
