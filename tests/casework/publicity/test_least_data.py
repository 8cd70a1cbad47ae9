"""Thousands of invented households, each posted: nothing that belongs to them alone gets out.

Whatever people type where a name or a place is asked, no four characters in a row of an identity
number, a phone, a card or an address below the village stand on page, API or any other way out.
"""

import json
import random
import re
from typing import Any
from uuid import uuid4

import pytest

from portal.casework import sealed
from portal.casework.decision import facts, notice
from portal.casework.decision.tables import PublicNotice
from portal.casework.publicity import board, publishing
from portal.casework.publicity.tables import Publication
from portal.foundation import rates, typesetting
from portal.foundation.clock import local_date
from portal.people.identity import IdNumber
from tests.apps import app_over
from tests.casework.decision.offices import do, look
from tests.casework.publicity import villages
from tests.casework.publicity.villages import VILLAGE

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

SURNAMES = "刘王陈李周欧阳司马龙向田彭"
GIVEN = "桂香建国小雨秀英志强\U0002ebf0玉兰"
STREETS = ("河边", "晒谷坪", "老粮站", "桥头", "东风路", "三组")
OWN = ("number", "phone", "card", "address")
RUN = 4
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def person(chance: random.Random) -> dict[str, str]:
    """Everything one household would not have posted."""
    digits = f"430923{chance.randint(1930, 2012)}{chance.randint(1, 12):02}"
    digits += f"{chance.randint(1, 28):02}{chance.randint(0, 999):03}"
    last = "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]
    street, door = chance.choice(STREETS), chance.randint(1000, 9999)
    return {
        "number": digits + last,
        "phone": f"1{chance.choice('3578')}{chance.randint(10**8, 10**9 - 1)}",
        "card": f"62{chance.randint(10**16, 10**17 - 1)}",
        "address": f"{street}{door}号{chance.choice(STREETS)}",
        "name": chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.randint(1, 3))),
    }


def declared(her: dict[str, str], chance: random.Random) -> dict[str, Any]:
    """Her answers; and now and then a number or an address where the name is asked for."""
    wrong = [her["name"] + her[what] for what in OWN] + [her[what] for what in OWN]
    name = chance.choice([her["name"]] * 8 + wrong)
    return {
        "applicant_name": name, "applicant_id_number": her["number"], "phone": her["phone"],
        "household_place": {"code": VILLAGE, "address": her["address"]},
        "bank_account": her["card"], "health": ["serious"], "near_kin": "none",
        "members": [{"row": "m1", "name": her["name"], "id_number": her["number"]}],
    }  # fmt: skip


def runs(text: str) -> set[str]:
    return {text[i : i + RUN] for i in range(len(text) - RUN + 1)}


def leaks(her: dict[str, str], shown: str) -> list[str]:
    return [what for what in OWN if runs(her[what]) & runs(shown)]


def free(posting: dict[str, str]) -> str:
    """All of a posting that could hold something of hers: days and the office's phone are
    checked to be just that, and then left out."""
    assert set(posting) <= set(notice.ALLOWED)
    for name in ("from", "until"):
        assert re.fullmatch(r"\d{4}年\d{1,2}月\d{1,2}日", posting[name])
    assert posting["phone"] == "12349"
    assert re.fullmatch(r"\d{1,2}人", posting["people"])
    return "\n".join(posting[name] for name in posting if name not in ("from", "until", "phone"))


def hang(offices, file_id, chance, number, kind=board.REVIEW):
    """`number` households' postings of one kind in the one village, as the verb composes them."""
    everybody = [person(chance) for _one in range(number)]

    def write(session, file):
        for one in notice.of(session, file):
            one.ended_at = offices.now
        file.status = board.WHILE[kind][0]
        base = len(notice.of(session, file))
        for round_no, her in enumerate(everybody, base + 1):
            granted = {"category": "rural", "people": chance.randint(1, 9),
                       "amount": None if kind == publishing.STOP else chance.randint(1, 99_900)}  # fmt: skip
            posting(offices, session, file, declared(her, chance), granted, kind, round_no)

    do(offices, file_id, write)
    return everybody


def posting(offices, session, file, said, granted, kind, round_no):
    today, new = local_date(offices.now), uuid4()
    words = notice.fields(session, file, offices.program(file), said, granted, today, today)
    every = {
        "id": new, "application_id": file.id, "region_code": VILLAGE, "posted_by": "test",
        "posted_at": offices.now, "last_day": today,
    }  # fmt: skip
    if kind == board.REVIEW:
        body = sealed.seal(session, file, "public_notices.body_sealed", new, words)
        session.add(PublicNotice(**every, round=round_no, body_sealed=body))
    else:
        body = sealed.seal(session, file, "publications.body_sealed", new, words)
        session.add(Publication(**every, kind=kind, body_sealed=body))


def read_all(offices):
    """Every page of the village, by API and as HTML; looks are not what is tried here."""
    browser = app_over(offices.portal, lambda: offices.now).test_client()
    found, pages, number, last = [], [], 1, 1
    while number <= last:
        with offices.portal.database.writing() as session:
            session.query(rates.RateWindow).delete()
        answer = browser.get(f"/api/public-notices?region={VILLAGE}&page={number}").json
        found += [one["fields"] for one in answer["notices"]]
        pages.append(browser.get(f"/notices/{VILLAGE}?page={number}").text)
        number, last = number + 1, answer["pages"]
    return found, pages


def visible(page: str) -> str:
    """What stands on the page, without the days, the office's phone, tokens and addresses."""
    body = page.split("<main")[1].split("</main>")[0]
    text = re.sub(r"<[^>]*>", "\n", body)
    return re.sub(r"\d{4}年\d{1,2}月\d{1,2}日|12349", "\n", text)


@pytest.mark.parametrize(
    "number",
    [pytest.param(100, id="100"), pytest.param(5_000, id="5000", marks=pytest.mark.full)],
)
def test_nothing_of_their_own_gets_out(offices, monkeypatch, number):
    """Of what hangs before the decision, after it, and before a stop: online and on paper."""
    chance, everybody = random.Random(20261122), []
    every = dict.fromkeys(board.KINDS, number // len(board.KINDS)) | {board.REVIEW: number // 2}
    for kind, some in every.items():
        phone = f"1391111{len(everybody):04}"
        everybody += hang(offices, villages.posted(offices, phone=phone), chance, some, kind)
    found, pages = read_all(offices)
    assert len(found) == len(everybody)
    printed = on_paper(offices, monkeypatch)
    assert {group["title"] for group in printed["groups"]} == set(board.KINDS.values())
    lines = [dict(rows) for group in printed["groups"] for rows in group["lines"]]
    assert len(lines) == min(board.MOST_PRINTED, len(everybody))
    everything = "\n".join(map(free, found)) + "\n".join(map(visible, pages))
    paper = re.sub(r"\d{4}年\d{1,2}月\d{1,2}日|12349", "\n", json.dumps(lines, ensure_ascii=False))
    shown = runs(everything) | runs(paper)
    told = {what: her for her in everybody for what in OWN if runs(her[what]) & shown}
    assert told == {}
    assert all(len(one["name"]) <= 3 for one in found)
    offices.later(days=1)
    found, pages = read_all(offices)
    assert found == []
    assert "某" not in "".join(map(visible, pages))


def on_paper(offices, monkeypatch):
    """The words of the printed board, as they go to be set."""
    kept = []
    render = typesetting.render

    def keep(template, words):
        kept.append(words)
        return render(template, words)

    monkeypatch.setattr(typesetting, "render", keep)
    with offices.portal.database.reading() as session:
        board.paper(session, VILLAGE, actor=offices["clerk"], now=offices.now)
    return kept[-1]


def test_the_look_for_leaks_finds_one(store):
    """The test above can fail."""
    her = person(random.Random(1))
    for what in OWN:
        assert leaks(her, f"刘某某 {her[what][1:6]}") == [what]
    assert leaks(her, "刘某某 杨林村 每月770元") == []
    assert IdNumber.parse(her["number"])


def test_what_is_posted_does_not_depend_on_what_is_private(offices):
    """Two households alike but for their own data are posted word for word the same."""
    file_id = villages.posted(offices)
    chance = random.Random(7)

    def words(session, file, her):
        said = facts.declared(session, file) | declared(her, random.Random(0))
        said["applicant_name"] = "刘桂香"
        day, granted = local_date(offices.now), {"category": "rural", "people": 2, "amount": 77_000}
        return json.dumps(
            notice.fields(session, file, offices.program(file), said, granted, day, day)
        )

    everybody = [person(chance) for _one in range(30)]
    made = look(offices, file_id, lambda s, f: {words(s, f, her) for her in everybody})
    assert len(made) == 1
