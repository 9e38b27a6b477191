"""The pass over a person's own past gives what its definition says, whoever else is asked about in the same call."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from genom.learn.dataset import DAY
from genom.learn.history import History
from genom.learn.pairs.coupon import NAMES, Coupons, coupon_context, coupon_features
from genom.learn.pairs.coupon_own import OWN

AT = 1_700_000_000_000
COVERS = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 0], [1, 1, 0]], float)  # (coupons, items)
SHARES = np.array([[1.0, 0, 0], [0.25, 0.75, 0], [0, 0, 1.0], [0, 1.0, 0]])  # (coupons, codes)
HASHES = np.array([50, 51, 52, 50], np.uint64)  # the first and the last are the same coupon

ages = st.floats(0.01, 900.0)
lines = st.lists(
    st.tuples(st.integers(0, 2), ages, st.integers(10, 13), st.integers(0, 3), st.floats(-5, 50), st.booleans()),
    max_size=12,
)
uses = st.lists(st.tuples(st.integers(0, 2), ages, st.sampled_from([50, 51, 52, 99])), max_size=6)
asked = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), unique=True, min_size=1, max_size=12)


def coupons() -> Coupons:
    return Coupons(
        ids=("a", "b", "c", "d"), coupon=HASHES, campaign=np.array([1, 1, 2, 2], np.uint64),
        starts=np.full(4, AT - DAY), ends=np.full(4, AT + DAY), covers=sparse.csr_matrix(COVERS),
        items=np.array([10, 11, 12], np.uint64), categories=sparse.csr_matrix(SHARES),
    )  # fmt: skip


def history(lines: list[tuple], uses: list[tuple]) -> History:
    lines, uses = sorted(lines, key=lambda row: -row[1]), sorted(uses, key=lambda row: -row[1])
    when, used = ([AT - int(row[1] * DAY) for row in rows] for rows in (lines, uses))
    none = np.zeros(0, np.int64)
    return History(
        people=3,
        who=np.array([row[0] for row in lines], np.int64), ts=np.array(when, np.int64), known=np.array(when, np.int64),
        basket=np.arange(len(lines), dtype=np.uint64), item=np.array([row[2] for row in lines], np.uint64),
        category=np.array([row[3] for row in lines], np.int64), amount=np.array([row[4] for row in lines], float),
        couponed=np.array([row[5] for row in lines], bool), mail_who=none, mail_ts=none, mail_known=none,
        mail_campaign=none.astype(np.uint64), used_who=np.array([row[0] for row in uses], np.int64),
        used_ts=np.array(used, np.int64), used_known=np.array(used, np.int64),
        used_coupon=np.array([row[2] for row in uses], np.uint64),
    )  # fmt: skip


def by_definition(past: History, person: int, coupon: int) -> list[float]:
    """The columns of OWN, one row at a time in plain words."""
    covered = {10 + i for i in range(3) if COVERS[coupon, i]}
    mine = [i for i in range(len(past.who)) if past.who[i] == person]
    age = {i: (AT - int(past.ts[i])) / DAY for i in mine}
    bought = [i for i in mine if int(past.item[i]) in covered]
    counts = [sum(int(past.item[i]) == item for i in bought) for item in covered]
    share = dict(enumerate(SHARES[coupon])) | {3: 0.0}
    used = [int(past.used_coupon[i]) for i in range(len(past.used_who)) if past.used_who[i] == person]
    firsts = [HASHES.tolist().index(name) for name in used if name in HASHES]
    return [
        len(bought),
        *(sum(2 ** (-age[i] / days) for i in bought) for days in (365, 90, 30)),
        sum(max(past.amount[i], 0) * 2 ** (-age[i] / 90) for i in bought),
        sum(count > 0 for count in counts),
        max(counts, default=0),
        min((age[i] for i in bought), default=np.nan),
        *(sum(2 ** (-age[i] / days) * share[int(past.category[i])] for i in mine) for days in (365, 30)),
        used.count(int(HASHES[coupon])),
        sum(SHARES[first] @ SHARES[coupon] for first in firsts),
        sum(2 ** (-age[i] / 365) for i in bought if past.couponed[i]),
        sum(2 ** (-age[i] / 365) * share[int(past.category[i])] for i in mine if past.couponed[i]),
    ]


@given(lines, uses, asked)
def test_each_column_is_what_it_is_named_for(lines: list, uses: list, asked: list) -> None:
    past, who, which = history(lines, uses), *(np.array(column) for column in zip(*asked, strict=True))

    found = coupon_features(past, coupons(), (who, which), context=coupon_context(past, coupons(), at=AT), at=AT)

    for row, (person, coupon) in zip(found[:, : len(OWN)], asked, strict=True):
        assert row.tolist() == pytest.approx(by_definition(past, person, coupon), rel=1e-5, abs=1e-6, nan_ok=True)


@given(lines, uses)
def test_one_person_alone_reads_the_same_bits_as_among_others(lines: list, uses: list) -> None:
    """A decision asks about one person, a training about all: both must read the same numbers (L3)."""
    every, which = history(lines, uses), np.tile(np.arange(4), 3)
    context = coupon_context(every, coupons(), at=AT)
    table = coupon_features(every, coupons(), (np.repeat(np.arange(3), 4), which), context=context, at=AT)

    for person in range(3):
        own = history([row for row in lines if row[0] == person], [row for row in uses if row[0] == person])
        pairs = np.full(4, person), np.arange(4)
        alone = coupon_features(own, coupons(), pairs, context=context, at=AT)
        assert alone.tobytes() == table[person * 4 : person * 4 + 4].tobytes()


def test_the_names_begin_with_the_persons_own() -> None:
    assert NAMES[: len(OWN)] == OWN
