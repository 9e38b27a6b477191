"""Who belonged where, saved beside the log: a start goes on from there and writes only what is different."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from zlib import compress, crc32, decompress, error

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.segments import ChangeLog, Growth, Reason
from genom.typed import from_msgpack

__all__ = ["Kept", "before", "read_kept_members", "replayed", "write_members"]

_NAME: Final = "members.state"
_MAGIC: Final = b"GENOMSG1"


class Kept(msgspec.Struct):
    """Members by the number of the segment's version, as of a record of the log."""

    number: int  # of the newest record that is in it
    members: dict[int, bytes]  # bits by person, packed and compressed
    growth: dict[str, Growth]


def before(members: dict[int, NDArray[np.bool_]], changes: NDArray[np.void]) -> dict[int, NDArray[np.bool_]]:
    """The members by version as they were before these changes, oldest first; the arrays are written to.

    A version that was built by one of them has none.
    """
    built = set(changes["segment"][changes["reason"] == Reason.BUILT].tolist())
    kept = {number: bits for number, bits in members.items() if number not in built}
    for number, bits in kept.items():
        mine = changes[(changes["segment"] == number) & (changes["person"] < len(bits))][::-1]
        bits[mine["person"].astype(np.int64)] = mine["entered"] == 0  # the last that is put there is the oldest
    return kept


def write_members(
    directory: Path, *, number: int, members: dict[int, NDArray[np.bool_]], growth: dict[str, Growth]
) -> None:
    """Replace the file; durable when it returns."""
    packed = {key: compress(np.packbits(bits).tobytes(), 1) for key, bits in members.items()}
    content = msgspec.msgpack.encode(Kept(number, packed, growth))
    scratch = directory / f"{_NAME}.new"
    with open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(_MAGIC + crc32(content).to_bytes(4, "little") + content)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(directory / _NAME)


def read_kept_members(directory: Path) -> Kept:
    """What the file holds; nothing if it is missing or damaged: then everybody is judged anew."""
    try:
        data = (directory / _NAME).read_bytes()
        if data[:8] == _MAGIC and crc32(data[12:]) == int.from_bytes(data[8:12], "little"):
            return from_msgpack(data[12:], Kept)
    except (FileNotFoundError, msgspec.DecodeError):
        pass
    return Kept(0, {}, {})


def replayed(kept: Kept, log: ChangeLog, *, people: int) -> dict[int, NDArray[np.bool_]]:
    """The members by version as the log's newest record left them, shape (people,)."""
    found: dict[int, NDArray[np.bool_]] = {}
    for number, packed in kept.members.items():
        bits = np.zeros(people, np.bool_)
        try:
            held = np.unpackbits(np.frombuffer(decompress(packed), np.uint8)).astype(np.bool_)
        except error:
            continue
        bits[: min(people, len(held))] = held[:people]
        found[number] = bits
    records = log.after(kept.number)
    records = records[(records["person"] > 0) & (records["person"] < people)]
    for number, bits in found.items():
        mine = records[records["segment"] == number]
        bits[mine["person"].astype(np.int64)] = mine["entered"] == 1  # in order: the last of a person stands
    return found
