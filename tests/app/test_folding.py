"""The one pass before a fold says the same as the plain functions that the refold uses."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.app.assumptions import ASSUMED_MS, Assumptions, served
from genom.app.folding import admit
from genom.words import ROW, ConsentMode, Kind, Source

NOW = 1_763_719_872_000
PERSON_OF = np.array([0, 1, 1, 3])
SOURCES = [Source(1, "web", consent=ConsentMode.DEVELOPMENT), Source(70, "app", consent=ConsentMode.REQUIRED)]

rows_drawn = st.lists(
    st.tuples(
        st.integers(0, 3),  # profile
        st.sampled_from([NOW, NOW - ASSUMED_MS, NOW - ASSUMED_MS + 1, NOW - 5]),  # known at
        st.integers(0, 7),  # mask
        st.sampled_from([0, 8, 24]),  # assumed
        st.sampled_from([1, 70]),  # source
        st.sampled_from([Kind.PRODUCT_VIEWED, Kind.ORDER_COMPLETED, Kind.LINK]),
        st.integers(0, 2),  # line
    ),
    max_size=12,
)


def as_rows(drawn: list[tuple[int, ...]]) -> np.ndarray:
    rows = np.zeros(len(drawn), ROW)
    for row, (profile, known_at, mask, assumed, source, kind, line) in zip(rows, drawn, strict=True):
        row["profile"], row["known_at"], row["mask"], row["assumed"] = profile, known_at, mask, assumed
        row["source"], row["kind"], row["line"] = source, kind, line
    return rows


@given(drawn=rows_drawn)
def test_one_pass_says_what_the_plain_functions_say(drawn):
    rows, mine = as_rows(drawn), Assumptions(3)
    mine.set_sources(SOURCES)
    theirs = deepcopy(mine)
    targets = PERSON_OF[rows["profile"].astype(np.int64)]

    admitted = admit(rows, PERSON_OF, mine, now=NOW)
    theirs.note(targets, rows)

    assert admitted.targets.tolist() == targets.tolist()
    assert admitted.masks.tolist() == served(rows, now=NOW, since=theirs.since).tolist()
    assert all((a == b).all() for a, b in zip(mine.arrays, theirs.arrays, strict=True))
    events = rows["kind"] < 200
    assert (admitted.rows, admitted.events) == (int(events.sum()), int((events & (rows["line"] == 0)).sum()))
