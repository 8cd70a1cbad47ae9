"""The pages' own promises over HTTP: looks, status, one press one draft, nobody else's file."""

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.filing.tables import Application
from portal.people import consents, sign_in
from tests.pages.furnished import cookie, furnish


def csrf(client: Any, path: str) -> str:
    found = re.search(r'name="csrf" (?:content|value)="([^"]+)"', client.get(path).text)
    assert found is not None, path
    return found.group(1)


@pytest.fixture
def signed_in(client, portal, now):
    with portal.database.writing() as session:
        account = sign_in.open_account(session, "13874312345", now=now)
        consents.give(session, account, consents.KINDS, now=now)
        account_id = account.id
    client.set_cookie("refresh", cookie(portal, account_id, now=now))
    return client


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_换字号以后不会跳去别处(client, back: str) -> None:
    answer = client.post("/prefs", data={"size": "4", "back": back})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    assert 'data-size="4"' in client.get("/").text


def test_乱写的外观不起作用(client) -> None:
    client.post("/prefs", data={"size": "99", "theme": '"><script>'})
    assert '<html lang="zh-CN">' in client.get("/").text
    client.set_cookie("theme", '"><script>')
    assert '<html lang="zh-CN">' in client.get("/").text


def test_按一次开始只有一份草稿(signed_in, portal) -> None:
    page = signed_in.get("/apply/dibao").text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    form = {"csrf": csrf(signed_in, "/apply/dibao"), "key": key.group(1), "again": "1"}
    first = signed_in.post("/apply/dibao", data=form)
    second = signed_in.post("/apply/dibao", data=form)
    assert first.headers["Location"] == second.headers["Location"]
    with portal.database.reading() as session:
        assert len(session.scalars(select(Application)).all()) == 1


def test_已有一份先提醒(signed_in, portal) -> None:
    form = {"csrf": csrf(signed_in, "/apply/dibao"), "key": "a"}
    first = signed_in.post("/apply/dibao", data=form)
    assert "您已经有一份低保申请" in signed_in.get("/apply/dibao").text
    again = signed_in.post("/apply/dibao", data={**form, "key": "b"})
    assert again.headers["Location"] == first.headers["Location"]


def test_没同意说明先去看说明(client, portal, now) -> None:
    with portal.database.writing() as session:
        account_id = sign_in.open_account(session, "13874312345", now=now).id
    client.set_cookie("refresh", cookie(portal, account_id, now=now))
    form = {"csrf": csrf(client, "/apply/dibao"), "back": "/apply/dibao"}
    answer = client.post("/apply/dibao", data=form)
    assert answer.headers["Location"] == "/consents?next=/apply/dibao"


def test_凭编号和后四位只看到哪一步(client, portal, now) -> None:
    furnished = furnish(portal, now=now)
    with portal.database.reading() as session:
        application_id = UUID(furnished.accepted.removeprefix("/applications/"))
        number = session.get_one(Application, application_id).reference_no
    form = {"csrf": csrf(client, "/status"), "reference_no": number}
    right = client.post("/status", data={**form, "last_four": "1222"})
    assert "已受理" in right.text
    assert "石桂香" not in right.text
    wrong = client.post("/status", data={**form, "last_four": "0000"})
    unknown = client.post("/status", data={**form, "reference_no": "1", "last_four": "0000"})
    assert wrong.status_code == unknown.status_code == 404
    assert "没有查到" in wrong.text


def test_别人的申请像不存在一样(signed_in, portal, now) -> None:
    stranger = furnish(portal, now=now, phone="13900000000")
    for path in stranger.paths():
        if path.startswith("/applications/"):
            assert signed_in.get(path).status_code == 404, path


def test_没登录先去登录再回来(client) -> None:
    answer = client.get("/applications/00000000-0000-4000-8000-000000000000/tasks")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=/applications/")
