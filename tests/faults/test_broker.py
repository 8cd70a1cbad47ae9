"""RabbitMQ is killed right after its queues were declared: what it confirmed may be gone, no file is."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from portal.handover import broker
from tests.conftest import NOW
from tests.faults import children
from tests.faults.invariants import Acknowledged
from tests.faults.matrix import survive
from tests.faults.nursery import Installation
from tests.rules.code import ROOT
from tests.servers import wait_until

_SCRIPT = """
. deploy/rabbitmq.sh
trap stop_rabbitmq EXIT
start_rabbitmq "$1"
up() { await_rabbitmq; echo "$PORTAL_TEST_RABBITMQ"; }
up
while read -r word; do
    kill -KILL -- "-$broker"
    run_rabbitmq
    up
done
"""


@dataclass
class Node:
    """A RabbitMQ of the test's own."""

    process: subprocess.Popen[str]
    url: str = ""

    def await_it(self) -> None:
        assert self.process.stdout
        self.url = f"{self.process.stdout.readline().strip()}/test0"
        assert self.url.startswith("amqp://")

    def provision(self) -> None:
        """Its port is open before it listens to anybody."""
        wait_until(self._provisioned, "the broker", seconds=120)

    def _provisioned(self) -> bool:
        try:
            broker.provision(self.url)
        except broker.BrokerAway:
            return False
        return True

    def kill_and_start(self) -> None:
        """kill -9, and once more on the same data."""
        assert self.process.stdin
        print("again", file=self.process.stdin, flush=True)
        self.await_it()


@pytest.fixture
def node() -> Iterator[Node]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        command = ["bash", "-c", _SCRIPT, "bash", folder]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )  # fmt: skip
        started = Node(process)
        started.await_it()
        yield started
        process.communicate(timeout=60)


@pytest.mark.full
@pytest.mark.rabbitmq
def test_killed_while_its_queues_are_fresh(installed: Installation, node: Node) -> None:
    node.provision()
    through = replace(installed, settings=replace(installed.settings, queue=node.url))
    told = Acknowledged()
    assert through.run(children.submit, told) == 0
    assert through.run(children.send, told) == 0, "confirmed by the broker, not yet read"
    node.kill_and_start()
    node.provision()
    for minutes in range(3, 30, 3):
        assert through.run(children.work, told, now=NOW + timedelta(minutes=minutes)) == 0
    survive(through, told, children.recover, now=NOW + timedelta(hours=2))
