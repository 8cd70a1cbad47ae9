"""Signed receipts: canonical JSON under Ed25519, ours for the applicant, the queue's for us."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Session

from portal.foundation import vault

Signer = Literal["receipt", "intake"]


class WrongReceipt(Exception):
    """Not a receipt of the key we trust, or not for what was asked."""


def canonical(body: Mapping[str, Any]) -> bytes:
    """The one way to write these values: sorted keys, no blanks, UTF-8."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def signed(session: Session, signer: Signer, body: Mapping[str, Any]) -> dict[str, Any]:
    """`body` with `public_key` and `signature` (base64) over its canonical form, keys sorted."""
    full = {**body, "public_key": _text(public_key(session, signer))}
    signature = vault.signing_key(session, signer).sign(canonical(full))
    given: dict[str, Any] = json.loads(canonical({**full, "signature": _text(signature)}))
    return given


def verified(text: str | bytes, *, key: bytes) -> dict[str, Any]:
    """The receipt's body, once its signature by the public key `key` has been checked.

    Raises WrongReceipt.
    """
    try:
        receipt = json.loads(text)
        body = {name: value for name, value in receipt.items() if name != "signature"}
        signature = base64.b64decode(receipt["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, canonical(body))
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as fault:
        raise WrongReceipt("not a receipt") from fault
    except InvalidSignature as fault:
        raise WrongReceipt("the signature does not fit") from fault
    if body.get("public_key") != _text(key):
        raise WrongReceipt("names another key")
    return body


def verified_by(text: str | bytes, *, keys: Sequence[bytes]) -> dict[str, Any]:
    """By whichever of these, the newest first, signed it. Raises WrongReceipt."""
    for key in keys[:-1]:
        with suppress(WrongReceipt):
            return verified(text, key=key)
    return verified(text, key=keys[-1])


def public_keys(session: Session, signer: Signer) -> list[bytes]:
    """The newest and all before it: what they signed stays signed."""
    return [
        Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
        for key in vault.own_keys(session, signer, every=True)
    ]


def public_key(session: Session, signer: Signer) -> bytes:
    """32 raw bytes."""
    return vault.signing_key(session, signer).public_key().public_bytes_raw()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
