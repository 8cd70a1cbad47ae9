"""What holds for every answer: closed by default, one error shape, headers, forms that are ours."""

from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import Rule

PUBLIC = {
    "/", "/guide/<program_id>", "/help-now", "/status", "/sign-in", "/sign-in/code", "/sign-out",
    "/privacy", "/prefs", "/dev/outbox", "/healthz", "/readyz", "/metrics", "/api/openapi.json",
    "/api/docs", "/api/programs", "/api/programs/<program_id>", "/api/regions",
    "/api/auth/sms-codes", "/api/auth/sessions", "/api/auth/sessions/refresh",
    "/api/auth/staff-sessions", "/api/me/consents", "/api/status-lookups", "/api/urgent-requests",
    "/s/<version>/<path:name>", "/desk/sign-in", "/desk/sign-out", "/apply/<program_id>",
    "/manifest.webmanifest", "/favicon.ico", "/proof", "/search", "/contacts", "/api/contacts",
    "/api/policies/search", "/guide/<program_id>/print.pdf", "/guide/pocket-book.pdf",
    "/guide/poster.pdf", "/self-check", "/api/self-checks", "/api/self-checks/rules",
    "/complain", "/complaint", "/complaint/<code>", "/api/complaints", "/api/complaints/<string:code>",
    "/sw.js", "/guides", "/offline", "/waiting", "/round", "/fill/<program_id>", "/api/phone",
    "/notices", "/notices/<code>", "/notices/objections", "/notices/<uuid:notice_id>/objections",
    "/api/public-notices", "/api/public-notices/<uuid:notice_id>/objections", "/api/public-notices/objections/<string:code>",
    "/report", "/report/answer", "/api/leads", "/api/leads/<string:code>",
    "/household/start", "/sign/<token>", "/sign/<token>/withdrawal", "/not-me", "/api/mandates/revocations",
    "/api/auth/wechat-sessions", "/api/wechat/templates", "/api/wechat/link",
    "/dev/mini", "/dev/mini/", "/dev/mini/<name>",
}  # fmt: skip
"""Open to everybody. Whoever adds one says why in review."""

SIGNED = {
    "/intake/events", "/intake/dossiers/next", "/intake/receipts", "/api/contact/receipts",
    "/wechat/push",
}  # fmt: skip
"""Signed by a back office or a gateway instead of signed in."""


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule not in PUBLIC | SIGNED]


def _path(rule: Rule) -> str:
    found = rule.rule
    for name in rule.arguments:
        converter = rule._converters[name]
        value = (
            "00000000-0000-4000-8000-000000000000" if "UUID" in type(converter).__name__ else "x"
        )
        if type(converter).__name__ == "AnyConverter":
            value = "prepared"
        found = __import__("re").sub(rf"<[^<>]*\b{name}>", value, found)
    return found


def test_every_other_route_is_closed(app) -> None:
    opened = []
    for rule in _rules(app):
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            answer = app.test_client().open(_path(rule), method=method)
            sent_to_sign_in = answer.status_code == 303 and "sign-in" in answer.headers["Location"]
            if answer.status_code not in {401, 404} and not sent_to_sign_in:
                opened.append((method, rule.rule, answer.status_code))
    assert opened == [], "closed routes answered strangers; list them in PUBLIC if they should"


@pytest.mark.parametrize("path", ["/", "/api/programs", "/api/nothing", "/healthz", "/nothing"])
def test_headers_of_every_answer(client, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Cache-Control" in headers


def test_only_pages_that_photograph_papers_may_use_the_camera(client) -> None:
    asked = ("/fill/dibao", f"/applications/{uuid4()}/photos", f"/household/{uuid4()}/photos")
    for path in asked:
        assert "camera=(self)" in client.get(path).headers["Permissions-Policy"], path
    for path in ("/offline", f"/applications/{uuid4()}/check"):
        assert "camera=()" in client.get(path).headers["Permissions-Policy"], path


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("GET", "/api/programs/none", 404),
        ("PATCH", "/api/programs", 405),
        ("GET", "/api/applications", 401),
        ("POST", "/api/auth/sms-codes", 415),
    ],
)
def test_one_error_shape(client, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method, data=b"x")
    assert answer.status_code == status
    assert set(answer.json) == {"code", "message", "request_id", "fields"}
    assert any("\u4e00" <= char <= "\u9fff" for char in answer.json["message"])


def test_unknown_page_is_a_page(client) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert "tel:" in answer.text


def test_form_from_elsewhere_is_refused(client) -> None:
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"phone": "13812345678"})
    assert answer.status_code == 403
    foreign = client.post(
        "/sign-in", data={"phone": "13812345678"}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403


def test_token_in_the_address_is_ignored(client) -> None:
    assert client.get("/api/applications?access_token=x").status_code == 401


def test_too_large_a_body_is_refused(client) -> None:
    answer = client.post(
        "/api/status-lookups", data=b"x" * (14 * 1024 * 1024), content_type="application/json"
    )
    assert answer.status_code == 413


def test_method_override_is_ignored(client) -> None:
    answer = client.get("/api/programs", headers={"X-HTTP-Method-Override": "DELETE"})
    assert answer.status_code == 200
