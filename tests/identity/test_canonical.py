from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.identity.canonical import canonical, canonical_all

anything = st.text(st.characters(exclude_categories=()), max_size=6)
pairs = st.tuples(st.one_of(st.sampled_from(["user_id", "email", "phone", "a\0b"]), anything), anything)


@pytest.mark.parametrize("spelling", ["ada@example.org", "Ada@Example.ORG", " ada@example.org\n"])
def test_an_email_address_has_one_form(spelling: str) -> None:
    assert canonical("email", spelling) == b"email\0ada@example.org"


@pytest.mark.parametrize("spelling", ["+493012345", "0049 30 12345", "+49 (30) 123-45"])
def test_a_phone_number_has_one_form(spelling: str) -> None:
    assert canonical("phone", spelling) == b"phone\0+493012345"


def test_other_values_keep_their_spelling() -> None:
    assert canonical("user_id", " Ada-1") == b"user_id\0 Ada-1"


def test_type_and_value_cannot_be_shifted_into_each_other() -> None:
    assert canonical("crm\0a", "b") != canonical("crm", "a\0b")


@given(identifiers=st.lists(pairs))
def test_a_batch_gives_the_forms_of_its_members(identifiers: list[tuple[str, str]]) -> None:
    assert canonical_all(identifiers) == [canonical(*identifier) for identifier in identifiers]
