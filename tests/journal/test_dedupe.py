"""The same message twice counts once, also after a restart."""

from __future__ import annotations

import numpy as np

from genom.journal import Dedupe
from genom.words import ROW, Kind

KEY = bytes(range(16))


def test_a_message_counts_once_within_a_batch_and_across_batches() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)

    assert dedupe.seen(dedupe.keys([b"\1a", b"\1b", b"\1a"])).tolist() == [False, False, True]
    assert dedupe.seen(dedupe.keys([b"\1b", b"\1c"])).tolist() == [True, False]


def test_the_same_id_from_another_source_is_another_message() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)

    assert dedupe.seen(dedupe.keys([b"\1a", b"\2a"])).tolist() == [False, False]


def test_what_could_not_be_written_may_come_again() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)
    keys = dedupe.keys([b"\1a"])
    dedupe.seen(keys)

    dedupe.forget(keys)

    assert dedupe.seen(keys).tolist() == [False]


def test_it_is_rebuilt_from_journalled_events_and_not_from_lines_or_facts() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)
    keys = dedupe.keys([b"event", b"line", b"fact"])
    rows = np.zeros(3, ROW)
    rows["id_low"], rows["id_high"] = keys[:, 0], keys[:, 1]
    rows["line"], rows["kind"] = [0, 1, 0], [Kind.ORDER_COMPLETED, Kind.ORDER_COMPLETED, Kind.IDENTIFIER]

    dedupe.remember(rows)

    assert dedupe.seen(keys).tolist() == [True, False, False]


def test_a_dump_carries_all_that_was_seen() -> None:
    dedupe, other = Dedupe(KEY, max_entries=1000), Dedupe(KEY, max_entries=1000)
    keys = dedupe.keys([b"a", b"b"])
    dedupe.seen(keys)

    other.load(dedupe.dump())

    assert other.seen(keys).all()


def test_memory_is_bounded_and_what_is_forgotten_is_counted() -> None:
    dedupe = Dedupe(KEY, max_entries=100)
    keys = dedupe.keys([b"%d" % n for n in range(500)])

    dedupe.seen(keys)

    assert dedupe.forgotten >= 400
    assert dedupe.seen(keys[-50:]).all()


def test_another_key_gives_other_hashes() -> None:
    one, other = Dedupe(KEY, max_entries=10), Dedupe(bytes(16), max_entries=10)

    assert (one.keys([b"a"]) != other.keys([b"a"])).all()
