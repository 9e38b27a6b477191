"""Rejected events are kept whole, for some days, within some space."""

import itertools
import resource
import signal
from contextlib import suppress

import pytest

from genom.collect import BadRow, BadRows, badrows
from genom.errors import Busy
from genom.keys import DayKeys, days

DAY = 86_400_000


def _row(day=0, raw=b'{"total":NaN}', index=0):
    return BadRow(day * DAY + 5, "shop", index, "m1", "collect.nan", "is not a number", raw)


@pytest.fixture
def rows(tmp_path):
    store = BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000)
    yield store
    store.close()


def test_rows_come_back_as_they_went_in(rows):
    given = [_row(raw=bytes(range(256))), _row(index=1)]

    rows.add(given)

    assert list(rows.read("1970-01-01")) == given
    assert rows.count() == 2


def test_each_day_has_its_file(rows):
    rows.add([_row(day=0), _row(day=1), _row(day=0, index=7)])

    assert rows.days() == ["1970-01-01", "1970-01-02"]
    assert [row.index for row in rows.read("1970-01-01")] == [0, 7]


def test_only_the_owner_reads_them(rows, tmp_path):
    rows.add([_row()])

    assert (tmp_path / "bad" / "1970-01-01.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_torn_last_line_costs_only_itself(rows, tmp_path):
    rows.add([_row(index=1), _row(index=2)])
    rows.close()
    path = tmp_path / "bad" / "1970-01-01.jsonl"
    path.write_bytes(path.read_bytes()[:-10])

    again = BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000)
    again.add([_row(index=3)])
    again.close()

    assert [row.index for row in again.read("1970-01-01")] == [1, 3]


def test_days_beyond_the_limit_go(rows):
    rows.add([_row(day=day) for day in (0, 1, 31)])

    rows.expire(31 * DAY)

    assert rows.days() == ["1970-01-02", "1970-02-01"]
    assert rows.count() == 2


def test_the_oldest_day_goes_when_there_is_no_space(tmp_path):
    rows = BadRows(tmp_path, days=30, max_bytes=3_000)

    for day in range(3):
        rows.add([_row(day=day, raw=bytes(1_000))])

    assert rows.days() == ["1970-01-02", "1970-01-03"]
    rows.close()


def test_rows_are_found_after_a_restart(rows, tmp_path):
    rows.add([_row(), _row()])

    assert BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000).count() == 2


@pytest.mark.parametrize("chunk", [1, 7, 100, 1 << 20])
def test_the_newest_are_read_from_the_end_however_the_file_is_cut(rows, tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(badrows, "_CHUNK", chunk)
    rows.add([_row(day=day, index=index) for day in (0, 1) for index in range(3)])
    with (tmp_path / "bad" / "1970-01-02.jsonl").open("ab") as file:
        file.write(b'{"received_at":')  # a torn line

    assert [row.index for row in rows.newest(10)] == [2, 1, 0, 2, 1, 0]
    assert [(row.received_at // DAY, row.index) for row in rows.newest(4)] == [(1, 2), (1, 1), (1, 0), (0, 2)]
    assert rows.newest(0) == []


def test_an_unknown_day_is_empty(rows):
    assert list(rows.read("2001-01-01")) == []


def test_a_full_disk_leaves_nothing_half_written(rows, tmp_path):
    rows.add([_row(index=1)])
    path = tmp_path / "bad" / "1970-01-01.jsonl"
    before, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
    try:
        with pytest.raises(Busy):
            rows.add([_row(raw=bytes(4_000))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    assert path.read_bytes() == before
    rows.add([_row(index=2)])
    assert [row.index for row in rows.read("1970-01-01")] == [1, 2]
    assert path.stat().st_size > len(before)


def test_a_day_whose_key_cannot_be_kept_is_busy_and_nothing_is_written(tmp_path, monkeypatch):
    store = BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000, keys=DayKeys(tmp_path / "keys"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(days, "write_private", full)
    with pytest.raises(Busy, match="cannot be kept"):
        store.add([_row()])
    monkeypatch.undo()

    store.add([_row(raw=b"b")])
    assert [one.raw for one in store.read(store.days()[0])] == [b"b"]


class Killed(BaseException):
    """The process is no more."""


def _erasing(store):
    store.erase(lambda row: b"ada" in row.raw)


@pytest.mark.parametrize("at", range(1, 9))
def test_whenever_an_erasure_dies_the_rows_of_others_stay_and_the_next_one_ends_it(at, tmp_path, monkeypatch):
    store = BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000)
    store.add([_row(raw=b'{"userId":"ada"}'), _row(raw=b'{"userId":"ben"}')])
    steps = itertools.count(1)

    def dying(real):
        def call(*given, **how):
            if next(steps) == at:
                raise Killed
            return real(*given, **how)

        return call

    with monkeypatch.context() as patch, suppress(Killed):
        for name in ("fsync", "link", "rename", "unlink"):
            patch.setattr(badrows.os, name, dying(getattr(badrows.os, name)))
        _erasing(store)

    again = BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000)
    assert b'{"userId":"ben"}' in [row.raw for row in again.read("1970-01-01")]
    _erasing(again)
    assert [row.raw for row in again.read("1970-01-01")] == [b'{"userId":"ben"}']
    assert [path.name for path in (tmp_path / "bad").iterdir()] == ["1970-01-01.jsonl"]
    assert again.count() == 1
    assert at < 8 or next(steps) < 9, "there are more steps than are tried"


def test_the_file_of_before_is_overwritten(tmp_path):
    store = BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000)
    store.add([_row(raw=b'{"userId":"ada"}'), _row(raw=b'{"userId":"ben"}')])

    with (tmp_path / "bad" / "1970-01-01.jsonl").open("rb") as before:
        _erasing(store)
        assert set(before.read()) == {0}


def test_whoever_only_reads_destroys_no_key_that_a_writer_has_just_made(tmp_path):
    (tmp_path / "bad").mkdir()
    sealed = DayKeys(tmp_path / "keys").seal("1970-01-01", b"of the next moment")  # its file is not there yet

    BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000, keys=DayKeys(tmp_path / "keys"), writable=False)
    assert DayKeys(tmp_path / "keys").open("1970-01-01", sealed) == b"of the next moment"

    BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000, keys=DayKeys(tmp_path / "keys"))
    assert DayKeys(tmp_path / "keys").days() == []
