"""TC strings as an encoder of the tests' own writes them, canonical: what is decoded can be written again, equal."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from hypothesis import strategies as st

from genom.consent.signals import TcString, Vendors

MONTHS = 16_000_000_000  # tenths of a second since 1970, in 2020


def bits(number: int, size: int) -> str:
    assert 0 <= number < 1 << size, (number, size)
    return f"{number:0{size}b}" if size else ""


def purposes(mask: int) -> str:
    return "".join("1" if mask >> n & 1 else "0" for n in range(24))


def ranges(of: tuple[tuple[int, int], ...]) -> str:
    entries = ["0" + bits(one, 16) if one == end else "1" + bits(one, 16) + bits(end, 16) for one, end in of]
    return bits(len(of), 12) + "".join(entries)


def vendors(of: Vendors) -> str:
    rest = "0" + bits(of.bits, of.last) if of.ranges is None else "1" + ranges(of.ranges)
    return bits(of.last, 16) + rest


def packed(text: str, *, whole: int = 8) -> str:
    """As base64url without padding; zeros fill up to whole bytes, or to whole characters."""
    text += "0" * (-len(text) % whole)
    if whole == 8:
        return urlsafe_b64encode(int(text, 2).to_bytes(len(text) // 8, "big")).decode().rstrip("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(alphabet[int(text[at : at + 6], 2)] for at in range(0, len(text), 6))


def encode(of: TcString, *, specific: int = 1, version: int = 2, disclose: bool = True, whole: int = 8) -> str:
    core = "".join(
        [
            bits(version, 6), bits(of.created, 36), bits(of.updated, 36), bits(of.cmp, 12), bits(of.cmp_version, 12),
            bits(of.screen, 6), bits(of.language, 12), bits(of.list_version, 12), bits(of.policy, 6), bits(specific, 1),
            bits(of.texts, 1), bits(of.features, 12), purposes(of.consents), purposes(of.interests), bits(of.one, 1),
            bits(of.country, 12), vendors(of.vendor_consents), vendors(of.vendor_interests),
            bits(len(of.restrictions), 12),
            *(bits(purpose, 6) + bits(kind, 2) + ranges(many) for purpose, kind, many in of.restrictions),
        ]
    )  # fmt: skip
    parts = [packed(core, whole=whole)]
    if disclose:
        parts.append(packed(bits(1, 3) + vendors(of.disclosed), whole=whole))
    if of.publisher is not None:
        consents, interests, custom, mine, theirs = of.publisher
        own = purposes(consents) + purposes(interests) + bits(custom, 6) + bits(mine, custom) + bits(theirs, custom)
        parts.append(packed(bits(3, 3) + own, whole=whole))
    return ".".join(parts)


def _ordered(points: list[int]) -> tuple[tuple[int, int], ...]:
    ordered = sorted(points)
    pairs = zip(ordered[::2], ordered[1::2], strict=False)
    return tuple((one, end if (one + end) % 3 else one) for one, end in pairs)


some_ranges = st.lists(st.integers(1, 60_000), unique=True, max_size=8).map(_ordered)
some_vendors = st.one_of(
    st.integers(0, 90).flatmap(
        lambda last: st.builds(Vendors, st.just(last), st.none(), st.integers(0, (1 << last) - 1))
    ),
    st.builds(lambda of: Vendors(of[-1][1] if of else 0, of, 0), some_ranges),
)
letters = st.tuples(st.integers(0, 25), st.integers(0, 25)).map(lambda two: two[0] << 6 | two[1])


@st.composite
def tc_strings(draw: Any) -> TcString:
    created = MONTHS + draw(st.integers(0, 10**9))
    custom = draw(st.integers(0, 5))
    own = st.tuples(
        st.integers(0, 2047), st.integers(0, 2047), st.just(custom),
        st.integers(0, (1 << custom) - 1), st.integers(0, (1 << custom) - 1),
    )  # fmt: skip
    return TcString(
        created, created + draw(st.integers(0, 10**6)), draw(st.integers(1, 4095)), draw(st.integers(0, 4095)),
        draw(st.integers(0, 63)), draw(letters), draw(st.integers(0, 4095)), draw(st.integers(4, 63)),
        draw(st.integers(0, 1)), draw(st.integers(0, 4095)), draw(st.integers(0, 2047)),
        draw(st.integers(0, 2047)) & ~0b111100, draw(st.integers(0, 1)), draw(letters), draw(some_vendors),
        draw(some_vendors),
        tuple(draw(st.lists(st.tuples(st.integers(1, 11), st.integers(0, 2), some_ranges), max_size=3))),
        draw(some_vendors), draw(st.one_of(st.none(), own)),
    )  # fmt: skip
