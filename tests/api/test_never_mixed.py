"""Several households at once, in any order, in several tabs: nothing lands in the wrong file, and
no page shows what belongs to another."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from portal.filing.tables import Document
from portal.people import sign_in
from tests.api.helped import Neighbour, neighbour
from tests.conftest import NOW

HOUSES, TABS = 4, 3
_INPUT = re.compile(r'<input type="hidden" name="(csrf|revision)" value="([^"]*)"')
_STEPS = {"applicant": "applicant_name", "reason": "reason_words", "account": "account_bank"}


@dataclass
class House:
    name: str
    mandate: str
    file: str
    said: set[str] = field(default_factory=set)
    photos: set[str] = field(default_factory=set)


@dataclass
class Tab:
    """A page left open: whose, and what its form would send."""

    house: int
    path: str
    hidden: dict[str, str]


@dataclass
class Day:
    """A helper with several households, one browser and a few tabs of it."""

    helper: Neighbour
    browser: Any
    houses: list[House]
    tabs: dict[int, Tab] = field(default_factory=dict)
    typed: int = 0

    def mark(self, house: int) -> str:
        """A word nobody else says."""
        self.typed += 1
        return f"户{'甲乙丙丁'[house]}{self.typed:04d}"

    def foreign(self, house: int, text: str) -> list[str]:
        others = [h for n, h in enumerate(self.houses) if n != house]
        return [word for h in others for word in (*h.said, h.name) if word in text]

    def look(self, house: int, answer: Any) -> Any:
        """Whatever a page of this household says is its own."""
        assert self.foreign(house, answer.text) == []
        return answer

    def enter(self, house: int, path: str) -> Any:
        """Open a page; where the portal asks for whom, say so."""
        answer = self.browser.get(path)
        if answer.status_code == 303 and "/enter" in answer.headers["Location"]:
            asked = self.browser.get(answer.headers["Location"])
            address = f"/helping/{self.houses[house].mandate}/enter"
            assert f'action="{address}"' in asked.text
            form = {**dict(_INPUT.findall(asked.text)), "next": path}
            assert self.browser.post(address, data=form).headers["Location"] == path
            answer = self.browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        assert f"您正在为<b>{self.houses[house].name}</b>办理" in answer.text
        return self.look(house, answer)

    def open(self, tab: int, house: int, step: str) -> None:
        path = f"/applications/{self.houses[house].file}/steps/{step}"
        page = self.enter(house, path)
        self.tabs[tab] = Tab(house, path, dict(_INPUT.findall(page.text)))

    def save(self, tab: int) -> None:
        """Send the form of a tab as it was left, whatever the browser does meanwhile."""
        if tab not in self.tabs:
            return
        page = self.tabs.pop(tab)
        word = self.mark(page.house)
        name = _STEPS[page.path.rpartition("/")[2]]
        answer = self.browser.post(page.path, data={**page.hidden, "go": "save", name: word})
        assert answer.status_code in (303, 403, 409), answer.status_code
        if answer.status_code == 303:
            self.houses[page.house].said.add(word)
        else:
            self.look(page.house, answer)

    def photograph(self, tab: int, shade: int) -> None:
        if tab not in self.tabs:
            return
        page, data = self.tabs[tab], _photo(shade)
        path = page.path.partition("/steps/")[0] + "/photos/other"
        sent = {"csrf": page.hidden["csrf"], "one": "1", "photo": (BytesIO(data), "x.jpg")}
        answer = self.browser.post(path, data=sent)
        assert answer.status_code == 303, re.findall('class="e"[^<]*<?[^<]*', answer.text)
        self.houses[page.house].photos.add(sha256(data).hexdigest())

    def sort(self, house: int, other: int, item: str) -> None:
        """A photo put under another paper: its own file's, and never through another's."""
        ours, theirs = self.houses[house].file, self.houses[other].file
        for photo in self.helper.get(f"/api/applications/{ours}/documents").json:
            body, address = {"item": item}, f"/documents/{photo['id']}"
            answer = self.helper.put(f"/api/applications/{ours}{address}", body)
            assert answer.status_code == 200, answer.json
            if house != other:
                strange = self.helper.put(f"/api/applications/{theirs}{address}", body)
                assert strange.status_code == 404

    def tell(self, house: int, late: bool) -> None:
        """As the other client does, with a revision that may be old."""
        address = f"/api/applications/{self.houses[house].file}/answers"
        now = self.look(house, self.helper.get(address)).json["revision"]
        word = self.mark(house)
        body = {"revision": max(now - late, 0), "answers": {"helper_words": word}}
        if self.helper.put(address, body).status_code == 200:
            self.houses[house].said.add(word)


@pytest.fixture
def day(app, portal) -> Day:
    helper, houses = neighbour(app, portal), []
    for number in range(HOUSES):
        name = "赵钱孙李"[number] + "某某"
        helper.begin(person=name)
        houses.append(House(name, helper.mandate, helper.start_for(), {name}))
    browser = app.test_client()
    with portal.database.writing() as session:
        account = sign_in.find_account(session, helper.phone)
        browser.set_cookie("refresh", sign_in.issue(session, account=account, now=NOW))
    return Day(helper, browser, houses)


_HOUSE, _TAB = st.integers(0, HOUSES - 1), st.integers(0, TABS - 1)
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("open"), _TAB, _HOUSE, st.sampled_from(sorted(_STEPS))),
        st.tuples(st.just("save"), _TAB),
        st.tuples(st.just("photograph"), _TAB, st.integers(0, 5)),
        st.tuples(st.just("sort"), _HOUSE, _HOUSE, st.sampled_from(["id_card", "unsorted"])),
        st.tuples(st.just("tell"), _HOUSE, st.booleans()),
    ),
    min_size=4,
    max_size=14,
)


@settings(
    max_examples=6, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(moves=MOVES)
def test_nothing_lands_in_the_wrong_file(day, portal, moves) -> None:
    for verb, *how in moves:
        getattr(day, verb)(*how)
    with portal.database.reading() as session:
        sent = defaultdict(set)
        for document in session.query(Document).all():
            sent[str(document.application_id)].add(document.sent_digest)
    for number, house in enumerate(day.houses):
        kept = day.helper.get(f"/api/applications/{house.file}/answers")
        assert day.foreign(number, kept.text) == []
        words = set(re.findall(r"户[甲乙丙丁][0-9]{4}", kept.text))
        assert words <= house.said
        assert sent[house.file] == house.photos
        assert UUID(house.file)


def _photo(shade: int) -> bytes:
    """The same photo may be chosen for several households: each has it for itself."""
    drawn = BytesIO()
    Image.new("RGB", (480, 360), (40 * shade, 90, 120)).save(drawn, "JPEG")
    return drawn.getvalue()


def test_a_tab_left_behind_saves_where_it_was_opened(day) -> None:
    day.open(0, 0, "reason")
    day.open(1, 1, "reason")
    day.photograph(0, 1)
    day.save(0)
    day.save(1)
    assert [len(house.said) for house in day.houses] == [2, 2, 1, 1]
    assert [len(house.photos) for house in day.houses] == [1, 0, 0, 0]
    kept = day.helper.get(f"/api/applications/{day.houses[0].file}/answers").json["answers"]
    assert kept["reason_words"] in day.houses[0].said


def test_ten_minutes_untouched_and_the_page_asks(day, clock) -> None:
    path = f"/applications/{day.houses[0].file}/tasks"
    day.enter(0, path)
    clock.forward(minutes=9)
    assert day.browser.get(path).status_code == 200
    clock.forward(minutes=9)
    assert day.browser.get(path).status_code == 200, "touched meanwhile"
    clock.forward(minutes=10)
    asked = day.browser.get(path)
    assert (asked.status_code, "/enter?next=" in asked.headers["Location"]) == (303, True)
    lock = day.browser.get(asked.headers["Location"]).text
    assert "您停了一会儿" in lock
    assert "赵某某" not in lock
    assert "赵**" in lock


def test_a_form_that_took_long_is_not_lost(day, clock) -> None:
    day.open(0, 0, "reason")
    clock.forward(minutes=25)
    day.save(0)
    assert len(day.houses[0].said) == 2
    assert day.browser.get(f"/applications/{day.houses[0].file}/tasks").status_code == 303


def test_an_application_begun_while_acting_is_not_ones_own(day) -> None:
    day.enter(0, f"/applications/{day.houses[0].file}/tasks")
    page = day.look(0, day.browser.get("/apply/tekun"))
    assert "为赵某某填" in page.text
    assert "帮别人办" not in page.text
    form = dict(_INPUT.findall(page.text))
    own = day.browser.post("/apply/tekun", data=form)
    assert own.headers["Location"].startswith("/helping/leave?next=")
    assert (
        day.browser.get("/apply/tekun/for-another").headers["Location"].startswith("/helping/leave")
    )
    address = f"/helping/{day.houses[0].mandate}/programs"
    made = day.browser.post(address, data={**form, "program": "tekun"})
    assert day.helper.get("/api/applications").json == []
    started = made.headers["Location"].removesuffix("/tasks").rpartition("/")[2]
    held = day.helper.get("/api/mandates").json["helping"]
    mine = next(m for m in held if m["id"] == day.houses[0].mandate)
    assert started in {a["id"] for a in mine["applications"]}


def test_switching_asks_also_for_oneself(day, app, portal) -> None:
    own = day.helper.start()
    day.enter(0, f"/applications/{day.houses[0].file}/tasks")
    asked = day.browser.get(f"/applications/{own}/tasks")
    assert asked.headers["Location"].startswith("/helping/leave?next=")
    page = day.browser.get(asked.headers["Location"])
    form = {**dict(_INPUT.findall(page.text)), "next": f"/applications/{own}/tasks"}
    left = day.browser.post("/helping/leave", data=form)
    shown = day.browser.get(left.headers["Location"])
    assert shown.status_code == 200
    assert "您正在为" not in shown.text
