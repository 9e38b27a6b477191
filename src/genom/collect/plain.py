"""Events that `scan` found plain, made from its rows: the same as `read_event` makes, several times faster."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.collect.channels import BY_CALL, BY_LIBRARY
from genom.collect.currencies import CURRENCIES, currency_number
from genom.collect.details import IS_SINGLE, TAKES_LONGER
from genom.collect.devices import BY_AGENT, BY_TYPE
from genom.collect.event import TRACK_KINDS, Frame
from genom.collect.labels import PATHS
from genom.collect.money import LARGEST, priced
from genom.collect.scan import ABSENT, TRACK, UNICODE, scan
from genom.collect.times import QUARTER, ZONE_HOURS
from genom.collect.vocabulary import WIDTH, Field, Place
from genom.collect.wire import Consent
from genom.typed import json_decoder
from genom.words import MILLI, Event, Kind

__all__ = ["Table", "plain_event", "scanned"]

Table = NDArray[np.int64]

_KINDS: Final = (0, 0, int(Kind.PAGE_VIEWED), int(Kind.SCREEN_VIEWED))  # by number of the call
_CHANNELS: Final = (0, 0, BY_CALL["page"], BY_CALL["screen"])
_PROPERTIES: Final = 1 << Place.PROPERTIES
_RARER: Final = 1 << Place.RARER
_decode_consent = json_decoder(Consent).decode


def scanned(body: bytes, count: int, frame: Frame) -> Table | None:
    """A row for each of a batch's events; None if the batch is written in a way that only strict decoding reads."""
    table = np.empty((count, WIDTH), np.int64)
    text = np.frombuffer(body, np.uint8)
    return table if scan(text, table, frame.limit, frame.levels, frame.shift, frame.received_at) else None


def plain_event(  # noqa: C901, PLR0912 -- see below
    index: int, row: list[int], body: bytes, *, text: str, frame: Frame, table: Table
) -> Event | None:
    """The event of a plain row, number `index` of its request; None if it takes `read_event` after all.

    `text` is the body in Latin-1: one character a byte, so places in the body are places in the text.
    One function, without calls into our own code for what nearly every event has.
    """
    (
        begin, end, state, call, ts, price, quantity, value, m0, m1, u0, u1, a0, a1, n0, n1, i0, i1,
        c0, c1, y0, y1, z0, z1, l0, l1, d0, d1, g0, g1, entered,
    ) = row  # fmt: skip
    message_id, user, anonymous = text[m0:m1], text[u0:u1], text[a0:a1]
    name, thing, category = text[n0:n1], text[i0:i1], text[c0:c1]
    if state == UNICODE:
        message_id, user, anonymous, name, thing, category = [
            part.encode("latin-1").decode() for part in (message_id, user, anonymous, name, thing, category)
        ]
    amount = currency = 0
    wider = narrower = ""
    if call != TRACK:
        kind, name, thing, quantity = _KINDS[call], "", "", 0
    else:
        kind = TRACK_KINDS.get(name, 0)
        if not entered & _PROPERTIES:
            quantity = 0
        elif kind in IS_SINGLE:
            if quantity == ABSENT:
                quantity = MILLI
            if price != ABSENT:
                value = price if quantity == MILLI else priced(price, quantity)
            wider, narrower = PATHS[category]
        elif kind in TAKES_LONGER:
            return None
        else:
            thing = ""
            if quantity == ABSENT:
                quantity = 0
        if value != ABSENT:
            if value > LARGEST:
                return None
            amount, code = value, text[y0:y1]
            currency = CURRENCIES.get(code) or currency_number(code, frame.currency)
    if user:
        names = (("user_id", user), ("anonymous_id", anonymous)) if anonymous else (("user_id", user),)
    else:
        names = (("anonymous_id", anonymous),)
    user_hash, consent, signals = "", None, None
    if entered & _RARER:
        try:
            user_hash, consent, signals = _rarer(table[index].tolist(), body)
        except (msgspec.MsgspecError, UnicodeError):
            return None
    return Event(
        index,
        kind,
        name,
        message_id,
        names,
        ts,
        ts if frame.history else frame.received_at,
        ZONE_HOURS[text[z0:z1], ts // QUARTER],
        _CHANNELS[call] or BY_LIBRARY[text[l0:l1]],
        frame.flags,
        body[begin:end],
        amount,
        currency,
        0,
        quantity,
        thing,
        wider,
        narrower,
        0,
        (),
        user_hash,
        consent,
        None,
        signals,
        (d1 and BY_TYPE[text[d0:d1]]) or (g1 and BY_AGENT[text[g0:g1]]),
    )


def _rarer(row: list[int], body: bytes) -> tuple[str, dict[str, bool] | None, dict[str, Any] | None]:
    """The proof of a user id, the person's consent, and other signals of it."""
    proof = body[row[Field.PROOF] : row[Field.PROOF + 1]].decode()
    consent = body[row[Field.CONSENT] : row[Field.CONSENT + 1]]
    if not consent:
        return proof, None, None
    said = _decode_consent(consent)
    return proof, said.categoryPreferences, said.signals
