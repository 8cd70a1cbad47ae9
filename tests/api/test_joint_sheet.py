"""The blank form of all a household's matters: public, the same for everybody, asked as on its pages."""

import json
import re
from html.parser import HTMLParser
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest

from portal.filing.sharing import RECOGNISED
from portal.filing.tables import Application
from portal.policy import loader
from portal.policy.lifecycle import Status
from tests.api.test_households import begin, fill
from tests.api.test_phone_outbox import body
from tests.api.walk import Resident
from tests.casework import cases

PROGRAMS = [
    program.id
    for program in loader.load().programs.values()
    if program.has_form and not program.travels_alone
]


class Sheet(HTMLParser):
    """`asked`: by page the questions, people's own left out; `ids`, and what labels lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked: dict[str, list[str]] = {}
        self.ids: list[str] = []
        self.led_to: list[str] = []
        self.papers: dict[str, int] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form" and "data-page" in has:
            self.asked[has["data-page"]] = []
        if "data-asked" in has:
            self.asked[list(self.asked)[-1]].append(has["data-name"])
        if "data-paper" in has:
            self.papers[has["data-paper"]] = int(has.get("data-file", 0))
        self.ids += [has["id"]] if "id" in has else []
        self.led_to += [has["for"]] if "for" in has else []


@pytest.fixture
def her(client, portal) -> Resident:
    return Resident(client, portal).sign_in()


@pytest.mark.parametrize("first", PROGRAMS, ids=lambda p: loader.load().find(p).short)
def test_every_pair_asks_what_the_households_pages_ask(her: Resident, first: str) -> None:
    others = [two[1] for two in combinations(PROGRAMS, 2) if two[0] == first]
    for other in others:
        home = begin(her, first, other, key=f"{first}-{other}")
        order = "+".join(a["program_id"] for a in home["applications"])
        sheet = Sheet(her.client.get(f"/fill/{order}").text)
        drawn = {page["key"]: [f["name"] for f in page["fields"]] for page in home["pages"]}
        assert sheet.asked == drawn, order
        assert len(set(sheet.ids)) == len(sheet.ids), order
        assert set(sheet.led_to) <= set(sheet.ids), order


def test_it_holds_nothing_of_anybody(her: Resident, app) -> None:
    home = fill(her, begin(her, "dibao", "linshi"))
    path = "/fill/dibao+linshi"
    hers = her.client.get(path, headers={**her.headers, "X-Kept": "1"})
    stranger = app.test_client(use_cookies=False).get(path, headers={"X-Kept": "1"})
    assert hers.data == stranger.data
    assert "max-age" in stranger.headers["Cache-Control"]
    assert "camera=(self)" in stranger.headers["Permissions-Policy"]
    told = json.dumps([page["answers"] for page in home["pages"]], ensure_ascii=False)
    names = set(re.findall(r"[\u4e00-\u9fff]{3}", told)) & {"王秀英", "李大山"}
    assert names
    assert not any(name in stranger.text for name in names)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("dibao+", 200), ("dibao+dibao", 404), ("+", 404), ("moon+dibao", 404),
        ("dibao+cishan", 404), ("cishan", 303),
    ],
)  # fmt: skip
def test_only_what_is_filled_in_together(client, asked: str, status: int) -> None:
    assert client.get(f"/fill/{asked}").status_code == status


def test_the_families_pages_name_their_form_and_their_files(her: Resident) -> None:
    home = begin(her, "linshi", "dibao")
    at, ids = f"/household/{home['id']}", [a["id"] for a in home["applications"]]
    both = "+".join(a["program_id"] for a in home["applications"])
    for path in (f"{at}/tasks", f"{at}/steps/applicant", f"{at}/photos"):
        kept = her.get(path).headers["X-Keep"].split()
        assert kept[0] == f"/fill/{both}", path
        assert all(her.client.get(one).status_code == 200 for one in kept)
    page = her.get(f"{at}/steps/applicant").text
    assert f'data-program="{both}"' in page
    assert f'data-files="{" ".join(ids)}"' in page
    assert "X-Keep" not in her.get("/me").headers
    assert her.client.get("/guide/jiuye").headers["X-Keep"].startswith("/fill/jiuye ")
    assert "X-Keep" not in her.client.get("/guide/cishan").headers


def test_a_photo_goes_where_the_households_page_sends_it(her: Resident) -> None:
    for programs in (("dibao", "linshi"), ("linshi", "dibao"), ("yiliao", "zhufang")):
        home = begin(her, *programs, key="-".join(programs))
        ids = [a["id"] for a in home["applications"]]
        order = "+".join(a["program_id"] for a in home["applications"])
        papers = Sheet(her.client.get(f"/fill/{order}").text).papers
        page = her.get(f"/household/{home['id']}/photos").text
        found = dict(_places(page))
        assert set(found) <= set(papers)
        for item in set(found) - {"unsorted"}:  # those are sorted for all files of the household
            assert ids[papers[item]] == found[item], item


def _places(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'data-application="([0-9a-f-]+)" data-item="(\w+)"', page)
    return [(item, file) for file, item in found]


def test_what_was_granted_meanwhile_is_not_asked_and_no_fault(her: Resident, portal) -> None:
    """The sheet is everybody's: it asks of whom nobody need ask any more, and the phone lets go."""
    first = her.start("dibao")
    her.fill_in(first)
    assert her.post(f"/api/applications/{first}/submission").status_code == 201
    with portal.database.writing() as session:
        cases.put_into(session, session.get_one(Application, UUID(first)), Status.APPROVED)
    listed = her.get("/api/households").json[0]["id"]
    added = her.post(
        f"/api/households/{listed}/applications", {"programs": ["yiliao", "zhufang"]},
        **{"Idempotency-Key": "more"},
    )  # fmt: skip
    assert added.status_code == 201, added.json
    whole = her.get(f"/api/households/{listed}").json
    assert not any(RECOGNISED in page["asks"] for page in whole["pages"])
    said = body({RECOGNISED: "dibao"}, step=RECOGNISED, revision=whole["revision"])
    answer = her.put(f"/api/households/{listed}/typed", said)
    assert answer.status_code == 200, answer.json
    assert answer.json["changed"] == {}
    other = her.put(f"/api/households/{listed}/typed", {**said, "step": "moon", "touched": ["x"]})
    assert other.status_code == 404


def test_an_untouched_question_overwrites_nothing(her: Resident) -> None:
    """An empty page, and a page of which one question was touched, over answered ones."""
    home = fill(her, begin(her, "dibao", "linshi"))
    at = f"/api/households/{home['id']}"
    for touched, typed in (
        ([], {"income_wage": ""}),
        (["income_business"], {"income_business": "7"}),
    ):
        said = body(typed, step="income", revision=home["revision"])
        answer = her.put(f"{at}/typed", {**said, "touched": touched})
        assert answer.status_code == 200, answer.json
        home["revision"] = answer.json["revision"]
    income = next(p for p in her.get(at).json["pages"] if p["key"] == "income")["answers"]
    assert (income["income_wage"], income["income_business"]) == (0, 700)


def test_all_handed_in_is_told_as_one(her: Resident) -> None:
    home = fill(her, begin(her, "dibao", "linshi"))
    ids = [a["id"] for a in home["applications"]]
    for item, name in (("bank_account", "bank_L1_00.jpg"), ("id_card", "id_front_L1_00.jpg")):
        assert her.add_photo(ids[0], name, item).status_code == 201
    sent = her.post(f"/api/households/{home['id']}/submission", {"applications": ids}).json
    numbers: list[Any] = [one["reference_no"] for one in sent["receipts"]]
    assert sent["receipt"]["reference_no"] == "、".join(numbers)
    assert len(sent["receipt"]["photos"]) == 2, "each once, though it lies in both"
    assert sum(len(one["photos"]) for one in sent["receipts"]) > 2
