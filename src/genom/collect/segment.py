"""Segment's tracking API: from an opened request to understood events and rejections.

Source: Segment, HTTP API source and Spec: Common Fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from genom.collect.columns import Columns, columns_of
from genom.collect.currencies import currency_number
from genom.collect.diagnose import diagnosis, message_id_of
from genom.collect.envelope import Envelope
from genom.collect.event import Frame, check_size, checked, read_event, shift_of
from genom.collect.lexicon import Lexicon
from genom.collect.plain import Table, plain_event, scanned
from genom.collect.rejected import Rejected, rejection
from genom.collect.scan import SUSPECT, UNICODE
from genom.collect.vocabulary import USUAL, Field
from genom.collect.wire import decode_any, encode
from genom.settings import Settings
from genom.words import Event, Flag, Rejection, Source

__all__ = ["Decoded", "understand"]

_MOST: Final = 10_000  # events of a request; more of them would be smaller than any real event
_FEW: Final = 5  # up to here events one by one cost less than columns
_COPIES: Final = 8  # how many bodies' worth of a batch's own context may be copied into its events
_STATE: Final = int(Field.STATE)
_SERVER, _HISTORY = int(Flag.SERVER), int(Flag.HISTORY)  # operations of Flag take a microsecond each
_WRITTEN: Final = (str, int, float)
_SENT_AT: Final = 64  # characters of a `sentAt` that is kept with each event


class Decoded(Struct, gc=False):
    """What became of a request's events: each one is in one of the lists."""

    events: list[Event]
    rejected: list[Rejection]
    columns: Columns | None = None  # all events, if they are plain and columns were asked for


def understand(
    envelope: Envelope, *, source: Source, server: bool, received_at: int, settings: Settings,
    lexicon: Lexicon | None = None,
) -> Decoded:  # fmt: skip
    """Every event of a request, understood or rejected with its reason; never raises for what a client sent.

    `server`: the request came with a server key; `received_at` is unix ms, UTC.
    With a lexicon, a request whose events are all plain comes as columns.

    >>> from genom.collect.envelope import open_envelope
    >>> envelope = open_envelope(b'{"userId":"u1","event":"Signed Up"}', "track")
    >>> shop = Source(number=1, name="shop")
    >>> decoded = understand(envelope, source=shop, server=False, received_at=1_700_000_000_000, settings=Settings())
    >>> decoded.events[0].identifiers
    (('user_id', 'u1'),)
    """
    items, surplus = envelope.items[:_MOST], envelope.items[_MOST:]
    decoded = Decoded([], [])
    try:
        frame = _frame(envelope, source=source, server=server, received_at=received_at, settings=settings)
    except Rejected as why:
        decoded.rejected += [_of_all(why, index, bytes(item)) for index, item in enumerate(items)]
    else:
        table = scanned(envelope.body, len(envelope.items), frame) if _may_be_plain(envelope, frame) else None
        if table is not None and lexicon is not None and _FEW < len(table) <= _MOST:
            reporting = currency_number(settings.currency, settings.currency)
            decoded.columns = columns_of(
                envelope.body, table, frame, lexicon=lexicon, source=source.number, reporting=reporting
            )
        if decoded.columns is None:
            _read_all(envelope, items, frame, decoded, table)
    if surplus:
        what = f"has {len(surplus)} events beyond {_MOST}"
        flood = Rejected("collect.too-many-events", "$.batch", what, "send smaller batches")
        decoded.rejected.append(rejection(flood, _MOST, None, b",".join(surplus)))
    return decoded


def _of_all(why: Rejected, index: int, raw: bytes) -> Rejection:
    return rejection(why, index, message_id_of(raw), raw)


def _read_all(
    envelope: Envelope, items: Sequence[Raw | bytes], frame: Frame, decoded: Decoded, table: Table | None
) -> None:
    """Plain events by the compiled pass, all others one by one."""
    if table is None:
        for index, item in enumerate(items):
            _read(bytes(item), index, frame, decoded, suspect=True)
        return
    body, text = envelope.body, envelope.body.decode("latin-1")
    for index, row in enumerate(table[: len(items), :USUAL].tolist()):
        event = plain_event(index, row, body, text=text, frame=frame, table=table) if row[_STATE] <= UNICODE else None
        if event is not None:
            decoded.events.append(event)
        else:
            _read(bytes(items[index]), index, frame, decoded, suspect=row[_STATE] == SUSPECT)


def _may_be_plain(envelope: Envelope, frame: Frame) -> bool:
    """The compiled pass reads strictly decoded batches that say nothing for all their events."""
    if not envelope.strict or envelope.call != "batch" or not envelope.items:
        return False
    keys_inside = envelope.body.count(b'"writeKey"') > 1  # the batch's own does not reach the events
    return not frame.shared and not (frame.history and frame.sent_at) and not keys_inside


def _read(raw: bytes, index: int, frame: Frame, decoded: Decoded, *, suspect: bool) -> None:
    """One event on the general way; a suspect is checked for all that could be wrong with it."""
    try:
        if suspect:
            decoded.events.append(read_event(checked(raw, frame), index, frame))
        else:
            check_size(raw, frame)
            decoded.events.append(read_event(raw, index, frame))
    except Rejected as why:
        _reject(why, index, raw, frame, decoded)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        _reject(diagnosis(raw, error), index, raw, frame, decoded)


def _reject(why: Rejected, index: int, raw: bytes, frame: Frame, decoded: Decoded) -> None:
    where = f"$.batch[{index}]" if not frame.call else "$"
    decoded.rejected.append(rejection(why.within(where), index, message_id_of(raw), raw))


def _frame(envelope: Envelope, *, source: Source, server: bool, received_at: int, settings: Settings) -> Frame:
    shared = _shared(envelope, len(envelope.items), _COPIES * settings.body_bytes)
    return Frame(
        call="" if envelope.call == "batch" else envelope.call,
        received_at=received_at,
        shift=0 if source.history else shift_of(envelope.sent_at, received_at),
        flags=(_SERVER if server else 0) | (_HISTORY if source.history else 0),
        currency=settings.currency,
        limit=settings.server_event_bytes if server else settings.event_bytes,
        levels=settings.event_depth,
        server=server,
        history=source.history,
        sent_at=_kept(envelope.sent_at),
        shared=shared,
        anonymous=envelope.anonymous_id,
    )


def _kept(sent_at: Any) -> bytes:
    """A batch's `sentAt` as the end of an event: the four times of an event stay together."""
    if sent_at is None or not isinstance(sent_at, _WRITTEN) or len(str(sent_at)) > _SENT_AT:
        return b""
    return b',"sentAt":' + encode(sent_at) + b"}"


def _shared(envelope: Envelope, events: int, room: int) -> dict[str, Any]:
    """A batch's own context and integrations; a small body must not grow to gigabytes by copying them."""
    if not envelope.context and not envelope.integrations:
        return {}
    given = {"context": envelope.context, "integrations": envelope.integrations}
    if events * sum(map(len, given.values())) > room:
        raise Rejected(
            "collect.too-large", "$.context", "is too large to be copied into each event", "send smaller batches"
        )
    shared = {}
    for name, raw in given.items():
        try:
            value = decode_any(raw) if raw else None
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise diagnosis(raw, error).within(f"$.{name}") from None
        if type(value) is dict:
            shared[name] = value
    return shared
