"""A key for each day on which a backup is made, in directories of their own, and destroyed after some days.

Without its key a backup is noise, whoever knows the passphrase: so what it holds of erased people ends with it, in
every copy of it.  Each of the directories ("places") holds the same keys, so that one may be lost; a key is destroyed
in all of them.  A key is a file `DAY.ID.key`; its id is a hash of it, so that a damaged one is never taken for whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from genom.durable import sync_directory
from genom.errors import BadRequest
from genom.keys import shred, write_private
from genom.settings import Settings

__all__ = ["KEPT", "BackupKeys", "DayKey", "Ended", "beside", "day_of", "keys_of", "words_of"]

KEPT: Final = 30
"""Days after which a backup has ended, at the latest."""
_DAY: Final = 86_400_000  # ms
_SIZE: Final = 32
_NAME: Final = re.compile(r"(\d{4}-\d\d-\d\d)\.([0-9a-f]{16})\.key(\.new)?")
_ABOUT: Final = "READ-ME.txt"
_WORDS: Final = """\
These are the keys of Genom's backups, one for each day on which a backup was made.
Without them no backup can be opened, not even with its passphrase.
Genom destroys each key after some weeks, so that erased people leave the backups.
So keep this directory in two places (setting backup_keys), and let no other backup or snapshot copy it.
"""


class DayKey(NamedTuple):
    """The key of a day."""

    id: str  # 16 hexadecimal digits of its hash
    day: int  # days since 1970, UTC
    secret: bytes


class Ended(NamedTuple):
    """What ending did."""

    destroyed: list[str]  # names of keys
    unreachable: list[str]  # directories in which nothing could be destroyed, and why


def day_of(now: int) -> int:
    """The day of a moment (unix ms): days since 1970, UTC."""
    return now // _DAY


def words_of(day: int) -> str:
    """A day as `YYYY-MM-DD`; a day that no calendar has, as its number."""
    try:
        return date.fromordinal(day + date(1970, 1, 1).toordinal()).isoformat()
    except (ValueError, OverflowError):
        return f"day {day}"


def keys_of(directory: Path, settings: Settings) -> BackupKeys:
    """The keys for the backups of a data directory: where its settings say, or beside it.

    The place beside it stays one of them while it exists: what was made there before others were named must end, too.
    """
    named, own = [Path(one) for one in settings.backup_keys.split(os.pathsep) if one], beside(directory)
    places = [*named, own] if own.exists() or not named else named
    return BackupKeys(places, days=settings.backup_days, make=not named)


def beside(directory: Path) -> Path:
    """The directory of keys that is taken when no other is named; a link to the directory of data has the same."""
    whole = directory.resolve()
    return whole.with_name(f"{whole.name}-backup-keys")


class BackupKeys:
    """The keys in some places; `make`: a place that does not exist is made.

    >>> from tempfile import mkdtemp
    >>> keys = BackupKeys([Path(mkdtemp()), Path(mkdtemp())])
    >>> key = keys.of_day(20_784)
    >>> keys.of_day(20_784) == key, keys.find(key.id) == key.secret
    (True, True)
    >>> keys.end(20_784 + 29).destroyed, len(keys.end(20_784 + 30).destroyed)
    ([], 1)
    >>> keys.find(key.id)
    """

    def __init__(self, places: Sequence[Path], *, days: int = KEPT, make: bool = False) -> None:
        self.places, self.days, self._make = [place.absolute() for place in places], days, make

    def of_day(self, day: int) -> DayKey:
        """The key of a day, which is durable in every place when this returns; made if there is none.

        A place that lacks a key which another has gets it.  Raises BadRequest if a place is not there or cannot be
        written: a backup whose key is in one place fewer than it should be must not be relied on.
        """
        try:
            with ExitStack() as stack:
                for place in self.places:
                    stack.enter_context(self._held(place))
                held = {place: self._whole(place) for place in self.places}
                known = {key.id: key for keys in held.values() for key in keys if not self._over(key.day, day)}
                if not any(key.day == day for key in known.values()):
                    secret = os.urandom(_SIZE)
                    known[_id_of(secret)] = DayKey(_id_of(secret), day, secret)
                for place, keys in held.items():
                    for key in set(known.values()).difference(keys):
                        write_private(place / _name_of(key), key.secret)
        except OSError as error:
            raise _unreachable(error) from error
        return min(key for key in known.values() if key.day == day)

    def find(self, identifier: str) -> bytes | None:
        """The key with an id, from the first place that has it whole; None if no place has."""
        for place in self.places:
            for path in place.glob(f"*.{identifier}.key"):
                if (key := _read(path)) is not None:
                    return key.secret
        return None

    def end(self, today: int) -> Ended:
        """Destroy the keys whose days are over, in every place that can be reached.

        The bytes are overwritten first: a crash leaves a key, zeros or nothing, and the next time does the rest.
        """
        destroyed, unreachable = set[str](), list[str]()
        for place in self.places:
            if self._make and not place.exists():
                continue
            try:
                with self._held(place):
                    for path in _files(place):
                        if path.suffix == ".new" or self._over(_day_in(path), today):
                            shred(path)
                            destroyed.add(path.name)
                    sync_directory(place)
            except OSError as error:
                unreachable.append(f"{place}: {error.strerror or error}")
        return Ended(sorted(destroyed), unreachable)

    def to_come(self, today: int) -> list[str]:
        """Keys of days that have not come: the clock was wrong when they were made, or is now."""
        return sorted({str(path) for place in self.places for path in _files(place) if _day_in(path) > today + 1})

    def _over(self, day: int, today: int) -> bool:
        return day + self.days <= today

    @contextmanager
    def _held(self, place: Path) -> Iterator[None]:
        """No other process writes or destroys keys there; what was not written to its end is nobody's."""
        if self._make and not place.exists():
            place.mkdir(mode=0o700, parents=True)
            sync_directory(place.parent)
        handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not (place / _ABOUT).exists():
                write_private(place / _ABOUT, _WORDS.encode())
            yield
        finally:
            os.close(handle)

    @staticmethod
    def _whole(place: Path) -> list[DayKey]:
        return [key for path in _files(place) if (key := _read(path)) is not None]


def _files(place: Path) -> list[Path]:
    """The files that keys are in, or were to be; others that lie there are nobody's business."""
    return sorted(path for path in place.glob("*") if _NAME.fullmatch(path.name) and _day_in(path) >= 0)


def _read(path: Path) -> DayKey | None:
    """The key in a file; None if it is damaged, or was overwritten."""
    try:
        secret = path.read_bytes()
    except OSError:
        return None
    identifier = _id_of(secret)
    good = len(secret) == _SIZE and path.name.endswith(f".{identifier}.key")
    return DayKey(identifier, _day_in(path), secret) if good else None


def _id_of(secret: bytes) -> str:
    return hashlib.sha256(b"genom backup key\0" + secret).hexdigest()[:16]


def _name_of(key: DayKey) -> str:
    return f"{words_of(key.day)}.{key.id}.key"


def _day_in(path: Path) -> int:
    """The day that a name tells; -1 if it tells none."""
    try:
        return date.fromisoformat(path.name.partition(".")[0]).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return -1


def _unreachable(error: OSError) -> BadRequest:
    return BadRequest(
        "The keys of backups cannot be written.",
        why=f"{error.filename or 'a directory of the setting backup_keys'}: {error.strerror or error}",
        fix="mount it, or make it once with `mkdir -m 700`; or take it out of the setting backup_keys",
        code="backup.keys-unreachable",
    )
