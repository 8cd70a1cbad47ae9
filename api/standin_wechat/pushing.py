"""What WeChat's servers push to the portal: signed and encrypted as in 安全模式."""

import base64
import json
import struct
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from secrets import randbelow, token_bytes
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from portal.contact.wechat_push import Inlet, signature

_BLOCK = 32


def envelope(
    event: Mapping[str, Any], inlet: Inlet, *, now: datetime
) -> tuple[dict[str, str], bytes]:
    """The query and the body of one push."""
    stamp, nonce = str(int(now.timestamp())), str(randbelow(10**10))
    sealed = encrypted(json.dumps(event, ensure_ascii=False).encode(), inlet)
    query = {
        "signature": signature(inlet.token, stamp, nonce), "timestamp": stamp, "nonce": nonce,
        "encrypt_type": "aes", "msg_signature": signature(inlet.token, stamp, nonce, sealed),
    }  # fmt: skip
    return query, json.dumps({"ToUserName": "gh_standin", "Encrypt": sealed}).encode()


def encrypted(message: bytes, inlet: Inlet) -> str:
    key = base64.b64decode(inlet.key + "=")
    plain = token_bytes(16) + struct.pack(">I", len(message)) + message + inlet.app_id.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    sealer = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = sealer.update(plain + bytes([padding]) * padding) + sealer.finalize()
    return base64.b64encode(sealed).decode()


def push(address: str, event: Mapping[str, Any], inlet: Inlet, *, now: datetime) -> str:
    """Knock at the portal; what it answered. Raises OSError."""
    query, body = envelope(event, inlet, now=now)
    request = urllib.request.Request(  # noqa: S310 - the demonstration's own address
        f"{address}?{urlencode(query)}", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return str(answer.read().decode())
