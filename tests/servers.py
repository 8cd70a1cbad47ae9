"""Real servers for tests: each starts on a free port of this machine and ends with its test."""

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pika
import redis
from obstore.exceptions import BaseError
from obstore.store import S3Store

from portal.handover import broker
from portal.serving import free_port

REDIS = shutil.which("redis-server") or ""
WEED = shutil.which("weed", path=str(Path(sys.executable).parent)) or ""
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
