"""The laws of the whole house, searched by Hypothesis.

Order and batches (L1), the same event again (L2), live and refold (L3), links (L5).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.genome import View
from tests.app.events import Event, identify, order, track, view
from tests.app.house import DAY, START, House

USERS, BROWSERS, TEAS = ["u1", "u2", "c-1"], ["a-1", "a-2"], ["TEA", "MILK", "BREAD"]
PURPOSES = ["personalise_onsite", "recommend"]

ages = st.one_of(st.sampled_from([0, 0, 1, DAY]), st.integers(0, 400 * DAY))
names = st.sampled_from(USERS + BROWSERS)
cents = st.integers(0, 50_000)
events = st.one_of(
    st.builds(
        lambda n, c, t, age: order(n, c / 100, at=START - age, category=t), names, cents, st.sampled_from(TEAS), ages
    ),
    st.builds(lambda n, t, age: view(n, t, at=START - age), names, st.sampled_from(TEAS), ages),
    st.builds(lambda n, age: track("Campaign Received", n, at=START - age, campaign_id="k"), names, ages),
    st.builds(lambda n, age: track("Something Else", n, at=START - age), names, ages),
)
links = st.builds(identify, st.sampled_from(["u1", "u2"]), st.sampled_from(BROWSERS))


@contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory) / "d"


@contextmanager
def shop(path: Path, *, like: House | None = None) -> Iterator[House]:
    """A house with three categories and one order of names, so that codes and profiles are the same in each."""
    if like is not None:
        path.mkdir()
        shutil.copytree(like.path / "keys", path / "keys")
    with House(path) as house:
        products = [{"product_id": f"p-{name}", "category_1": "FOOD", "category_2": name} for name in TEAS]
        assert house.post("/v1/products", {"products": products}).status == 200
        house.serve(*[track("Seen", name, at=START - 500 * DAY) | {"messageId": name} for name in USERS + BROWSERS])
        yield house


def seen(house: House, name: str) -> dict[str, View]:
    """What may be read of a person at a fixed time, by purpose."""
    kind = "card" if name.startswith("c-") else "anonymous_id" if name.startswith("a-") else "user_id"
    person = house.node.world.people.person(house.node.world.profiles.find(kind, name))
    return {p: house.node.gate.view(person, purpose=p, effective=2**63 - 1, at=START + DAY) for p in PURPOSES}


def assert_same(one: House, other: House) -> None:
    """Equal by law L1: the amounts are never negative, so the sum itself bounds the rounding."""
    for name in USERS + BROWSERS:
        for purpose, mine in seen(one, name).items():
            theirs = seen(other, name)[purpose].state()
            np.testing.assert_allclose(mine.state().decayed, theirs.decayed, rtol=2e-5, atol=1e-6)
            np.testing.assert_array_equal(mine.state().integers, theirs.integers)
            assert mine.state().rings == theirs.rings


@settings(max_examples=12)
@given(sent=st.lists(st.one_of(events, links), min_size=1, max_size=25), data=st.data())
def test_in_any_order_and_in_any_batches_the_genome_is_the_same(sent: list[Event], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=4)))

    with scratch() as here, scratch() as there, shop(here) as one, shop(there, like=one) as other:
        one.serve(*sent)
        for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            other.serve(*shuffled[start:end])

        assert_same(one, other)


@settings(max_examples=12)
@given(sent=st.lists(st.one_of(events, links), min_size=1, max_size=12), data=st.data())
def test_events_that_come_again_at_any_time_count_once(sent: list[Event], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(sent), min_size=1, max_size=12))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=3)))
    between = data.draw(st.sampled_from(["nothing", "restart", "state"]))

    with scratch() as here, scratch() as there, shop(here) as one, shop(there, like=one) as other:
        one.serve(*sent)
        for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            other.serve(*sent[start:end], *sent[:start])
        if between != "nothing":
            do(other, between, None)
        other.serve(*again)

        assert_same(one, other)
        assert one.get("/v1/stats").told["events"] == other.get("/v1/stats").told["events"]
        assert other.verify().differences == []


@settings(max_examples=12)
@given(before=st.lists(events, max_size=12), after=st.lists(events, max_size=12), data=st.data())
def test_link_then_unlink_is_as_if_never_linked(before: list[Event], after: list[Event], data: st.DataObject) -> None:
    made = data.draw(st.lists(links, min_size=1, max_size=3))
    undone = {("user_id", link["userId"]) for link in made} | {("anonymous_id", link["anonymousId"]) for link in made}
    as_events = [{k: v for k, v in link.items() if k != "anonymousId"} for link in made]

    with scratch() as here, scratch() as there, shop(here) as linked, shop(there, like=linked) as never:
        linked.serve(*before)
        linked.serve(*made)
        linked.serve(*after)
        for kind, value in sorted(undone):
            linked.unlink(value, kind)
        never.serve(*before, *as_events, *after)

        assert_same(linked, never)
        assert linked.verify().differences == []


steps = st.one_of(
    st.tuples(st.just("client"), st.lists(st.one_of(events, links), min_size=1, max_size=6)),
    st.tuples(st.just("server"), st.lists(st.one_of(events, links), min_size=1, max_size=6)),
    st.tuples(st.just("server"), st.lists(links, min_size=1, max_size=2)),
    st.tuples(st.just("unlink"), st.sampled_from([("user_id", "u1"), ("anonymous_id", "a-1")])),
    st.tuples(st.just("undo"), st.sampled_from([("user_id", "u1"), ("anonymous_id", "a-1")])),
    st.tuples(st.just("consent"), st.tuples(st.sampled_from(["u1", "u2"]), st.sampled_from(PURPOSES), st.booleans())),
    st.tuples(st.just("decide"), st.sampled_from(["u1", "u2"])),
    st.tuples(st.just("mode"), st.sampled_from(["required", "development"])),
    st.tuples(st.just("wait"), st.sampled_from([1, DAY, 8 * DAY])),
    st.tuples(st.just("state"), st.none()),
    st.tuples(st.just("restart"), st.none()),
)


def do(house: House, step: str, what: Any) -> None:
    if step in {"client", "server"}:
        house.take(*what, key=house.write_key if step == "client" else house.server_key)
    elif step == "unlink":
        house.unlink(what[1], what[0])
    elif step == "undo":
        assert house.post("/v1/people:undo-unlink", {"type": what[0], "value": what[1]}).status in {200, 400}
    elif step == "consent":
        house.consent(what[0], what[1], granted=what[2])
    elif step == "decide":
        house.decide(what)
    elif step == "mode":
        assert house.put("/v1/sources", {"name": "default", "consent": what}).status == 200
    elif step == "wait":
        house.clock.now += what
    elif step == "state":
        house.write_state()
    else:
        house.restart()


@settings(max_examples=20)
@given(script=st.lists(steps, min_size=3, max_size=14))
def test_living_memory_restart_and_refold_are_equal(script: Sequence[tuple[str, Any]]) -> None:
    with scratch() as here, shop(here) as house:
        for step, what in script:
            do(house, step, what)

        assert house.verify().differences == []
        house.restart()
        assert house.verify().differences == []


def test_who_was_split_and_linked_anew_is_whole_after_a_restart(tmp_path: Path) -> None:
    """The browser goes from a younger person to an older one."""
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), order("u2"), order("a-1"), order("a-1"), identify("u2", "a-1"))
        house.unlink("a-1", "anonymous_id")
        house.serve(identify("u1", "a-1"))
        assert house.orders("u1") == 3

        house.restart()

        assert (house.orders("u1"), house.orders("u2")) == (3, 1)


def test_a_start_from_a_state_file_and_a_tail_is_the_same_as_from_the_whole_journal(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), order("a-1"), identify("u1", "a-1"), order("u2"))
        house.write_state()
        house.serve(order("a-1"), order("u3", category="MILK"), identify("u2", "a-2"))
        house.unlink("a-1", "anonymous_id")
        live = [house.genome(user) for user in ("u1", "u2", "u3")]

        house.restart()
        from_state = [house.genome(user) for user in ("u1", "u2", "u3")]
        shutil.rmtree(house.path / "state")
        house.restart()

        assert from_state == live
        assert [house.genome(user) for user in ("u1", "u2", "u3")] == live
