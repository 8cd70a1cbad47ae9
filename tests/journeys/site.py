"""The whole product on one port of this machine: pages, API and worker, on a fresh folder."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from werkzeug.serving import make_server

from portal import worker
from portal.assembly import Portal, open_portal
from portal.contact.rules import is_quiet
from portal.contact.wechat import STANDIN_PATH
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings
from portal.serving import free_port
from tests.apps import app_over


@dataclass(frozen=True)
class Site:
    url: str
    portal: Portal
    clock: Callable[[], datetime] = utc_now


@contextmanager
def serving(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    worker_clock: Callable[[], datetime] = utc_now,
) -> Iterator[Site]:
    port = free_port()
    if settings.wechat == "standin" and not settings.wechat_url:
        url = f"http://127.0.0.1:{port}{STANDIN_PATH}"
        settings = replace(settings, wechat_url=url)
    portal = open_portal(settings)
    server = make_server("127.0.0.1", port, app_over(portal, clock), threaded=True)
    stop = threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(
            target=worker.run, args=(portal, stop), kwargs={"clock": worker_clock}, daemon=True
        ),
    ]
    for thread in threads:
        thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", portal, clock)
    finally:
        stop.set()
        server.shutdown()
        for thread in threads:
            thread.join(timeout=20)
        server.server_close()
        portal.database.engine.dispose()


def by_day() -> Callable[[], datetime]:
    """The time as it goes on; at night half a day ahead, for then only codes are sent."""
    ahead = timedelta(hours=12 if is_quiet(utc_now()) else 0)
    return lambda: utc_now() + ahead


def soon(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it comes true in time: the worker goes its rounds beside us."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
