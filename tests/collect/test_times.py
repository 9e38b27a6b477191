"""When it happened: skew corrected, clamped, refused, and in local time."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.collect.times import QUARTER, ZONE_HOURS, hour_of_week, instant
from genom.words import Flag
from tests.collect.calls import ARCHIVE, NOW, batch, received, refused, taken, track

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1))  # noqa: DTZ001 -- zones are drawn beside


def _at(text, *, sent=None, source=None, now=NOW):
    item = {**track("A"), "timestamp": text}
    decoded = received(batch(item, sentAt=sent), source=source or ARCHIVE, at=now)
    return decoded.events[0]


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "ts"),
    [
        (NOW - 60_000, NOW - 10_000, NOW - 50_000),  # a clock 10 s behind: it happened 50 s before it was sent
        (NOW + 3_590_000, NOW + 3_600_000, NOW - 10_000),  # an hour ahead
        (NOW - 60_000, None, NOW - 60_000),  # no sentAt: as the client says
        (None, NOW - 60_000, NOW),  # no timestamp: now
        (None, None, NOW),
        (NOW - 5_000, "rubbish", NOW - 5_000),
    ],
)
def test_the_sender_s_clock_is_corrected(timestamp, sent_at, ts):
    decoded = received(batch({**track("A"), "timestamp": timestamp}, sentAt=sent_at))

    assert decoded.events[0].ts == ts
    assert decoded.events[0].known_at == NOW


def test_an_event_s_own_sent_at_counts_before_the_batch_s():
    item = {**track("A"), "timestamp": NOW - 7_000, "sentAt": NOW - 2_000}

    assert received(batch(item, sentAt=NOW - 900_000)).events[0].ts == NOW - 5_000


@pytest.mark.parametrize("timestamp", [NOW + 1, "9999-12-31T23:59:59.999Z", "2026-01-01T00:00:00Z"])
def test_the_future_is_clamped_to_now_and_marked(timestamp):
    event = taken({**track("A"), "timestamp": timestamp})

    assert event.ts == NOW
    assert event.flags & Flag.CLAMPED


@pytest.mark.parametrize(
    "timestamp", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", -1, "", "yesterday", "2025-13-01", 1e300, "9" * 19]
)
def test_a_time_outside_of_1970_to_9999_is_refused(timestamp):
    why = refused({**track("A"), "timestamp": timestamp})

    assert why.code == "collect.time-range"
    assert "$.timestamp" in why.message


def test_history_keeps_its_own_time():
    event = _at("2020-02-03T04:05:06.007Z", sent=NOW - 3_600_000, source=ARCHIVE)

    assert event.ts == event.known_at == 1_580_702_706_007
    assert event.flags == Flag.HISTORY


@given(MOMENTS, st.sampled_from(["milliseconds", "microseconds", "seconds"]), st.integers(-14 * 4, 14 * 4))
def test_every_way_to_write_a_moment_means_the_same(moment, spec, quarters):
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    expected = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    expected -= expected % 1_000 if spec == "seconds" else 0

    at, offset = instant(moment.isoformat(timespec=spec), "") if expected >= 0 else (expected, quarters * QUARTER)

    assert (at, offset) == (expected, quarters * QUARTER)


@pytest.mark.parametrize(
    "text", ["1970-01-01T00:00:60.000Z", "1970-01-01T00:61:00.000Z", "\uff11970-01-01T00:00:00.000Z"]
)
def test_what_only_looks_like_the_usual_form_is_refused(text):
    assert refused({**track("A"), "timestamp": text}).code == "collect.time-range"


@pytest.mark.parametrize(
    ("given_time", "ts"),
    [
        ("2020-01-01", 1_577_836_800_000),
        ("2020-01-01T00:00:00", 1_577_836_800_000),  # no offset is UTC
        (1_577_836_800, 1_577_836_800_000),  # seconds
        (1_577_836_800_000, 1_577_836_800_000),
        (1_577_836_800.5, 1_577_836_800_500),
        ("1577836800000", 1_577_836_800_000),
    ],
)
def test_times_come_in_many_forms(given_time, ts):
    assert taken({**track("A"), "timestamp": given_time}, source=ARCHIVE).ts == ts


@given(MOMENTS, st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]))
def test_the_hour_of_the_week_is_local(moment, zone):
    moment = moment.replace(tzinfo=UTC)
    at = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    local = moment.astimezone(ZoneInfo(zone))

    assert ZONE_HOURS[zone, at // QUARTER] == local.weekday() * 24 + local.hour
    assert hour_of_week(at, 0) == moment.weekday() * 24 + moment.hour


@pytest.mark.parametrize(
    ("timestamp", "zone", "hour"),
    [
        ("2025-11-17T00:30:00Z", None, 0),  # a Monday
        ("2025-11-17T00:30:00Z", "Europe/Berlin", 1),
        ("2025-11-17T00:30:00-05:00", "Europe/Berlin", 0),  # the time's own offset comes first
        ("2025-11-17T00:30:00Z", "America/New_York", 163),
        ("2025-11-17T00:30:00Z", "../../etc/passwd", 0),
        ("2025-11-17T00:30:00Z", "Nowhere/" + "x" * 5_000, 0),
    ],
)
def test_offset_then_zone_then_utc(timestamp, zone, hour):
    event = taken({**track("A"), "timestamp": timestamp, "context": {"timezone": zone}}, source=ARCHIVE)

    assert event.hour_of_week == hour


def test_an_offset_does_not_change_when_it_happened():
    assert _at("2025-11-17T01:30:00+01:00").ts == _at("2025-11-17T00:30:00Z").ts


def test_a_clock_that_sends_the_event_before_1970_is_refused():
    item = {**track("A"), "timestamp": "1975-01-01T00:00:00Z"}

    decoded = received(batch(item, sentAt="9999-01-01T00:00:00Z"))

    assert decoded.rejected[0].code == "collect.time-range"


def test_the_batch_s_sent_at_is_kept_where_it_cannot_be_worked_out():
    clamped = received(batch({**track("A"), "timestamp": "2031-01-01T00:00:00Z"}, sentAt="2030-01-01T00:00:00Z"))

    assert b'"sentAt":"2030-01-01T00:00:00Z"' in clamped.events[0].body
