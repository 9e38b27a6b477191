from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.identity import PublicIds

IDS = PublicIds(bytes(range(16)))
numbers = st.integers(0, 2**64 - 1)


@given(number=numbers)
def test_a_name_leads_back_to_its_profile(number: int) -> None:
    name = IDS.name(number)

    assert re.fullmatch("p[a-z2-7]{26}", name)
    assert IDS.number(name) == number


@given(text=st.one_of(st.text(max_size=30), st.from_regex("p[a-z2-7]{26}", fullmatch=True)))
def test_a_guessed_name_opens_nothing(text: str) -> None:
    assert IDS.number(text) is None


@given(number=numbers, place=st.integers(0, 26), letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz234567A=1"))
def test_a_changed_name_opens_nothing(number: int, place: int, letter: str) -> None:
    name = IDS.name(number)
    changed = name[:place] + letter + name[place + 1 :]

    assert changed == name or IDS.number(changed) is None


@pytest.mark.parametrize("text", ["", "p", "P" + IDS.name(1)[1:], IDS.name(1).upper(), IDS.name(1) + "a", "1"])
def test_other_spellings_of_a_name_open_nothing(text: str) -> None:
    assert IDS.number(text) is None


def test_a_name_of_another_key_opens_nothing() -> None:
    assert IDS.number(PublicIds(bytes(16)).name(1)) is None


def test_the_block_is_that_of_the_aes_standard() -> None:
    """FIPS 197, appendix C.1, with the key 00…0f: its plain text is no name of ours, but its block is known."""
    block = IDS._cipher.encryptor().update(bytes.fromhex("00112233445566778899aabbccddeeff"))

    assert block.hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
