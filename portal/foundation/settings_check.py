"""What is wrong with settings before anything is started with them: one sentence a fault."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from portal.foundation.settings import Settings

WECHAT_HOME = "https://api.weixin.qq.com"
"""The only address of WeChat that production ever calls."""
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
_NEIGHBOUR = re.compile(r"[a-z][a-z0-9_-]*")
_BIND = re.compile(r"(\[[0-9a-f:]+\]|[\w.-]+):(\d{1,5})")
_PUSH_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
_KEY = 32


def faults(settings: "Settings") -> list[str]:
    """In any mode: what cannot be understood, or would silently do something else."""
    found = [*_words(settings), *_addresses(settings), *_gateways(settings), *_keys(settings)]
    if settings.processes < 1:
        found.append("PORTAL_PROCESSES: one at least")
    return found


def production_faults(settings: "Settings") -> list[str]:
    """What production must never run with."""
    found = [
        f"PORTAL_{name} is a stand-in; production needs the real one"
        for name, value in _chosen(settings).items()
        if value == "standin"
    ]
    if settings.crash_at:
        found.append("PORTAL_CRASH_AT is for tests only")
    public = urlsplit(settings.public_url)
    if public.scheme != "https" or not public.hostname:
        found.append("PORTAL_URL must begin with https:// and a name")
    if settings.trusted_proxies < 1:
        found.append(
            "PORTAL_TRUSTED_PROXIES=0: everybody would seem to call from nginx's own address, and "
            "no limit would hold; 1 behind deploy/nginx"
        )
    return [*found, *_wechat(settings), *_in_the_clear(settings)]


def key32(word: str) -> bytes | None:
    """32 bytes written in base64, or None."""
    try:
        key = base64.b64decode(word, validate=True)
    except binascii.Error:
        return None
    return key if len(key) == _KEY else None


def encrypted(url: str) -> bool:
    """https, or http that does not leave this machine."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in _LOCAL
    return local or (parts.scheme == "https" and bool(parts.hostname))


def _chosen(settings: "Settings") -> dict[str, str]:
    return {
        "SMS": settings.sms, "BACK_OFFICE": settings.back_office,
        "CHECK_PLATFORM": settings.check_platform, "WECHAT": settings.wechat,
    }  # fmt: skip


def _words(settings: "Settings") -> Iterator[str]:
    known = {
        "SMS": ("standin", "https"), "BACK_OFFICE": ("standin", "none"),
        "CHECK_PLATFORM": ("standin", "https", "off"), "WECHAT": ("off", "standin", "https"),
    }  # fmt: skip
    for name, value in _chosen(settings).items():
        if value not in known[name]:
            yield f"PORTAL_{name}={value}: {' or '.join(known[name])}"


def _addresses(settings: "Settings") -> Iterator[str]:
    if settings.queue != "embedded" and not settings.brokered:
        yield "PORTAL_QUEUE: embedded, or amqps://user:password@host/vhost"
    if settings.database_url and urlsplit(settings.database_url).scheme != "postgresql+psycopg":
        yield "DATABASE_URL: empty, or postgresql://user:password@host/database"
    if settings.redis_url and urlsplit(settings.redis_url).scheme not in ("redis", "rediss"):
        yield "REDIS_URL: empty, or redis://:password@host:6379/0"
    yield from _store(settings)
    for one in settings.bind.split(","):
        found = _BIND.fullmatch(one.strip())
        if not found or int(found[2]) > 65535:
            yield f"PORTAL_BIND={settings.bind}: address:port, several with commas between"
            return


def _store(settings: "Settings") -> Iterator[str]:
    if not settings.blob_url:
        return
    store = urlsplit(settings.blob_url)
    if store.scheme != "s3" or not store.netloc:
        yield "PORTAL_BLOBS: empty, or s3://bucket/prefix"
    elif not (settings.s3_endpoint and settings.s3_key and settings.s3_secret):
        yield "PORTAL_BLOBS=s3://… needs PORTAL_S3_ENDPOINT, PORTAL_S3_KEY and PORTAL_S3_SECRET"


def _keys(settings: "Settings") -> Iterator[str]:
    words = settings.master_key.split()
    if settings.master_key and (not words or None in map(key32, words)):
        yield "PORTAL_MASTER_KEY: the master key must be 32 bytes, base64; two while it is changed"
    push = settings.wechat_push_key
    if push and not (settings.wechat_push_token and _PUSH_KEY.fullmatch(push)):
        yield "PORTAL_WECHAT_PUSH_KEY: 43 characters, and a PORTAL_WECHAT_PUSH_TOKEN"
    pair = (settings.queue_signer, settings.queue_reader)
    if not any(pair):
        return
    if None in map(key32, pair):
        yield "PORTAL_QUEUE_SIGNER and PORTAL_QUEUE_READER: both, 32 bytes each, base64"
    if not settings.brokered:
        yield "PORTAL_QUEUE_SIGNER and PORTAL_QUEUE_READER are for PORTAL_QUEUE=amqps://… only"


def _gateways(settings: "Settings") -> Iterator[str]:
    for name, chosen, url, key in (
        ("SMS", settings.sms, settings.sms_url, settings.sms_key),
        ("CHECK", settings.check_platform, settings.check_url, settings.check_key),
    ):
        if chosen != "https":
            continue
        if not (url and key):
            whole = "CHECK_PLATFORM" if name == "CHECK" else name
            yield f"PORTAL_{whole}=https needs PORTAL_{name}_URL and PORTAL_{name}_KEY"
        elif not encrypted(url):
            yield f"PORTAL_{name}_URL must begin with https://"


def _wechat(settings: "Settings") -> Iterator[str]:
    if settings.wechat_url not in ("", WECHAT_HOME):
        yield f"PORTAL_WECHAT_URL must be {WECHAT_HOME}, or empty"
    if settings.wechat == "https" and not (settings.wechat_app_id and settings.wechat_app_secret):
        yield "PORTAL_WECHAT=https needs PORTAL_WECHAT_APP_ID and _APP_SECRET"


def _in_the_clear(settings: "Settings") -> Iterator[str]:
    """Passwords and papers go encrypted but to this machine and to a neighbour whose name has no
    dot: another container of the same compose file."""
    queue = urlsplit(settings.queue)
    if queue.scheme == "amqp" and not _near(queue):
        yield "PORTAL_QUEUE must begin with amqps://: the broker is on another machine"
    if (queue.username, queue.password) == ("guest", "guest"):
        yield "PORTAL_QUEUE: make a user of its own in RabbitMQ and delete guest"
    store = urlsplit(settings.s3_endpoint)
    if settings.blob_url and store.scheme != "https" and not _near(store):
        yield "PORTAL_S3_ENDPOINT must begin with https://: the store is on another machine"


def _near(url: SplitResult) -> bool:
    host = url.hostname or ""
    return host in _LOCAL or bool(_NEIGHBOUR.fullmatch(host))
