"""One machine, one command: the API and the worker as child processes.

They are started together, restarted when one dies, and stopped together; when this process
is killed the kernel ends them.
"""

import ctypes
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from portal.contact.wechat import STANDIN_PATH
from portal.foundation.settings import Settings, to_environment

ROOT = Path(__file__).resolve().parent.parent
_CONFIG = ROOT / "deploy" / "gunicorn.conf.py"
_LOOK_EVERY = 0.2
_PATIENCE = 25.0
_DEATHS, _WITHIN = 5, 60.0
_PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


class NotServed(Exception):
    """It could not be started, or would not stay up; in words for who started it."""


@dataclass
class Child:
    """A process to keep alive, and when it died."""

    name: str
    command: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)


def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    stop: threading.Event,
    say: Say,
    ready: Callable[[], None],
) -> None:
    """Serve until `stop` is set; `ready` is called once the first page can be opened.

    Raises NotServed when the port is taken, the start fails, or a child dies again and again.
    """
    check_port(host, port)
    environ = to_environment(settings)
    children = _children(host, port)
    try:
        for child in children:
            _start(child, environ)
        _await_health(children[0], host, port, stop)
        if not stop.is_set():
            ready()
        while not stop.wait(_LOOK_EVERY):
            for child in children:
                _keep_alive(child, environ, say)
    finally:
        _stop(children)


def told_where(settings: Settings, host: str, port: int) -> Settings:
    """The settings with the address it is served at, also for WeChat's stand-in in it."""
    if settings.public_url == Settings.public_url:
        settings = replace(settings, public_url=f"http://127.0.0.1:{port}")
    if settings.wechat == "standin" and not settings.wechat_url:
        url = f"http://{_nearby(host)}:{port}{STANDIN_PATH}"
        settings = replace(settings, wechat_url=url)
    return settings


def stop_on_signals(stop: threading.Event) -> None:
    """Ctrl-C, SIGTERM and a closed terminal set `stop`."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())


def check_port(host: str, port: int) -> None:
    """Raises NotServed when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise NotServed(
                f"端口 {port} 用不了（{fault.strerror}）。换一个再试：make serve PORT={port + 1}"
            ) from fault


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _nearby(host: str) -> str:
    """How this machine reaches what listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - only compared


def _children(host: str, port: int) -> list[Child]:
    python = sys.executable
    bind = ("--config", str(_CONFIG), "--bind", f"{host}:{port}")
    return [
        Child("API", (python, "-m", "gunicorn", *bind)),
        Child("worker", (python, "-m", "portal.cli", "worker")),
    ]


def _start(child: Child, environ: Mapping[str, str]) -> None:
    """In a session of its own: Ctrl-C reaches this process only, which stops them in order."""
    child.process = subprocess.Popen(  # noqa: S603 - fixed commands
        child.command, env=dict(environ), cwd=ROOT, stdin=subprocess.DEVNULL,
        start_new_session=True, preexec_fn=_die_with_parent,
    )  # fmt: skip


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _await_health(api: Child, host: str, port: int, stop: threading.Event) -> None:
    until = time.monotonic() + _PATIENCE
    while not stop.is_set() and not _healthy(host, port):
        if api.process is None or api.process.poll() is not None:
            raise NotServed("网站没有启动起来，原因见上面几行。")
        if time.monotonic() > until:
            raise NotServed("网站迟迟没有启动起来。")
        time.sleep(0.05)


def _healthy(host: str, port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{_nearby(host)}:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _keep_alive(child: Child, environ: Mapping[str, str], say: Say) -> None:
    """Start it again when it ended. Raises NotServed at the fifth time within a minute."""
    if child.process is None or child.process.poll() is None:
        return
    now = time.monotonic()
    child.deaths = [*(d for d in child.deaths if now - d < _WITHIN), now]
    if len(child.deaths) >= _DEATHS:
        raise NotServed(f"{child.name} 一再退出，全部停下。")
    say(f"{child.name} 退出了（{child.process.returncode}），重新启动。")
    _start(child, environ)


def _stop(children: list[Child]) -> None:
    """Ask all, wait, then insist."""
    running = [c.process for c in children if c.process is not None]
    for process in running:
        process.terminate()
    until = time.monotonic() + _PATIENCE
    for process in running:
        try:
            process.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
