"""What is bought after what, and when."""

from __future__ import annotations

import numpy as np
import pytest

from genom.decide import Companions
from genom.words import ROW, Kind

TEA, MILK, BREAD = 2, 3, 4
TRAIN, COUNT = 1, 2


def orders(*baskets, mask=TRAIN | COUNT, hour=9):
    """Rows of orders (profile, categories)."""
    rows = []
    for number, (profile, codes) in enumerate(baskets):
        for line, code in enumerate([0, *codes]):
            row = np.zeros(1, ROW)
            row["profile"], row["ts"], row["kind"] = profile, 1_767_225_600_000 + number, Kind.ORDER_COMPLETED
            row["line"], row["category_2"], row["mask"], row["hour_of_week"] = line, code, mask, hour
            rows.append(row)
    return np.concatenate(rows)


def fresh():
    return Companions(train_bit=TRAIN, count_bit=COUNT)


def after(companions, code):
    return companions.after(np.eye(1, 384, code)[0])


def test_what_came_in_the_next_order_is_likelier():
    companions = fresh()
    companions.take(orders(*[basket for p in range(60) for basket in ((p, [TEA]), (p, [MILK]), (p, [BREAD]))]))

    ratios = after(companions, TEA)

    assert ratios[MILK] > 1.3
    assert ratios[BREAD] < 1


def test_one_order_says_nothing_about_what_comes_next():
    companions = fresh()
    companions.take(orders((1, [TEA, MILK]), (2, [BREAD])))

    assert not companions.following.any()


def test_the_hour_has_its_own_popularity():
    companions = fresh()
    companions.take(orders(*[(p, [TEA]) for p in range(80)], hour=9))
    companions.take(orders(*[(p, [MILK]) for p in range(80)], hour=20))

    assert companions.at(8)[TEA] > 1.3
    assert companions.at(20)[TEA] < 0.7


def test_only_permitted_rows_count():
    companions = fresh()
    companions.take(orders((1, [TEA]), (1, [MILK]), mask=COUNT))
    companions.take(orders((2, [TEA]), (2, [MILK]), mask=TRAIN))

    assert companions.following.sum() == pytest.approx(1)
    assert companions.moments.sum() == pytest.approx(2)


def test_an_order_teaches_only_with_every_purpose_that_is_needed():
    needs_two = Companions(train_bit=TRAIN | 4, count_bit=COUNT)
    needs_two.take(orders((1, [TEA]), (1, [MILK]), mask=TRAIN | COUNT))
    assert not needs_two.following.any()

    needs_two.take(orders((2, [TEA]), (2, [MILK]), mask=TRAIN | 4))
    assert needs_two.following.sum() == pytest.approx(1)


def test_any_split_gives_the_same_bits_and_a_file_keeps_them():
    rows = orders(*[(p % 7, [2 + p % 5, 2 + p % 3]) for p in range(50)])
    whole, parts = fresh(), fresh()
    whole.take(rows)
    for start in range(0, len(rows), 7):
        parts.take(rows[start : start + 7].copy())
    again = fresh()
    again.load(whole.dump())

    assert whole.dump() == parts.dump() == again.dump()
