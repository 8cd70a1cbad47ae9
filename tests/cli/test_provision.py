"""`portal provision-queue`: declares what a worker's start then asks for."""

import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.handover import broker
from portal.serving import free_port
from tests.servers import empty_broker


def run(data, queue: str, *words: str):
    return CliRunner().invoke(main, ["--data", str(data), *words], env={"PORTAL_QUEUE": queue})


@pytest.mark.rabbitmq
def test_it_may_be_asked_twice(template, broker_url):
    empty_broker(broker_url)
    for _ in range(2):
        done = run(template, broker_url, "provision-queue")
        assert (done.exit_code, "队列已建好" in done.output) == (0, True), done.output
    broker.check(broker_url)


def test_nobody_there_is_said(template):
    done = run(template, f"amqp://a:b@127.0.0.1:{free_port()}/", "provision-queue")
    assert done.exit_code == 1
    assert "消息队列连不上" in done.output


def test_embedded_needs_none(template):
    assert "nothing to declare" in run(template, "embedded", "provision-queue").output


def test_a_worker_starts_while_the_broker_is_away(settings):
    """Photos, texts and clocks cannot wait for somebody else's machine."""
    environ = {
        "PORTAL_QUEUE": f"amqp://a:b@127.0.0.1:{free_port()}/",
        "PORTAL_DATA": str(settings.data),
    }
    command = [sys.executable, "-m", "portal.cli", "worker"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        timer = threading.Timer(20, process.kill)
        timer.start()
        process.terminate()
        assert process.wait() == 0
        timer.cancel()
    assert "the broker does not answer" in first
