"""Signing in over HTTP: JSON for programs, pages with cookies for browsers."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from portal.contact import messages
from portal.filing import applications
from portal.people import consents, sign_in, staff
from portal.people.access import Actor, Role
from portal.people.codes import request_code
from portal.people.tables import Account
from portal.policy.tables import Region

PHONE = "13812345678"
OTHER = "13987654321"
NUMBER = "11010519491231002X"


@pytest.fixture
def read_code(portal):
    """The newest code on a phone."""

    def run(phone=PHONE):
        with portal.database.reading() as session:
            texts = [t.text for t in messages.latest(session) if t.phone == phone]
        return re.search(r"验证码(\d{6})", texts[0])[1]

    return run


@pytest.fixture
def enter(client, read_code):
    """Sign in as a program does; the answer's JSON."""

    def run(phone=PHONE):
        asked = client.post("/api/auth/sms-codes", json={"phone": phone})
        assert asked.status_code == 202, asked.text
        answer = client.post("/api/auth/sessions", json={"phone": phone, "code": read_code(phone)})
        assert answer.status_code == 201, answer.text
        return answer.json

    return run


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def file_something(portal, account_id, now, number=NUMBER):
    """An application of this account with an identity number in it."""
    program = portal.catalogue.find("dibao")
    field = next(f.name for f in program.form.fields if f.kind == "id_number")
    actor = Actor(Role.APPLICANT, account_id)
    with portal.database.writing() as session:
        made = applications.start(session, program, account_id=account_id, actor=actor, now=now)
        changes = {field: number}
        applications.save_answers(session, made, program, changes, revision=0, actor=actor, now=now)
        return made.reference_no


def account_id(portal, phone=PHONE):
    with portal.database.reading() as session:
        return sign_in.find_account(session, phone).id


# JSON


def test_phone_and_code_open_a_session(client, enter):
    tokens = enter()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 600
    assert tokens["needs_proof"] is False
    assert tokens["consents_missing"] == ["general", "sensitive", "handover"]
    me = client.get("/api/me", headers=bearer(tokens)).json
    assert me["phone"] == "138****5678"
    assert me["applications"] == []


def test_the_code_request_tells_nothing_about_accounts(client, enter):
    enter()
    known = client.post("/api/auth/sms-codes", json={"phone": "13700000001"})
    client.application.extensions["clock"].forward(minutes=1)
    again = client.post("/api/auth/sms-codes", json={"phone": PHONE})
    assert (known.status_code, known.json) == (again.status_code, again.json)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/auth/sms-codes", {}),
        ("/api/auth/sms-codes", {"phone": 13812345678}),
        ("/api/auth/sms-codes", {"phone": "1" * 65}),
        ("/api/auth/sms-codes", {"phone": "10812345678"}),
        ("/api/auth/sms-codes", {"phone": PHONE, "role": "administrator"}),
        ("/api/auth/sms-codes", {"phone": PHONE, "purpose": "sign:x:applicant"}),
        ("/api/auth/sessions", {"phone": PHONE}),
        ("/api/auth/sessions", {"phone": PHONE, "code": "000000"}),
        ("/api/auth/sessions", {"phone": PHONE, "code": None}),
        ("/api/auth/sessions", {"phone": "中", "code": "000000"}),
        ("/api/auth/sessions/refresh", {}),
        ("/api/auth/staff-sessions", {"username": "x", "password": "y", "totp": "z"}),
        ("/api/auth/staff-sessions", {"username": "x"}),
    ],
)
def test_bad_input_is_answered_with_what_to_change(client, path, body):
    answer = client.post(path, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json["message"]
    assert PHONE not in answer.text


def test_a_wrong_code_is_counted_although_refused(client, read_code):
    client.post("/api/auth/sms-codes", json={"phone": PHONE})
    right = read_code()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(3):
        answer = client.post("/api/auth/sessions", json={"phone": PHONE, "code": wrong})
        assert (answer.status_code, answer.json["code"]) == (422, "wrong_code")
    answer = client.post("/api/auth/sessions", json={"phone": PHONE, "code": right})
    assert answer.json["code"] == "code_over"


def test_asking_twice_says_when_to_come_back(client):
    client.post("/api/auth/sms-codes", json={"phone": PHONE})
    answer = client.post("/api/auth/sms-codes", json={"phone": PHONE})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61


def test_a_network_cannot_send_texts_without_end(client):
    statuses = [
        client.post(
            "/api/auth/sms-codes",
            json={"phone": f"138{n:08d}", "device": f"d{n}"},
            environ_overrides={"REMOTE_ADDR": f"192.0.2.{n}"},
        ).status_code
        for n in range(62)
    ]
    assert statuses[:60] == [202] * 60
    assert statuses[60:] == [429, 429]


def test_refreshing_changes_the_token_and_forgives_a_lost_answer(client, enter, clock):
    first = enter()
    body = {"refresh_token": first["refresh_token"]}
    second = client.post("/api/auth/sessions/refresh", json=body).json
    again = client.post("/api/auth/sessions/refresh", json=body).json
    assert second["refresh_token"] == again["refresh_token"] != first["refresh_token"]
    clock.forward(seconds=31)
    reused = client.post("/api/auth/sessions/refresh", json=body)
    assert (reused.status_code, reused.json["code"]) == (401, "session_ended")
    body = {"refresh_token": second["refresh_token"]}
    assert client.post("/api/auth/sessions/refresh", json=body).status_code == 401
    assert client.get("/api/me", headers=bearer(second)).status_code == 401


def test_signing_out_is_effective_with_the_next_request(client, enter):
    tokens = enter()
    headers = bearer(tokens) | {"X-Refresh-Token": tokens["refresh_token"]}
    assert client.delete("/api/auth/sessions/current", headers=headers).status_code == 204
    assert client.get("/api/me", headers=bearer(tokens)).status_code == 401
    body = {"refresh_token": tokens["refresh_token"]}
    assert client.post("/api/auth/sessions/refresh", json=body).status_code == 401


@pytest.mark.parametrize("path", ["/api/auth/sessions/current", "/api/me/sessions"])
def test_signing_out_everywhere(client, enter, clock, path):
    first = enter()
    clock.forward(minutes=2)
    second = enter()
    assert client.delete(path, headers=bearer(second)).status_code == 204
    for tokens in (first, second):
        body = {"refresh_token": tokens["refresh_token"]}
        assert client.post("/api/auth/sessions/refresh", json=body).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic x", "Bearer " + "a" * 5000, "x"])
def test_nonsense_in_the_header(client, header):
    assert client.get("/api/me", headers={"Authorization": header}).status_code == 401


def test_an_access_token_ends_after_ten_minutes(client, enter, clock):
    tokens = enter()
    clock.forward(minutes=10)
    assert client.get("/api/me", headers=bearer(tokens)).status_code == 401


def test_the_consent_texts_are_for_everybody(client):
    texts = client.get("/api/me/consents").json
    assert [text["kind"] for text in texts] == list(consents.KINDS)
    assert all(text["given_at"] is None and text["parts"] for text in texts)


def test_consents_are_given_and_withdrawn_one_by_one(client, enter):
    headers = bearer(enter())
    texts = client.get("/api/me/consents").json
    versions = {text["kind"]: text["version"] for text in texts}

    def put(**wanted):
        answer = client.put("/api/me/consents", headers=headers, json={"consents": wanted})
        return answer.status_code, [t["kind"] for t in answer.json if t["given_at"]]

    assert put(**versions) == (200, list(consents.KINDS))
    assert put(handover=None) == (200, ["general", "sensitive", "means_check"])
    answer = client.put(
        "/api/me/consents", headers=headers, json={"consents": {"general": "1999-01"}}
    )
    assert (answer.status_code, answer.json["code"]) == (409, "consent_changed")
    answer = client.put("/api/me/consents", headers=headers, json={"consents": {"soul": "1"}})
    assert answer.status_code == 422


def test_staff_sign_in_with_two_factors(client, portal, now):
    with portal.database.writing() as session:
        place = session.scalars(select(Region.code).where(Region.level == "county")).first()
        _, password, uri = staff.add(session, "wang", "王", Role.COUNTY_CLERK, place, now=now)
    body = {"username": "wang", "password": password, "totp": staff.code_at(uri, now)}
    answer = client.post("/api/auth/staff-sessions", json=body)
    assert answer.status_code == 201
    assert client.post("/api/auth/staff-sessions", json=body).json["code"] == "wrong_sign_in"
    assert client.get("/api/me", headers=bearer(answer.json)).status_code == 403


# A number that was not used for long


def old_account(portal, enter, clock, now):
    """An account with a file, 200 days later: the reference number of the file."""
    enter()
    reference = file_something(portal, account_id(portal), now)
    clock.forward(days=200)
    return reference


def test_nothing_is_shown_before_proof(client, portal, enter, clock, now):
    reference = old_account(portal, enter, clock, now)
    tokens = enter()
    assert tokens["needs_proof"] is True
    me = client.get("/api/me", headers=bearer(tokens))
    assert me.json["applications"] == []
    assert reference not in me.text
    answer = client.get("/api/applications", headers=bearer(tokens))
    assert (answer.status_code, answer.json["code"]) == (403, "proof_needed")
    assert reference not in answer.text


def test_the_last_six_open_it(client, portal, enter, clock, now):
    reference = old_account(portal, enter, clock, now)
    headers = bearer(enter())
    wrong = client.post("/api/me/proof", headers=headers, json={"last_six": "000000"})
    assert (wrong.status_code, wrong.json["code"]) == (422, "wrong_proof")
    right = client.post("/api/me/proof", headers=headers, json={"last_six": NUMBER[-6:].lower()})
    assert [a["reference_no"] for a in right.json["applications"]] == [reference]


def test_five_wrong_proofs_are_kept(client, portal, enter, clock, now):
    old_account(portal, enter, clock, now)
    headers = bearer(enter())
    for _ in range(5):
        client.post("/api/me/proof", headers=headers, json={"last_six": "000000"})
    answer = client.post("/api/me/proof", headers=headers, json={"last_six": NUMBER[-6:]})
    assert answer.status_code == 429


def test_a_new_holder_begins_afresh(client, portal, enter, clock, now):
    old_account(portal, enter, clock, now)
    before = account_id(portal)
    headers = bearer(enter())
    assert client.post("/api/me/fresh-start", headers=headers).status_code == 204
    assert client.get("/api/me", headers=headers).status_code == 401
    clock.forward(minutes=1)
    assert enter()["needs_proof"] is False
    assert account_id(portal) != before


def test_an_account_without_files_needs_no_proof(client, enter, clock):
    enter()
    clock.forward(days=200)
    assert enter()["needs_proof"] is False


# Another number


def test_both_numbers_prove_a_change(client, portal, enter, clock, read_code):
    tokens = enter()
    clock.forward(minutes=1)
    for body in ({"purpose": "leave_phone"}, {"phone": OTHER, "purpose": "change_phone"}):
        assert (
            client.post("/api/auth/sms-codes", json=body, headers=bearer(tokens)).status_code == 202
        )
    body = {"phone": OTHER, "code": read_code(OTHER), "old_code": read_code(PHONE)}
    assert client.put("/api/me/phone", json=body, headers=bearer(tokens)).status_code == 204
    assert client.get("/api/me", headers=bearer(tokens)).status_code == 401
    with portal.database.reading() as session:
        assert sign_in.find_account(session, PHONE) is None
        assert sign_in.find_account(session, OTHER) is not None


def test_the_new_number_alone_changes_nothing(client, portal, enter, read_code):
    tokens = enter()
    body = {"phone": OTHER, "purpose": "change_phone"}
    client.post("/api/auth/sms-codes", json=body, headers=bearer(tokens))
    body = {"phone": OTHER, "code": read_code(OTHER)}
    assert client.put("/api/me/phone", json=body, headers=bearer(tokens)).status_code == 422
    assert account_id(portal)


def test_a_lost_number_is_replaced_with_the_identity_number(client, portal, enter, now, read_code):
    tokens = enter()
    file_something(portal, account_id(portal), now)
    body = {"phone": OTHER, "purpose": "change_phone"}
    client.post("/api/auth/sms-codes", json=body, headers=bearer(tokens))
    body = {"phone": OTHER, "code": read_code(OTHER), "last_six": NUMBER[-6:]}
    assert client.put("/api/me/phone", json=body, headers=bearer(tokens)).status_code == 204
    assert account_id(portal, OTHER)


def test_a_change_needs_a_session(client):
    body = {"phone": OTHER, "purpose": "change_phone"}
    assert client.post("/api/auth/sms-codes", json=body).status_code == 401


# Pages, without JavaScript


class Browser:
    """Follows forms as a browser does: with cookies, hidden fields and redirects."""

    def __init__(self, client):
        self.client, self.page = client, ""

    def go(self, path):
        answer = self.client.get(path, follow_redirects=True)
        self.page, self.path, self.status = answer.text, answer.request.path, answer.status_code
        return self

    def send(self, action, **filled):
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', self.page, re.S)[0]
        hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
        data = {name: unescape(value) for name, value in hidden} | filled
        answer = self.client.post(action, data=data, follow_redirects=True)
        self.page, self.path, self.status = answer.text, answer.request.path, answer.status_code
        return self


@pytest.fixture
def browser(client):
    return Browser(client)


def walk_in(browser, read_code, phone=PHONE, after="/me"):
    browser.go(f"/sign-in?next={after}").send("/sign-in", phone=phone)
    assert browser.path == "/sign-in/code"
    return browser.send("/sign-in/code", code=read_code(phone))


def agree(browser, kinds=consents.KINDS):
    assert browser.path == "/consents"
    return browser.send("/consents", consent=list(kinds))


def test_two_screens_then_consents_then_where_one_wanted_to_go(browser, read_code):
    agree(walk_in(browser, read_code))
    assert (browser.path, browser.status) == ("/me", 200)
    assert "138****5678" in browser.page


def test_the_means_check_may_be_refused(browser, read_code):
    walk_in(browser, read_code)
    agree(browser, ["general", "sensitive", "handover"])
    assert browser.path == "/me"


def test_a_needed_consent_left_out_is_pointed_at(browser, read_code):
    walk_in(browser, read_code)
    agree(browser, ["general"])
    assert (browser.path, browser.status) == ("/consents", 422)
    assert 'role="alert"' in browser.page


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client, browser, read_code):
    walk_in(browser, read_code)
    for name, path in (("access", "/"), ("refresh", "/")):
        cookie = client.get_cookie(name)
        assert cookie.http_only
        assert (cookie.same_site, cookie.path) == ("Lax", path)
    assert client.get_cookie("signing_in", path="/sign-in") is None


@pytest.mark.parametrize("phone", ["", "123", "１０", "<script>alert(1)</script>"])
def test_a_mistyped_number_comes_back_with_the_reason(browser, phone):
    browser.go("/sign-in").send("/sign-in", phone=phone)
    assert (browser.path, browser.status) == ("/sign-in", 422)
    assert 'role="alert"' in browser.page
    assert "<script>alert" not in browser.page


def test_a_wrong_code_on_the_page_is_counted(browser, read_code):
    browser.go("/sign-in").send("/sign-in", phone=PHONE)
    wrong = f"{(int(read_code()) + 1) % 1_000_000:06d}"
    for _ in range(3):
        browser.send("/sign-in/code", code=wrong)
        assert browser.status == 422
    browser.send("/sign-in/code", code=read_code())
    assert "已失效" in browser.page


def test_asking_again_too_soon_leads_to_the_second_screen(browser):
    browser.go("/sign-in").send("/sign-in", phone=PHONE)
    browser.send("/sign-in", phone=PHONE)
    assert browser.status == 429
    assert "/sign-in/code" in browser.page


@pytest.mark.parametrize(
    "after", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_one_is_never_led_to_another_site(browser, client, read_code, after):
    agree(walk_in(browser, read_code, after=after))
    assert browser.path == "/applications"


def test_twenty_minutes_on_one_page_do_not_sign_anybody_out(browser, read_code, clock):
    agree(walk_in(browser, read_code))
    clock.forward(minutes=20)
    browser.send("/me/consents/means_check", wanted="no")
    assert (browser.path, browser.status) == ("/me", 200)
    clock.forward(days=29)
    assert browser.go("/me").path == "/me"


def test_two_requests_at_once_renew_only_once(client, browser, read_code, clock):
    agree(walk_in(browser, read_code))
    refresh = client.get_cookie("refresh").value
    clock.forward(minutes=11)
    browser.go("/me")
    renewed = client.get_cookie("refresh").value
    client.set_cookie("refresh", refresh)
    client.delete_cookie("access")
    clock.forward(seconds=20)
    assert browser.go("/me").path == "/me"
    assert client.get_cookie("refresh").value == renewed != refresh


def test_a_stolen_refresh_cookie_ends_the_session_for_both(client, browser, read_code, clock):
    agree(walk_in(browser, read_code))
    stolen = client.get_cookie("refresh").value
    clock.forward(minutes=11)
    browser.go("/me")
    client.set_cookie("refresh", stolen)
    client.delete_cookie("access")
    clock.forward(seconds=31)
    assert browser.go("/me").path == "/sign-in"
    assert client.get_cookie("refresh") is None


def test_signing_out_of_a_browser(client, browser, read_code):
    agree(walk_in(browser, read_code))
    access = client.get_cookie("access").value
    browser.send("/sign-out")
    assert client.get_cookie("access") is None
    client.set_cookie("access", access)
    assert browser.go("/me").path == "/sign-in"


def test_a_lost_phone_is_signed_out_from_another(browser, read_code, app, clock):
    lost = Browser(app.test_client())
    walk_in(lost, read_code)
    agree(lost)
    clock.forward(minutes=1)
    walk_in(browser, read_code)
    browser.send("/me/sign-out")
    assert lost.go("/me").path == "/sign-in"


def test_forms_need_their_own_page(client, browser, read_code):
    agree(walk_in(browser, read_code))
    for path in ("/sign-out", "/me/sign-out", "/me/consents/general", "/consents", "/sign-in"):
        assert client.post(path, data={"phone": OTHER}).status_code == 403


def test_after_half_a_year_the_page_asks_who_it_is(portal, browser, read_code, clock, now):
    agree(walk_in(browser, read_code))
    reference = file_something(portal, account_id(portal), now)
    clock.forward(days=200)
    walk_in(browser, read_code)
    assert browser.path == "/prove"
    assert reference not in browser.go("/me").page
    browser.send("/prove", last_six="111111")
    assert browser.status == 422
    browser.send("/prove", last_six=NUMBER[-6:])
    assert reference in browser.go("/me").page


def test_a_new_holder_begins_afresh_on_the_page(portal, browser, read_code, clock, now):
    agree(walk_in(browser, read_code))
    reference = file_something(portal, account_id(portal), now)
    clock.forward(days=200)
    walk_in(browser, read_code)
    browser.send("/prove/fresh-start")
    assert browser.path == "/consents"
    assert reference not in browser.go("/me").page


@pytest.mark.parametrize("path", ["/me", "/consents", "/prove"])
def test_personal_pages_need_a_session(browser, path):
    assert browser.go(path).path == "/sign-in"


def test_privacy_is_for_everybody(client):
    answer = client.get("/privacy")
    assert answer.status_code == 200
    assert all(text.title in answer.text for text in consents.TEXTS.values())


def test_the_stand_in_phone_exists_in_the_demonstration_only(app, portal, client, now):
    with portal.database.writing() as session:
        request_code(session, PHONE, device="d", now=now)
    assert PHONE in client.get("/dev/outbox").text
    real = portal.__class__(
        portal.settings.__class__(**{**vars(portal.settings), "sms": "https"}),
        portal.database, portal.blobs, portal.catalogue,
    )  # fmt: skip
    app.extensions["portal"] = real
    assert client.get("/dev/outbox").status_code == 404


def test_every_field_has_a_label_and_no_page_carries_style_or_script(browser, read_code):
    pages = [browser.go("/sign-in").page]
    pages.append(browser.send("/sign-in", phone=PHONE).page)
    pages.append(browser.send("/sign-in/code", code=read_code()).page)
    pages += [browser.go("/me").page, browser.go("/privacy").page]
    for page in pages:
        main = re.search("<main.*</main>", page, re.S)[0]
        assert "style=" not in main
        assert "<script" not in main
        for field in re.findall(r"<input(?![^>]*type=\"hidden\")[^>]*>", main):
            name = re.search(r'id="([^"]+)"', field)[1]
            assert f'for="{name}"' in main or re.search(
                rf'<label class="o"><input[^>]*id="{name}"', main
            )


def test_accounts_of_the_database_are_whole(portal, enter):
    enter()
    with portal.database.reading() as session:
        row = session.scalars(select(Account)).one()
        assert PHONE.encode() not in (row.phone_sealed or b"")
        assert row.proved_at + timedelta(0) == row.created_at
