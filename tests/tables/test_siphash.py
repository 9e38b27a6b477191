from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.tables import Hasher

KEY = bytes(range(16))
REFERENCE = [  # vectors.h of the SipHash reference code, 128 bits: the inputs are b"", 00, 00 01, 00 01 02 …
    "a3817f04ba25a8e66df67214c7550293",
    "da87c1d86b99af44347659119b22fc45",
    "8177228da4a45dc7fca38bdef60affe4",
    "9c70b60c5267a94e5f33b6b02985ed51",
    "f88164c12d9c8faf7d0f6e7c7bcd5579",
]
MASK = (1 << 64) - 1


def rotated(x: int, by: int) -> int:
    return ((x << by) | (x >> (64 - by))) & MASK


def sip_round(v: list[int]) -> None:
    for a, b, c, d, r, s in ((0, 1, 2, 3, 13, 16), (2, 1, 0, 3, 17, 21)):
        v[a] = (v[a] + v[b]) & MASK
        v[c] = (v[c] + v[d]) & MASK
        v[b] = rotated(v[b], r) ^ v[a]
        v[d] = rotated(v[d], s) ^ v[c]
        v[a] = rotated(v[a], 32)


def plain_siphash(key: bytes, value: bytes) -> bytes:
    """The paper's words in Python integers, written apart from the kernel."""
    k = [int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")]
    v = [int.from_bytes(b"somepseudorandomlygeneratedbytes"[i : i + 8], "big") ^ k[i // 8 % 2] for i in (0, 8, 16, 24)]
    v[1] ^= 0xEE
    padded = value + bytes(-(len(value) + 1) % 8) + bytes([len(value) % 256])
    for start in range(0, len(padded), 8):
        word = int.from_bytes(padded[start : start + 8], "little")
        v[3] ^= word
        sip_round(v)
        sip_round(v)
        v[0] ^= word
    out = b""
    for index, mark in ((2, 0xEE), (1, 0xDD)):
        v[index] ^= mark
        for _ in range(4):
            sip_round(v)
        out += (v[0] ^ v[1] ^ v[2] ^ v[3]).to_bytes(8, "little")
    return out


def as_bytes(words: tuple[int, int]) -> bytes:
    return words[0].to_bytes(8, "little") + words[1].to_bytes(8, "little")


@pytest.mark.parametrize("length", range(len(REFERENCE)))
def test_hash_is_that_of_the_reference_code(length: int) -> None:
    assert as_bytes(Hasher(KEY).digest_one(bytes(range(length)))).hex() == REFERENCE[length]


@given(key=st.binary(min_size=16, max_size=16), value=st.binary(max_size=600))
def test_hash_is_that_of_an_independent_implementation(key: bytes, value: bytes) -> None:
    assert as_bytes(Hasher(key).digest_one(value)) == plain_siphash(key, value)


@given(values=st.lists(st.binary(max_size=40), max_size=30))
def test_a_batch_hashes_each_value_as_if_alone(values: list[bytes]) -> None:
    hasher = Hasher(KEY)

    assert [tuple(row) for row in hasher.digest(values).tolist()] == [hasher.digest_one(v) for v in values]


def test_64_bit_hashes_are_the_low_words() -> None:
    hasher = Hasher(KEY)

    assert hasher.hash64([b"a", b"b"]).tolist() == hasher.digest([b"a", b"b"])[:, 0].tolist()


def test_a_64_bit_hash_is_never_the_mark_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = Hasher(KEY)
    monkeypatch.setattr(hasher, "digest", lambda values: np.zeros((len(values), 2), np.uint64))

    assert hasher.hash64([b"unlucky"]).tolist() == [1]


def test_a_key_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="this one has 8"):
        Hasher(bytes(8))
