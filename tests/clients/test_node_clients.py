"""Real libraries for Node, pointed at a real node: @segment/analytics-node and @rudderstack/rudder-sdk-node."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.clients.installed import run
from tests.contract.http.black_box import Door, order, unique

PROGRAMS = ["segment_node.mjs", "rudder_node.mjs"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_call_arrives_once_with_its_context_and_joins_its_person(door: Door, program: str) -> None:
    user, anonymous = unique(), unique("a")

    run(program, door.node.url, door.node.write_key, user, anonymous)

    person = door.person(user)
    assert person == door.person(anonymous, "anonymous_id")
    events = door.events(person)
    assert Counter(event["type"] for event in events) == Counter(
        ["page", "identify", "track", "screen", "group", "alias"]
    )
    assert {event["context"]["locale"] for event in events} == {"de-DE"}
    assert len({event["messageId"] for event in events}) == 6


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_a_library_sends_changes_the_next_decision(door: Door, program: str) -> None:
    user = unique()
    door.take(order(user, category="COFFEE"))
    before = door.scores(user)["COFFEE"]

    run(program, door.node.url, door.node.write_key, user, unique("a"))

    assert door.scores(user)["COFFEE"] > before


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_wrong_key_reaches_the_librarys_error(door: Door, program: str) -> None:
    with pytest.raises(AssertionError):
        run(program, door.node.url, "wk_nobody", unique(), unique("a"))
