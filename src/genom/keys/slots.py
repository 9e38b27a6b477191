"""Data keys, one for each profile, in a file of fixed slots: whoever is erased loses theirs at its place.

The file is two headers of 64 bytes, of which the newer intact one counts, and a slot of 64 bytes for each profile from
0 on: epoch (u32), nonce (12), key and tag (48) under the epoch's key; zeros are a key that was destroyed.
Keys are provided before anybody needs them, so that a commit waits for no other disk write than its own.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from threading import Lock
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from genom.durable import write_all
from genom.errors import Busy, Corrupt, UnknownFormat
from genom.keys.epochs import Epochs

__all__ = ["Slots"]

_FORMAT: Final = 1
_HEAD: Final = struct.Struct("<8sIIQQ28xI")  # magic, format, starts, slots, number of this header, zeros, crc
_MAGIC: Final = b"GENOMKEY"
_SLOT: Final = 64
_FIRST: Final = 2 * _HEAD.size
_KEY: Final = 32
_AHEAD: Final = 8_192  # keys that are provided before they are needed
_NONE: Final = bytes(_KEY)
_PAUSE: Final = 0.0005  # seconds in which others have the interpreter
_AT_ONCE: Final = 256  # keys that are wrapped at a stretch: half a millisecond


class Slots:
    """The slot file; a process that only reads opens it with `writable=False`.

    In memory are the keys that were used, 32 bytes for each profile at most.  Profile 0 is Genom's own.
    """

    def __init__(self, path: Path, epochs: Epochs, *, capacity: int, writable: bool = True) -> None:
        self._epochs, self._capacity, self._lock = epochs, capacity, Lock()
        self._providing = Lock()  # held while keys are made or wrapped anew, which takes a while
        self._memory = mmap.mmap(-1, _KEY * (capacity + 1))
        self.made = writable and not path.exists()
        """Whether there was no file before."""
        flags = os.O_RDWR | os.O_CREAT if writable else os.O_RDONLY
        self._handle = os.open(path, flags, 0o600)
        self._starts = self._number = 0
        self.provided = -1  # the last profile that has a slot
        self._path = path
        self._read_head()

    def make_room(self, profiles: int, *, pause: Callable[[], None] = lambda: None) -> None:
        """Provide keys beyond this profile; durable when it returns.  Raises Busy if there is no room.

        `pause` is called after some hundred keys: a thread that makes thousands at a stretch would keep all others from
        the interpreter.
        """
        with self._providing:
            if profiles + _AHEAD // 2 <= self.provided or self.provided >= self._capacity:
                return
            first, last = self.provided + 1, min(profiles + _AHEAD, self._capacity)
            secret = os.urandom(_KEY * (last + 1 - first))
            data = self._wrapped(first, last, secret, pause)
            try:
                write_all(self._handle, data, at=self._place(first))
                os.fdatasync(self._handle)
                with self._lock:
                    self._write_head(provided=last, starts=self._starts)
            except OSError as error:
                raise Busy(
                    "There is no room for keys.", why=error.strerror or str(error), fix=f"make room at {self._path}"
                ) from error
            self._memory[first * _KEY : (last + 1) * _KEY] = secret  # they are needed soon, and unwrapping takes longer

    def _wrapped(self, first: int, last: int, secret: bytes, pause: Callable[[], None]) -> bytes:
        epoch, packed = self._epochs.newest, list[bytes]()
        for profile in range(first, last + 1):
            at = (profile - first) * _KEY
            packed.append(self._packed(epoch, profile, secret[at : at + _KEY]))
            if len(packed) % _AT_ONCE == 0:
                pause()
        return b"".join(packed)

    def wants_room(self, profiles: int) -> bool:
        """Whether keys should be provided soon."""
        return profiles + _AHEAD // 2 > self.provided and self.provided < self._capacity

    def next_start(self) -> int:
        """How often the file was opened for writing, this time included; durable, and never the same again."""
        with self._lock:
            self._write_head(provided=self.provided, starts=self._starts + 1)
            return self._starts

    def key(self, profile: int) -> bytes | None:
        """The data key of a profile, None if it was destroyed.

        Raises Corrupt for one that does not open, and Busy if a new one cannot be provided.
        """
        found = self._memory[profile * _KEY : (profile + 1) * _KEY]
        if found != _NONE:
            return found
        return self._opened(profile)

    def keys(self, profiles: Sequence[int]) -> list[bytes | None]:
        """The data keys of many profiles, as `key` gives them."""
        memory = self._memory
        found = [memory[at : at + _KEY] for at in [profile * _KEY for profile in profiles]]
        return [self._opened(profile) if key == _NONE else key for key, profile in zip(found, profiles, strict=True)]

    def _opened(self, profile: int) -> bytes | None:
        if profile > self.provided:
            self._more(profile)
        slot = os.pread(self._handle, _SLOT, self._place(profile))
        if not any(slot):
            return None
        found = self._epochs.unwrap(int.from_bytes(slot[:4], "little"), slot[4:], about=_about(profile))
        if found is None:
            raise Corrupt(
                f"The key of profile {profile} in {self._path} does not open.",
                why="it was changed, or wrapped under a key that is not there any more",
                fix="restore the directory of keys from a backup that was made with this journal",
            )
        with self._lock:
            if any(os.pread(self._handle, 4, self._place(profile))):  # nobody destroyed it meanwhile
                self._memory[profile * _KEY : (profile + 1) * _KEY] = found
        return found

    def _more(self, profile: int) -> None:
        """Another process provides, or this one must, at once."""
        self._read_head()
        if profile > self.provided:
            self.make_room(profile)

    def destroy(self, profiles: Collection[int]) -> int:
        """Overwrite keys, in memory and in the file; on disk after `sync`.  Returns how many there were."""
        gone = 0
        with self._lock:
            for profile in profiles:
                if profile <= self.provided:
                    gone += any(os.pread(self._handle, _SLOT, self._place(profile)))
                    write_all(self._handle, bytes(_SLOT), at=self._place(profile))
                    self._memory[profile * _KEY : (profile + 1) * _KEY] = _NONE
        return gone

    @property
    def epochs(self) -> list[int]:
        """The epochs whose keys are there."""
        return self._epochs.numbers

    def has(self, profile: int) -> bool:
        """Whether a profile's key is there."""
        return profile <= self.provided and any(os.pread(self._handle, 4, self._place(profile)))

    def destroyed(self, profiles: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of many profiles had a key that was destroyed."""
        highest = int(profiles.max(initial=0))
        if highest > self.provided:
            self._read_head()
        size = _FIRST + (min(highest, self.provided) + 1) * _SLOT
        with mmap.mmap(self._handle, size, prot=mmap.PROT_READ) as file:
            epochs = np.frombuffer(file, "<u4")[_FIRST // 4 :: _SLOT // 4].copy()
        found = epochs[np.minimum(profiles, len(epochs) - 1).astype(np.int64)]
        return np.asarray((profiles < len(epochs)) & (found == 0))

    def sync(self) -> None:
        """What was destroyed is so on disk."""
        os.fdatasync(self._handle)

    def rotate(self, progress: Callable[[int, int], None] = lambda *_: None) -> int:
        """Wrap all keys under a new epoch and destroy the old ones; data are not touched.  Returns the epoch.

        Readers and writers go on meanwhile.  A crash in the middle harms nothing: old and new epoch are there until
        all slots are durable.  Raises Corrupt for a key that does not open, and nothing is destroyed then.
        """
        with self._providing:
            epoch, done = self._epochs.begin(), 0
            while done <= self.provided:
                with self._lock:
                    for profile in range(done, min(done + _AT_ONCE, self.provided + 1)):
                        self._rewrap(profile, epoch)
                done += _AT_ONCE
                progress(min(done, self.provided + 1), self.provided + 1)
                time.sleep(_PAUSE)
            self.sync()
            self._epochs.end_before(epoch)
        return epoch

    def _rewrap(self, profile: int, epoch: int) -> None:
        slot = os.pread(self._handle, _SLOT, self._place(profile))
        if any(slot) and int.from_bytes(slot[:4], "little") != epoch:
            key = self._epochs.unwrap(int.from_bytes(slot[:4], "little"), slot[4:], about=_about(profile))
            if key is None:
                raise Corrupt(
                    f"The key of profile {profile} in {self._path} does not open.", why="it was changed",
                    fix="restore the directory of keys; nothing was destroyed",
                )  # fmt: skip
            write_all(self._handle, self._packed(epoch, profile, key), at=self._place(profile))

    def close(self) -> None:
        """Release the file, and forget the keys; once more does no harm."""
        if self._handle >= 0:
            os.close(self._handle)
            self._memory.close()
            self._handle = -1

    def _packed(self, epoch: int, profile: int, key: bytes) -> bytes:
        return epoch.to_bytes(4, "little") + self._epochs.wrap(epoch, key, about=_about(profile))

    @staticmethod
    def _place(profile: int) -> int:
        return _FIRST + profile * _SLOT

    def _read_head(self) -> None:
        heads = [os.pread(self._handle, _HEAD.size, at) for at in (0, _HEAD.size)]
        intact = [_HEAD.unpack(head) for head in heads if len(head) == _HEAD.size and _is_intact(head)]
        if not intact and any(map(any, heads)):
            raise Corrupt(
                f"The keys in {self._path} cannot be read.", why="its headers do not match their checksums",
                fix="restore the directory of keys from a backup",
            )  # fmt: skip
        for _, layout, starts, slots, number, _ in intact:
            if layout != _FORMAT:
                raise UnknownFormat(
                    f"The keys in {self._path} have format {layout}.", why=f"this Genom reads format {_FORMAT}",
                    fix="install the Genom that wrote them, or a newer one",
                )  # fmt: skip
            if number > self._number:
                self._number, self._starts, self.provided = number, starts, slots - 1

    def _write_head(self, *, provided: int, starts: int) -> None:
        number = self._number + 1
        head = _HEAD.pack(_MAGIC, _FORMAT, starts, provided + 1, number, 0)
        head = head[:-4] + crc32(head[:-4]).to_bytes(4, "little")
        write_all(self._handle, head, at=number % 2 * _HEAD.size)
        os.fdatasync(self._handle)
        self._number, self._starts, self.provided = number, starts, provided


def _is_intact(head: bytes) -> bool:
    return head.startswith(_MAGIC) and crc32(head[:-4]).to_bytes(4, "little") == head[-4:]


def _about(profile: int) -> bytes:
    return b"profile %d" % profile
