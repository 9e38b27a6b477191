from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.errors import Busy
from genom.identity import NewProfile, Profiles
from genom.identity.profiles import _TYPES_MAX

KEY = bytes(range(16))
identifiers = st.tuples(st.sampled_from(["user_id", "anonymous_id", "card"]), st.sampled_from("abcdefgh"))
batches = st.lists(st.lists(identifiers, max_size=12), max_size=8)


def profiles_of(*given_identifiers: tuple[str, str], capacity: int = 100) -> Profiles:
    profiles = Profiles(KEY, capacity=capacity)
    profiles.resolve(given_identifiers)
    return profiles


@given(batches=batches)
def test_numbers_are_dense_in_the_order_of_first_sight(batches: list[list[tuple[str, str]]]) -> None:
    profiles, numbers = Profiles(KEY, capacity=100), dict[tuple[str, str], int]()

    for batch in batches:
        expected = [numbers.setdefault(i, len(numbers) + 1) for i in batch]
        resolved, new = profiles.resolve(batch)
        assert resolved == expected
        assert [p.number for p in new] == list(range(len(numbers) - len(new) + 1, len(numbers) + 1))
    assert profiles.count == len(numbers)


@given(batches=batches)
def test_adopting_the_journalled_profiles_gives_the_same_state(batches: list[list[tuple[str, str]]]) -> None:
    live, replayed = Profiles(KEY, capacity=100), Profiles(KEY, capacity=100)
    new: list[NewProfile] = []
    for batch in batches:
        new += live.resolve(batch)[1]

    for profile in new:
        replayed.adopt(profile.number, profile.type, profile.low, profile.high)

    assert_same(live, replayed)
    assert all(replayed.find(profile.type, profile.value) == profile.number for profile in new)


@given(batches=batches)
def test_a_loaded_dump_is_the_same_state(batches: list[list[tuple[str, str]]]) -> None:
    live, loaded = Profiles(KEY, capacity=100), Profiles(KEY, capacity=100)
    for batch in batches:
        live.resolve(batch)

    loaded.load(live.dump())

    assert_same(live, loaded)
    assert loaded.resolve([("crm", "next")]) == live.resolve([("crm", "next")])


def assert_same(one: Profiles, other: Profiles) -> None:
    assert one.count == other.count
    for number in range(1, one.count + 1):
        assert one.type_of(number) == other.type_of(number)
        assert one.hash_of(number) == other.hash_of(number)


def test_adopting_twice_changes_nothing() -> None:
    profiles = profiles_of(("user_id", "ada"), ("card", "1"))

    profiles.adopt(1, "user_id", *profiles.hash_of(1))

    assert profiles.count == 2
    assert profiles.find("user_id", "ada") == 1


def test_spellings_of_one_email_address_are_one_profile() -> None:
    numbers, new = Profiles(KEY, capacity=100).resolve([("email", "Ada@x.org"), ("email", "ada@x.org ")])

    assert numbers == [1, 1]
    assert [profile.value for profile in new] == ["Ada@x.org"]


def test_equal_values_of_two_types_are_two_profiles() -> None:
    assert Profiles(KEY, capacity=100).resolve([("user_id", "1"), ("card", "1")])[0] == [1, 2]


def test_an_unknown_identifier_is_profile_zero_and_is_not_created() -> None:
    profiles = profiles_of(("user_id", "ada"))

    assert profiles.find("user_id", "bob") == 0
    assert profiles.count == 1


def test_too_many_profiles_are_refused_before_anything_changes() -> None:
    profiles = profiles_of(("user_id", "a"), ("user_id", "b"), capacity=3)

    with pytest.raises(Busy, match="no room for more profiles"):
        profiles.resolve([("user_id", "c"), ("user_id", "d")])

    assert profiles.count == 2
    assert profiles.find("user_id", "c") == 0
    assert profiles.resolve([("user_id", "a"), ("user_id", "c")])[0] == [1, 3]


def test_retracted_profiles_are_new_again() -> None:
    profiles = profiles_of(("user_id", "a"))
    _, new = profiles.resolve([("user_id", "b"), ("user_id", "c"), ("user_id", "a")])

    profiles.retract(new)

    numbers, again = profiles.resolve([("card", "1"), ("user_id", "c"), ("user_id", "a")])
    assert numbers == [2, 3, 1]
    assert [profile.value for profile in again] == ["1", "c"]
    assert [profiles.type_of(number) for number in (2, 3)] == ["card", "user_id"]


def test_only_an_anonymous_id_does_not_say_who_it_is() -> None:
    profiles = profiles_of(("anonymous_id", "x"), ("user_id", "ada"), ("crm", "9"))

    assert [profiles.known(number) for number in (1, 2, 3)] == [False, True, True]


def test_hashes_depend_on_the_key() -> None:
    other = Profiles(bytes(16), capacity=10)
    other.resolve([("user_id", "ada")])

    assert profiles_of(("user_id", "ada")).hash_of(1) != other.hash_of(1)


def test_a_flood_of_types_ends_in_one_name_and_identifiers_stay_apart() -> None:
    flood = [(f"type-{n}", "v") for n in range(_TYPES_MAX + 5)]

    profiles = profiles_of(*flood, capacity=100_000)

    assert profiles.count == len(flood)
    assert [profiles.type_of(number) for number in (1, len(flood))] == ["type-0", "other"]
    assert profiles.known(len(flood))


def test_many_profiles_can_be_adopted_at_once() -> None:
    profiles = profiles_of(("user_id", "a"), ("card", "b"))
    replayed = Profiles(KEY, capacity=100)

    replayed.adopt_all(
        np.array([1, 2]), ["user_id", "card"], np.array([profiles.hash_of(1), profiles.hash_of(2)], np.uint64)
    )

    assert_same(profiles, replayed)
