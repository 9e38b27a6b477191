"""TC strings: what is valid is understood, and a damaged or forbidden one never passes."""

from __future__ import annotations

import os
import random
import string

import pytest
from hypothesis import given

from genom.consent.signals import Damaged, TcString, Vendors, decode_tc
from tests.consent.tc_strings import MONTHS, encode, tc_strings

MUTATIONS = int(os.environ.get("GENOM_TC_MUTATIONS", "200000"))
ALPHABET = string.ascii_letters + string.digits + "-_"
NOBODY = Vendors(0, None, 0)
PLAIN = TcString(
    MONTHS, MONTHS, 27, 1, 0, 4 << 6 | 13, 48, 4, 0, 0, 0b11, 0, 0, 3 << 6 | 4, Vendors(12, None, 0b101), NOBODY, (),
    Vendors(30, ((2, 2), (5, 30)), 0), None,
)  # fmt: skip
# Of the specification; its policy is 2, so it is a vector for the parser alone.
OF_THE_SPECIFICATION = (
    "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBA"
    "AgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw"
)


@given(of=tc_strings())
def test_what_an_encoder_writes_is_understood(of: TcString) -> None:
    assert decode_tc(encode(of)) == of
    for whole in (6, 24):  # encoders that fill up to whole characters, or as IAB's library does
        assert decode_tc(encode(of, whole=whole)) == of


def test_the_example_of_the_specification() -> None:
    with pytest.raises(Damaged, match="policy is 2"):
        decode_tc(OF_THE_SPECIFICATION)
    with pytest.raises(Damaged, match="not specific"):
        decode_tc(OF_THE_SPECIFICATION, least_policy=2)


def test_which_purposes_and_vendors() -> None:
    of = decode_tc(encode(PLAIN))

    assert of.permitted == 0b11
    assert [of.vendor_consents.has(vendor) for vendor in (9, 10, 11, 12, 13)] == [False, True, False, True, False]
    assert [of.disclosed.has(vendor) for vendor in (1, 2, 4, 5, 30, 31)] == [False, True, False, True, True, False]
    own = decode_tc(encode(PLAIN._replace(publisher=(0b100, 0, 0, 0, 0))))
    assert own.permitted == 0b100


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (encode(PLAIN, specific=0), "not specific"),
        (encode(PLAIN, disclose=False), "disclosed"),
        (encode(PLAIN, version=1), "version is 1"),
        (encode(PLAIN._replace(policy=3)), "policy is 3"),
        (encode(PLAIN._replace(interests=0b100)), "legitimate interest"),
        (encode(PLAIN._replace(interests=0b100000)), "legitimate interest"),
        (encode(PLAIN._replace(consents=1 << 11)), "do not exist"),
        (encode(PLAIN._replace(created=MONTHS + 1)), "cannot be"),
        (encode(PLAIN._replace(cmp=0)), "cannot be"),
        (encode(PLAIN._replace(country=26 << 6)), "cannot be"),
        (encode(PLAIN._replace(disclosed=Vendors(30, ((5, 6), (4, 4)), 0))), "out of order"),
        (encode(PLAIN._replace(disclosed=Vendors(30, ((5, 31),), 0))), "out of order"),
        (encode(PLAIN._replace(restrictions=((0, 0, ()),))), "restriction"),
        (encode(PLAIN) + ".", "ends too early"),
        (encode(PLAIN) + "." + encode(PLAIN).split(".")[1], "twice"),
        (encode(PLAIN)[:-3], "early"),
        (encode(PLAIN).split(".")[0][:-4] + "." + encode(PLAIN).split(".")[1], "early"),
        (encode(PLAIN).replace(".", "AAAA."), "behind its end"),
        (encode(PLAIN).replace(".", "B."), "behind its end"),
        (encode(PLAIN) + "AAAA", "behind its end"),
        (encode(PLAIN) + "=", "characters"),
        (encode(PLAIN) + " ", "base64url"),
        (encode(PLAIN).replace("C", "Ç", 1), "characters"),
        ("", "empty"),
        ("." * 100, "early"),
        ("C" * 8_193, "too long"),
    ],
)
def test_what_the_rules_forbid_is_refused(text: str, why: str) -> None:
    with pytest.raises(Damaged, match=why):
        decode_tc(text)


def test_a_later_policy_is_no_reason_to_refuse() -> None:
    assert decode_tc(encode(PLAIN._replace(policy=63))).policy == 63


def test_no_mutation_passes_that_the_rules_forbid() -> None:
    """Whatever is still accepted is a string that somebody could have written: it is written again, equal, by rules."""
    chance, accepted = random.Random(23), 0
    seeds = [encode(of) for of in _valid(chance)]
    for _ in range(MUTATIONS):
        text = _mutated(chance.choice(seeds), chance)
        try:
            of = decode_tc(text)
        except Damaged:
            continue
        accepted += 1
        assert _may_be_written(text, of), text
        assert of.policy >= 4
        assert not of.interests & 0b111100
        assert max(of.consents, of.interests) < 1 << 11
    assert 0 < accepted < MUTATIONS / 2  # a changed time or vendor is as valid as before


def _valid(chance: random.Random) -> list[TcString]:
    found = [PLAIN, PLAIN._replace(publisher=(0b111, 0, 2, 1, 2))]
    for number in range(30):
        last = chance.randrange(1, 400)
        found.append(
            PLAIN._replace(
                consents=chance.getrandbits(11), interests=chance.getrandbits(11) & ~0b111100,
                vendor_consents=Vendors(last, None, chance.getrandbits(last)),
                restrictions=((chance.randrange(1, 12), number % 3, ((1, 1), (3, 9))),) * (number % 2),
            )
        )  # fmt: skip
    return found


def _mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.randrange(1, 4)):
        at, how = chance.randrange(len(text) + 1), chance.random()
        if how < 0.5:
            text = text[:at] + chance.choice(ALPHABET) + text[at + 1 :]
        elif how < 0.65:
            text = text[:at] + text[at + chance.randrange(1, 5) :]
        elif how < 0.8:
            text = text[:at] + "".join(chance.choices(ALPHABET + ".", k=chance.randrange(1, 5))) + text[at:]
        elif how < 0.9:
            text = text[:at]
        else:
            text += chance.choice(("A", ".", "AA", ".IAAA", "=", "\\n", "é"))
    return text


def _may_be_written(text: str, of: TcString) -> bool:
    """Whether each segment is one that an encoder makes; those behind the core come in any order."""
    written = [encode(of, whole=whole).split(".") for whole in (6, 8, 24)]
    core, *rest = text.split(".")
    behind = [sorted(parts) for parts in zip(*(one[1:] for one in written), strict=True)]
    return (
        core in {one[0] for one in written}
        and len(rest) == len(behind)
        and all(any(part in parts for parts in behind) for part in rest)
    )
