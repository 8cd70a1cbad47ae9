"""A phone for figures: one Chromium with a profile of its own, that can be killed at once and given
only a share of a core."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserType, CDPSession, Error, Page

from portal.serving import free_port
from tests.browser import ARGUMENTS, CHROMIUM

SCREEN = {"width": 390, "height": 844}
_GROUP = "portal-bench"
_OLD, _NEW = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
_PERIOD = 100_000
_JOIN = 'echo $$ > "$0"; exec "$@"'


@dataclass
class Handset:
    """Switched on; `kill` is what an Android does to a browser behind a camera."""

    page: Page
    process: subprocess.Popen[bytes]
    whole: CDPSession

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def slow_down(self, times: float) -> None:
        line = self.page.context.new_cdp_session(self.page)
        line.send("Emulation.setCPUThrottlingRate", {"rate": times})

    def choose(self, box: str, path: Path) -> None:
        """As a person picks a photo: its bytes do not pass through the page."""
        line = self.page.context.new_cdp_session(self.page)
        words = f"document.querySelector({box!r})"
        found = line.send("Runtime.evaluate", {"expression": words})["result"]
        given = {"files": [str(path)], "objectId": found["objectId"]}
        line.send("DOM.setFileInputFiles", given)

    def megabytes(self) -> float:
        """What the pages hold; not the browser around them."""
        return sum(map(pss, self.renderers()))

    def renderers(self) -> list[int]:
        found = self.whole.send("SystemInfo.getProcessInfo")["processInfo"]
        return [one["id"] for one in found if one["type"] == "renderer"]


@contextmanager
def switched_on(
    chromium: BrowserType, profile: Path, *arguments: str, group: Path | None = None
) -> Iterator[Handset]:
    """The same profile is the same phone. `group`: of `share_of_a_core`."""
    port = free_port()
    command = [
        CHROMIUM, *ARGUMENTS, *arguments, f"--user-data-dir={profile}",
        f"--remote-debugging-port={port}", "about:blank",
    ]  # fmt: skip
    joined = ["sh", "-c", _JOIN, str(group / "cgroup.procs"), *command] if group else command
    process = subprocess.Popen(  # noqa: S603 - fixed command
        joined, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    browser = _connected(chromium, port)
    page = browser.contexts[0].pages[0]
    page.set_default_timeout(60_000)
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    handset = Handset(page, process, browser.new_browser_cdp_session())
    try:
        yield handset
    finally:
        handset.kill()


@contextmanager
def share_of_a_core(share: float) -> Iterator[Path | None]:
    """A control group of processes that get no more; None where none can be made here."""
    group = _made(share)
    try:
        yield group
    finally:
        if group is not None:
            _empty(group)


def _made(share: float) -> Path | None:
    quota = int(share * _PERIOD)
    for above, file, words in (
        (_OLD, "cpu.cfs_quota_us", str(quota)),
        (_NEW, "cpu.max", f"{quota} {_PERIOD}"),
    ):
        group = above / _GROUP
        with suppress(OSError):
            group.mkdir(exist_ok=True)
            with (group / file).open("r+") as limit:
                limit.write(words)
            return group
        with suppress(OSError):
            group.rmdir()
    return None


def _empty(group: Path) -> None:
    for _try in range(50):
        with suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.1)


def _connected(chromium: BrowserType, port: int):  # type: ignore[no-untyped-def]
    until = time.monotonic() + 60
    while True:
        try:
            return chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        except Error:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def pss(process: int) -> float:
    """Megabytes beside the program's own files, shared memory by share; 0 for one that is gone."""
    with suppress(OSError):
        words = Path(f"/proc/{process}/smaps_rollup").read_text()
        found = re.findall(r"^Pss_(?:Anon|Shmem):\s+(\d+)", words, re.M)
        return sum(map(int, found)) / 1024
    return 0.0
