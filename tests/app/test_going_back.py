"""Publishing and going back lose nothing: what is live is at any time what the journal tells anew (law L3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from genom.app.decisions.outcomes import Outcomes
from tests.app.events import view
from tests.app.house import House
from tests.app.test_learned_points import HERO, click, decided, learned_sums, permit, settle
from tests.app.test_shadow import furnish

POLICY: dict[str, Any] = HERO["policy"]
VERSIONS: list[dict[str, Any]] = [
    HERO,
    HERO | {"policy": POLICY | {"control": 0.4}},  # teaches what the first does, is measured apart
    HERO | {"policy": POLICY | {"temperature": 5.0}},  # differs in neither
    HERO | {"features": HERO["features"][:1]},  # teaches something else
    HERO | {"reward": HERO["reward"] | {"within_seconds": 600}},  # waits longer
    HERO | {"model": "own-purchases-1", "features": []},  # does not learn
]
HALL = """
- id: hall
  version: 1
  label: {en: Hall, de: Halle}
  purpose: personalise_onsite
  model: propensity
  reward: {events: [Promotion Clicked], value: count, within_seconds: 60}
  candidates: actions
  browser: false
  policy: {control: 0.1, epsilon: 0.05, temperature: 0.5, do_nothing: -1.0}
"""
STEPS = st.one_of(
    st.tuples(st.just("publish"), st.integers(0, len(VERSIONS) - 1)),
    st.tuples(st.just("back"), st.just(0)),
    st.tuples(st.just("decide"), st.integers(1, 3)),
    st.tuples(st.just("click"), st.integers(0, 30)),
    st.tuples(st.just("wait"), st.sampled_from([20, 61, 601, 3600])),
    st.tuples(st.just("withdraw"), st.booleans()),
    st.tuples(st.just("restart"), st.just(0)),
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        begin(house)
        yield house


def begin(house: House) -> None:
    furnish(house)
    permit(house, "u1", "u2")
    house.take(view("u1"), view("u2"))


def publish(house: House, version: int) -> None:
    house.post("/v1/points", {"points": [VERSIONS[version]]}).told  # noqa: B018


def go_back(house: House) -> None:
    house.post("/v1/points/hero/rollback", {"confirm": "hero"})  # refused if there was none before


def counted(outcomes: Outcomes) -> dict[str, Any]:
    """Everything of it that holds something."""
    return {
        "open": outcomes.open,
        "measured": {key: counter.dump() for key, counter in outcomes.counters.items() if counter.since},
        "learned": {key: sums for key, lessons in outcomes.lessons.items() if (sums := lessons.sums.by_action())},
    }


def assert_told_anew(house: House) -> None:
    """What is held is to the last bit what the journal tells without a saved state."""
    (house.path / "models" / "online" / "outcomes.state").unlink(missing_ok=True)
    anew = Outcomes(house.node)
    for outcomes in (anew, house.node.outcomes):
        outcomes.close(house.clock.now)
    assert counted(house.node.outcomes) == counted(anew)


def live(house: House, steps: list[tuple[str, int]]) -> None:
    shown: list[tuple[str, str]] = []
    for what, n in steps:
        if what == "publish":
            publish(house, n)
        elif what == "back":
            go_back(house)
        elif what == "decide":
            shown += [(decided(house, user)["decision_id"], user) for user in ("u1", "u2", "u1")[:n]]
        elif what == "click" and shown:
            click(house, *shown[n % len(shown)])
        elif what == "wait":
            settle(house, n)
        elif what == "withdraw":
            house.consent("u2", "model_training", granted=bool(n))
        elif what == "restart":
            house.restart()


@given(steps=st.lists(STEPS, min_size=6, max_size=25))
@example(steps=[("decide", 3), ("publish", 1), ("click", 0), ("wait", 61), ("publish", 0)])
@settings(max_examples=12, deadline=None, derandomize=True)
def test_whatever_is_published_the_journal_tells_the_same(steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as directory, House(Path(directory) / "d") as house:
        begin(house)
        live(house, steps)

        assert_told_anew(house)


def test_another_share_of_control_keeps_what_was_learned(house: House) -> None:
    live(house, [("decide", 3), ("click", 0), ("wait", 61)])
    before = learned_sums(house.node.outcomes).by_action()

    publish(house, 1)

    assert before
    assert learned_sums(house.node.outcomes).by_action() == before
    told = {point["id"]: point for point in house.get("/v1/points").told["points"]}
    assert told["hero"]["learned_decisions"] == 3
    assert house.get("/v1/points/hero/effect").told["decisions"] == 0


def test_going_back_finds_what_was_measured_and_windows_that_were_open_count(house: House) -> None:
    first = [("decide", 3), ("click", 0), ("wait", 61), ("decide", 2)]  # two windows stay open
    live(house, [*first, ("publish", 1), ("click", 3), ("decide", 2), ("wait", 61), ("back", 0)])

    effect = house.get("/v1/points/hero/effect").told
    assert effect["decisions"] == 5
    assert sum(arm["reward"] for arm in effect["arms"]) == 2
    assert int(learned_sums(house.node.outcomes).counts.sum()) == 7
    assert_told_anew(house)


def test_a_longer_window_holds_up_no_shorter_one(house: House) -> None:
    publish(house, 4)
    live(house, [("decide", 1)])
    publish(house, 0)
    live(house, [("decide", 2), ("wait", 61)])

    assert house.get("/v1/points/hero/effect").told["decisions"] == 2
    assert len(house.node.outcomes.open) == 1
    assert_told_anew(house)


def test_a_definition_of_the_file_that_comes_back_finds_what_it_taught(house: House) -> None:
    """The file alone tells of it, so that a start between them cannot keep it."""
    house.close()
    file = house.path / "points.yaml"
    lines = HALL
    file.write_text(lines, "utf-8")
    house.open()
    house.post("/v1/actions", {"actions": [{"id": "cups", "point": "hall"}]}).told  # noqa: B018
    for _ in range(3):
        decided(house, "u1", "hall")
    settle(house)

    for text, held in ((lines.replace("control: 0.1", "control: 0.3"), 0), (lines, 3)):
        house.close()
        file.write_text(text, "utf-8")
        house.open()
        house.node.outcomes.close(house.clock.now)
        assert house.get("/v1/points/hall/effect").told["decisions"] == held
        assert_told_anew(house)
