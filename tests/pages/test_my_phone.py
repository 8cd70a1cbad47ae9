"""Another phone number, at the pages and at the API: both numbers are proved, the old one is told."""

from typing import Any

import pytest
from flask import Flask

from api import tokens
from portal.assembly import Portal
from portal.contact import messages
from portal.people import sign_in, wechat
from tests.api.walk import ANSWERS, Resident
from tests.conftest import Clock

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

OLD, NEW = "13812345678", "13987654321"
CODES = "/api/auth/sms-codes"


@pytest.fixture
def her(app: Flask, portal: Portal, clock: Clock) -> Resident:
    made = Resident(app.test_client(), portal, OLD).sign_in()
    clock.forward(seconds=61)
    return made


def code_of(portal: Portal, phone: str) -> str:
    return Resident(None, portal, phone).code()  # type: ignore[arg-type]


def owner_of(portal: Portal, phone: str) -> Any:
    with portal.database.reading() as session:
        found = sign_in.find_account(session, phone)
        return found.id if found else None


def form(her: Resident, path: str, **said: str) -> Any:
    return her.client.post(path, data=said, headers=her.headers)


def test_on_the_pages_with_both_codes(her: Resident, portal: Portal) -> None:
    mine = owner_of(portal, OLD)
    assert "/me/phone" in her.get("/me").get_data(as_text=True)
    assert "138****5678" in her.get("/me/phone").get_data(as_text=True)
    asked = form(her, "/me/phone", phone=NEW, old="here").get_data(as_text=True)
    assert "139****4321" in asked
    codes = {"code": code_of(portal, NEW), "old_code": code_of(portal, OLD)}
    wrong = form(her, "/me/phone/codes", phone=NEW, old="here", **{**codes, "old_code": "x"})
    assert wrong.status_code == 422
    assert 'href="#old_code"' in wrong.get_data(as_text=True)
    done = form(her, "/me/phone/codes", phone=NEW, old="here", **codes)
    assert "号码换好了" in done.get_data(as_text=True)
    assert (owner_of(portal, OLD), owner_of(portal, NEW)) == (None, mine)
    assert her.get("/api/me").status_code == 401
    with portal.database.reading() as session:
        told = [m for m in messages.latest(session) if m.template == "phone_changed"]
    assert [m.phone for m in told] == [OLD]


def test_the_old_number_is_gone_and_the_identity_number_proves_it(
    her: Resident, portal: Portal
) -> None:
    her.fill_in(her.start())
    form(her, "/me/phone", phone=NEW, old="gone")
    said = {"phone": NEW, "old": "gone", "code": code_of(portal, NEW)}
    refused = form(her, "/me/phone/codes", **said, last_six="000000")
    assert (refused.status_code, owner_of(portal, NEW)) == (422, None)
    number = str(ANSWERS["applicant_id_number"])
    assert form(her, "/me/phone/codes", **said, last_six=number[-6:]).status_code == 200
    assert owner_of(portal, NEW)


@pytest.mark.parametrize("typed", ["", "123", OLD, "<b>"])
def test_a_number_that_cannot_be_it_comes_back_with_the_reason(her: Resident, typed: str) -> None:
    answer = form(her, "/me/phone", phone=typed, old="here")
    assert answer.status_code == 422
    assert 'href="#phone"' in answer.get_data(as_text=True)


def test_one_wrong_code_uses_up_no_other(her: Resident, portal: Portal) -> None:
    """The client need not know the old number to have a code sent to it."""
    for body in ({"phone": NEW, "purpose": "change_phone"}, {"purpose": "leave_phone"}):
        assert her.post(CODES, body).status_code == 202
    said = {"phone": NEW, "code": code_of(portal, NEW), "old_code": code_of(portal, OLD)}
    wrong = f"{(int(said['code']) + 1) % 1_000_000:06d}"
    assert her.put("/api/me/phone", {**said, "code": wrong}).json["fields"].keys() == {"code"}
    assert her.put("/api/me/phone", {**said, "old_code": ""}).json["fields"].keys() == {"old_code"}
    assert her.put("/api/me/phone", said).status_code == 204


def test_somebody_elses_number_is_not_taken(her: Resident, app: Flask, portal: Portal) -> None:
    Resident(app.test_client(), portal, NEW).sign_in()
    theirs = owner_of(portal, NEW)
    her.client.application.extensions["clock"].forward(seconds=61)
    form(her, "/me/phone", phone=NEW, old="here")
    codes = {"code": code_of(portal, NEW), "old_code": code_of(portal, OLD)}
    answer = form(her, "/me/phone/codes", phone=NEW, old="here", **codes)
    assert (answer.status_code, "已有账户" in answer.get_data(as_text=True)) == (409, True)
    assert owner_of(portal, NEW) == theirs


def test_an_account_of_wechat_alone_gets_its_first_number(
    her: Resident, app: Flask, portal: Portal, clock: Clock
) -> None:
    with portal.database.writing() as session:
        account = wechat.open_account(session, "o-alice", now=clock())
        token, mine = tokens.issue(session, account, now=clock()), account.id
    hers = Resident(app.test_client(), portal, NEW, {"Authorization": f"Bearer {token}"})
    assert "填手机号" in hers.get("/me/phone").get_data(as_text=True)
    assert hers.post(CODES, {"purpose": "leave_phone"}).json["code"] == "no_phone"
    form(hers, "/me/phone", phone=NEW)
    assert form(hers, "/me/phone/codes", phone=NEW, code=hers.code()).status_code == 200
    assert owner_of(portal, NEW) == mine
