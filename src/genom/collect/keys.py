"""The keys that a request offers, wherever its client puts them."""

from __future__ import annotations

import binascii
from typing import Final

__all__ = ["offered_keys"]

_LONGEST: Final = 256  # characters of a key; anything longer is none of ours


def offered_keys(authorization: bytes | None, body_key: str) -> list[str]:
    """Keys in the order of their weight: the header's before the body's, none twice.

    >>> offered_keys(b"Basic d2s6", "wk")
    ['wk']
    >>> offered_keys(b"Bearer sk", "wk")
    ['sk', 'wk']
    """
    keys = [_from_header(authorization or b""), body_key]
    return list(dict.fromkeys(key for key in keys if 0 < len(key) <= _LONGEST))


def _from_header(header: bytes) -> str:
    scheme, _, value = header.strip().partition(b" ")
    if len(value) > 2 * _LONGEST:
        return ""
    match scheme.lower():
        case b"basic":
            return _from_basic(value.strip())
        case b"bearer":
            return _text(value.strip())
    return ""


def _from_basic(value: bytes) -> str:
    """Clients send `base64(key + ":")`; some leave the colon out."""
    try:
        plain = binascii.a2b_base64(value, strict_mode=True)
    except binascii.Error:
        return ""
    return _text(plain).partition(":")[0]


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return ""
