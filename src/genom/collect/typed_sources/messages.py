"""Message ids from what a record says: the same record has the same id, in whatever file and format it comes.

The key keeps an id from telling what is not in the event's body: of an address that was guessed, nobody can see
whether it was this one.
"""

from __future__ import annotations

import hmac
from hashlib import blake2b
from typing import Any

import msgspec

__all__ = ["message_id", "pseudonym"]


def message_id(kind: str, content: Any, *, key: bytes) -> str:
    """The id of what a source's records say together.

    >>> message_id("calls", [{"call": "c1"}], key=b"k") == message_id("calls", [{"call": "c1"}], key=b"k")
    True
    """
    return (
        f"{kind}-{blake2b(msgspec.json.encode(content), key=key[:64], digest_size=16, person=b'message').hexdigest()}"
    )


def pseudonym(role: str, value: str, *, key: bytes) -> str:
    """A stable name for somebody who is not to be named, such as an agent; only the key leads back.

    >>> len(pseudonym("agent", "m.muster", key=b"k"))
    16
    """
    return hmac.new(key, f"{role}\0{value}".encode(), "sha256").hexdigest()[:16]
