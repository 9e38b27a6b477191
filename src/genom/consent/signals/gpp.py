"""Strings of IAB's Global Privacy Platform, decoded strictly: a header that names sections, and the sections.

Of the sections only those here are understood: 2 `tcfeuv2`, whose string is one of TCF, 6 `uspv1` and 7 `usnat`.

Source: IAB Tech Lab, "Global Privacy Platform String", "US National Privacy Technical Specification" 1.0 and 2.0,
"U.S. Privacy String".  https://github.com/InteractiveAdvertisingBureau/Global-Privacy-Platform
"""

from __future__ import annotations

from typing import Final, NamedTuple

from genom.consent.signals.bits import Bits, Damaged

__all__ = ["LONGEST", "NATIONAL", "TCF", "US_PRIVACY", "National", "gpp_sections", "national", "sold_by_us_privacy"]

LONGEST: Final = 16_384  # characters
TCF: Final = 2
US_PRIVACY: Final = 6
NATIONAL: Final = 7
_HEADER: Final = 3  # type of the header
_VERSION: Final = 1
_NATIONAL_VERSIONS: Final = (1, 2)
_OF_VERSION_1: Final = 66  # bits; the first edition of version 1 has 60, the second, and version 2, have 70
_GPC: Final = 1  # type of a subsection
_NO: Final = 1  # "opted out" of an opt-out, "no consent" of a consent, "notice was provided" of a notice


class National(NamedTuple):
    """The US national section; 0 not applicable, 1 opted out or no consent, 2 did not opt out or consent."""

    version: int
    notices: tuple[int, int, int]  # of sale, sharing, targeted advertising: 1 given, 2 not given
    opt_outs: tuple[int, int, int]  # of the same
    sensitive: tuple[int, ...]  # a consent for each kind of sensitive data
    children: tuple[int, ...]  # a consent for each age
    personal: int  # consent to incompatible uses
    gpc: bool  # Global Privacy Control


def gpp_sections(text: str) -> tuple[tuple[int, str], ...]:
    """The sections of a string, by number, each as it is written; raises Damaged if header and sections do not fit.

    >>> gpp_sections("DBACNY~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN")
    ((2, 'CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA'), (6, '1YNN'))
    """
    if not text.isascii() or not 0 < len(text) <= LONGEST:
        raise Damaged("it is empty, too long, or has characters that no GPP string has")
    header, *sections = text.split("~")
    numbers = _numbers(Bits(header.encode("ascii")), len(sections))
    if not all(sections):
        raise Damaged("a section is empty")
    return tuple(zip(numbers, sections, strict=True))


def _numbers(bits: Bits, sections: int) -> list[int]:
    """The numbers of the sections, which rise."""
    kind, version = bits.take(6), bits.take(6)
    if kind != _HEADER or version != _VERSION:
        raise Damaged(f"its header is of type {kind} and version {version} instead of {_HEADER} and {_VERSION}")
    numbers, last = list[int](), 0
    for _ in range(bits.take(12)):
        many, first = bits.take(1), last + bits.fibonacci()
        last = first + bits.fibonacci() if many else first
        if last - first >= sections:  # before a range is written out that no string can fill
            raise Damaged("its header names more sections than it has")
        numbers += range(first, last + 1)
    bits.end()
    if len(numbers) != sections:
        raise Damaged(f"its header names {len(numbers)} sections, and it has {sections}")
    return numbers


def sold_by_us_privacy(text: str) -> bool | None:
    """Whether the person has opted out of sale by a US Privacy string; None if it does not apply.  Raises Damaged.

    >>> sold_by_us_privacy("1YYN"), sold_by_us_privacy("1YNN"), sold_by_us_privacy("1---")
    (True, False, None)
    """
    if len(text) != 4 or text[0] != "1" or not set(text[1:]) <= set("YN-"):
        raise Damaged("it is no US Privacy string of version 1")
    return {"Y": True, "N": False, "-": None}[text[2]]


def national(text: str) -> National:
    """What a US national section says; raises Damaged.

    >>> national("BVVVkkkkkpFY.YA").opt_outs, national("BVQqAAAACg").opt_outs
    ((1, 1, 1), (2, 2, 2))
    """
    core, *rest = text.encode("ascii").split(b".")
    bits = Bits(core)
    version = bits.take(6)
    if version not in _NATIONAL_VERSIONS:
        raise Damaged(f"its version is {version}")
    sensitive, ages = (12, 2) if version == 1 and bits.size <= _OF_VERSION_1 else (16, 3)
    _, *notices = [_choice(bits) for _ in range(4)]
    for _ in range(2):  # notices about sensitive data
        _choice(bits)
    opt_outs = [_choice(bits) for _ in range(3)]
    kinds, children = (tuple(_choice(bits) for _ in range(many)) for many in (sensitive, ages))
    personal, covered = _choice(bits), _choice(bits)
    for _ in range(2):  # modes of an agreement among advertisers
        _choice(bits)
    if not covered:
        raise Damaged("it does not say whether an agreement covers it")
    bits.end()
    if len(rest) > 1:
        raise Damaged("a subsection stands twice")
    gpc = any(_gpc(Bits(part)) for part in rest)
    return National(version, _three(notices), _three(opt_outs), kinds, children, personal, gpc)


def _choice(bits: Bits) -> int:
    found = bits.take(2)
    if found == 3:
        raise Damaged("a field has the value 3, which nothing stands for")
    return found


def _three(found: list[int]) -> tuple[int, int, int]:
    one, two, three = found
    return one, two, three


def _gpc(bits: Bits) -> bool:
    if (kind := bits.take(2)) != _GPC:
        raise Damaged(f"it has a subsection of the unknown type {kind}")
    given = bool(bits.take(1))
    bits.end()
    return given
