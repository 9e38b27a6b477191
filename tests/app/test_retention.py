"""Retention: what every purpose has let go of is overwritten, and nothing else; genomes, totals and segments agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from genom.app import audit
from genom.app.retention import expired_rows, windows
from genom.journal import Journal
from genom.privacy import scan
from genom.words import ROW, Kind
from tests.app.events import order, track
from tests.app.house import DAY, START, House
from tests.app.test_forgetting import PURPOSES, sweep

ALWAYS = ("service", "security", "measure_aggregate")


def house_in(path: Path, *, read: int | None = 60, store: int = 90, **how: Any) -> House:
    """A house that stores events for some days, those of `recommend` for twice as long."""
    path.mkdir(mode=0o700, exist_ok=True)
    said = yaml.safe_load(PURPOSES.read_text("utf-8"))
    for name, purpose in said["purposes"].items():
        purpose["storage_window_days"] = 2 * store if name == "recommend" else store
        purpose.pop("read_window_days", None)
        if read is not None:
            purpose["read_window_days"] = read
    (path / "purposes.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    return House(path, encrypt_bodies=False, **how)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path / "d") as house:
        house.put("/v1/sources", {"name": "default", "consent": "required"}).told  # noqa: B018
        yield house


def tend(house: House) -> int:
    sweep(house)
    return house.run(house.node.retention.tend())


def left(house: House) -> list[str]:
    """Notes of the events that can still be read in the files."""
    notes = ["note-first", "note-second", "note-third", "note-other"]
    return sorted({hit.text for hit in scan(house.path / "journal", notes)})


def test_events_go_when_their_longest_window_has_passed(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=True)
    house.serve(track("Seen", "u1", note="note-first"), order("u1"))
    house.consent("u2", "recommend", granted=True)
    house.serve(track("Seen", "u2", note="note-other"))
    house.clock.now += 50 * DAY
    house.serve(track("Seen", "u1", note="note-second"), order("u1"))

    house.clock.now = START + 90 * DAY
    assert (tend(house), left(house)) == (0, ["note-first", "note-other", "note-second"])
    house.clock.now += DAY
    assert (tend(house), left(house)) == (2, ["note-other", "note-second"])
    assert tend(house) == 0  # once a day
    house.clock.now += 50 * DAY
    assert (tend(house), left(house)) == (2, ["note-other"])
    house.clock.now = START + 181 * DAY
    assert (tend(house), left(house)) == (1, [])

    told = audit.rows(house.node.catalogue, action="events.expired")
    assert [row.details for row in reversed(told)] == [
        {"events": 2, "rows": 3}, {"events": 2, "rows": 3}, {"events": 1, "rows": 1},
    ]  # fmt: skip
    assert {row.who for row in told} == {"node"}


@pytest.mark.parametrize("restart", ["none", "plain", "from a state file of before"])
@pytest.mark.parametrize("read", [60, None])
def test_what_is_known_is_as_before_and_equals_a_refold(tmp_path: Path, restart: str, read: int | None) -> None:
    with house_in(tmp_path / "d", read=read) as house:
        house.put("/v1/sources", {"name": "default", "consent": "required"}).told  # noqa: B018
        house.consent("u1", "personalise_onsite", granted=True)
        house.serve(order("u1"), order("u2"))
        house.clock.now += 50 * DAY
        house.serve(order("u1", 7.0), order("u3"))
        if restart == "from a state file of before":
            house.write_state()
        house.clock.now = START + 91 * DAY
        sweep(house)
        before, totals = house.genome("u1", purpose="personalise_onsite"), house.get("/v1/stats").told

        assert tend(house) == 2
        if restart != "none":
            house.restart()
            sweep(house)

        after = house.genome("u1", purpose="personalise_onsite")
        assert {name: after[name] for name in before if name != "as_of"} == {
            name: value for name, value in before.items() if name != "as_of"
        }
        assert house.get("/v1/stats").told["events"] == totals["events"]  # that there were so many stays known
        assert after["rhythm.orders.count.lifetime"] == 1
        assert house.verify().equal
        house.serve(order("u2", 3.0))
        assert house.verify().equal


def test_a_restricted_person_keeps_all(house: House) -> None:
    house.serve(track("Seen", "u1", note="note-first"), track("Seen", "u2", note="note-other"))
    filed = house.post("/v1/requests", {"type": "user_id", "value": "u1", "kind": "restriction"}).told
    assert house.post(f"/v1/requests/{filed['id']}", {"act": "do"}).status == 200
    house.clock.now += 91 * DAY

    assert (tend(house), left(house)) == (1, ["note-first"])


def test_events_that_are_sent_again_after_their_time_do_not_come_in(house: House) -> None:
    event = track("Seen", "u1", note="note-first")
    house.serve(event)
    house.clock.now += 91 * DAY
    assert tend(house) == 1
    last = house.node.journal.last

    assert house.send(event).status == 200
    house.restart()
    assert house.send(event).status == 200

    assert house.node.journal.last == last


def test_without_windows_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    with House(tmp_path / "d", encrypt_bodies=False) as house:
        house.serve(track("Seen", "u1", note="note-first"))
        house.clock.now += 5_000 * DAY

        assert not house.node.retention.due
        assert tend(house) == 0
        assert left(house) == ["note-first"]


def test_an_erasure_of_somebody_whose_events_have_expired_leaves_nothing(house: House) -> None:
    house.serve(order("u1"), order("u2"))
    house.clock.now += 91 * DAY
    assert tend(house) == 2
    house.serve(order("u1"))

    house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}).told  # noqa: B018
    house.run(house.app.erasing.finish())

    assert house.verify().equal
    house.restart()
    assert house.verify().equal


ROWS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 400), st.sampled_from([1, 5, 200, 255])), max_size=30)


@given(rows=ROWS, now=st.integers(300, 800))
def test_a_row_goes_exactly_if_no_purpose_may_keep_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, int]], now: int
) -> None:
    """Bits 1 and 2 have windows of 30 and 200 days, bit 4 has none: row by row, in plain words."""
    days = {1: 30, 2: 200}
    journal = Journal(tmp_path_factory.mktemp("retention") / "journal")
    table = np.zeros(len(rows), ROW)
    for place, (mask, day, kind) in enumerate(rows):
        table[place]["mask"], table[place]["ts"], table[place]["kind"] = mask, day * DAY + 7, kind
        table[place]["profile"] = place + 1
    if rows:
        journal.stage(table, b"", now=0)
        journal.sync()

    found = expired_rows(journal, {bit: size * DAY for bit, size in days.items()}, now=now * DAY + 5, spared=[3])

    journal.close()
    expected = [
        place + 1
        for place, (mask, day, kind) in enumerate(rows)
        if kind < 200 and mask in {1, 2, 3} and place != 2
        and day * DAY + 7 + max(size for bit, size in days.items() if mask & bit) * DAY < now * DAY
    ]  # fmt: skip
    assert found.sequences.tolist() == expected
    assert found.events == len(expected)
    assert Kind.ERASED == 255


def test_windows_are_those_of_the_registry(house: House) -> None:
    found = windows(house.node.purposes)

    assert len(found) == len(house.node.purposes.every)
    assert found[house.node.purposes.bit("recommend")] == 180 * DAY
    assert all(found[house.node.purposes.bit(name)] == 90 * DAY for name in ALWAYS)
