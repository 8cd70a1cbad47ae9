"""The blob store in a bucket of an S3-compatible object store, for several machines."""

from collections.abc import Callable, Container, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit

from obstore import store as stores
from obstore.exceptions import BaseError, NotFoundError

from portal.foundation.blobs import Blobs, checked
from portal.foundation.errors import Busy
from portal.foundation.settings import Settings, WrongSettings

_T = TypeVar("_T")
_REGION = "us-east-1"
"""What stores without regions expect in a signature."""


class Bucket(Blobs):
    """One object a blob, written whole in one request; the store answers once it is durable."""

    def __init__(self, store: "stores.S3Store") -> None:
        self._store = store

    def prepare(self) -> None:
        """Raises WrongSettings when the bucket cannot be listed: wrong address, name or key."""
        try:
            next(iter(self._store.list(chunk_size=1)), None)
        except (BaseError, OSError) as fault:
            kind = type(fault).__name__
            raise WrongSettings(f"PORTAL_BLOBS: the bucket cannot be read ({kind})") from fault

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

    def names(self) -> Iterator[str]:
        yield from sorted(name for name, _age in self._objects())

    def sweep(self, kept: Container[str], *, now: datetime) -> int:
        before = now - timedelta(days=1)
        old = [name for name, at in self._objects() if name not in kept and at < before]
        for name in old:
            self.delete(name)
        return len(old)

    def _objects(self) -> Iterator[tuple[str, datetime]]:
        for page in self._asked(lambda: list(self._store.list())):
            for found in page:
                yield str(found["path"]), found["last_modified"]

    def _asked(self, ask: Callable[[], _T]) -> _T:
        """Raises FileNotFoundError for an unknown name, Busy for anything else."""
        try:
            return ask()
        except (FileNotFoundError, NotFoundError) as fault:
            raise FileNotFoundError from fault
        except (BaseError, OSError) as fault:
            raise Busy(
                "存储暂时不可用。照片还在您的手机上，请稍后再试。", code="storage", retry_after=30
            ) from fault


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
        stores.S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            endpoint=settings.s3_endpoint,
            access_key_id=settings.s3_key,
            secret_access_key=settings.s3_secret,
            region=settings.s3_region or _REGION,
            client_options={
                "timeout": "20s",
                "connect_timeout": "3s",
                "allow_http": settings.s3_endpoint.startswith("http://"),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=15)},
        )
    )
