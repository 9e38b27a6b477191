"""What runs of base64 letters say: all runs of some megabytes in one compiled pass.

A file of JSON has millions of words that may be base64; one by one they would take a minute for each million events.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled

__all__ = ["Said", "said"]

_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NONE: Final = 64  # no letter
_VALUES: Final = np.full(256, _NONE, np.uint8)
_VALUES[np.frombuffer(_LETTERS, np.uint8)] = np.arange(64)
_VALUES[np.frombuffer(b"-_", np.uint8)] = (62, 63)  # the letters of addresses


class Said(NamedTuple):
    """What the runs of a text say."""

    whole: bytes  # one behind the other, a zero after each
    places: NDArray[np.int64]  # where each run begins in the text
    starts: NDArray[np.int64]  # where what it says begins in `whole`
    ends: NDArray[np.int64]

    def begins(self, heads: tuple[bytes, ...]) -> NDArray[np.int64]:
        """The numbers of the runs that say something which begins with one of these pairs of bytes."""
        if not len(self.starts):
            return self.starts
        said = np.frombuffer(self.whole, np.uint8)
        first, second = said[self.starts], said[np.minimum(self.starts + 1, self.ends)]
        which = [(first == head[0]) & (second == head[1]) for head in heads]
        return np.flatnonzero(np.logical_or.reduce(which) & (self.ends - self.starts >= 2))

    def each(self, numbers: NDArray[np.int64] | None = None) -> Iterator[tuple[int, bytes]]:
        """Place and content of these runs, or of all."""
        for number in range(len(self.starts)) if numbers is None else numbers.tolist():
            yield int(self.places[number]), self.whole[self.starts[number] : self.ends[number]]


def said(data: bytes, *, least: int, after: int = 0) -> Said:
    """What the runs say that may hold `least` bytes, of those that end behind `after`.

    A run at the very beginning may be the rest of one, and is read from each of four places.

    >>> found = said(b'{"raw": "QWRh IQ==", "n": "TG92ZWxhY2U="}', least=4)
    >>> found.whole, found.places.tolist()
    (b'Lovelace\\x00', [27])
    """
    letters = -(-least * 4 // 3)
    most = len(data) // max(1, letters + 1) + 5
    places, starts, ends = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    out = np.empty(len(data) * 3 + most + 8, np.uint8)
    count, size = _decode(np.frombuffer(bytearray(data), np.uint8), letters, after, _VALUES, out, places, starts, ends)
    return Said(out[:size].tobytes(), places[:count], starts[:count], ends[:count])


@compiled
def _decode(  # noqa: PLR0917 -- a compiled call takes no keywords
    data: Any, letters: int, after: int, values: Any, out: Any, places: Any, starts: Any, ends: Any
) -> tuple[int, int]:
    count, size, at = 0, 0, 0
    while at < len(data):
        if values[data[at]] == _NONE:
            at += 1
            continue
        end = at
        while end < len(data) and values[data[end]] != _NONE:
            end += 1
        if end - at >= letters and end > after:
            for skipped in range(1 if at > 0 else 4):
                places[count], starts[count] = at, size
                held, bits = 0, 0
                for i in range(at + skipped, end):
                    held, bits = (held << 6 | values[data[i]]) & 0xFFFF, bits + 6
                    if bits >= 8:
                        bits -= 8
                        out[size] = held >> bits & 0xFF
                        size += 1
                ends[count], out[size] = size, 0
                size += 1
                count += 1
        at = end
    return count, size
