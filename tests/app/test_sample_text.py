"""Texts and requests are put together by the column, and lose nothing."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.app.sample import text
from genom.app.sample.text import amounts, bodies, escaped, in_words, joined


@given(cents=st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_amounts_are_exact(cents):
    said = [Decimal(amount) for amount in amounts(np.array(cents)).to_pylist()]

    assert said == [Decimal(cent) / 100 for cent in cents]


@given(words=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=10))
def test_any_text_survives_as_json(words):
    said = [json.loads(f'"{word}"') for word in escaped(pa.array(words, pa.string())).to_pylist()]

    assert said == words


@given(sizes=st.lists(st.integers(1, 900), max_size=60), room=st.integers(1_000, 3_000), most=st.integers(1, 9))
def test_requests_hold_all_items_in_order_within_the_limits(sizes, room, most):
    items = [json.dumps(f"{place}-".ljust(size, "x")) for place, size in enumerate(sizes)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "BODY_BYTES", room)
        patch.setattr(text, "BODY_ITEMS", most)
        sent = list(bodies(pa.array(items, pa.string()), name="batch"))

    assert [item for _, body in sent for item in json.loads(body)["batch"]] == [json.loads(item) for item in items]
    assert all(len(json.loads(body)["batch"]) == count <= most for count, body in sent)
    assert all(len(body) <= room for _, body in sent)


def test_an_item_larger_than_a_request_goes_alone():
    items = pa.array(['"a"', json.dumps("x" * text.BODY_BYTES), '"b"'])

    assert [count for count, _ in bodies(items, name="batch")] == [1, 1, 1]


def test_groups_may_be_empty():
    assert joined(pa.array(["a", "b"]), np.array([0, 0, 2])).to_pylist() == ["", "a,b"]


def test_names_are_made_for_reading():
    assert in_words("LADIE'S  WEAR/SHOES") == "Ladie's Wear/Shoes"
