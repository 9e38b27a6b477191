from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genom.identity import Merge, People

SIZE = 12
links = st.lists(st.tuples(st.integers(1, SIZE), st.integers(1, SIZE)), max_size=20)
Links = list[tuple[int, int]]


def people_of(given_links: Links) -> People:
    people = People(SIZE)
    for a, b in given_links:
        people.link(a, b)
    return people


def answers(people: People) -> list[tuple[int, tuple[int, ...]]]:
    return [(people.person(profile), people.members(profile)) for profile in range(1, SIZE + 1)]


def brute_force(given_links: Links) -> list[tuple[int, tuple[int, ...]]]:
    """Spread each profile's set over its links until nothing changes."""
    sets = [{profile} for profile in range(SIZE + 1)]
    for _ in range(SIZE):
        for a, b in given_links:
            sets[a] |= sets[b]
            sets[b] |= sets[a]
    return [(min(one), tuple(sorted(one))) for one in sets[1:]]


@given(given_links=links)
def test_people_are_the_connected_profiles_under_their_oldest(given_links: Links) -> None:
    assert answers(people_of(given_links)) == brute_force(given_links)


@given(given_links=links, data=st.data())
def test_the_order_of_links_does_not_matter(given_links: Links, data: st.DataObject) -> None:
    other_order = data.draw(st.permutations(given_links))

    assert answers(people_of(given_links)) == answers(people_of(other_order))


@given(given_links=links, profile=st.integers(1, SIZE))
def test_unlinking_is_as_if_never_linked(given_links: Links, profile: int) -> None:
    people = people_of(given_links)

    people.unlink(profile)

    without = [link for link in given_links if profile not in link]
    assert answers(people) == brute_force(without)
    assert people.dump()["links"].tolist() == people_of(without).dump()["links"].tolist()


@given(given_links=links, profile=st.integers(1, SIZE))
def test_unlinking_names_everyone_whose_row_changes(given_links: Links, profile: int) -> None:
    people = people_of(given_links)
    before = people.members(profile)

    refold = people.unlink(profile)

    after = sorted({people.person(member) for member in before})
    assert refold == (after if len(before) > 1 else [])


@given(given_links=links)
def test_merges_tell_the_whole_story(given_links: Links) -> None:
    people, rows = People(SIZE), {profile: {profile} for profile in range(1, SIZE + 1)}

    for a, b in given_links:
        if merge := people.link(a, b):
            rows[merge.kept] |= rows.pop(merge.merged)

    assert {person: tuple(sorted(row)) for person, row in rows.items()} == dict(answers(people))


@given(given_links=links, unlinked=st.integers(1, SIZE))
def test_a_loaded_dump_is_the_same_people(given_links: Links, unlinked: int) -> None:
    people, loaded = people_of(given_links), people_of([(1, 2), (3, 4)])

    loaded.load(people.dump())

    assert answers(loaded) == answers(people)
    assert loaded.unlink(unlinked) == people.unlink(unlinked)
    assert answers(loaded) == answers(people)


def test_the_older_person_is_kept_whichever_side_names_it() -> None:
    people = people_of([(5, 6), (2, 9)])

    assert people.link(6, 9) == Merge(kept=2, merged=5)
    assert people.members(2) == (2, 5, 6, 9)


def test_a_link_is_known_from_both_sides_and_an_indirect_one_is_not() -> None:
    people = people_of([(1, 2), (2, 3)])

    assert people.linked(2, 1)
    assert not people.linked(1, 3)


def test_a_second_way_between_profiles_holds_them_together() -> None:
    people = people_of([(1, 2), (2, 3), (1, 3)])

    assert people.unlink(2) == [1, 2]
    assert people.members(3) == (1, 3)


def test_nobody_is_linked_with_whoever_was_erased() -> None:
    people = people_of([(1, 2)])
    people.erase([5])

    assert (people.link(5, 2), people.link(1, 5)) == (None, None)
    assert (people.person(5), people.members(2), people.partners(1)) == (0, (1, 2), [2])
