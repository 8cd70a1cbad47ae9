"""nginx in front: whole requests only, nothing doubled, nothing believed, nothing told in logs."""

import json
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from portal.foundation.settings import Settings, to_environment
from portal.serving import free_port
from tests.deploy.front import NGINX, Front, trusting
from tests.rules.code import ROOT
from tests.servers import wait_until

pytestmark = pytest.mark.nginx


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers it was sent; counts who reached it."""

    reached: Counter[str] = Counter()

    def do_GET(self) -> None:
        Echo.reached[self.path] += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_said: object) -> None:
        return


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    opened = Front(tmp_path_factory.mktemp("front"), server.server_port)
    opened.start()
    yield opened
    opened.stop()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def before_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    opened = Front(tmp_path_factory.mktemp("nobody"), free_port())
    opened.start()
    yield opened
    opened.stop()


@pytest.fixture
def front_without_room(tmp_path: Path) -> Iterator[Front]:
    """No large request can be set down."""
    opened = Front(tmp_path, free_port())
    opened.start()
    shutil.rmtree(tmp_path / "body")
    (tmp_path / "body").write_text("")
    yield opened
    opened.stop()


def test_nginx_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    whole = Front(tmp_path, 1).write()
    said = subprocess.run([NGINX, "-t", "-c", str(whole), "-p", str(tmp_path)], capture_output=True)
    assert said.returncode == 0, said.stderr
    assert b"[warn]" not in said.stderr


def test_what_a_visitor_claims_is_overwritten(front: Front) -> None:
    claims = {
        "X-Forwarded-For": "8.8.8.8", "Forwarded": "for=8.8.8.8", "X-Real-IP": "8.8.8.8",
        "X-Original-URL": "/desk/", "X-HTTP-Method-Override": "DELETE",
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http",
    }  # fmt: skip
    with front.ask("/", headers=claims) as answer:
        seen = json.loads(answer.read())
    assert "8.8.8.8" not in seen.values()
    assert seen["X-Forwarded-For"] == "127.0.0.1"
    assert seen["X-Forwarded-Proto"] == "https"
    assert seen["X-Forwarded-Host"] == "127.0.0.1"
    assert not {"X-Original-Url", "X-Http-Method-Override", "Forwarded"} & {
        name.title() for name, value in seen.items() if value
    }


def test_plain_http_leads_to_https(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.http)) as plain:
        plain.sendall(b"GET /apply HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        answer = plain.recv(4096).decode()
    assert "301" in answer.splitlines()[0]
    assert "Location: https://jiuzhu.example.cn/apply\r\n" in answer


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_tls_with_an_elliptic_key(front: Front, version: str) -> None:
    context = trusting()
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with (
        socket.create_connection(("127.0.0.1", front.https)) as plain,
        context.wrap_socket(plain) as secured,
    ):
        cipher = secured.cipher()
    assert cipher is not None
    assert "ECDSA" in cipher[0] or cipher[0].startswith("TLS_")


def test_older_tls_is_refused(front: Front) -> None:
    command = ["openssl", "s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect"]
    said = subprocess.run([*command, f"127.0.0.1:{front.https}"], input=b"", capture_output=True)
    assert said.returncode != 0


@pytest.mark.parametrize("path", ["/apply/dibao", "/api/applications"])
def test_too_much_is_said_in_words(front: Front, path: str) -> None:
    with front.ask(path, data=b"x" * (14 * 1024 * 1024)) as answer:
        assert answer.status == 413
        assert "内容太大了" in answer.read().decode()
        assert ("json" in answer.headers["Content-Type"]) is path.startswith("/api")
    assert not Echo.reached[path]


@pytest.mark.parametrize("sent", [None, b"a=1"], ids=["看", "交"])
@pytest.mark.parametrize("path", ["/", "/mine", "/api/programs", "/intake/next"])
def test_a_portal_that_is_down_is_said_in_words(
    before_nobody: Front, path: str, sent: bytes | None
) -> None:
    with before_nobody.ask(path, data=sent) as answer:
        body = answer.read().decode()
        assert answer.status == 503
        assert answer.headers.get_all("Retry-After") == ["30"]
        assert answer.headers.get_all("Cache-Control") == ["no-store"]
        program = path.startswith(("/api", "/intake"))
        assert answer.headers["Content-Type"].startswith(
            "application/json" if program else "text/html"
        )
    assert "现在连不上" in body
    if program:
        assert json.loads(body)["code"] == "away"


def test_slow_callers_never_reach_the_portal_and_hold_up_nobody(front: Front) -> None:
    held = [slow(front, n) for n in range(60)]
    try:
        took = []
        for _ in range(20):
            began = time.monotonic()
            with front.ask("/quick") as answer:
                assert answer.status == 200
            took.append(time.monotonic() - began)
        assert sorted(took)[-1] < 2
        assert not Echo.reached["/slow"]
    finally:
        for connection in held:
            connection.close()


def slow(front: Front, number: int) -> ssl.SSLSocket:
    """Half a head, or a head and half a body."""
    connection = trusting().wrap_socket(socket.create_connection(("127.0.0.1", front.https)))
    half = b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n"
    connection.sendall(half if number % 2 else half + b"\r\n" + b"x" * 500)
    return connection


def test_the_log_tells_no_address_and_no_secret(front: Front) -> None:
    with suppress(urllib.error.HTTPError), front.ask("/s/secret-link-abc?phone=13812345678"):
        pass
    log = front.folder / "nginx.log"
    wait_until(lambda: '"/s"' in log.read_text(), "the log line")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    text = log.read_text() + (front.folder / "nginx.error.log").read_text()
    assert {line["network"] for line in lines} == {"127.0.0.0"}
    for secret in ("secret-link", "13812345678", "127.0.0.1"):
        assert secret not in text


def test_a_fault_of_nginx_itself_tells_no_address_and_no_secret(
    front_without_room: Front,
) -> None:
    """nginx would log address and request, from `crit` down."""
    path = "/s/secret-link-abc?phone=13812345678"
    with front_without_room.ask(path, data=b"x" * 600_000) as answer:
        assert answer.status == 500
    plain = b"GET /s/secret-link-abc?phone=13812345678 HTTP/1.1\r\nHost: a\r\nbad head\0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", front_without_room.http)) as connection:
        connection.sendall(plain)
        assert b"400" in connection.recv(4096)
    front_without_room.stop()
    text = "".join(log.read_text() for log in front_without_room.folder.glob("*.log"))
    assert '"status":500' in text
    for secret in ("secret-link", "13812345678", "127.0.0.1", "bad head"):
        assert secret not in text


def test_what_is_for_inside_stays_inside(front: Front) -> None:
    for path in ("/dev/outbox", "/dev/"):
        with front.ask(path) as answer:
            assert answer.status == 404
    assert not Echo.reached["/dev/outbox"]


@pytest.fixture(scope="module")
def real(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The portal itself behind nginx, as in production: gunicorn, one proxy, https."""
    port, folder = free_port(), tmp_path_factory.mktemp("real")
    environ = to_environment(Settings(data=template, public_url="https://127.0.0.1"))
    environ |= {"PORTAL_TRUSTED_PROXIES": "1", "PYTHONPATH": str(ROOT)}
    environ["PORTAL_BIND"] = f"127.0.0.1:{port}, 127.0.0.2:{port}"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        str(ROOT / "deploy" / "gunicorn.conf.py"),
    ]
    process = subprocess.Popen(command, env=environ, cwd=ROOT)
    opened = Front(folder, port)
    try:
        wait_until(lambda: listens(port), "gunicorn")
        opened.start()
        yield opened
    finally:
        opened.stop()
        process.terminate()
        process.wait(25)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/programs", "/nowhere", "/desk/"])
def test_no_header_comes_twice_and_none_is_lost(real: Front, path: str) -> None:
    with real.ask(path) as answer:
        counted = Counter(name.lower() for name, _value in answer.headers.items())
    names = (
        "strict-transport-security", "content-security-policy", "x-content-type-options",
        "x-frame-options", "referrer-policy", "cache-control",
    )  # fmt: skip
    assert {name: counted[name] for name in names} == dict.fromkeys(names, 1)
    assert "/" not in answer.headers["Server"], "no version"


def test_cookies_are_marked_secure(real: Front) -> None:
    with real.ask("/sign-in") as answer:
        cookies = answer.headers.get_all("Set-Cookie") or []
    assert cookies
    assert all(re.search(r";\s*Secure", cookie) for cookie in cookies)


def test_a_flood_from_one_address_holds_up_no_call_for_help(tmp_path: Path) -> None:
    """A village behind one address: looking is limited, handing in is not."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    front = Front(tmp_path, server.server_port)
    front.start()
    try:
        looked = _in_a_row(front, "GET", "/", 300)
        asked = [
            _in_a_row(front, "POST", path, 50) for path in ("/api/urgent-requests", "/help-now")
        ]
        assert looked[503] > 0
        assert asked == [Counter({200: 50})] * 2
        assert _in_a_row(front, "GET", "/help-now", 50)[503] > 0
    finally:
        front.stop()
        server.shutdown()
        server.server_close()


def _in_a_row(front: Front, method: str, path: str, number: int) -> Counter[int]:
    with closing(HTTPSConnection("127.0.0.1", front.https, context=trusting())) as line:
        answers: Counter[int] = Counter()
        for _ in range(number):
            line.request(method, path, body=b"" if method == "POST" else None)
            with line.getresponse() as answer:
                answer.read()
                answers[answer.status] += 1
        return answers
