"""How many different values within a window: exact bits of state, and estimates within their stated error."""

from __future__ import annotations

import math
from random import Random

import pytest

from genom.genome.ops import bucket
from genom.words import Channel
from tests.genome.histories import T0, event, folded, memory, paid, read, value
from tests.genome.oracle import DAY, HOUR, hashed

ITEMS, KINDS = "taste.items.distinct", "taste.narrow.distinct"


def bought(*items: int, ts: int = T0) -> list[dict[str, int]]:
    return [event(ts + n, item=item) for n, item in enumerate(items)]


def test_each_value_counts_once() -> None:
    assert value(bought(5, 9, 5, 5, 9), f"{ITEMS}.lifetime") == 2.0


def test_nothing_was_seen_and_nothing_is_left_are_two_things() -> None:
    assert read([event()], f"{ITEMS}.lifetime").state == "unknown"
    assert value(bought(5), f"{ITEMS}.1h", at=T0 + DAY) == 0.0


def test_one_state_answers_every_window() -> None:
    history = bought(5, 9) + bought(7, ts=T0 + 40 * DAY) + bought(8, 9, ts=T0 + 50 * DAY)
    at = T0 + 50 * DAY + 60_000

    assert [value(history, f"{ITEMS}.{window}", at=at) for window in ("1h", "30d", "lifetime")] == [2.0, 3.0, 4.0]


def test_a_value_that_comes_again_is_new_again_and_a_late_one_is_not() -> None:
    history = bought(5) + bought(5, ts=T0 + 2 * HOUR)

    assert value(history, f"{ITEMS}.1h", at=T0 + 2 * HOUR + 60_000) == 1.0
    assert memory(folded(history)) != memory(folded(history[:1]))
    assert value(history[::-1], f"{ITEMS}.1h", at=T0 + 2 * HOUR + 60_000) == 1.0


def test_a_window_ends_after_its_length_to_the_minute() -> None:
    inside, outside = (value(bought(5), f"{ITEMS}.1h", at=T0 + HOUR + late) for late in (0, 60_000))

    assert (inside, outside) == (1.0, 0.0)


def test_lines_without_a_category_and_unknown_channels_are_no_value() -> None:
    assert read([event(line=1)], f"{KINDS}.lifetime").state == "unknown"
    for channel, known in ((Channel.UNKNOWN, None), (Channel.WEB, 1.0)):
        assert value([paid(25, channel=channel, hour_of_week=44)], "price.channels.distinct.7d") == known


def test_times_near_the_end_of_the_calendar_and_its_beginning_are_kept() -> None:
    history = [event(253_402_300_799_999, item=3), event(0, id=9, item=4)]

    assert value(history, f"{ITEMS}.lifetime", at=253_402_300_799_999) == 2.0
    assert value(history, f"{ITEMS}.1h", at=253_402_300_799_999) == 1.0


@pytest.mark.parametrize(("n", "buckets", "stated"), [(10, 64, 0.09), (100, 64, 0.12), (8, 16, 0.20)])
def test_the_error_is_what_is_stated(n: int, buckets: int, stated: float) -> None:
    """Root of the mean square over 400 people, each with their own values; the seed is fixed."""
    random, errors = Random(11), []
    for _ in range(400):
        used = {hashed(random.getrandbits(64) | 1, buckets) for _ in range(n)}
        errors.append(buckets * math.log(buckets / max(buckets - len(used), 0.5)) / n - 1)

    assert math.sqrt(math.fsum(e * e for e in errors) / len(errors)) <= 1.1 * stated


def test_the_estimate_of_the_kernel_is_the_one_that_was_measured() -> None:
    random = Random(12)
    items = [random.getrandbits(64) | 1 for _ in range(40)]
    used = len({hashed(item, 64) for item in items})

    assert value(bought(*items), f"{ITEMS}.lifetime") == round(64 * math.log(64 / (64 - used)))


def test_a_full_bitmap_says_its_most_and_never_infinity() -> None:
    random = Random(13)
    items = [random.getrandbits(64) | 1 for _ in range(2_000)]

    assert value(bought(*items), f"{ITEMS}.lifetime") == round(64 * math.log(128))


def test_the_finalizer_is_the_published_one() -> None:
    values = [0, 1, 2**63, 2**64 - 1, 0x9E3779B97F4A7C15]

    assert [bucket(v, 1 << 20) for v in values] == [hashed(v, 1 << 20) for v in values]
