"""Reading a genome live, as it was, and as it will be (law L9)."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from genom.app.reading import instant, rfc3339
from tests.app.events import identify, order, view
from tests.app.house import DAY, START, House

COUNT, MONTHLY = "rhythm.orders.count.lifetime", "value.order_value.sum.30d"


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
@example(START + 123)
def test_a_moment_that_is_written_is_read_back(ms: int) -> None:
    assert instant(rfc3339(ms)) == ms


def test_the_past_reads_as_it_was_read_live(tmp_path: Path) -> None:
    """Events of many ages arrive, and each time the genome is read in the very millisecond of their arrival."""
    with House(tmp_path / "d") as house:
        house.consent("u1", "personalise_onsite", granted=True)
        seen = []
        for late in (0, 0, 5 * DAY, 1, 400 * DAY, 0):
            house.take(order("u1", 2.5, at=house.clock.now - late), view("u1", "MILK", at=house.clock.now - late))
            seen.append(house.genome("u1"))
            house.clock.now += 2 + late // 10

        house.clock.now += 3 * DAY
        assert [house.genome("u1", at=then["as_of"]) for then in seen] == seen


def test_an_event_counts_from_the_moment_after_it_was_known(tmp_path: Path) -> None:
    """Nothing known at or after a moment is read as of it, whenever it happened (law L9)."""
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        house.clock.now += DAY
        house.take(order("u1", at=START - 30 * DAY))
        house.clock.now += DAY

        assert house.orders("u1", at=rfc3339(START)) == "unknown"
        assert house.orders("u1", at=rfc3339(START + 1)) == 1
        assert house.orders("u1", at=rfc3339(START + DAY)) == 1
        assert house.orders("u1", at=rfc3339(START + DAY + 1)) == 2


def test_history_was_known_when_it_happened(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.consent("u1", "personalise_onsite", granted=True)
        key, _ = house.source("archive", history=True)

        house.take(order("u1", at=START - 30 * DAY), key=key)

        assert house.orders("u1", at=rfc3339(START - 30 * DAY)) == "unknown"
        assert house.orders("u1", at=rfc3339(START - 29 * DAY)) == 1


def test_in_the_future_values_decay(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1", 8.0, at=START))

        month = house.genome("u1", at=rfc3339(START + 30 * DAY))
        year = house.genome("u1", at=rfc3339(START + 300 * DAY))

        assert abs(month[MONTHLY] - 4.0) < 1e-4
        assert abs(year[MONTHLY] - 8 / 1024) < 1e-4
        assert month[COUNT] == year[COUNT] == 1


def test_a_silent_person_decays(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.consent("u1", "personalise_onsite", granted=True)
        house.take(order("u1", 8.0))

        house.clock.now += 30 * DAY

        assert abs(house.genome("u1")[MONTHLY] - 4.0) < 1e-4


def test_a_reading_in_the_future_changes_nothing(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1", 8.0))
        before = house.genome("u1")

        house.genome("u1", at=rfc3339(START + 3_000 * DAY))
        house.genome("u1", at="9999-12-31T23:59:59Z")

        assert house.genome("u1") == before


def test_the_past_is_read_with_todays_permissions(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        then = house.genome("u1")["as_of"]
        house.clock.now += DAY

        house.consent("u1", "personalise_onsite", granted=False)

        assert house.orders("u1", at=then) == "withheld"


def test_the_past_is_read_with_todays_links(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("a-1"), order("u1"))
        house.clock.now += DAY
        house.take(identify("u1", "a-1"))

        assert house.orders("u1", at=rfc3339(START + 1)) == 2


def test_a_time_before_everything_knows_nothing(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))

        assert house.orders("u1", at="0001-01-01T00:00:00Z") == "unknown"


def test_an_event_from_the_future_is_known_now_and_not_before(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1", at=START + 365 * DAY))

        assert house.orders("u1") == 1
        assert house.genome("u1")["as_of"] == rfc3339(START + 1)
