"""Plain events become journal rows and hashes in one compiled pass; the same as `plain_event` and the pipeline make.

It stops at the first event that takes longer: then the whole request goes the general way.
"""

# ruff: noqa: PLR0917 -- compiled functions take their values by position

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.collect.lexicon import LONGER, SINGLE, Role
from genom.collect.scan import ABSENT, TRACK, UNICODE
from genom.collect.times import QUARTER
from genom.collect.vocabulary import Field, Place
from genom.compiled import compiled
from genom.tables.probing import locate
from genom.tables.siphash import digest
from genom.words import MILLI, Channel, Flag, Kind

__all__ = ["MISSING", "OTHER", "SETTLED", "STRONGEST", "TAKES_LONGER", "THING", "settle"]

SETTLED: Final = 0  # every event has its row
MISSING: Final = 1  # texts are to be learned first
TAKES_LONGER: Final = 2  # an event must be read as a whole
STRONGEST, OTHER, THING = 0, 1, 2  # hashes of an event: its identifiers, its product and category together

Bytes = NDArray[np.uint8]
Event = NDArray[np.int64]
Words = NDArray[np.uint64]

_PAGE, _SCREEN = int(Kind.PAGE_VIEWED), int(Kind.SCREEN_VIEWED)
_WEB, _APP = int(Channel.WEB), int(Channel.APP)
_AMOUNT: Final = int(Flag.AMOUNT)
_USER: Final = np.frombuffer(b"user_id\0", np.uint8)
_ANONYMOUS: Final = np.frombuffer(b"anonymous_id\0", np.uint8)
_PROPERTIES, _RARER = 1 << Place.PROPERTIES, 1 << Place.RARER
_ZERO, _ONE, _63 = np.uint64(0), np.uint64(1), np.uint64(63)
_LONG: Final = 512  # bytes of a prefix with an identifier or a message id behind it
_EXACT: Final = 9e18  # products beyond do not fit into an int64


@compiled
def _hash(start: Words, text: Bytes, event: Event, field: int) -> tuple[np.uint64, np.uint64]:
    """Hash of a field's text."""
    begin = event[field]
    return digest(start, text, np.uint64(begin), np.uint64(event[field + 1] - begin))  # type: ignore[arg-type]


@compiled
def _behind(
    start: Words, prefix: Bytes, text: Bytes, event: Event, field: int, scratch: Bytes
) -> tuple[np.uint64, np.uint64]:
    """Hash of a prefix with a field's text behind it."""
    begin, end, size = event[field], event[field + 1], len(prefix)
    scratch[:size] = prefix
    scratch[size : size + end - begin] = text[begin:end]
    return digest(start, scratch, _ZERO, np.uint64(size + end - begin))  # type: ignore[arg-type]


@compiled
def _meaning(
    start: Words, keys: Words, values: Any, bits: int, text: Bytes, event: Event, field: int, quarter: int, role: int
) -> int:
    """What a field's text means in a role, -1 if that is not known yet."""
    low, high = _hash(start, text, event, field)
    slot = locate(keys, bits, low ^ np.uint64(quarter), high ^ np.uint64(role))
    return -1 if slot < 0 else values[slot]


@compiled
def _device(keys: Words, values: Any, bits: int, item: Words, text: Bytes, event: Event) -> tuple[int, int]:
    """The kind of device, by its type or else by what the browser calls itself; bit by role of what is not known."""
    device = lacks = 0
    if event[Field.DEVICE + 1] > event[Field.DEVICE]:
        device = _meaning(item, keys, values, bits, text, event, Field.DEVICE, 0, Role.DEVICE)
        lacks = (device < 0) << Role.DEVICE
    if device <= 0 and event[Field.AGENT + 1] > event[Field.AGENT]:
        agent = _meaning(item, keys, values, bits, text, event, Field.AGENT, 0, Role.AGENT)
        lacks |= (agent < 0) << Role.AGENT
        device = max(device, agent)
    return device, lacks


@compiled
def _priced(price: int, quantity: int) -> int:
    """As `money.priced`; -ABSENT if the product is too large for it."""
    if abs(np.float64(price) * np.float64(quantity)) > _EXACT:
        return -ABSENT
    whole, rest = price * quantity // MILLI, price * quantity % MILLI
    return whole + (1 if rest * 2 > MILLI or (rest * 2 == MILLI and whole & 1) else 0)


@compiled
def _sums(event: Event, known: int) -> tuple[int, int]:
    """Amount in micros (ABSENT: none) and quantity in thousandths of a track event."""
    if not event[Field.ENTERED] & _PROPERTIES:
        return ABSENT, 0
    amount, quantity, price = event[Field.VALUE], event[Field.QUANTITY], event[Field.PRICE]
    if not known & SINGLE:
        return amount, 0 if quantity == ABSENT else quantity
    if quantity == ABSENT:
        quantity = MILLI
    if price != ABSENT:
        amount = price if quantity == MILLI else _priced(price, quantity)
    return amount, quantity


@compiled
def _about(item: Words, text: Bytes, event: Event, row: Any, thing: Words) -> None:
    """The product, and the hash of it and its category together."""
    if event[Field.ITEM + 1] > event[Field.ITEM]:
        thing[0], thing[1] = _hash(item, text, event, Field.ITEM)
        row.item = max(thing[0], _ONE)
    if event[Field.CATEGORY + 1] > event[Field.CATEGORY]:
        low, high = _hash(item, text, event, Field.CATEGORY)
        thing[0] ^= low << _ONE | low >> _63
        thing[1] ^= high << _ONE | high >> _63


@compiled
def _name(
    identity: Words, message: Words, prefix: Bytes, text: Bytes, event: Event, row: Any, hashes: Words, scratch: Bytes
) -> None:
    """The hashes of the identifiers, strongest first, and of the message."""
    place = STRONGEST
    if event[Field.USER + 1] > event[Field.USER]:
        hashes[place, 0], hashes[place, 1] = _behind(identity, _USER, text, event, Field.USER, scratch)
        place = OTHER
    if event[Field.ANONYMOUS + 1] > event[Field.ANONYMOUS]:
        hashes[place, 0], hashes[place, 1] = _behind(identity, _ANONYMOUS, text, event, Field.ANONYMOUS, scratch)
    row.id_low, row.id_high = _behind(message, prefix, text, event, Field.MESSAGE, scratch)


@compiled
def settle(
    text: Bytes, table: NDArray[np.int64], keys: Words, values: Any, bits: int, message: Words, identity: Words,
    item: Words, prefix: Bytes, common: NDArray[np.int64], rows: Any, hashes: Words, missing: NDArray[np.uint8],
) -> int:  # fmt: skip
    """Fill a row (ROW, zeros) and three hashes (zeros) of each event; returns SETTLED, MISSING or TAKES_LONGER.

    `keys`, `values`, `bits`: what texts mean; `message`, `identity`, `item`: starts of the hashers; `prefix`: what a
    message id is hashed behind; `common`: see `columns_of`; `missing`: bit by role of the texts that are not known.
    """
    received_at, history, flags, source, reporting, default = common
    scratch, result = np.empty(_LONG, np.uint8), SETTLED
    for i in range(len(table)):
        event, row = table[i], rows[i]
        ts, call = event[Field.TIME], event[Field.CALL]
        if event[Field.STATE] > UNICODE or event[Field.ENTERED] & _RARER:
            return TAKES_LONGER
        if event[Field.MESSAGE] == event[Field.MESSAGE + 1]:
            return TAKES_LONGER  # the whole body stands for the message
        amount, quantity, channel, currency, lacks = ABSENT, 0, 0, 0, 0
        if call == TRACK:
            low, high = _hash(item, text, event, Field.NAME)
            slot = locate(keys, bits, low, high ^ np.uint64(Role.NAME))
            known = 0 if slot < 0 else values[slot]
            amount, quantity = _sums(event, known)
            if known & LONGER or amount == -ABSENT:
                return TAKES_LONGER
            row.kind = known & 0xFFFF
            if row.kind == 0:
                row.name = max(low, _ONE)
            if known & SINGLE:
                hashes[i, THING, :] = _ZERO
                _about(item, text, event, row, hashes[i, THING])
        else:
            row.kind, channel = (_PAGE, _WEB) if call == TRACK + 1 else (_SCREEN, _APP)
        if amount == ABSENT:
            amount = 0
        elif event[Field.CURRENCY + 1] == event[Field.CURRENCY]:
            currency = default
        else:
            currency = _meaning(item, keys, values, bits, text, event, Field.CURRENCY, 0, Role.CURRENCY)
            lacks |= (currency < 0) << Role.CURRENCY
        if channel == 0 and event[Field.LIBRARY + 1] > event[Field.LIBRARY]:
            channel = _meaning(item, keys, values, bits, text, event, Field.LIBRARY, 0, Role.LIBRARY)
            lacks |= (channel < 0) << Role.LIBRARY
        hour = _meaning(item, keys, values, bits, text, event, Field.ZONE, ts // QUARTER, Role.ZONE)
        lacks |= (hour < 0) << Role.ZONE
        device, unknown = _device(keys, values, bits, item, text, event)
        lacks |= unknown
        missing[i] = lacks
        if lacks:
            result = MISSING
            continue
        _name(identity, message, prefix, text, event, row, hashes[i], scratch)
        money = currency == reporting
        row.ts, row.known_at, row.source = ts, ts if history else received_at, source
        row.amount, row.amount_original, row.currency = amount if money else 0, amount, currency
        row.quantity, row.channel, row.hour_of_week = quantity, channel, hour
        row.device = device
        row.flags = flags | (_AMOUNT if money else 0)
        row.body_start = event[Field.BEGIN] - table[0, Field.BEGIN]
        row.body_length = event[Field.END] - event[Field.BEGIN]
    return result
