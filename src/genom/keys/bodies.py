"""Bodies of the journal under their profiles' keys: AES-256-GCM, bound to profile and row.

A sealed body is the ciphertext with its tag: 16 bytes more than the body.  The nonce is the start of the writer (the
row's `key`, u32) and the row's sequence: the same sequence can be given twice, if a crash took the first one's row, but
not within one start.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from genom.errors import Corrupt, UnknownFormat
from genom.keys.slots import Slots
from genom.words import ROW, Kind

__all__ = ["PLAIN", "BodyCipher"]

PLAIN: Final = frozenset({int(Kind.TERM), int(Kind.UNLINK)})
"""Kinds whose bodies are of no single person, or are numbers of profiles alone: they stay as they are."""
_AES: Final = 1  # of the column `cipher`


class BodyCipher:
    """Seals with the number of a start; whoever only reads has none.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from genom.keys.epochs import Epochs
    >>> here = Path(mkdtemp())
    >>> slots = Slots(here / "slots", Epochs(here), capacity=9)
    >>> cipher = BodyCipher(slots, start=slots.next_start())
    >>> rows = np.zeros(1, ROW)
    >>> rows["profile"], rows["sequence"], rows["body_length"] = 7, 1, 5
    >>> sealed, bodies = cipher.seal(rows, b"hello")
    >>> len(bodies), cipher.open(sealed[0], bodies)
    (21, b'hello')
    """

    def __init__(self, slots: Slots, *, start: int = 0) -> None:
        self._slots, self._start = slots, start

    def seal(self, rows: NDArray[np.void], bodies: bytes) -> tuple[NDArray[np.void], bytes]:
        """Copies of numbered rows, and their bodies sealed.  Raises Busy if there is no room for keys."""
        if not bodies:
            return rows, bodies
        copied = np.frombuffer(bytearray(rows.tobytes()), ROW)
        starts, lengths, ciphers, out, at = [0] * len(rows), [0] * len(rows), [0] * len(rows), list[bytes](), 0
        columns = (rows[name].tolist() for name in ("profile", "sequence", "kind", "body_start", "body_length"))
        for place, (profile, sequence, kind, start, length) in enumerate(zip(*columns, strict=True)):
            if length:
                body = bodies[start : start + length]
                if kind not in PLAIN:
                    body, ciphers[place] = self._sealed(profile, sequence, body), _AES
                out.append(body)
                starts[place], lengths[place] = at, len(body)
                at += len(body)
        copied["body_start"], copied["body_length"], copied["cipher"] = starts, lengths, ciphers
        copied["key"] = copied["cipher"] * np.uint64(self._start)
        return copied, b"".join(out)

    def _sealed(self, profile: int, sequence: int, body: bytes) -> bytes:
        key = self._slots.key(profile)
        if key is None:  # the person is erased: nobody will read it, and nobody must
            return b""
        return AESGCM(key).encrypt(_nonce(self._start, sequence), body, None)

    def open(self, row: np.void, sealed: bytes) -> bytes:
        """The body of a row in plain, `b""` if its key was destroyed.

        Raises Corrupt for one that was changed, UnknownFormat for one that a newer Genom sealed.
        """
        sequence = int(row["sequence"])
        if row["cipher"] != _AES:
            raise UnknownFormat(
                f"The body of row {sequence:,} cannot be read.", why=f"it has the cipher {int(row['cipher'])}",
                fix="install the Genom that wrote it, or a newer one",
            )  # fmt: skip
        if not sealed or (key := self._slots.key(int(row["profile"]))) is None:
            return b""
        try:
            return AESGCM(key).decrypt(_nonce(int(row["key"]), sequence), sealed, None)
        except (InvalidTag, ValueError, OverflowError) as error:
            raise Corrupt(
                f"The body of row {sequence:,} does not open.",
                why="it was changed, or sealed under another key",
                fix="restore journal and keys from one backup",
            ) from error

    def gone(self, profiles: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whose keys were destroyed."""
        return self._slots.destroyed(profiles)


def _nonce(start: int, sequence: int) -> bytes:
    return start.to_bytes(4, "little") + sequence.to_bytes(8, "little")
