"""The abuse list: each with the test that holds it off; what no other test tries is tried here."""

import re
import statistics
import time
from uuid import uuid4

import pytest

from api import tokens
from portal.people import sign_in, staff
from portal.people.access import Role
from tests.api.walk import Resident
from tests.handover import files
from tests.rules.code import ROOT, name
from tests.rules.code import files as code_files

LONG = 200
"""Rounds in the longer run."""

HELD_OFF = {
    "guessing a code": "tests/people/test_sign_in.py::test_ten_failures_close_the_way_by_text_for_a_day",
    "guessing at once": "tests/people/test_sign_in.py::test_guesses_at_once_get_no_more_than_three_tries",
    "bombing a phone": "tests/people/test_sign_in.py::test_a_victim_gets_ten_texts_a_day_however_many_ask",
    "burning the budget": "tests/people/test_sign_in.py::test_one_network_gets_sixty_texts_an_hour",
    "a stolen refresh token": "tests/people/test_sessions.py::test_reuse_after_that_ends_everything_and_tells_the_person",
    "a forged token": "tests/api/test_tokens.py::test_forged",
    "no signature": "tests/api/test_tokens.py::test_without_a_signature",
    "a foreign object": "tests/api/test_matrix.py::test_every_operation_for_every_role",
    "a helper out of bounds": "tests/api/test_helpers_matrix.py::test_no_unexpected_success",
    "a recycled number": "tests/people/test_sign_in.py::test_after_half_a_year_the_number_alone_shows_nothing",
    "a formula in an export": "tests/casework/test_copying.py::test_no_cell_begins_like_a_formula",
    "a slow client": "tests/deploy/test_nginx.py::test_slow_callers_never_reach_the_portal_and_hold_up_nobody",
    "claims about oneself": "tests/deploy/test_nginx.py::test_what_a_visitor_claims_is_overwritten",
    "an event from outside": "tests/casework/test_forgery.py::test_ten_thousand_altered_signatures_none_holds",
    "a hostile photo": "tests/filing/test_photo_process.py::test_any_bytes_are_a_photo_or_refused",
    "a list that unpacks": "tests/hostile/test_parsers.py::test_a_list_that_unpacks_into_gigabytes_is_not_unpacked",
    "path tricks": "tests/hostile/test_corpus.py::test_paths",
    "names in a zip": "tests/hostile/test_own_copy.py::test_a_person_takes_everything_along_and_nobody_elses",
}  # fmt: skip


@pytest.mark.parametrize("abuse", HELD_OFF)
def test_the_list_names_tests_there_are(abuse):
    path, _, test = HELD_OFF[abuse].partition("::")
    assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")


def changing(app):
    """(path, method) of everything that changes something and takes a browser's cookie."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^<>]+>", "00000000-0000-4000-8000-000000000000", rule.rule)
        for method in sorted(rule.methods & {"POST", "PUT", "PATCH", "DELETE"}):
            if rule.rule != "/prefs" and not rule.rule.startswith("/s/"):
                yield path, method


def test_no_form_of_another_site_does_anything(app):
    """Without our token, with a made-up one, and from another origin with the right one."""
    browser = app.test_client()
    token = re.search(r'name="csrf" value="(\w+)"', browser.get("/sign-in").text)[1]
    kinds = [({}, None), ({"csrf": "0" * 32}, None), ({"csrf": token}, "https://evil.example")]
    tried = 0
    for number, (path, method) in enumerate(sorted(changing(app))):
        data, origin = kinds[number % 3]
        headers = {"Origin": origin} if origin else {}
        answer = browser.open(path, method=method, data=data, headers=headers)
        assert answer.headers["X-Frame-Options"] == "DENY", path
        if answer.status_code not in (404, 405):  # no view takes such an address
            assert answer.status_code == 403, (method, path, answer.status_code)
            tried += 1
    assert tried > 250


def test_nothing_can_be_framed(app):
    """Every page, whatever it answers."""
    client = app.test_client()
    for rule in (r for r in app.url_map.iter_rules() if not r.rule.startswith("/api")):
        path = re.sub(r"<[^<>]+>", "x", rule.rule)
        headers = client.get(path).headers
        assert headers["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path


def test_one_code_tried_on_many_phones_ends_soon(client):
    """One guess each from one network: sixty an hour are looked at, whoever they are for."""
    statuses = [
        client.post(
            "/api/auth/sessions", json={"phone": f"138{n:08d}", "code": "123456"},
            environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
        ).status_code
        for n in range(64)
    ]  # fmt: skip
    assert statuses == [422] * 60 + [429] * 4


@pytest.fixture
def known(portal, client, clock, now):
    """A resident with a filed case, a foreign case, and a clerk: somebody to guess at."""
    hers = Resident(client, portal).sign_in()
    mine = hers.start()
    hers.fill_in(mine)
    assert hers.post(f"/api/applications/{mine}/submission").status_code == 201
    reference = hers.get(f"/api/applications/{mine}").json["reference_no"]
    with portal.database.writing() as session:
        staff.add(session, "wang", "王", Role.COUNTY_CLERK, "430923", now=now)
    foreign = files.draft(portal, files.LEAST, phone="13900000001")
    return hers, reference, foreign


def asked(hers, kind, foreign, reference):
    """The same question about somebody there is and about nobody."""
    post = hers.client.post
    return {
        "file": lambda n: hers.get(f"/api/applications/{foreign if n else uuid4()}"),
        "case": lambda n: post(
            "/api/status-lookups",
            json={"reference_no": reference if n else "1234567890", "last_four": "0000"},
        ),
        "staff": lambda n: post(
            "/api/auth/staff-sessions",
            json={"username": "wang" if n else "nobody", "password": "x" * 16, "totp": "123456"},
        ),
        "code": lambda n: post(
            "/api/auth/sms-codes", json={"phone": hers.phone if n else "13700000001"}
        ),
    }[kind]


@pytest.mark.parametrize("rounds", [9, pytest.param(LONG, marks=pytest.mark.full)])
@pytest.mark.parametrize("kind", ["file", "case", "staff", "code"])
def test_somebody_and_nobody_are_answered_alike_and_as_fast(known, clock, kind, rounds):
    """Byte for byte but for the request's number; loosely the same time, more closely in the long run."""
    hers, reference, foreign = known
    question = asked(hers, kind, foreign, reference)
    answers, took = {0: set(), 1: set()}, {0: [], 1: []}
    for _ in range(rounds):
        clock.forward(hours=3)
        hers.headers = fresh(hers)
        for there in (1, 0):
            begins = time.perf_counter()
            answer = question(there)
            took[there].append(time.perf_counter() - begins)
            body = re.sub(r'"request_id": ?"[^"]+"', "", answer.text)
            answers[there].add((answer.status_code, body))
    assert answers[0] == answers[1]
    assert len(answers[0]) == 1
    there, nobody = (statistics.median(took[n]) for n in (1, 0))
    assert 1 / 2.5 < there / nobody < 2.5, (there, nobody)
    assert rounds < LONG or abs(there - nobody) < max(0.005, nobody / 10), (there, nobody)


def fresh(hers):
    """A token of now: three hours have gone by."""
    clock = hers.client.application.extensions["clock"]
    with hers.portal.database.reading() as session:
        account = sign_in.find_account(session, hers.phone)
        return {"Authorization": f"Bearer {tokens.issue(session, account, now=clock())}"}


def test_tables_leave_only_through_the_room_that_makes_cells_harmless():
    """When this fails: write the table with portal/casework/copying.py."""
    makes = re.compile(r"csv\.(?:writer|DictWriter)\(|Workbook\(")
    found = [name(p) for p in code_files("portal", "api") if makes.search(p.read_text("utf-8"))]
    assert found == ["portal/casework/copying.py"]


def test_a_slow_body_ends_and_a_full_house_says_so():
    """What nginx and gunicorn are told: tests/deploy/test_nginx.py tries it."""
    front = (ROOT / "deploy/nginx/jiuzhutong.conf").read_text(encoding="utf-8")
    for line in (
        "client_header_timeout 15s", "client_body_timeout 60s", "send_timeout 60s",
        "proxy_request_buffering on", "client_max_body_size 13m", "limit_conn ", "limit_req ",
    ):  # fmt: skip
        assert line in front
    behind = (ROOT / "deploy/gunicorn.conf.py").read_text(encoding="utf-8")
    for line in ("timeout = 60", "graceful_timeout = 20", "limit_request_line = 4094"):
        assert line in behind
