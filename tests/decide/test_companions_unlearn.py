"""Law: taking somebody's orders out leaves the tables as if the orders had never been, also where a place is shared."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.decide import Companions
from genom.words import ROW, Kind

T0 = 1_780_000_000_000
SHARED = 1 + (1 << 15)  # lives in the place of profile 1

orders = st.lists(
    st.tuples(st.sampled_from([1, 2, SHARED]), st.lists(st.integers(2, 6), min_size=1, max_size=3)), max_size=25
)


def told(rows: np.ndarray) -> Companions:
    tables = Companions(train_bit=1, count_bit=2)
    tables.take(rows)
    return tables


def rows_of(given: list[tuple[int, list[int]]]) -> np.ndarray:
    lines = [
        (profile, T0 + number * 86_400_000, line, code)
        for number, (profile, codes) in enumerate(given)
        for line, code in enumerate([0, *codes])
    ]
    rows = np.zeros(len(lines), ROW)
    rows["kind"], rows["mask"] = Kind.ORDER_COMPLETED, 3
    for name, column in zip(("profile", "ts", "line", "category_2"), zip(*lines, strict=True), strict=False):
        rows[name] = column
    return rows


@given(orders, st.sampled_from([1, 2, SHARED]))
def test_what_is_left_never_knew_the_person(given: list[tuple[int, list[int]]], person: int) -> None:
    rows, tables = rows_of(given), told(rows_of(given))
    place = tables.place_of(person)
    sharing = np.isin(rows["profile"], list(tables.profiles_of(place, last=SHARED)))
    others = rows["profile"] != person

    tables.exchange(told(rows[sharing]), told(rows[sharing & others]), [place])

    never = told(rows[others])
    for name in ("following", "totals", "owners", "baskets"):
        left, right = tables._arrays()[name], never._arrays()[name]
        np.testing.assert_allclose(left.astype(float), right.astype(float), atol=1e-9, err_msg=name)


def test_a_place_is_shared_by_every_32768th_profile() -> None:
    tables = told(rows_of([]))

    assert list(tables.profiles_of(1, last=70_000)) == [1, 32_769, 65_537]
    assert list(tables.profiles_of(0, last=70_000)) == [32_768, 65_536]
    assert {tables.place_of(profile) for profile in tables.profiles_of(5, last=70_000)} == {5}
