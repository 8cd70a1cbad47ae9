"""The blob store in a bucket of an S3-compatible object store, for several machines."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from obstore import store as stores
from obstore.exceptions import BaseError, NotFoundError

from portal.foundation.blobs import OLD, Blobs, Named, checked
from portal.foundation.errors import Busy
from portal.foundation.settings import Settings, WrongSettings

_T = TypeVar("_T")
_PAGE = 1000
_REGION = "us-east-1"
"""What stores without regions expect in a signature."""
_SAYS_NO = re.compile(r"status code: 4(?!08|29)\d\d")
"""In obstore's words: the store answers, and will not answer otherwise later."""


class Bucket(Blobs):
    """One object a blob, written whole in one request; the store answers once it is durable.

    `quick` is the same store, asked once and not waited for.
    """

    def __init__(self, store: "stores.S3Store", quick: "stores.S3Store") -> None:
        self._store, self._quick = store, quick

    def prepare(self) -> None:
        """Raises WrongSettings for a wrong name or key, Busy when nobody answers."""
        try:
            next(iter(self._quick.list(chunk_size=1)), None)
        except (BaseError, OSError) as fault:
            if not _SAYS_NO.search(str(fault)):
                raise _away() from fault
            kind = type(fault).__name__
            raise WrongSettings(f"PORTAL_BLOBS: the bucket cannot be read ({kind})") from fault

    def answers(self) -> bool:
        try:
            self.prepare()
        except (Busy, WrongSettings):
            return False
        return True

    def put(self, data: bytes) -> str:
        """Written again when it is there: the same bytes, and young again for the sweep."""
        name = sha256(data).hexdigest()
        self._asked(lambda: self._store.put(name, data, use_multipart=False))
        return name

    def read(self, name: str) -> bytes:
        checked(name)
        return self._asked(lambda: self._store.get(name).bytes().to_bytes())

    def delete(self, name: str) -> None:
        checked(name)
        self._asked(lambda: self._store.delete(name))

    def names(self, prefix: str = "") -> Iterator[str]:
        yield from (name for name, _age in self._objects(prefix))

    def sweep(self, prefix: str, named: Named, *, now: datetime) -> int:
        old = [name for name, at in self._objects(prefix) if at < now - OLD]
        kept = named(prefix) if old else ()
        unnamed = [name for name in old if name not in kept]
        for name in unnamed:
            self.delete(name)
        return len(unnamed)

    def _objects(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Page by page from where the slice begins: the store lists them sorted."""
        pages = iter(self._store.list(offset=prefix or None, chunk_size=_PAGE))
        while (page := self._asked(lambda: next(pages, None))) is not None:
            for found in page:
                name = str(found["path"])
                if not name.startswith(prefix):
                    return
                yield name, found["last_modified"]

    def _asked(self, ask: Callable[[], _T]) -> _T:
        """Raises FileNotFoundError for an unknown name, Busy for anything else."""
        try:
            return ask()
        except (FileNotFoundError, NotFoundError) as fault:
            raise FileNotFoundError from fault
        except (BaseError, OSError) as fault:
            raise _away() from fault


def _away() -> Busy:
    said = "存储暂时不可用。照片还在您的手机上，请稍后再试。"
    return Busy(said, code="storage", retry_after=30)


def open_bucket(settings: Settings) -> Bucket:
    """The bucket of PORTAL_BLOBS=s3://bucket/prefix. Raises WrongSettings."""
    parts = urlsplit(settings.blob_url)
    if parts.scheme != "s3" or not parts.netloc:
        raise WrongSettings("PORTAL_BLOBS: empty, or s3://bucket/prefix")
    if not (settings.s3_endpoint and settings.s3_key and settings.s3_secret):
        raise WrongSettings(
            "PORTAL_BLOBS=s3://… needs PORTAL_S3_ENDPOINT, PORTAL_S3_KEY and PORTAL_S3_SECRET"
        )
    return Bucket(
        _store(settings, parts, timeout="20s", connect_timeout="3s", retries=2),
        _store(settings, parts, timeout="3s", connect_timeout="2s", retries=0),
    )


def _store(
    settings: Settings, parts: SplitResult, *, timeout: str, connect_timeout: str, retries: int
) -> "stores.S3Store":
    return stores.S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        endpoint=settings.s3_endpoint,
        access_key_id=settings.s3_key,
        secret_access_key=settings.s3_secret,
        region=settings.s3_region or _REGION,
        client_options={
            "timeout": timeout,
            "connect_timeout": connect_timeout,
            "allow_http": settings.s3_endpoint.startswith("http://"),
        },
        retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=15)},
    )
