"""Who reads a list of people is told to everybody in it, and to nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.app import audit, list_reads
from genom.app.catalogue import Catalogue
from genom.app.looks import SEEN
from tests.app.events import order
from tests.app.house import HOUR, House
from tests.app.portal import visit
from tests.app.segment_house import BUYERS, define, permitted, tend
from tests.app.test_own_copy import files_of

USERS = ("u1", "u2", "u3")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Two of three people have bought twice."""
    with House(tmp_path / "d", segment_floor=1) as house:
        house.serve(*(permitted(order(user)) for user in ("u1", "u1", "u2", "u2", "u3")))
        define(house, BUYERS)
        yield house


def seen_by(house: House, text: str) -> set[str]:
    """Whose own page tells of a reading for this reason."""
    return {user for user in USERS if text in visit(house, user, language="en").text("/me/data")}


@pytest.mark.parametrize("what", ["members?reason=case-7", "genome?genes=rhythm.orders.count.lifetime&reason=case-7"])
def test_who_stands_in_a_list_that_is_read_sees_it(house: House, what: str) -> None:
    assert seen_by(house, "case-7") == set()

    assert house.get(f"/v1/segments/buyers/{what}").status == 200

    assert seen_by(house, "case-7") == {"u1", "u2"}
    house.restart()
    assert seen_by(house, "case-7") == {"u1", "u2"}
    assert audit.verify(house.node.catalogue).problem == ""


def test_only_those_on_the_page_that_was_read_are_told(house: House) -> None:
    told = house.get("/v1/segments/buyers/members?reason=case-7&limit=1").told

    assert seen_by(house, "case-7") == {user for user in USERS if house.person(user) == told["people"][0]}
    assert house.get(f"/v1/segments/buyers/members?reason=case-8&after={told['after']}").status == 200
    assert len(seen_by(house, "case-8")) == 1
    assert seen_by(house, "case-7") | seen_by(house, "case-8") == {"u1", "u2"}


def test_who_left_since_is_told_and_who_came_since_is_not(house: House) -> None:
    house.get("/v1/segments/buyers/members?reason=case-7").told  # noqa: B018
    house.clock.now += HOUR
    house.consent("u1", "personalise_onsite", granted=False)
    house.serve(permitted(order("u3")))
    tend(house)
    house.get("/v1/segments/buyers/members?reason=case-8").told  # noqa: B018

    assert seen_by(house, "case-7") == {"u1", "u2"}
    assert seen_by(house, "case-8") == {"u2", "u3"}


def test_changes_that_are_asked_for_all_the_time_are_one_row_an_hour_with_everybody_in_them(house: House) -> None:
    def ask(after: int) -> int:
        path = f"/v1/segments/buyers/changes?after={after}"
        return int(house.get(path, headers={"X-Reason": "sync"}).told["after"])

    house.serve(permitted(order("u3")))
    tend(house)
    last = ask(0)
    assert seen_by(house, "sync") == {"u3"}
    house.consent("u1", "personalise_onsite", granted=False)
    tend(house)
    last = ask(ask(last))

    assert seen_by(house, "sync") == {"u1", "u3"}
    assert len(audit.rows(house.node.catalogue, action=SEEN, name="buyers")) == 1
    house.clock.now += HOUR
    ask(last)
    assert len(audit.rows(house.node.catalogue, action=SEEN, name="buyers")) == 2


def test_the_copy_of_everything_tells_it_too(house: House) -> None:
    house.get("/v1/segments/buyers/members?reason=case-7").told  # noqa: B018

    def looked_at(user: str) -> list[tuple[str, str]]:
        packed = house.get(f"/v1/people/{house.person(user)}/export").body
        return [(row["action"], row["reason"]) for row in json.loads(files_of(packed)["data.json"])["looked_at"]]

    assert ("segment.members_read", "case-7") in looked_at("u1")
    assert ("segment.members_read", "case-7") not in looked_at("u3")


def test_an_erasure_takes_its_person_out_of_all_lists_and_leaves_the_others(house: House) -> None:
    for _ in range(2):
        house.get("/v1/segments/buyers/members?reason=case-7").told  # noqa: B018
    gone = house.node.world.people.members(house.node.public.number(house.person("u1")) or 0)
    assert list_reads.held_of(house.node.catalogue, gone) == 2

    house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}).told  # noqa: B018
    house.run(house.app.erasing.finish())

    assert list_reads.held_of(house.node.catalogue, gone) == 0
    assert list_reads.rows_about(house.node.catalogue, gone, limit=10) == []
    assert "case-7" in visit(house, "u2", language="en").text("/me/data")


LISTS = st.lists(st.sets(st.integers(1, 200_000), max_size=20), min_size=1, max_size=5)


@settings(max_examples=30, deadline=None)
@given(lists=LISTS, data=st.data())
def test_whoever_stood_in_a_list_is_found_and_after_an_erasure_nobody_else_is_lost(
    tmp_path_factory: pytest.TempPathFactory, lists: list[set[int]], data: st.DataObject
) -> None:
    catalogue = Catalogue(tmp_path_factory.mktemp("lists") / "c.sqlite")
    for number, people in enumerate(lists):
        list_reads.note(
            catalogue, "segment.exported", who="key:k", segment=f"s{number}", reason="r", at=number,
            people=np.array(sorted(people), np.int64),
        )  # fmt: skip
    everybody = sorted(set().union(*lists, {65_535, 65_536}))
    gone = data.draw(st.sampled_from(everybody))

    def found(profile: int) -> set[str]:
        return {row.name for row in list_reads.rows_about(catalogue, [profile], limit=10)}

    expected = {one: {f"s{number}" for number, people in enumerate(lists) if one in people} for one in everybody}
    assert {one: found(one) for one in everybody} == expected
    with catalogue.begin() as connection:
        assert list_reads.erase(connection, [gone]) == len(expected[gone])
    assert {one: found(one) for one in everybody} == expected | {gone: set()}
    catalogue.close()
