"""Thirteen programs on the pages: the commonest first, no form where none is due."""

import re
from typing import Any

import pytest

from portal.people import consents, sign_in
from portal.policy import loader
from tests.pages.furnished import cookie

PROGRAMS = loader.load().programs
WITHOUT_FORM = [p for p in PROGRAMS.values() if not p.has_form]


def links(client: Any, path: str) -> list[str]:
    return re.findall(r'href="(/(?:apply|guide)/[a-z]+)[#?"]', client.get(path).text)


def test_首页先放最常用的三样(client) -> None:
    found = links(client, "/")
    assert [x for x in found if x.startswith("/apply/")] == [
        "/apply/dibao", "/apply/linshi", "/apply/tekun",
    ]  # fmt: skip
    others = set(PROGRAMS) - {"dibao", "linshi", "tekun"}
    assert {f"/guide/{name}" for name in others} <= set(found)
    assert "其他救助" in client.get("/").text


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("place", ["", "?place=430923", "?place=530113"])
def test_每一样都有办事指南(client, name: str, place: str) -> None:
    page = client.get(f"/guide/{name}{place}")
    assert page.status_code == 200
    assert PROGRAMS[name].title in page.text
    assert (f"/apply/{name}" in page.text) is PROGRAMS[name].has_form


@pytest.mark.parametrize("program", WITHOUT_FORM, ids=lambda p: p.id)
def test_不用填表的写明找谁(client, program) -> None:
    page = client.get(f"/guide/{program.id}").text
    assert "这里不用填表，该找谁" in page
    for one in program.go_to:
        assert one.name in page
        assert not one.phone or f'href="tel:{one.phone}"' in page
    answer = client.get(f"/apply/{program.id}")
    assert answer.headers["Location"] == f"/guide/{program.id}"


@pytest.mark.parametrize("program", WITHOUT_FORM, ids=lambda p: p.id)
def test_不用填表的也开不了申请(client, portal, now, program) -> None:
    with portal.database.writing() as session:
        account = sign_in.open_account(session, "13874312345", now=now)
        consents.give(session, account, consents.KINDS, now=now)
        account_id = account.id
    client.set_cookie("refresh", cookie(portal, account_id, now=now))
    csrf = re.search(r'name="csrf" (?:content|value)="([^"]+)"', client.get("/apply/dibao").text)
    assert csrf is not None
    answer = client.post(f"/apply/{program.id}", data={"csrf": csrf.group(1), "key": "a"})
    assert answer.status_code == 422
    assert "不在这里申请" in answer.text


def test_低保户看病不用申请(client) -> None:
    assert "不用申请。看病结账时直接减。" in client.get("/guide/yiliao").text


def test_以前的标准单独放(client) -> None:
    page = client.get("/guide/dibao?place=430923").text
    now_paid, _, before = page.partition("以前是多少")
    assert "740元" in now_paid
    assert "全省平均标准是每月710元" in before
    assert "全省平均标准" not in now_paid


def test_外地的时限不放在这里(client) -> None:
    assert "楚雄州先行救助" in client.get("/guide/linshi?place=532301").text
    listed = client.get("/guide/linshi?place=430923").text.partition("每一步最多等多久")[2]
    assert "楚雄州" not in listed.partition("</dl>")[0]


def test_没有公布过数的不问地方(client) -> None:
    assert "您那里的标准" not in client.get("/guide/jibing").text
    assert "您那里的标准" in client.get("/guide/tekun").text
