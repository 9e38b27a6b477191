"""The same message twice counts once, also after a restart."""

from __future__ import annotations

import numpy as np

from genom.journal import Dedupe
from genom.words import ROW, Kind

KEY = bytes(range(16))
DAY = 86_400_000
NOW = 20_000 * DAY


def test_a_message_counts_once_within_a_batch_and_across_batches() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)

    assert dedupe.seen(dedupe.keys([b"\1a", b"\1b", b"\1a"]), now=NOW).tolist() == [False, False, True]
    assert dedupe.seen(dedupe.keys([b"\1b", b"\1c"]), now=NOW).tolist() == [True, False]


def test_the_same_id_from_another_source_is_another_message() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)

    assert dedupe.seen(dedupe.keys([b"\1a", b"\2a"]), now=NOW).tolist() == [False, False]


def test_what_could_not_be_written_may_come_again() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)
    keys = dedupe.keys([b"\1a"])
    dedupe.seen(keys, now=NOW)

    dedupe.forget(keys)

    assert dedupe.seen(keys, now=NOW).tolist() == [False]


def test_it_is_rebuilt_from_journalled_events_and_not_from_lines_or_facts() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)
    keys = dedupe.keys([b"event", b"line", b"fact"])
    rows = np.zeros(3, ROW)
    rows["id_low"], rows["id_high"] = keys[:, 0], keys[:, 1]
    rows["line"], rows["kind"] = [0, 1, 0], [Kind.ORDER_COMPLETED, Kind.ORDER_COMPLETED, Kind.IDENTIFIER]

    dedupe.remember(rows, now=NOW)

    assert dedupe.seen(keys, now=NOW).tolist() == [True, False, False]


def test_a_dump_carries_all_that_was_seen() -> None:
    dedupe, other = Dedupe(KEY, max_entries=1000), Dedupe(KEY, max_entries=1000)
    keys = dedupe.keys([b"a", b"b"])
    dedupe.seen(keys, now=NOW)

    other.load(dedupe.dump())

    assert other.seen(keys, now=NOW).all()


def test_memory_is_bounded_and_what_is_forgotten_is_counted() -> None:
    dedupe = Dedupe(KEY, max_entries=100)
    keys = dedupe.keys([b"%d" % n for n in range(500)])

    dedupe.seen(keys, now=NOW)

    assert dedupe.forgotten >= 400
    assert dedupe.seen(keys[-50:], now=NOW).all()


def test_another_key_gives_other_hashes() -> None:
    one, other = Dedupe(KEY, max_entries=10), Dedupe(bytes(16), max_entries=10)

    assert (one.keys([b"a"]) != other.keys([b"a"])).all()


def test_a_row_counts_as_of_the_newest_that_stood_before_it() -> None:
    dedupe, live = Dedupe(KEY, max_entries=1000), Dedupe(KEY, max_entries=1000)
    keys = dedupe.keys([b"old", b"history", b"new"])
    rows = np.zeros(3, ROW)
    rows["id_low"], rows["id_high"] = keys[:, 0], keys[:, 1]
    rows["kind"] = Kind.ORDER_COMPLETED
    rows["known_at"] = [NOW - 9 * DAY, NOW - 900 * DAY, NOW]  # what was imported happened long before it came

    dedupe.remember(rows, now=NOW)

    live.seen(keys[:2], now=NOW - 9 * DAY)
    assert live.lacks(dedupe) == 1
    assert dedupe.lacks(live) == 0


def test_rows_that_do_not_tell_when_they_came_came_now() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)
    keys = dedupe.keys([b"erased"])
    rows = np.zeros(1, ROW)
    rows["id_low"], rows["id_high"], rows["kind"] = keys[:, 0], keys[:, 1], Kind.ERASED

    dedupe.remember(rows, now=NOW)

    assert dedupe.seen(keys, now=NOW).tolist() == [True]
    assert dedupe.early == 0


def test_a_dump_of_before_ids_had_a_day_is_taken_in() -> None:
    dedupe = Dedupe(KEY, max_entries=1000)
    keys = dedupe.keys([b"a", b"b", b"c"])

    dedupe.load({"older": keys[:1], "current": keys[1:]})

    assert len(dedupe) == 3
    assert dedupe.seen(keys, now=NOW).all()
