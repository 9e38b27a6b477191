"""What people of an ordinary shop are known by: the standard genome over the events that such a shop has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from genom.genome import Read
from genom.genome.coverage import covered, says_something
from genom.words import Channel, Flag, Kind
from tests.genome.histories import BOTH, T0, Row, event, folded, layout_of, view
from tests.genome.oracle import DAY
from tests.genome.oracle_filters import NAMED

HOUSEHOLDS, NOW = 12, T0 + 300 * DAY
GENES = layout_of("standard").genes


def household(number: int) -> list[Row]:
    """A year at the till, as the sample shop has it: baskets of lines, mailings, and for some a coupon."""
    rng = np.random.default_rng(number)
    rows = [event(T0, id=1, kind=Kind.IDENTIFIED, mask=BOTH)]
    for order, day in enumerate(np.sort(rng.choice(299, 24, replace=False)).tolist(), 1):
        rows += _basket(rng, order, T0 + day * DAY + int(rng.integers(8, 21)) * DAY // 24)
    for mailing, day in enumerate((20, 110, 290)):
        rows.append(
            event(T0 + day * DAY, id=900 + mailing, kind=Kind.CAMPAIGN_RECEIVED, channel=Channel.MAIL, mask=BOTH)
        )
    if number % 4 == 0:
        rows.append(event(T0 + 120 * DAY, id=999, kind=Kind.COUPON_REDEEMED, channel=Channel.POS, mask=BOTH))
    return rows


def _basket(rng: np.random.Generator, order: int, ts: int) -> Iterator[Row]:
    place = {"id": 10 + order, "channel": Channel.POS, "hour_of_week": ts // 3_600_000 % 168, "mask": BOTH}
    lines = int(rng.integers(3, 9))
    yield event(ts, **place, amount=lines * 4_000_000, discount=lines * 300_000, flags=Flag.AMOUNT | Flag.DISCOUNTED)
    for line in range(1, lines + 1):
        yield event(
            ts,
            **place,
            line=line,
            amount=int(rng.integers(1, 8)) * 1_000_000,
            discount=300_000,
            quantity=1000 * int(rng.integers(1, 4)),
            flags=Flag.AMOUNT | (Flag.DISCOUNTED if line % 2 else 0),
            category_1=[NAMED["GROCERY"], NAMED["DRUG GM"]][line % 2],
            category_2=int(rng.integers(3, 300)),
            item=int(rng.integers(1, 1000)),
        )


def test_more_than_a_hundred_and_fifty_genes_say_something_of_half_of_the_households() -> None:
    views = (view(folded(household(number), genes="standard"), at=NOW) for number in range(HOUSEHOLDS))

    counts = covered(views)

    half = {gene for gene, people in counts.items() if 2 * people >= HOUSEHOLDS}
    assert len(half) >= 150
    assert {GENES[gene].family for gene in half} >= {"channels", "rhythm", "value", "taste", "price", "lifecycle"}
    assert "taste.department.histogram.365d" in half, "with all its cells it counts once"
    assert "trust.calls.count.lifetime" not in half, "that nobody called is known, and says nothing"
    assert "price.redemptions.count.lifetime" not in half
    assert counts["price.redemptions.count.lifetime"] == HOUSEHOLDS // 4


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (Read(GENES["trust.calls.count.lifetime"], "known", 0.0), False),
        (Read(GENES["trust.calls.count.lifetime"], "known", 1.0), True),
        (Read(GENES["rhythm.orders.count.1h"], "known", 2.0**-65), False),
        (Read(GENES["lifecycle.trend_orders.expression"], "known", -0.5), True),
        (Read(GENES["channels.last.last"], "known", "pos"), True),
        (Read(GENES["channels.mix.histogram.30d"], "known", None, {"pos": 0.5}), True),
        (Read(GENES["channels.last.last"], "unknown"), False),
        (Read(GENES["price.saved.sum.30d"], "withheld"), False),
    ],
)
def test_what_says_something(read: Read, *, says: bool) -> None:
    assert says_something(read) is says
