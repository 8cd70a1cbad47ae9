"""What is typed and what it means: back and forth without loss, mistakes in plain words."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages import answers
from api.pages.answers import Raw
from portal.filing import values
from portal.policy import loader
from portal.policy.catalogue import KINDS, Field, Option

MONEY = Field("income", "money", "收入")
BORN = Field("born", "date", "生日")
WHO = Field("who", "choice", "谁", options=(Option("a", "甲"), Option("b", "乙")))
PEOPLE = Field(
    "members", "people", "家里人", fields=(Field("name", "text", "姓名"), BORN, MONEY)
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("12.5", 1250),
        ("１２００", 120000),
        ("1,200 元", 120000),
        ("0", 0),
        ("", None),
        ("3。5", 350),
    ],
)
def test_钱按分记(typed: str, means: int | None) -> None:
    assert answers.read([MONEY], Raw({"income": typed})).values == {"income": means}


@pytest.mark.parametrize("typed", ["一千", "-5", "1.234", "NaN", "Infinity", "1e3000", "９" * 20])
def test_看不懂的钱要说清楚(typed: str) -> None:
    assert answers.read([MONEY], Raw({"income": typed})).errors["income"]


def test_说不清也是回答() -> None:
    assert answers.read([MONEY], Raw({"income.unsure": "1"})).values == {"income": "unsure"}
    both = answers.read([MONEY], Raw({"income.unsure": "1", "income": "5"}))
    assert both.errors


@pytest.mark.parametrize("day", ["2024-02-30", "1-1-", "二〇二四-1-1", f"{10**30}-1-1"])
def test_不存在的日子(day: str) -> None:
    raw = Raw(dict(zip(("born.y", "born.m", "born.d"), day.split("-"), strict=True)))
    assert answers.read([BORN], raw).errors["born"]


def test_没问到的不改动() -> None:
    later = Field("later", "text", "后来", when={"who": "b"})
    assert answers.read([WHO, later], Raw({"who": "a", "later": "x"})).values == {"who": "a"}
    assert answers.read([later], Raw({"later": "x"}), {"who": "b"}).values == {"later": "x"}


def test_加一个人再去掉() -> None:
    raw = Raw({"go": "add:members"})
    assert answers.press([PEOPLE], raw)
    (row,) = raw.getlist("members.row")
    raw[f"members.{row}.name"] = "石小军"
    raw[f"members.{row}.income"] = "x"
    reading = answers.read([PEOPLE], raw)
    assert reading.values["members"] == [{"row": row, "name": "石小军"}]
    assert f"members.{row}.income" in reading.errors
    raw["go"] = f"drop:members:{row}"
    assert answers.press([PEOPLE], raw)
    assert answers.read([PEOPLE], raw).values == {"members": None}


WORDS = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)
BY_KIND: dict[str, st.SearchStrategy[Any]] = {
    "text": WORDS,
    "count": st.integers(0, 10**8),
    "money": st.integers(0, 10**10) | st.just("unsure"),
    "date": st.dates(min_value=date(1880, 1, 1)).map(str),
    "yes_no": st.booleans(),
    "consent": st.just(True),
    "id_number": st.just("433127195411081222"),
    "phone": st.just("13874312345"),
    "place": st.fixed_dictionaries({"code": st.just("433127103"), "address": WORDS}),
}


def answer_to(field: Field) -> st.SearchStrategy[Any]:
    options = [option.value for option in field.options]
    if field.kind == "choice":
        return st.sampled_from(options)
    if field.kind == "choices":
        return st.lists(st.sampled_from(options), min_size=1, unique=True)
    if field.kind != "people":
        return BY_KIND[field.kind]
    inner = {f.name: answer_to(f) for f in field.fields if f.when is None}
    rows = st.fixed_dictionaries({"row": st.uuids().map(str)}, optional=inner)
    return st.lists(
        rows.filter(lambda r: len(r) > 1), min_size=1, max_size=3, unique_by=lambda r: r["row"]
    )


@pytest.mark.parametrize("program", loader.load().programs.values(), ids=lambda p: p.id)
@given(data=st.data())
def test_写上去再读出来还是那样(program, data: st.DataObject) -> None:
    fields = [f for f in program.form.fields if f.when is None]
    given_answers = {f.name: data.draw(answer_to(f), f.name) for f in fields}
    raw = answers.write(fields, given_answers)
    reading = answers.read(fields, raw)
    assert not reading.errors
    assert reading.values == given_answers


def test_每种题目都能读() -> None:
    assert set(answers._READ) == set(KINDS) == set(values._BY_KIND)
