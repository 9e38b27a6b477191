"""TC strings of IAB's Transparency and Consent Framework, decoded strictly: what is not as it should be grants nothing.

Fields and segments: IAB Tech Lab, "Consent string and vendor list formats v2", as amended by TCF 2.3 (disclosed vendors
are mandatory since 28 February 2026).  https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework
"""

from __future__ import annotations

from typing import Final, NamedTuple

from genom.consent.signals.bits import Bits, Damaged

__all__ = ["LEAST_POLICY", "LONGEST", "TcString", "Vendors", "decode_tc"]

LONGEST: Final = 8_192  # characters
LEAST_POLICY: Final = 4  # of TCF 2.2; there is no upper bound, for policies go on without a new format
_PURPOSES: Final = 11  # that exist
_SIZES: Final = (6, 36, 36, 12, 12, 6, 12, 12, 6, 1, 1, 12, 24, 24, 1, 12)  # bits of the fields that begin a string
_HEAD_BITS: Final = sum(_SIZES)
_HEAD: Final = tuple((_HEAD_BITS - sum(_SIZES[: n + 1]), (1 << size) - 1) for n, size in enumerate(_SIZES))
"""Shift and mask of each of them."""
_NO_INTEREST: Final = 0b111100  # purposes 3 to 6, which legitimate interest may not stand for
_REVERSED: Final = tuple(int(f"{field:011b}"[::-1], 2) for field in range(1 << _PURPOSES))


class Vendors(NamedTuple):
    """A section about vendors, as it is written."""

    last: int  # the highest vendor id that it speaks of
    ranges: tuple[tuple[int, int], ...] | None  # None: written as bits
    bits: int  # bit `last - id` stands for a vendor

    def has(self, vendor: int) -> bool:
        """Whether a vendor is among them."""
        if self.ranges is None:
            return 0 < vendor <= self.last and bool(self.bits >> (self.last - vendor) & 1)
        return any(first <= vendor <= last for first, last in self.ranges)


class TcString(NamedTuple):
    """What a valid TC string says; bit n - 1 of a mask stands for TCF purpose n."""

    created: int  # tenths of a second since 1970
    updated: int
    cmp: int
    cmp_version: int
    screen: int
    language: int
    list_version: int
    policy: int
    texts: int  # non-standard texts
    features: int  # special features that the person has opted into
    consents: int  # purposes
    interests: int  # purposes that the person was told of as legitimate interest, and did not object to
    one: int  # purpose one treatment
    country: int
    vendor_consents: Vendors
    vendor_interests: Vendors
    restrictions: tuple[tuple[int, int, tuple[tuple[int, int], ...]], ...]  # purpose, kind, vendors
    disclosed: Vendors
    publisher: tuple[int, int, int, int, int] | None  # consents, interests, custom purposes and their two masks

    @property
    def permitted(self) -> int:
        """Purposes that the person consents to: the publisher's own, if it says so, else those for everybody."""
        return self.consents if self.publisher is None else self.publisher[0]


def decode_tc(text: str, *, least_policy: int = LEAST_POLICY) -> TcString:
    """What a TC string says; raises Damaged for every one that does not fulfil the format and its rules.

    >>> decode_tc("CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA")
    Traceback (most recent call last):
    genom.consent.signals.bits.Damaged: its policy is 2, and 4 is the least
    """
    if not text.isascii() or not 0 < len(text) <= LONGEST or "=" in text:
        raise Damaged("it is empty, too long, or has characters that no TC string has")
    core, *rest = text.encode("ascii").split(b".")
    said = _core(core, least_policy)
    disclosed: Vendors | None = None
    publisher: tuple[int, int, int, int, int] | None = None
    for part in rest:
        bits = Bits(part)
        kind = bits.take(3)
        if kind == 1 and disclosed is None:
            disclosed = _vendors(bits)
        elif kind == 3 and publisher is None:
            publisher = _publisher(bits)
        else:
            raise Damaged("a segment stands twice" if kind in {1, 3} else f"it has a segment of the wrong kind {kind}")
        bits.end()
    if disclosed is None:
        raise Damaged("it does not say which vendors were disclosed, as TCF 2.3 asks")
    return TcString(*said[:-2], disclosed, publisher)


def _core(text: bytes, least_policy: int) -> TcString:
    bits = Bits(text)
    take = bits.take
    head = take(_HEAD_BITS)  # the fields that every string has, in one piece: a call for each took half the time
    (
        version, created, updated, cmp, cmp_version, screen, language, list_version, policy, specific, texts, features,
        consents, interests, one, country,
    ) = [head >> shift & mask for shift, mask in _HEAD]  # fmt: skip
    if version != 2:
        raise Damaged(f"its version is {version} instead of 2")
    if policy < least_policy:
        raise Damaged(f"its policy is {policy}, and {least_policy} is the least")
    if not specific:
        raise Damaged("it is not specific to a service")
    consents, interests = _mask(consents), _mask(interests)
    if created > updated or not cmp or not (_letters(language) and _letters(country)):
        raise Damaged("its times, CMP, language or country cannot be")
    if interests & _NO_INTEREST:
        raise Damaged("it claims a legitimate interest for purposes 3 to 6")
    vendors, interested = _vendors(bits), _vendors(bits)
    restrictions = tuple([(take(6), take(2), _ranges(bits, 65_535)) for _ in range(take(12))])
    if any(not 0 < purpose <= _PURPOSES or kind == 3 for purpose, kind, _ in restrictions):
        raise Damaged("a restriction is about no purpose or of no kind")
    bits.end()
    return TcString(
        created, updated, cmp, cmp_version, screen, language, list_version, policy, texts, features, consents,
        interests, one, country, vendors, interested, restrictions, Vendors(0, None, 0), None,
    )  # fmt: skip


def _mask(field: int) -> int:
    """A field of 24 purposes, the first in front, as a mask; none may be there that does not exist."""
    if field & ((1 << 24 - _PURPOSES) - 1):
        raise Damaged("it speaks of purposes that do not exist")
    return _REVERSED[field >> 24 - _PURPOSES]


def _letters(field: int) -> bool:
    return field >> 6 < 26 and field & 63 < 26


def _vendors(bits: Bits) -> Vendors:
    last = bits.take(16)
    if bits.take(1):
        return Vendors(last, _ranges(bits, last), 0)
    return Vendors(last, None, bits.take(last))


def _ranges(bits: Bits, most: int) -> tuple[tuple[int, int], ...]:
    found, before, take = list[tuple[int, int]](), 0, bits.take
    for _ in range(take(12)):
        first = last = take(17)
        if many := first >> 16:
            first, last = first & 0xFFFF, take(16)
        if not before < first <= last <= most or (many and first == last):
            raise Damaged("its ranges of vendors are out of order")
        found.append((first, last))
        before = last
    return tuple(found)


def _publisher(bits: Bits) -> tuple[int, int, int, int, int]:
    consents, interests, custom = _mask(bits.take(24)), _mask(bits.take(24)), bits.take(6)
    return consents, interests, custom, bits.take(custom), bits.take(custom)
