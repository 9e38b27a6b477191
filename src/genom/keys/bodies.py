"""Bodies of the journal under their profiles' keys: AES-256-GCM, bound to profile and row.

A sealed body is the ciphertext with its tag: 16 bytes more than the body.  The nonce is the start of the writer (the
row's `key`, u32) and the row's sequence: the same sequence can be given twice, if a crash took the first one's row, but
not within one start.
"""

from __future__ import annotations

from struct import Struct
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
_IS_PLAIN: Final = np.zeros(1 << 16, np.bool_)  # by kind; `isin` takes ten times as long
_IS_PLAIN[list(PLAIN)] = True
_FEW: Final = 20  # rows
_AES: Final = 1  # of the column `cipher`
_WHO, _BODY, _KEY = Struct("<QQ"), Struct("<II"), Struct("<Q")  # sequence and profile; start and length; key
_OFFSETS: Final = {name: int(field[1]) for name, field in (ROW.fields or {}).items()}
_BODY_AT, _KEY_AT, _KIND_AT, _CIPHER_AT = (_OFFSETS[name] for name in ("body_start", "key", "kind", "cipher"))
_NONCE: Final = np.dtype([("start", "<u4"), ("sequence", "<u8")])


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
        return self._few(rows, bodies) if len(rows) <= _FEW else self._many(rows, bodies)

    def _few(self, rows: NDArray[np.void], bodies: bytes) -> tuple[NDArray[np.void], bytes]:
        """Row by row, read and written as bytes: calls on whole columns would cost more than they spare."""
        copied, out, at = bytearray(rows.tobytes()), list[bytes](), 0
        for row in range(0, len(copied), ROW.itemsize):
            sequence, profile = _WHO.unpack_from(copied, row)
            start, length = _BODY.unpack_from(copied, row + _BODY_AT)
            if not length:
                continue
            body = bodies[start : start + length]
            if int.from_bytes(copied[row + _KIND_AT : row + _KIND_AT + 2], "little") not in PLAIN:
                key = self._slots.key(profile)  # none: the person is erased, nobody will read it, and nobody must
                body = AESGCM(key).encrypt(_nonce(self._start, sequence), body, None) if key else b""
                copied[row + _CIPHER_AT] = _AES
                _KEY.pack_into(copied, row + _KEY_AT, self._start)
            _BODY.pack_into(copied, row + _BODY_AT, at, len(body))
            out.append(body)
            at += len(body)
        return np.frombuffer(copied, ROW), b"".join(out)

    def _many(self, rows: NDArray[np.void], bodies: bytes) -> tuple[NDArray[np.void], bytes]:
        copied = np.frombuffer(bytearray(rows.tobytes()), ROW)
        chosen = np.flatnonzero(rows["body_length"])
        kinds, profiles = rows["kind"][chosen], rows["profile"][chosen].tolist()
        starts = rows["body_start"][chosen].astype(np.int64)
        ends = (starts + rows["body_length"][chosen]).tolist()
        nonces = np.empty(len(chosen), _NONCE)
        nonces["start"], nonces["sequence"] = self._start, rows["sequence"][chosen]
        whole, keys = nonces.tobytes(), self._slots.keys(profiles)
        spans = zip(keys, range(0, len(whole), 12), starts.tolist(), ends, strict=True)
        out = [  # without a key the person is erased: nobody will read it, and nobody must
            AESGCM(key).encrypt(whole[at : at + 12], bodies[start:end], None) if key else b""
            for key, at, start, end in spans
        ]
        plain = _IS_PLAIN[kinds]
        for place in np.flatnonzero(plain).tolist():
            out[place] = bodies[int(starts[place]) : ends[place]]
        sizes = np.fromiter(map(len, out), np.int64, len(out))
        copied["body_start"][chosen], copied["body_length"][chosen] = np.cumsum(sizes) - sizes, sizes
        copied["cipher"][chosen] = np.where(plain, 0, _AES)
        copied["key"][chosen] = np.where(plain, 0, self._start)
        return copied, b"".join(out)

    def close(self) -> None:
        """Forget the keys."""
        self._slots.close()

    def renew(self) -> None:
        """Go on as if after a start: a sequence that was given in vain gets another nonce."""
        self._start = self._slots.next_start()

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
