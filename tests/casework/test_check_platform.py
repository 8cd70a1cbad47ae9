"""How a check platform is reached, what of its answers is believed, and the stand-in."""

import hmac
import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.casework.survey import items
from portal.casework.survey.platform import https_platform, platform_of, read_report
from portal.casework.survey.question import Line, NotAnswered, Question
from portal.casework.survey.standin_platform import Behaviour, standin
from portal.foundation.settings import Settings, WrongSettings
from tests.conftest import NOW

QUESTION = Question(
    id=UUID(int=7), name="刘桂香", id_number="430923195401010012", items=tuple(items.load().all),
    program="dibao", region_code="430923121", consent=(("method", "screen"),), asked_at=NOW,
)  # fmt: skip
REPORT = {
    "number": "A1", "id_number": "430923195401010012", "made_at": "2026-11-22T01:00:00+00:00",
    "lines": [{"item": "bank_deposits", "title": "银行存款", "text": "1个账户。", "amount": 5}],
    "missing": ["tax"],
}  # fmt: skip


@contextmanager
def gateway(status, body):
    """A platform on this machine; what it was sent."""
    heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((dict(self.headers), sent))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_question_is_signed_and_its_report_read():
    with gateway(200, REPORT) as (url, heard):
        report = https_platform(url, "key", clock=lambda: NOW)(QUESTION, NOW)
    assert report is not None
    assert (report.number, report.missing) == ("A1", ("tax",))
    assert report.lines == (Line("bank_deposits", "银行存款", "1个账户。", 5),)
    [(headers, sent)] = heard
    signed = f"{int(NOW.timestamp())}.".encode() + sent
    assert headers["X-Portal-Signature"] == hmac.new(b"key", signed, sha256).hexdigest()
    assert headers["Idempotency-Key"] == str(QUESTION.id)
    assert set(json.loads(sent)) == set(QUESTION.shape())


def test_nothing_yet_is_no_fault():
    with gateway(202, b"") as (url, _heard):
        assert https_platform(url, "key")(QUESTION, NOW) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, REPORT), (302, b""), (200, b"<html>"), (200, [1]), (200, b"{" + b" " * 600_000)],
    ids=["出错", "转去别处", "不是JSON", "不是报告", "太长"],
)
def test_anything_else_is_asked_again(status, body):
    with gateway(status, body) as (url, _heard), pytest.raises(NotAnswered):
        https_platform(url, "key")(QUESTION, NOW)
    with pytest.raises(NotAnswered):
        https_platform("http://127.0.0.1:1/", "key", timeout=1)(QUESTION, NOW)


WRONG = [
    {"number": ""}, {"number": 5}, {"id_number": None}, {"made_at": "2026-11-22T01:00:00"},
    {"made_at": "gestern"}, {"lines": 5}, {"lines": [5]}, {"lines": [{"item": "x"}]},
    {"lines": [{"item": "x", "text": "y", "amount": 1.5}]}, {"missing": [5]},
    {"lines": [{"item": "x", "text": "y", "amount": True}]}, {"lines": [{"item": "", "text": "y"}]},
]  # fmt: skip


def test_a_report_of_another_shape_is_no_report():
    for change in WRONG:
        with pytest.raises(NotAnswered):
            read_report(REPORT | change)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(list(REPORT)), inner),
    )
)
def test_whatever_comes_is_a_report_or_not_one(body):
    try:
        read_report(body)
    except NotAnswered:
        return
    assert set(REPORT) - {"missing"} <= set(body)


def test_the_settings_name_the_platform():
    here = Settings(data=Path("x"))
    assert platform_of(here)(QUESTION, NOW) is None
    off = Settings(data=Path("x"), check_platform="off")
    assert platform_of(off) is None
    for name, url in (("https", "http://elsewhere.example/"), ("maybe", "")):
        with pytest.raises(WrongSettings):
            platform_of(Settings(data=Path("x"), check_platform=name, check_url=url, check_key="k"))


def test_the_items_are_the_fourteen_our_sources_name():
    known = items.load()
    titles = (
        "人口户籍、机动车辆、民航出行、不动产登记、财政供养人员、公积金、工商登记、残疾人、纳税、"
        "银行存款、社会保障、就业、社会救助、殡葬"
    )
    assert "、".join(item.title for item in known.all.values()) == titles
    assert known.source.confidence == "S"
    assert known.title("lottery", "彩票") == "彩票"


def test_the_stand_in_takes_its_time_and_says_the_same_again():
    slow = standin(Behaviour(latency=timedelta(minutes=1), missing=frozenset({"tax"})))
    assert slow(QUESTION, NOW) is None
    first, again = (slow(QUESTION, NOW + timedelta(seconds=s)) for s in (60, 90))
    assert first is not None
    assert first.missing == ("tax",)
    assert (first.number, first.lines) == (again.number, again.lines)
    whole = slow(QUESTION, NOW + timedelta(minutes=2))
    assert len({line.item for line in whole.lines}) == 14
    assert whole.number != first.number


def test_the_stand_in_can_be_down_and_can_mistake_people():
    down = standin(Behaviour(failures=1))
    with pytest.raises(NotAnswered):
        down(QUESTION, NOW)
    wrong = standin(Behaviour(latency=timedelta(0), wrong_person=True))
    assert wrong(QUESTION, NOW).id_number != QUESTION.id_number
    assert wrong(QUESTION, NOW + timedelta(minutes=2)).id_number == QUESTION.id_number
