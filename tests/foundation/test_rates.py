"""Rate limits: the same whoever counts; without Redis only texts are closed."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.assembly import Portal, open_portal, opened
from portal.foundation import rates, shared_counter
from portal.foundation.errors import Busy, TooOften
from portal.foundation.rates import RateWindow
from portal.foundation.settings import Settings
from tests.conftest import NOW
from tests.servers import RedisServer, start_redis

HOUR = timedelta(hours=1)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = start_redis(tmp_path)
    yield server
    server.stop()


@pytest.fixture(params=["database", pytest.param("redis", marks=pytest.mark.redis)])
def counting(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Portal]:
    """A portal that counts in its database, and one that counts in Redis."""
    if request.param == "redis":
        settings = replace(settings, redis_url=request.getfixturevalue("redis_server").url)
    with opened(settings) as portal:
        yield portal


@pytest.fixture
def with_redis(settings: Settings, redis_server: RedisServer) -> Iterator[Portal]:
    with opened(replace(settings, redis_url=redis_server.url)) as portal:
        yield portal


def use(portal: Portal, bucket: str = "a", *, seconds: float = 0, closes: bool = False) -> None:
    now = NOW + timedelta(seconds=seconds)
    with portal.database.writing() as session:
        try:
            rates.count(session, bucket, most=3, per=HOUR, now=now, closes=closes)
        except TooOften:
            session.commit()
            raise


def test_up_to_the_limit_and_no_further(counting: Portal) -> None:
    for _ in range(3):
        use(counting)
    with pytest.raises(TooOften) as refused:
        use(counting, seconds=600)
    assert refused.value.keeps
    assert refused.value.retry_after == 3001


def test_the_next_window_begins_from_nothing(counting: Portal) -> None:
    for _ in range(3):
        use(counting)
    use(counting, seconds=3600)
    with pytest.raises(TooOften):
        use(counting)


def test_one_bucket_never_fills_another(counting: Portal) -> None:
    for _ in range(3):
        use(counting)
    use(counting, "b")


def test_two_processes_count_together(counting: Portal) -> None:
    with opened(counting.settings) as other:
        use(counting)
        use(other)
        use(counting)
        with pytest.raises(TooOften):
            use(other)


def test_many_at_once_get_exactly_what_is_allowed(counting: Portal) -> None:
    passed: list[int] = []

    def work() -> None:
        with suppress(TooOften):
            use(counting)
            passed.append(1)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 3


def test_told_once_is_part_of_the_transaction(counting: Portal) -> None:
    """What is rolled back was no use: whoever was not told is told at the next try."""

    def first() -> bool:
        return rates.first_use(session, "tell", per=HOUR, now=NOW)

    with counting.database.writing() as session:
        assert first()
        session.rollback()
    with counting.database.writing() as session:
        assert [first(), first()] == [True, False]


@pytest.mark.redis
def test_redis_leaves_the_database_alone(with_redis: Portal) -> None:
    use(with_redis)
    assert windows(with_redis) == 0


@pytest.mark.redis
def test_without_redis_only_texts_are_closed(with_redis: Portal, redis_server: RedisServer) -> None:
    redis_server.stop()
    with pytest.raises(Busy, match="现在发不了验证码") as refused:
        use(with_redis, closes=True)
    assert (refused.value.status, refused.value.retry_after) == (503, 60)
    for _ in range(3):
        use(with_redis)
    assert windows(with_redis) == 1
    with pytest.raises(TooOften):
        use(with_redis)


@pytest.mark.redis
def test_it_comes_back_by_itself(
    with_redis: Portal, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_counter, "_REST", 0.2)
    redis_server.stop()
    with pytest.raises(Busy):
        use(with_redis, closes=True)
    redis_server.start()
    time.sleep(0.25)
    use(with_redis, closes=True)


@pytest.mark.parametrize(
    "says", [None, b"-LOADING busy\r\n" * 4, b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    ids=["沉默", "不接活", "不是Redis"],
)  # fmt: skip
def test_a_silent_or_strange_neighbour_holds_up_nobody(
    settings: Settings, says: bytes | None
) -> None:
    with neighbour(says) as port:
        portal = open_portal(replace(settings, redis_url=f"redis://127.0.0.1:{port}/0"))
        began = time.monotonic()
        with pytest.raises(Busy):
            use(portal, closes=True)
        for _ in range(3):
            use(portal)
        assert time.monotonic() - began < 3
        portal.database.engine.dispose()


def windows(portal: Portal) -> int:
    with portal.database.reading() as session:
        return len(session.scalars(select(RateWindow)).all())


class neighbour:
    """Takes connections, and says the same thing to all of them, or nothing."""

    def __init__(self, says: bytes | None) -> None:
        self.says = says
        self.held: list[socket.socket] = []
        self.server = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> int:
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self.server.getsockname()[1])

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                taken = self.server.accept()[0]
                self.held.append(taken)
                if self.says:
                    taken.sendall(self.says)

    def __exit__(self, *_fault: object) -> None:
        self.server.close()
        for taken in self.held:
            taken.close()
