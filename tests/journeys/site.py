"""The whole product on one port of this machine: pages, API and worker, on a fresh folder."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from unittest import mock

from werkzeug.serving import make_server

from portal import worker
from portal.assembly import Portal, open_portal
from portal.contact import rules
from portal.contact.wechat import STANDIN_PATH
from portal.foundation.clock import utc_now
from portal.foundation.settings import Settings
from portal.serving import free_port
from tests.apps import app_over


@dataclass(frozen=True)
class Site:
    url: str
    portal: Portal


@contextmanager
def serving(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Iterator[Site]:
    """At any hour of the day: messages are not held back for the night."""
    port = free_port()
    if settings.wechat == "standin" and not settings.wechat_url:
        url = f"http://127.0.0.1:{port}{STANDIN_PATH}"
        settings = replace(settings, wechat_url=url)
    portal = open_portal(settings)
    nobody_sleeps = replace(
        rules.rules(), quiet_from=datetime.max.time(), quiet_to=datetime.min.time()
    )
    server = make_server("127.0.0.1", port, app_over(portal, clock), threaded=True)
    stop = threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever, daemon=True),
        threading.Thread(target=worker.run, args=(portal, stop), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        with mock.patch.object(rules, "rules", return_value=nobody_sleeps):
            yield Site(f"http://127.0.0.1:{server.server_port}", portal)
    finally:
        stop.set()
        server.shutdown()
        for thread in threads:
            thread.join(timeout=20)
        server.server_close()
        portal.database.engine.dispose()


def soon(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it comes true in time: the worker goes its rounds beside us."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
