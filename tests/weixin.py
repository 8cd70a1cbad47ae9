"""WeChat for tests: the stand-in on a port of its own, and a phone that taps in it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from werkzeug.serving import make_server

from api import standin_wechat
from api.standin_wechat.state import Fault, State


@dataclass
class Weixin:
    """`state` is what WeChat knows; `url` where it listens."""

    url: str
    state: State

    def fails(self, path: str, **how: float) -> None:
        """From now on this path does this, as often as `times` says."""
        self.state.faults[path] = Fault(**{"times": 1, **how})  # type: ignore[arg-type]

    def sent(self) -> list[tuple[str, str]]:
        """(openid, what) of every subscription message."""
        return [(m["touser"], m["data"]["thing1"]["value"]) for m in self.state.outbox]


@pytest.fixture(scope="session")
def weixin_server() -> Iterator[tuple[str, State]]:
    state = State()
    server = make_server("127.0.0.1", 0, standin_wechat.create(state), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", state
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


@pytest.fixture
def weixin(weixin_server: tuple[str, State]) -> Weixin:
    """Fresh for every test."""
    url, state = weixin_server
    fresh = State()
    for name in vars(fresh):
        if name != "lock":
            setattr(state, name, getattr(fresh, name))
    return Weixin(url, state)
