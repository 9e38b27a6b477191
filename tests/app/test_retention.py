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
from genom.app.pages.me.keeping import kept_for
from genom.app.recording import records_text
from genom.app.retention import Stored, expired_rows, stored_of
from genom.consent import load_purposes
from genom.errors import BadConfiguration
from genom.journal import Journal
from genom.privacy import scan
from genom.words import ROW, Kind
from tests.app.events import order, track
from tests.app.house import DAY, START, House, without_windows
from tests.app.test_forgetting import sweep
from tests.app.test_learned_points import HERO, click, decided, permit, settle

ALWAYS = ("service", "security", "measure_aggregate")


def house_in(
    path: Path, *, read: int | None = 60, store: int = 90, by_category: dict[str, int] | None = None, **how: Any
) -> House:
    """A house that stores events for some days, those of `recommend` for twice as long."""
    said = without_windows(path)
    for name, purpose in said["purposes"].items():
        purpose["storage_window_days"] = 2 * store if name == "recommend" else store
        if by_category:
            purpose["storage_windows"] = {
                name: by_category[name] for name in purpose["categories"] if name in by_category
            }
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
        {"events": 2, "rows": 3, "visits": 1, "purchases": 1},
        {"events": 2, "rows": 3, "visits": 1, "purchases": 1},
        {"events": 1, "rows": 1, "visits": 1},
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
    without_windows(tmp_path / "d")
    with House(tmp_path / "d", encrypt_bodies=False) as house:
        house.serve(track("Seen", "u1", note="note-first"))
        house.clock.now += 5_000 * DAY

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
    """Bits 1 and 2 have windows of 30 and 200 days, bit 4 has none; kind 5 has others: row by row, in plain words."""
    days = {1: 30, 2: 200}

    def size_of(bit: int, kind: int) -> int:
        return 90 if (bit, kind) == (1, 5) else days[bit]

    journal = Journal(tmp_path_factory.mktemp("retention") / "journal")
    table = np.zeros(len(rows), ROW)
    for place, (mask, day, kind) in enumerate(rows):
        table[place]["mask"], table[place]["ts"], table[place]["kind"] = mask, day * DAY + 7, kind
        table[place]["profile"] = place + 1
    if rows:
        journal.stage(table, b"", now=0)
        journal.sync()

    by_kind = {bit: np.full(256, size * DAY) for bit, size in days.items()}
    by_kind[1][5] = 90 * DAY
    by_kind[2][5] = 0  # until erasure
    found = expired_rows(journal, Stored(by_kind, {}), now=now * DAY + 5, spared=[3])

    journal.close()
    expected = [
        place + 1
        for place, (mask, day, kind) in enumerate(rows)
        if kind < 200 and mask in {1, 2, 3} and place != 2 and not (mask & 2 and kind == 5)
        and day * DAY + 7 + max(size_of(bit, kind) for bit in days if mask & bit) * DAY < now * DAY
    ]  # fmt: skip
    assert found.sequences.tolist() == expected
    assert found.events == len(expected)
    assert Kind.ERASED == 255


def test_windows_are_those_of_the_registry(house: House) -> None:
    found = stored_of(house.node.purposes)

    assert len(found.events) == len(found.decisions) == len(house.node.purposes.every)
    assert set(found.events[house.node.purposes.bit("recommend")].tolist()) == {180 * DAY}
    assert all(set(found.events[house.node.purposes.bit(name)].tolist()) == {90 * DAY} for name in ALWAYS)
    assert found.decisions["recommend"] == 180 * DAY
    assert set(stored_of(load_purposes()).decisions.values()) == {730 * DAY}


def test_a_category_has_a_window_of_its_own(tmp_path: Path) -> None:
    """Visits of the purposes that everything serves go after 30 days, purchases after 90."""
    windows = {"visits": 30}
    with house_in(tmp_path / "d", read=None, by_category=windows) as house:
        house.put("/v1/sources", {"name": "default", "consent": "required"}).told  # noqa: B018
        house.consent("u1", "personalise_onsite", granted=True)
        house.serve(track("Seen", "u1", note="note-first"), order("u1", note="note-second"))
        assert (counted(house), house.orders("u1", purpose="personalise_onsite")) == (2, 1)

        house.clock.now = START + 30 * DAY
        assert counted(house) == "withheld"
        assert (tend(house), left(house)) == (0, ["note-first", "note-second"])
        assert counted(house) == 1  # purchases are read on
        house.clock.now += DAY
        assert (tend(house), left(house)) == (1, ["note-second"])

        assert (counted(house), house.orders("u1", purpose="personalise_onsite")) == (1, 1)
        assert house.verify().equal
        house.restart()
        assert house.verify().equal
        house.clock.now = START + 91 * DAY
        assert (tend(house), left(house)) == (1, [])


def counted(house: House) -> Any:
    """How many events are known of somebody."""
    genes = house.genome("u1", purpose="personalise_onsite")
    return genes["rhythm.events.count.lifetime"]


@pytest.fixture
def deciding(tmp_path: Path) -> Iterator[House]:
    """A house in which decisions have taught; without storage windows, but for records of decisions."""
    without_windows(tmp_path / "d")
    with House(tmp_path / "d", encrypt_bodies=False) as house:
        house.post("/v1/points", {"points": [HERO]}).told  # noqa: B018
        house.post("/v1/actions", {"actions": [{"id": one, "point": "hero"} for one in ("tea", "milk")]}).told  # noqa: B018
        permit(house, "u1", "u2")
        for user in ("u1", "u2", "u1"):
            click(house, decided(house, user, "hero")["decision_id"], user)
        settle(house)
        yield house


def taught(house: House) -> Any:
    return [lessons.dump() for lessons in house.node.outcomes.lessons.values()]


def test_records_of_decisions_go_after_two_years_and_what_they_taught_stays(deciding: House) -> None:
    house = deciding
    person = house.person("u1")
    number = house.get(f"/v1/people/{person}/decisions").told["decisions"][0]["decision_id"]
    learned, totals = taught(house), house.get("/v1/stats").told
    house.clock.now += 729 * DAY
    tend(house)
    assert len(list(scan(house.path / "journal", [person]))) > 0  # a record names its person
    kept = decided(house, "u2", "hero")["decision_id"]

    house.clock.now += 2 * DAY
    tend(house)

    assert list(scan(house.path / "journal", [person])) == []
    assert house.get(f"/v1/decisions/{number}").status == 404
    assert house.get(f"/v1/decisions/{kept}").status == 200
    assert house.get(f"/v1/people/{person}/decisions").told["decisions"] == []
    (told,) = audit.rows(house.node.catalogue, action="events.expired")
    assert told.details == {"events": 0, "rows": 3, "records": 3}
    assert taught(house) == learned
    house.restart()
    assert (taught(house), house.get("/v1/stats").told["rows"]) == (learned, totals["rows"])
    house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}).told  # noqa: B018
    assert taught(house) == learned  # nobody can take it apart any more


def test_a_crash_in_the_middle_is_gone_on_with_and_told_once(deciding: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = deciding
    house.clock.now += 731 * DAY
    whole = Journal.erase_rows

    def half(self: Journal, sequences: Any, **how: Any) -> Any:
        whole(self, sequences[:1], **how)
        raise OSError("the power is gone")

    monkeypatch.setattr(Journal, "erase_rows", half)
    with pytest.raises(OSError, match="power"):
        tend(house)
    assert audit.rows(house.node.catalogue, action="events.expired") == []
    monkeypatch.undo()

    house.restart()
    house.clock.now += DAY
    assert house.node.retention.due
    tend(house)  # what the crash had ended
    assert house.node.retention.due
    tend(house)  # that of today

    assert list(scan(house.path / "journal", [house.person("u1"), house.person("u2")])) == []
    (told,) = audit.rows(house.node.catalogue, action="events.expired")
    assert told.details == {"events": 0, "rows": 3, "records": 3}
    assert not house.node.retention.due
    assert (house.node.retention.waiting, house.node.retention.overwritten) == (0, 2)


def test_a_window_of_a_category_that_cannot_be_kept_to_is_refused(tmp_path: Path) -> None:
    said = without_windows()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"read_windows": {"visits": 90}, "storage_windows": {"visits": 30}}, "longer than it is stored"),
        ({"storage_windows": {"contact": 30}}, "for 'contact'"),
        ({"storage_windows": {"messages": 30}}, "does not use"),
        ({"storage_windows": {"visits": 0}}, "unusable"),
    ]
    for windows, why in wrong:
        file = tmp_path / "purposes.yaml"
        broken = {**said, "purposes": {**said["purposes"], "recommend": {**said["purposes"]["recommend"], **windows}}}
        file.write_text(yaml.safe_dump(broken, allow_unicode=True), "utf-8")

        with pytest.raises(BadConfiguration, match=why):
            load_purposes(file)


def test_a_person_and_the_records_of_processing_read_the_windows(tmp_path: Path) -> None:
    with house_in(tmp_path / "d", read=None, by_category={"visits": 30, "decisions": 400}) as house:
        found = next(one for one in house.node.purposes.every if one.name == "recommend")
        told = records_text(house.node, language="de")

    assert kept_for(found, "de").startswith(
        "Ihre Daten für diesen Zweck: 180 Tage lang genutzt und 180 Tage lang gespeichert. Besuche: 30 Tage"
    )
    assert "400 Tage lang gespeichert" in kept_for(found, "de")
    assert "| Gespeichert für | 180 Tage; Besuche und Ansichten: 30 Tage; " in told
    assert "| Aufzeichnungen von Entscheidungen gespeichert für | 400 Tage |" in told
