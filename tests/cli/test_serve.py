"""`portal serve`: one command starts all of it, and stopping it stops all of it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from portal.foundation.settings import to_environment
from portal.serving import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


def children(pid: int) -> set[int]:
    """All processes below `pid`."""
    found: set[int] = set()
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    waiting = {pid}
    while waiting:
        waiting = {child for child, parent in parents if parent in waiting} - found
        found |= waiting
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if _state(pid) not in ("", "Z")}


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def eventually(holds, seconds=30.0):
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.1)
    return holds()


def answers(port: int, path: str = "/healthz") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture
def serve(settings, tmp_path):
    """Starts `portal serve` on the test's folder: (process, port, file of what it said)."""
    started = []

    def start(*more: str) -> tuple[subprocess.Popen[bytes], int, Path]:
        port, said = free_port(), tmp_path / "said"
        command = [sys.executable, "-m", "portal.cli", "--data", str(settings.data), "serve"]
        with said.open("w") as out:
            process = subprocess.Popen(
                [*command, "--port", str(port), *more], stdout=out, stderr=subprocess.STDOUT,
                cwd=ROOT, env=to_environment(settings) | {"PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        started.append(process)
        assert eventually(lambda: "Ctrl-C" in said.read_text(), 60), said.read_text()
        return process, port, said

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_it_says_what_a_visitor_needs_and_ctrl_c_stops_all_of_it(serve):
    process, port, said = serve("--prepare")
    words = said.read_text()
    for part in ("/desk/", "/dev/outbox", "/api/docs", "dongping", "密码", "动态码", "密钥"):
        assert part in words
    assert f"http://127.0.0.1:{port}/" in words
    assert answers(port, "/")
    below = children(process.pid)
    assert len(below) >= 3
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=40) == 0
    assert not alive(below)


def test_a_child_that_dies_is_started_again_and_sigterm_stops_all_of_it(serve):
    process, port, said = serve()
    for pid in children(process.pid):
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: "worker 退出了" in said.read_text())
    assert eventually(lambda: "API 退出了" in said.read_text())
    assert eventually(lambda: answers(port))
    below = children(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    assert not alive(below)


def test_killed_itself_it_leaves_nothing_running(serve):
    process, _port, _said = serve()
    below = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert eventually(lambda: not alive(below))


def test_a_taken_port_is_said_in_words(settings):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "portal.cli", "--data", str(settings.data), "serve",
             "--port", str(port)], env=to_environment(settings) | {"PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"端口 {port} 用不了" in done.stderr
    assert "Traceback" not in done.stderr
