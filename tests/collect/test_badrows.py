"""Rejected events are kept whole, for some days, within some space."""

import itertools
import resource
import signal
from contextlib import suppress

import msgspec
import pytest

from genom.collect import BadRow, BadRows, Wanted, badrows
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


def _settling(store):
    store.settle("1970-01-01", {row.id: () for row in store.read("1970-01-01") if b"ada" in row.raw})


@pytest.mark.parametrize("change", [_erasing, _settling])
@pytest.mark.parametrize("at", range(1, 9))
def test_whenever_a_change_dies_the_rows_of_others_stay_and_the_next_one_ends_it(at, change, tmp_path, monkeypatch):
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
        change(store)

    again = BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000)
    assert b'{"userId":"ben"}' in [row.raw for row in again.read("1970-01-01")]
    change(again)
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


def test_a_start_overwrites_what_a_change_that_died_has_left(tmp_path, monkeypatch):
    store = BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000)
    store.add([_row(raw=b'{"userId":"ada"}'), _row(raw=b'{"userId":"ben"}')])

    def killed(_path):
        raise Killed

    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(badrows, "_shred", killed)
        _settling(store)
    assert len(list((tmp_path / "bad").iterdir())) == 2

    BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000)

    assert [path.name for path in (tmp_path / "bad").iterdir()] == ["1970-01-01.jsonl"]


def test_rows_become_others_or_nothing_and_what_came_meanwhile_stays(rows):
    rows.add([_row(index=n) for n in range(3)])
    first, second, _ = rows.read("1970-01-01")
    new = msgspec.structs.replace(second, code="collect.syntax")
    rows.add([_row(index=3)])

    rows.settle("1970-01-01", {first.id: (), second.id: (new,)})

    assert [(row.index, row.code) for row in rows.read("1970-01-01")] == [
        (1, "collect.syntax"), (2, "collect.nan"), (3, "collect.nan"),
    ]  # fmt: skip
    assert (rows.count(), new.id) == (3, second.id)


def test_a_day_without_rows_goes_with_its_key(tmp_path):
    keys = DayKeys(tmp_path / "keys")
    rows = BadRows(tmp_path / "bad", days=30, max_bytes=1_000_000, keys=keys)
    rows.add([_row(), _row(index=1)])

    rows.settle("1970-01-01", {row.id: () for row in rows.read("1970-01-01")})

    assert (rows.days(), keys.days(), rows.count()) == ([], [], 0)
    rows.add([_row()])
    assert rows.count() == 1


def test_rows_are_counted_by_source_and_code_however_they_change(rows, tmp_path):
    other = msgspec.structs.replace(_row(index=5), source="app", code="collect.syntax")
    rows.add([_row(), _row(day=1), other])
    assert rows.tally() == {("shop", "collect.nan"): 2, ("app", "collect.syntax"): 1}
    assert rows.tally("1970-01-02") == {("shop", "collect.nan"): 1}

    rows.add([other])
    with (tmp_path / "bad" / "1970-01-01.jsonl").open("ab") as file:
        file.write(b'{"received_at":')  # it is just being written
    assert rows.tally()["app", "collect.syntax"] == 2
    rows.settle("1970-01-01", {other.id: ()})
    assert rows.tally() == {("shop", "collect.nan"): 2}
    rows.erase(lambda row: row.received_at < DAY)
    assert rows.tally() == {("shop", "collect.nan"): 1}
    rows.expire(100 * DAY)
    assert rows.tally() == {}


def test_rows_are_counted_by_reading_each_once(rows, monkeypatch):
    rows.add([_row(index=n) for n in range(50)])
    rows.tally()
    read = []
    real = rows._row
    monkeypatch.setattr(rows, "_row", lambda *given: read.append(given) or real(*given))

    rows.add([_row(index=50)])

    assert rows.tally().total() == 51
    assert len(read) == 1


def test_one_is_found_by_its_id_and_a_list_goes_on_behind_it(rows):
    rows.add([_row(day=day, index=n) for day in (0, 1, 2) for n in range(3)])
    every = rows.newest(9)

    for place, row in enumerate(every):
        assert rows.get(row.id) == row
        assert rows.newest(2, after=row.id) == every[place + 1 : place + 3]
    assert rows.newest(9, Wanted(day="1970-01-02"), after=every[4].id) == [every[5]]
    for unknown in ("5-0-00000000", "nothing", "", "../x", "99999999999999-0-0"):
        assert rows.get(unknown) is None
    assert rows.newest(9, after="nothing") == []


def test_a_list_goes_on_where_a_row_that_is_gone_stood(rows):
    rows.add([_row(day=day) for day in range(4)])
    every = rows.newest(9)
    rows.settle("1970-01-03", {every[1].id: ()})

    assert rows.newest(9, after=every[1].id) == every[2:]
