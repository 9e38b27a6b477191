"""Trainings wait for imports: rows and new profiles are watched, calm must last, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from genom.app.training.calm import wait_for_calm


def waited(told: Iterable[tuple[int, int]]) -> float:
    """Seconds until it goes on; rows and profiles of one look after the other."""
    looks, seconds = iter(told), list[float]()

    def look() -> dict[str, int]:
        rows, profiles = next(looks)
        return {"position": rows, "profiles": profiles}

    wait_for_calm(look, sleep=seconds.append)
    return sum(seconds)


def test_a_quiet_shop_waits_twenty_seconds() -> None:
    assert waited((n * 4_000, n * 100) for n in range(10)) == 20


@pytest.mark.parametrize("step", [(6_000, 0), (0, 300)], ids=["rows", "profiles"])
def test_an_import_is_waited_for(step: tuple[int, int]) -> None:
    moments = [min(n, 30) for n in range(100)]

    assert waited((n * step[0], n * step[1]) for n in moments) == 150 + 20


def test_a_pause_in_an_import_is_not_its_end() -> None:
    rows = [0, 50_000, 50_000, 50_000, 50_000, 100_000, *[150_000] * 9]

    assert waited((n, 0) for n in rows) == 6 * 5 + 20


def test_a_shop_that_is_always_busy_is_trained_for_all_the_same() -> None:
    assert waited((n * 100_000, 0) for n in range(1_000)) == 900
