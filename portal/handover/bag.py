"""BagIt (RFC 8493) as one zip in memory: the same files, the same bytes."""

import io
import zipfile
from collections.abc import Mapping
from hashlib import sha256

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MOST_BYTES = 256 * 1024 * 1024


class WrongBag(Exception):
    """Not a whole bag: something is missing, too much or altered."""


def pack(name: str, files: Mapping[str, bytes], info: Mapping[str, str]) -> bytes:
    """A zip with one folder `name`: `files` (path below data/ → bytes), manifests, bag-info.

    Stored, not compressed, in fixed order with a fixed date: equal input, equal bytes.
    """
    payload = {f"data/{path}": data for path, data in sorted(files.items())}
    size = sum(len(data) for data in payload.values())
    lines = {**info, "Payload-Oxum": f"{size}.{len(payload)}"}
    tags = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{k}: {v}\n" for k, v in sorted(lines.items())).encode(),
        "manifest-sha256.txt": _manifest(payload),
    }
    tags["tagmanifest-sha256.txt"] = _manifest(tags)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, data in [*tags.items(), *payload.items()]:
            entry = zipfile.ZipInfo(f"{name}/{path}", _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The payload, path below data/ → bytes, every digest checked.

    Raises WrongBag.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                raise WrongBag("too large")
            files = {i.filename.partition("/")[2]: archive.read(i) for i in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as fault:
        raise WrongBag("not a zip") from fault
    tags = {path: body for path, body in files.items() if not path.startswith("data/")}
    payload = {path: body for path, body in files.items() if path.startswith("data/")}
    _check(tags.pop("tagmanifest-sha256.txt", b""), tags)
    _check(tags.get("manifest-sha256.txt", b""), payload)
    return {path.removeprefix("data/"): body for path, body in payload.items()}


def _manifest(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{sha256(d).hexdigest()}  {p}\n" for p, d in sorted(files.items())).encode()


def _check(manifest: bytes, files: Mapping[str, bytes]) -> None:
    if not files or manifest != _manifest(files):
        raise WrongBag("the manifest does not fit")
