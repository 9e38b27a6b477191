"""Names of profiles for the outside: they tell neither order nor number of people, and none can be guessed."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

__all__ = ["PublicIds"]


class PublicIds:
    """Turns profile numbers into opaque names and back, under a key of 16 bytes.

    A name is one AES block of eight zero bytes and the number; the zeros show whether a name is one of ours.

    >>> ids = PublicIds(bytes(16))
    >>> ids.name(1), ids.number(ids.name(1)), ids.number("p" + 26 * "a")
    ('pldrpztx2pyygcnt7dvl2jz2fli', 1, None)
    """

    def __init__(self, key: bytes) -> None:
        # One block, never chained: the mode's weakness, that equal blocks look equal, is wanted here.
        self._cipher = Cipher(AES(key), ECB())  # noqa: S305
        self.name = lru_cache(100_000)(self._name)  # of a profile, its public name: `p` and 26 letters or digits

    def _name(self, profile: int) -> str:
        block = self._cipher.encryptor().update(profile.to_bytes(16, "big"))
        return "p" + base64.b32encode(block)[:26].decode().lower()

    def number(self, text: str) -> int | None:
        """The profile that a public name stands for, None if it is not one of our names."""
        block = _block(text)
        if block is None:
            return None
        plain = self._cipher.decryptor().update(block)
        number = int.from_bytes(plain, "big")
        return number if not any(plain[:8]) and self.name(number) == text else None


def _block(text: str) -> bytes | None:
    if len(text) != 27 or text[0] != "p" or not text.isascii():
        return None
    try:
        return base64.b32decode(text[1:].upper() + "======")
    except binascii.Error:
        return None
