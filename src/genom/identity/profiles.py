"""Every identifier has a profile: a dense number, given in the order of first sight and never reused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.compiled import compiled
from genom.errors import Busy
from genom.identity.canonical import canonical_all
from genom.tables import Hasher, Table128
from genom.tables.probing import Keys, Values, locate
from genom.tables.siphash import digest

__all__ = ["NewProfile", "Profiles", "erased_in"]

_TYPES_MAX: Final = 65_535  # identifier types beyond these are all called "other"


class NewProfile(msgspec.Struct, frozen=True, gc=False):
    """A profile that was created now; the journal row made of it lets `adopt` create it again."""

    number: int
    type: str
    value: str
    low: int  # keyed 128-bit hash of the identifier
    high: int


class Profiles:
    """Numbers of identifiers: 1, 2, 3 …; 0 means none.

    >>> profiles = Profiles(bytes(16), capacity=100)
    >>> numbers, new = profiles.resolve([("user_id", "ada"), ("email", "Ada@example.org"), ("user_id", "ada")])
    >>> numbers, [profile.number for profile in new], profiles.find("email", "ada@example.org")
    ([1, 2, 1], [1, 2], 2)
    """

    def __init__(self, key: bytes, *, capacity: int) -> None:
        self.hasher = Hasher(key)
        self._capacity = capacity
        self._count = 0
        self._table = Table128(max_entries=capacity)
        self._keys = np.zeros((capacity + 1, 2), np.uint64)
        self._type = np.zeros(capacity + 1, np.uint16)
        self._types: list[str] = ["other"]
        self._type_codes: dict[str, int] = {"other": 0}

    @property
    def count(self) -> int:
        """Profiles that exist; also the number of the newest."""
        return self._count

    def resolve(self, identifiers: Sequence[tuple[str, str]]) -> tuple[list[int], list[NewProfile]]:
        """The profile of each (type, value); unknown identifiers get the next numbers.

        Raises Busy, with nothing changed, if that takes more profiles than the node has room for.
        """
        found, new = self.resolve_keys(self.hasher.digest(canonical_all(identifiers)), identifiers.__getitem__)
        return found.tolist(), new

    def resolve_keys(
        self, keys: NDArray[np.uint64], identifier: Callable[[int], tuple[str, str]]
    ) -> tuple[NDArray[np.int64], list[NewProfile]]:
        """The same for hashes of identifiers, shape (n, 2); `identifier` tells type and value of the i-th.

        Raises Busy, with nothing changed, if that takes more profiles than the node has room for.
        """
        found = self._table.find(keys)
        unknown = np.flatnonzero(found < 0).tolist()
        if not unknown:
            return found, []
        new: dict[tuple[int, int], NewProfile] = {}
        for i in unknown:
            low, high = keys[i].tolist()
            known = new.get((low, high))  # from earlier in the batch, maybe another spelling of one e-mail address
            if known is None:
                known = new[low, high] = NewProfile(self._count + len(new) + 1, *identifier(i), low, high)
            found[i] = known.number
        self._create(list(new.values()))
        return found, list(new.values())

    def retract(self, new: Sequence[NewProfile]) -> None:
        """Undo the latest `resolve` because its profiles cannot be journalled; nothing may have been created since."""
        if not new:
            return
        assert new[-1].number == self._count, "only the newest profiles can be taken back"
        self._count -= len(new)
        self._table.remove(np.array([(profile.low, profile.high) for profile in new], np.uint64))

    def find(self, identifier_type: str, value: str) -> int:
        """The profile of an identifier, 0 if it is unknown."""
        (name,) = canonical_all([(identifier_type, value)])
        return max(0, _find_one(self.hasher.start, name, *self._table.arrays))

    def token(self, identifier_type: str, value: str) -> str:
        """The keyed hash of an identifier in hexadecimal digits, as the ledger names its profile."""
        low, high = self.hasher.digest_one(canonical_all([(identifier_type, value)])[0])
        return f"{high:016x}{low:016x}"

    def of_hash(self, low: int, high: int) -> int:
        """The profile of an identifier by its keyed hash, 0 if it is unknown."""
        return max(0, int(self._table.find(np.array([(low, high)], np.uint64))[0]))

    def adopt(self, number: int, identifier_type: str, low: int, high: int) -> None:
        """Create a profile again from its journal row."""
        self.adopt_all(np.array([number]), [identifier_type], np.array([[low, high]], np.uint64))

    def adopt_all(self, numbers: NDArray[np.int64], types: Sequence[str], keys: NDArray[np.uint64]) -> None:
        """Create many profiles again; `keys` has shape (n, 2): low and high word of the hash."""
        if not len(numbers):
            return
        highest = max(self._count, int(numbers.max()))
        self._check_room(highest)
        self._take(numbers, np.array([self._type_code(name) for name in types], np.uint16), keys)

    def _take(self, numbers: NDArray[np.int64], types: NDArray[np.uint16], keys: NDArray[np.uint64]) -> None:
        self._table.put(keys, numbers)
        self._keys[numbers], self._type[numbers] = keys, types
        self._count = max(self._count, int(numbers.max()))

    def skip(self, number: int) -> None:
        """Numbers up to this one were given once, some to profiles that are erased: none of them is given again."""
        self._check_room(number)
        self._count = max(self._count, number)

    def erase(self, profile: int) -> None:
        """Forget an identifier: it is unknown from now on, and its number is never given again."""
        if not self._keys[profile].any():
            return
        if self._table.find(self._keys[profile : profile + 1])[0] == profile:  # it may be a newer profile's by now
            self._table.remove(self._keys[profile : profile + 1])
        self._keys[profile], self._type[profile] = 0, 0

    def type_of(self, profile: int) -> str:
        """The identifier type of a profile."""
        return self._types[int(self._type[profile])]

    def are(self, last: int, identifier_type: str) -> NDArray[np.bool_]:
        """Which profiles, up to a number, have identifiers of a type; shape (last + 1,)."""
        kind = self._type[: last + 1] == self._type_codes.get(identifier_type, _TYPES_MAX)
        return np.asarray(kind & self._keys[: last + 1].any(axis=1))

    def low_words(self, last: int) -> NDArray[np.uint64]:
        """The low words of the hashes of all profiles up to a number; 0 = none."""
        return self._keys[: last + 1, 0].copy()

    def hash_of(self, profile: int) -> tuple[int, int]:
        """Low and high word of the keyed hash of a profile's identifier."""
        low, high = self._keys[profile].tolist()
        return low, high

    def exists(self, profile: int) -> bool:
        """Whether a number is that of a profile which is not erased."""
        keys = self._keys
        return 0 < profile <= self._count and (keys.item(profile, 0) != 0 or keys.item(profile, 1) != 0)

    def erased(self) -> NDArray[np.int64]:
        """Numbers that were given once and belong to nobody now, ascending."""
        return erased_in(self._keys[1 : self._count + 1])

    def known(self, profile: int) -> bool:
        """Whether the profile says who it is: its type is another than `anonymous_id`."""
        return self.type_of(profile) != "anonymous_id"

    def dump(self) -> dict[str, NDArray[Any]]:
        """All profiles as arrays, for `load`."""
        used = slice(1, self._count + 1)
        types = np.frombuffer(json.dumps(self._types).encode(), np.uint8)
        return {"keys": self._keys[used].copy(), "type": self._type[used].copy(), "types": types}

    def load(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take the profiles of a `dump` into these, which must be new."""
        codes = np.array([self._type_code(name) for name in json.loads(arrays["types"].tobytes())], np.uint16)
        there = np.flatnonzero((arrays["keys"][:, 0] | arrays["keys"][:, 1]) != 0)  # the others are erased
        self._check_room(len(arrays["type"]))
        if len(there):
            self._table = Table128(len(there), max_entries=self._capacity)
            self._take(there + 1, codes[arrays["type"][there]], arrays["keys"][there])
        self.skip(len(arrays["type"]))

    def _create(self, new: list[NewProfile]) -> None:
        numbers = np.array([profile.number for profile in new])
        keys = np.array([(profile.low, profile.high) for profile in new], np.uint64)
        self.adopt_all(numbers, [profile.type for profile in new], keys)

    def _check_room(self, highest: int) -> None:
        if highest > self._capacity:
            raise Busy(
                "There is no room for more profiles.",
                why=f"the node has room for {self._capacity}, and {highest} are needed",
                fix="raise `people_max` in settings.yaml and restart",
                code="identity.full",
            )

    def _type_code(self, name: str) -> int:
        code = self._type_codes.get(name)
        if code is None and len(self._types) < _TYPES_MAX:
            code = self._type_codes[name] = len(self._types)
            self._types.append(name)
        return code or 0


def erased_in(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Numbers of the profiles that are erased, ascending; `keys` are those of all profiles, as in a `dump`.

    >>> erased_in(np.array([[7, 1], [0, 0], [0, 9]], np.uint64))
    array([2])
    """
    return np.asarray(np.flatnonzero(~keys.any(axis=1)) + 1, np.int64)


@compiled
def _find_one(start: NDArray[np.uint64], name: bytes, keys: Keys, values: Values, bits: int) -> int:
    """What `Table128.find` gives for the hash of one name: for a single one that takes a third of the time."""
    low, high = digest(start, name, np.uint64(0), np.uint64(len(name)))
    slot = locate(keys, bits, low, high)
    return values[slot] if slot >= 0 else -1
