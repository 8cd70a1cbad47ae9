"""Real servers for tests: each starts on a free port of this machine and ends with its test."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pika
import psycopg
import redis
from obstore.exceptions import BaseError
from obstore.store import S3Store

from portal.handover import broker
from portal.serving import free_port

REDIS = shutil.which("redis-server") or ""
WEED = shutil.which("weed", path=str(Path(sys.executable).parent)) or ""
STRACE = shutil.which("strace") or ""
S3_KEY, S3_SECRET = "portal", "only-for-tests"


@dataclass
class RedisServer:
    """One that can be stopped and started again under the same address, empty each time."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        given = {
            "port": self.port,
            "bind": "127.0.0.1",
            "dir": self.folder,
            "save": "",
            "appendonly": "no",
        }
        arguments = [text for name, value in given.items() for text in (f"--{name}", str(value))]
        self.process = subprocess.Popen([REDIS, *arguments], stdout=subprocess.DEVNULL)
        wait_until(self._answers, "redis-server")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as asked:
            try:
                return bool(asked.ping())
            except redis.ConnectionError:
                return False


def start_redis(folder: Path) -> RedisServer:
    server = RedisServer(folder, free_port())
    server.start()
    return server


@dataclass
class S3Server:
    """SeaweedFS, a real object store, with one bucket: `papers`."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        ports = [free_port() for _ in range(8)]
        names = (
            "master.port", "master.port.grpc", "volume.port", "volume.port.grpc",
            "filer.port", "filer.port.grpc", "s3.port.grpc", "s3.port.iceberg",
        )  # fmt: skip
        given = {
            **dict(zip(names, ports, strict=True)),
            "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "dir": self.folder, "s3.port": self.port,
            "s3.config": self._write_keys(), "master.volumeSizeLimitMB": 64, "volume.max": 8,
            "master.telemetry": "false", "s3.port.lance": 0, "master.raftHashicorp": "false",
        }  # fmt: skip
        arguments = [f"-{name}={value}" for name, value in given.items()]
        with (self.folder / "log").open("ab") as log:
            command = [WEED, "server", "-s3", *arguments]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._answers, "weed")
        wait_until(self._make_bucket, "the bucket")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _write_keys(self) -> Path:
        keys = [{"accessKey": S3_KEY, "secretKey": S3_SECRET}]
        actions = ["Admin", "Read", "List", "Tagging", "Write"]
        file = self.folder / "s3.json"
        identity = {"name": "portal", "credentials": keys, "actions": actions}
        file.write_text(json.dumps({"identities": [identity]}))
        return file

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.endpoint, timeout=1)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def _make_bucket(self) -> bool:
        """The store makes a bucket with its first object."""
        store = S3Store(
            "papers", endpoint=self.endpoint, access_key_id=S3_KEY, secret_access_key=S3_SECRET,
            region="us-east-1", client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )  # fmt: skip
        try:
            store.put("first", b"1")
            return bool(store.get("first").bytes())
        except BaseError:
            return False


def start_s3(folder: Path) -> S3Server:
    server = S3Server(folder, free_port())
    server.start()
    return server


def empty_broker(url: str) -> None:
    """As if nothing had ever been declared there."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        for queue in broker._queues():
            channel.queue_delete(queue)
        for exchange in ("portal", "portal.set-aside"):
            channel.exchange_delete(exchange)


def wait_until(there: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < until, f"{what} did not come up"
        time.sleep(0.02)


@dataclass
class PostgresServer:
    """One of the test's own, which can be killed and started again. Its settings are the product's:
    everything is flushed."""

    folder: Path
    port: int
    binaries: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://portal@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        command = [
            self.binaries / "initdb",
            "-D",
            self.folder / "data",
            "-U",
            "portal",
            "-A",
            "trust",
        ]
        given = ["-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run([*command, *given], check=True, stdout=subprocess.DEVNULL, **self._user())

    def start(self) -> None:
        """Again and again until what was killed has let go of its memory."""
        wait_until(self._started, "PostgreSQL")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()
        shutil.rmtree(self.folder)

    def _started(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            given = {
                "port": self.port,
                "listen_addresses": "127.0.0.1",
                "unix_socket_directories": "",
            }
            options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
            with (self.folder / "log").open("ab") as log:
                command = [self.binaries / "postgres", "-D", self.folder / "data", *options]
                self.process = subprocess.Popen(command, stdout=log, stderr=log, **self._user())
        try:
            with psycopg.connect(self.url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    @staticmethod
    def _user() -> dict[str, Any]:
        """It refuses to run as root."""
        root = os.getuid() == 0
        return {"user": "postgres", "group": "postgres", "extra_groups": []} if root else {}


def start_postgres() -> PostgresServer:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres."))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    server = PostgresServer(folder, free_port(), found[-1])
    server.make()
    server.start()
    return server
