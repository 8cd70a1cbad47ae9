"""More people than can be served: photos wait first, handing in last, and nobody loses a word."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from flask.testing import FlaskClient

from api import gate
from portal.assembly import Portal
from tests.conftest import NOW
from tests.faults import live
from tests.handover import files

CROWD = 220


@pytest.fixture
def waiting(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Says how many requests wait for a thread."""

    def wait(number: int) -> None:
        monkeypatch.setitem(client.application.extensions, "waiting", lambda: number)

    return wait


@pytest.fixture
def asked(portal: Portal, client: FlaskClient) -> Callable[[], dict[str, Any]]:
    """One request of each kind, by somebody with a draft."""
    (key,) = live.residents(portal, 1, now=NOW)
    signed = {"Authorization": f"Bearer {key}"}
    begun = client.post(
        "/api/applications", json={"program_id": "dibao"}, headers=signed | {"Idempotency-Key": "1"}
    )
    path = f"/api/applications/{begun.json['id']}"
    turn = iter(range(1000))

    def ask() -> dict[str, Any]:
        again = signed | {"Idempotency-Key": f"{next(turn)}"}
        save = {"revision": 0, "answers": files.LEAST}
        return {
            gate.PHOTO: client.post(f"{path}/documents", data={"item": "other"}, headers=again),
            gate.LOOK: client.get(path, headers=signed),
            gate.SAVE: client.put(f"{path}/answers", json=save, headers=signed),
            gate.SUBMIT: client.post(f"{path}/submission", json=None, headers=again),
        }

    return ask


@pytest.mark.parametrize("most", [gate.PHOTO, gate.LOOK, gate.SAVE])
def test_who_is_asked_to_come_back(
    waiting: Callable[[int], None], asked: Callable[[], dict[str, Any]], most: str
) -> None:
    waiting(gate.MOST_WAITING[most])
    here = {kind for kind, answer in asked().items() if answer.status_code != 503}
    waiting(gate.MOST_WAITING[most] + 1)
    answers = asked()
    away = {kind for kind, answer in answers.items() if answer.status_code == 503}
    assert here - {most} == set(answers) - away
    assert gate.SUBMIT not in away
    for kind in away:
        assert 5 <= int(answers[kind].headers["Retry-After"]) <= 20
        assert answers[kind].json["code"] == "busy"
        assert "现在人多" in answers[kind].json["message"]


def test_handing_in_is_never_turned_away(
    waiting: Callable[[int], None], asked: Callable[[], dict[str, Any]]
) -> None:
    asked()
    waiting(10**6)
    assert asked()[gate.SUBMIT].status_code == 201


def test_people_read_it_on_a_page(waiting: Callable[[int], None], client: FlaskClient) -> None:
    waiting(10**6)
    page = client.get("/")
    assert page.status_code == 503
    assert page.headers["Cache-Control"] == "no-store"
    assert "现在人多，请过一会儿再试。" in page.text
    assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [
        200
    ] * 3


def test_every_endpoint_named_is_there(client: FlaskClient) -> None:
    assert set(gate._KINDS) | gate._WATCHING <= set(client.application.view_functions)


def test_a_rush_turns_lookers_away_and_takes_every_file(portal: Portal) -> None:
    """A real server: a crowd looks at once, and some hand in among them."""
    keys = live.residents(portal, 10)
    with live.serving(portal.settings) as port:
        begun = threading.Event()
        answers: Counter[tuple[int, bool]] = Counter()
        lookers = [
            threading.Thread(target=_look, args=(port, begun, answers)) for _ in range(CROWD)
        ]
        for looker in lookers:
            looker.start()
        crowd = live.Crowd(port)
        begun.set()
        crowd.come(keys, every=0.02)
        for looker in lookers:
            looker.join()
    assert set(answers) <= {(200, False), (503, True)}, answers
    assert answers[200, False] > 16
    assert answers[503, True] > 0
    assert set(crowd.answers) <= {200, 201, 503}
    assert not crowd.impolite
    assert len(crowd.told.receipts) == 10


def _look(port: int, begun: threading.Event, answers: Counter[tuple[int, bool]]) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.connect()
        begun.wait()
        for _ in range(5):
            connection.request("GET", "/api/programs")
            answer = connection.getresponse()
            answer.read()
            answers[answer.status, bool(answer.headers["Retry-After"])] += 1
            if answer.status == 503:
                time.sleep(0.5)  # a tenth of what they were told
