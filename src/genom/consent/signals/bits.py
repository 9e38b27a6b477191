"""Segments of IAB's strings: fields of bits, in base64url without padding; what is left over or missing is damage."""

from __future__ import annotations

import binascii
from typing import Final

__all__ = ["Bits", "Damaged"]

_URL: Final = bytes.maketrans(b"-_", b"+/")


class Damaged(ValueError):
    """A string that is not as its format asks; the message says why."""


class Bits:
    """A segment in base64url as one number, read from its begin."""

    __slots__ = ("left", "number", "size")

    def __init__(self, text: bytes) -> None:
        fill = -len(text) % 4
        try:
            data = binascii.a2b_base64(text.translate(_URL) + b"A" * fill, strict_mode=True)
        except binascii.Error as error:
            raise Damaged(f"a segment is not in base64url: {error}") from None
        self.size = self.left = len(text) * 6
        self.number = int.from_bytes(data, "big") >> fill * 6

    def take(self, size: int) -> int:
        """The next so many bits."""
        left = self.left - size
        if left < 0:
            raise Damaged("it ends too early")
        self.left = left
        return self.number >> left & ((1 << size) - 1)

    def fibonacci(self) -> int:
        """The next number from 1 in Fibonacci coding, which ends with two ones.

        >>> bits = Bits(b"Y")  # 011 000
        >>> bits.fibonacci()
        2
        """
        number, before, worth, last = 0, 1, 1, 0  # 1, 2, 3, 5 …
        while not (last & (bit := self.take(1))):
            number += worth * bit
            before, worth, last = worth, before + worth, bit
        return number

    def end(self) -> None:
        """Nothing but zeros may follow, up to a whole character, a whole byte, or four characters as IAB's library."""
        used = self.size - self.left
        fitting = {-(-used // 6) * 6, -(-(-(-used // 8) * 8) // 6) * 6, -(-used // 24) * 24}
        if self.size not in fitting or self.number & ((1 << self.left) - 1):
            raise Damaged("something stands behind its end")
