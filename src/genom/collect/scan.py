"""One compiled pass over a well-formed body: where each event stands, and the fields of those that are plain.

A plain event has none of the rarer fields and writes each value in its usual form; nearly all are plain.
The others are only marked, and `event.read_event` reads them; a test holds both readings to the same result.
The pass trusts that the body is well-formed JSON: it must only be called after strict decoding has accepted it.
"""

# ruff: noqa: PLR0917, PLR1714, SIM109, SIM110 -- compiled functions take their values by position, and compare with
# numbers one by one: a tuple or a generator would be built for each byte

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.collect.vocabulary import ACTIONS, FIELDS, KEY_BYTES, KEY_SLOTS, KEY_STARTS, LIMITS, Do, Field, Place
from genom.compiled import compiled

__all__ = ["ABSENT", "GENERAL", "PLAIN", "SUSPECT", "TRACK", "UNICODE", "scan"]

Bytes = NDArray[np.uint8]
Row = NDArray[np.int64]
Rows = NDArray[np.int64]

PLAIN: Final = 0  # all fields are among the usual columns
UNICODE: Final = 1  # plain, but some text is not ASCII
GENERAL: Final = 2  # to be read as a whole
SUSPECT: Final = 3  # as GENERAL, and perhaps nested too deep or with a number that no float holds
TRACK: Final = 1  # number of the call
ABSENT: Final = -(1 << 62)  # a number that is not there

_QUOTE, _ESCAPE, _COMMA, _COLON, _MINUS, _PLUS, _POINT = (ord(mark) for mark in '"\\,:-+.')
_OPEN, _CLOSE, _LIST, _END, _N, _T, _Z = (ord(mark) for mark in "{}[]nTZ")
_ONE, _TWO = np.uint64(1), np.uint64(2)  # an unsigned place spares the check for places from the end
_0, _9 = ord("0"), ord("9")
_EVENT, _RARER, _NOWHERE, _LEVELS = int(Place.EVENT), int(Place.RARER), 15, 4
_LONG_NUMBER: Final = 300  # characters; a float may not hold it
_MONTHS: Final = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365])
_STATE, _LEVEL, _ENTERED = int(Field.STATE), int(Field.LEVEL), int(Field.ENTERED)
_POWERS: Final = np.array([1, 10, 100, 1_000, 10_000, 100_000, 1_000_000])
_BATCH, _TRACK = np.frombuffer(b"batch", np.uint8), np.frombuffer(b"track", np.uint8)
_PAGE, _SCREEN = np.frombuffer(b"page", np.uint8), np.frombuffer(b"screen", np.uint8)
_NULL, _ANONYMOUS = np.frombuffer(b"null", np.uint8), np.frombuffer(b"anonymous", np.uint8)


@compiled
def _blank(mark: int) -> bool:
    return mark == 32 or mark == 10 or mark == 13 or mark == 9


@compiled
def _next(body: Bytes, at: int) -> int:
    """The next byte that is not blank."""
    while _blank(body[at]):
        at += 1
    return at


@compiled
def _after_text(body: Bytes, at: int) -> tuple[int, int]:
    """Behind the text that opens at `at`, and what it holds: 0 ASCII, 1 UTF-8, 2 an escape.

    The inner loop ends at an escape: a step that depended on each byte would wait for its load.
    """
    kind = 0
    i = np.uint64(at + 1)
    every = mark = body[i]
    while True:
        while mark != _QUOTE and mark != _ESCAPE:
            every |= mark
            i += _ONE
            mark = body[i]
        if mark == _QUOTE:
            return int(np.int64(i)) + 1, max(kind, int(np.int64(every >> 7)))
        kind = 2
        i += _TWO
        mark = body[i]


@compiled
def _after_value(body: Bytes, at: int) -> int:
    """Behind a value that nobody reads."""
    level = 0
    while True:
        mark = body[at]
        if mark == _QUOTE:
            at, _ = _after_text(body, at)
            if level == 0:
                return at
            continue
        if mark == _CLOSE or mark == _END or mark == _COMMA:
            if level == 0:
                return at  # behind a scalar
            level -= mark != _COMMA
        elif mark == _OPEN or mark == _LIST:
            level += 1
        at += 1
        if level == 0 and (mark == _CLOSE or mark == _END):
            return at


@compiled
def _is_exponent(body: Bytes, at: int) -> bool:
    """Whether the letter at `at`, outside of texts, makes a number large: 1e5 is rare enough to be looked at twice."""
    return bool(_0 <= body[at - 1] <= _9 and body[at + 1] != _MINUS)


@compiled
def _key(body: Bytes, begin: int, end: int) -> int:
    """Number of a known key, 0 for any other."""
    length = end - begin
    if length == 0:
        return 0
    middle, last = np.int64(body[begin + length // 2]), np.int64(body[end - 1])
    number = KEY_SLOTS[(length + np.int64(body[begin]) * 3 + middle * 7 + last * 29) & 1023]
    start = KEY_STARTS[number]
    if KEY_STARTS[number + 1] - start != length:
        return 0
    for place in range(length):
        if KEY_BYTES[start + place] != body[begin + place]:
            return 0
    return int(number)


@compiled
def _number(body: Bytes, at: int, decimals: int) -> int:
    """A short plain decimal times ten to the `decimals`; ABSENT if it is not one."""
    sign = 1
    if body[at] == _MINUS:
        sign = -1
        at += 1
    value = whole = fraction = 0
    while _0 <= body[at] <= _9:
        value = value * 10 + int(np.int64(body[at])) - _0
        whole += 1
        at += 1
        if whole > 9:
            return ABSENT
    if body[at] == _POINT:
        at += 1
        while _0 <= body[at] <= _9:
            value = value * 10 + int(np.int64(body[at])) - _0
            fraction += 1
            at += 1
            if fraction > decimals:
                return ABSENT
    if whole == 0 or (body[at] | 32) == 101:
        return ABSENT
    return int(sign * value * _POWERS[decimals - fraction])


@compiled
def _digits(body: Bytes, at: int, count: int) -> int:
    """A number of exactly so many digits, or far below zero."""
    value = 0
    for place in range(at, at + count):
        if not _0 <= body[place] <= _9:
            return -1_000_000
        value = value * 10 + int(np.int64(body[place])) - _0
    return value


@compiled
def _instant(body: Bytes, at: int, end: int) -> int:
    """Unix ms of 2025-11-21T10:11:12.345Z and its like in UTC, with up to six decimals; ABSENT for other forms."""
    if end - at < 20 or body[at + 4] != _MINUS or body[at + 7] != _MINUS or body[at + 10] != _T:
        return ABSENT
    if body[at + 13] != _COLON or body[at + 16] != _COLON:
        return ABSENT
    year, month, day = _digits(body, at, 4), _digits(body, at + 5, 2), _digits(body, at + 8, 2)
    hour, minute, second = _digits(body, at + 11, 2), _digits(body, at + 14, 2), _digits(body, at + 17, 2)
    if year < 1970 or not 1 <= month <= 12 or not 0 <= hour <= 23 or not 0 <= minute <= 59 or not 0 <= second <= 59:
        return ABSENT
    leap = 1 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 0
    length = _MONTHS[month] - _MONTHS[month - 1] + (leap if month == 2 else 0)
    if not 1 <= day <= length:
        return ABSENT
    at += 19
    ms = 0
    if body[at] == _POINT:
        decimals = 0
        at += 1
        while _0 <= body[at] <= _9:
            if decimals < 3:
                ms = ms * 10 + int(np.int64(body[at])) - _0
            decimals += 1
            at += 1
        if decimals == 0 or decimals > 6:
            return ABSENT
        for _ in range(decimals, 3):
            ms *= 10
    if not _is_utc(body, at, end):
        return ABSENT
    years = year - 1
    days = years * 365 + years // 4 - years // 100 + years // 400 - 719_162  # days before 1970
    days += _MONTHS[month - 1] + (leap if month > 2 else 0) + day - 1
    return int((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + ms)


@compiled
def _is_utc(body: Bytes, at: int, end: int) -> bool:
    if body[at] == _Z:
        return at + 1 == end
    if body[at] != _PLUS or at + 6 != end or body[at + 3] != _COLON:
        return False
    return _digits(body, at + 1, 2) == 0 and _digits(body, at + 4, 2) == 0


@compiled
def _call(body: Bytes, begin: int, end: int) -> int:
    """1 track, 2 page, 3 screen, 0 another."""
    if _is(body, begin, end, _TRACK):
        return 1
    if _is(body, begin, end, _PAGE):
        return 2
    return 3 if _is(body, begin, end, _SCREEN) else 0


@compiled
def _is(body: Bytes, begin: int, end: int, word: Bytes) -> bool:
    if end - begin != len(word):
        return False
    for place in range(len(word)):
        if body[begin + place] != word[place]:
            return False
    return True


@compiled
def _may_be_nobody(body: Bytes, begin: int, end: int) -> bool:
    """Whether an identifier may be a blocked value, or is empty; then it is looked at again."""
    if begin == end or body[begin] == _0 or body[begin] == _MINUS:
        return True
    return _is(body, begin, end, _NULL) or _is(body, begin, end, _ANONYMOUS)


@compiled
def _take_text(body: Bytes, begin: int, end: int, kind: int, do: int, field: int, limit: int, row: Row) -> int:
    """A text as the value of a known key; returns the state that the event has by it."""
    if kind == 2 or end - begin > limit or (begin == end and field == Field.NAME):
        return GENERAL
    if do == Do.TEXT or do == Do.IDENTIFIER:
        row[field], row[field + 1] = begin, end
        return GENERAL if do == Do.IDENTIFIER and _may_be_nobody(body, begin, end) else kind  # 1 is UNICODE
    if do == Do.TIME:
        row[field] = _instant(body, begin, end)
        return PLAIN if row[field] != ABSENT else GENERAL
    if do == Do.CALL:
        row[field] = _call(body, begin, end)
        return PLAIN
    return GENERAL


@compiled
def _take_scalar(body: Bytes, at: int, do: int, field: int, row: Row) -> int:
    """Anything but a text as the value of a known key; returns the state that the event has by it."""
    if body[at] == _N:
        return _take_null(do, field, row)
    if do != Do.PRICE and do != Do.QUANTITY:
        return GENERAL
    row[field] = _number(body, at, 6 if do == Do.PRICE else 3)
    return GENERAL if row[field] == ABSENT or (do == Do.QUANTITY and body[at] == _MINUS) else PLAIN


@compiled
def _take_null(do: int, field: int, row: Row) -> int:
    """Null is as if the key were not there, also if it stood there before."""
    if do == Do.REFUSE or (do == Do.ENTER and row[_ENTERED] & (1 << field)):
        return GENERAL
    if do == Do.PRICE or do == Do.QUANTITY or do == Do.TIME:
        row[field] = ABSENT
    elif do == Do.TEXT or do == Do.IDENTIFIER or do == Do.SPAN:
        row[field] = row[field + 1] = 0
    elif do == Do.CALL:
        row[field] = 0
    return PLAIN


@compiled
def _scan_event(body: Bytes, at: int, row: Row) -> int:  # noqa: C901, PLR0912 -- the one loop over the bytes
    """Fill the row of the event that opens at `at`; returns behind it.

    What nobody reads is passed over by the same loop: its brackets count as levels, and a text that a colon follows
    is a key wherever it stands.
    """
    level = deepest = 1
    places = _EVENT << 4  # four bits a level: which object is open there
    entering = _NOWHERE
    state, span, span_level = PLAIN, 0, 0
    last = at  # the last bracket, comma or text: a number begins behind it
    at += 1
    while level:
        mark = body[at]
        if mark == _QUOTE:
            begin = at + 1
            at, kind = _after_text(body, at)
            last = at
            place = (places >> (4 * level)) & 15 if level < _LEVELS else _NOWHERE
            if place == _NOWHERE:
                continue
            end = at - 1
            at = _next(body, at)
            if body[at] != _COLON:
                continue
            if kind == 2:
                state = max(state, GENERAL)  # a key with an escape may be any key
            number = _key(body, begin, end)
            do, field = ACTIONS[place, number], FIELDS[place, number]
            at = last = _next(body, at + 1)
            if do == Do.SKIP:
                continue
            mark = body[at]
            if mark == _QUOTE:
                begin = at + 1
                at, kind = _after_text(body, at)
                last = at
                state = max(state, _take_text(body, begin, at - 1, kind, do, field, LIMITS[place, number], row))
            elif mark == _OPEN and do == Do.ENTER and not row[_ENTERED] & (1 << field):
                row[_ENTERED] |= 1 << field
                entering = field
            elif mark == _OPEN and do == Do.SPAN:
                row[field], span, span_level = at, field, level
            else:
                state = max(state, _take_scalar(body, at, do, field, row))
        elif mark == _OPEN or mark == _LIST:
            level += 1
            deepest = max(deepest, level)
            if level < _LEVELS:
                places = (places & ~(15 << (4 * level))) | (entering << (4 * level))
            entering = _NOWHERE
            at += 1
            last = at
        else:
            if mark == _CLOSE or mark == _END or mark == _COMMA:
                if at - last > _LONG_NUMBER:
                    state = SUSPECT
                last = at
                level -= mark != _COMMA
                if span and level == span_level:
                    row[span + 1], span = at + 1, 0
            elif (mark | 32) == 101 and _is_exponent(body, at):
                state = SUSPECT
            at += 1
    row[_LEVEL], row[_STATE] = deepest, state
    return at


@compiled
def _finish(row: Row, limit: int, levels: int, shift: int, received_at: int) -> None:
    """What needs the whole event: its size, its time by our clock, a product named by its sku alone."""
    state = row[_STATE]
    if row[Field.TIME] == ABSENT:
        row[Field.TIME] = received_at
    else:
        row[Field.TIME] += shift
    if (
        row[Field.END] - row[Field.BEGIN] > limit
        or row[Field.CALL] == 0
        or (row[Field.CALL] == TRACK and row[Field.NAME] == row[Field.NAME + 1])
        or (row[Field.USER] == 0 and row[Field.ANONYMOUS] == 0)
        or (row[Field.ITEM] == row[Field.ITEM + 1] and row[Field.SKU] != 0)
        or not 0 <= row[Field.TIME] <= received_at
    ):
        state = max(state, GENERAL)
    if row[Field.PROOF] or row[Field.CONSENT]:
        row[_ENTERED] |= 1 << _RARER
    row[_STATE] = SUSPECT if row[_LEVEL] > levels else state


@compiled
def _scan_list(
    body: Bytes, at: int, rows: Rows, limit: int, levels: int, shift: int, received_at: int
) -> tuple[int, int]:
    """Fill a row for each event of the list that opens at `at`; returns behind it, and how many there are."""
    count = 0
    at = _next(body, at + 1)
    while body[at] != _END and count < len(rows):
        row = rows[count]
        row[:] = 0
        row[Field.PRICE] = row[Field.QUANTITY] = row[Field.VALUE] = row[Field.TIME] = ABSENT
        row[Field.BEGIN] = at
        if body[at] == _OPEN:
            at = _scan_event(body, at, row)
        else:
            at = _after_value(body, at)
            row[_STATE] = SUSPECT
        row[Field.END] = at
        _finish(row, limit, levels, shift, received_at)
        count += 1
        at = _next(body, at)
        if body[at] == _COMMA:
            at = _next(body, at + 1)
    return at, count


@compiled
def scan(body: Bytes, rows: Rows, limit: int, levels: int, shift: int, received_at: int) -> bool:
    """Fill a row for each event of a batch's body; False if it does not hold exactly as many events as rows.

    `limit` bytes and `levels` of an event, `shift` ms that the sender's clock is behind, `received_at` unix ms.
    """
    lists = count = 0
    at = _next(body, _next(body, 0) + 1)
    while body[at] == _QUOTE:
        begin = at + 1
        at, kind = _after_text(body, at)
        is_batch = _is(body, begin, at - 1, _BATCH)
        lists += is_batch or kind == 2  # a key with an escape may be another `batch`
        at = _next(body, _next(body, at) + 1)
        if is_batch and lists == 1:
            at, count = _scan_list(body, at, rows, limit, levels, shift, received_at)
            if body[at] != _END:
                return False
            at += 1
        else:
            at = _after_value(body, at)
        at = _next(body, at)
        if body[at] == _COMMA:
            at = _next(body, at + 1)
    return lists == 1 and count == len(rows)
