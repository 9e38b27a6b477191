"""One event: its bytes become the word that all later stages share."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from genom.collect.channels import channel_of
from genom.collect.depth import check_depth
from genom.collect.details import NO_DETAILS, details_of
from genom.collect.devices import device_of
from genom.collect.direct import has_direct, take_out
from genom.collect.identifiers import identifiers, text_id
from genom.collect.labels import decision_number
from genom.collect.overlay import overlaid
from genom.collect.rejected import Rejected
from genom.collect.rudder import as_alias, is_nameless, with_anonymous_id
from genom.collect.times import QUARTER, ZONE_HOURS, hour_of_week, instant
from genom.collect.wire import Context, Item, decode_any, decode_item
from genom.words import KINDS, Event, Flag, Kind

__all__ = ["TRACK_KINDS", "Frame", "check_size", "checked", "read_event", "shift_of"]

_HASH: Final = 128  # characters of a proof, twice what HMAC-SHA256 needs
TRACK_KINDS: Final = {name: int(kind) for name, kind in KINDS.items()}
_CALLS: Final = {
    "page": int(Kind.PAGE_VIEWED),
    "screen": int(Kind.SCREEN_VIEWED),
    "identify": int(Kind.IDENTIFIED),
    "group": int(Kind.GROUPED),
    "alias": int(Kind.ALIASED),
}
_CLAMPED: Final = int(Flag.CLAMPED)
_NO_CONTEXT: Final = Context()


class Frame(Struct, frozen=True, gc=False):
    """What all events of a request have in common."""

    call: str  # "": each event names its own
    received_at: int  # unix ms, UTC
    shift: int  # ms that the sender's clock is behind ours
    flags: int  # Flag
    currency: str  # of amounts that name none
    limit: int  # bytes of an event
    levels: int  # of nesting
    server: bool
    history: bool
    sent_at: bytes  # the batch's `sentAt` as the end of an event, empty if there is none
    shared: dict[str, Any]  # what the batch says for all events
    anonymous: str = ""  # whose the events are that name nobody


def read_event(raw: bytes, index: int, frame: Frame) -> Event:
    """The event in `raw`, number `index` of its request.

    Raises Rejected, or one of msgspec's errors for what cannot be decoded.
    """
    raw, item, call = _settled(raw, frame)
    context = item.context or _NO_CONTEXT
    kind, name = _kind_of(call, item)
    names = identifiers(item, call, frame.server)
    at, offset = _when(item, frame)
    ts = min(at, frame.received_at)
    details = NO_DETAILS
    if call == "track" and item.properties is not None:
        details = details_of(kind, item.properties, context, frame.currency)
    amount, currency, discount, quantity, thing, wider, narrower, flags, lines = details
    decision = item.properties.decision_id if item.properties is not None else None
    body, direct = take_out(raw, call) if b'"writeKey"' in raw or has_direct(item, call) else (raw, None)
    if frame.sent_at and item.sentAt is None and (frame.history or at > ts):  # else ts and timestamp tell it
        body = body[:-1] + frame.sent_at
    return Event(
        index=index,
        kind=kind,
        name=name,
        message_id="" if item.messageId is None else _text(item.messageId),
        identifiers=names,
        ts=ts,
        known_at=ts if frame.history else frame.received_at,
        hour_of_week=hour_of_week(ts, offset) if offset else ZONE_HOURS[context.timezone, ts // QUARTER],
        channel=channel_of(item, call, context),
        flags=frame.flags | flags | (_CLAMPED if at > ts else 0),
        body=body,
        amount=amount,
        currency=currency,
        discount=discount,
        quantity=quantity,
        item=thing,
        category_1=wider,
        category_2=narrower,
        decision=decision_number(context.decision_id if decision is None else decision),
        lines=lines,
        user_hash=_proof(context.userHash),
        consent=context.consent.categoryPreferences if context.consent is not None else None,
        direct=direct,
        signals=context.consent.signals if context.consent is not None else None,
        device=device_of(context),
    )


def _settled(raw: bytes, frame: Frame) -> tuple[bytes, Item, Any]:
    """The event, read, and its call: a merge as the alias that it means, and one that names nobody as its request's."""
    item = decode_item(raw)
    call: Any = frame.call or item.type
    if call == "merge":
        raw, call = as_alias(raw, server=frame.server), "alias"
    elif frame.anonymous and is_nameless(item):
        raw = with_anonymous_id(raw, frame.anonymous)
    else:
        return raw, item, call
    return raw, decode_item(raw), call


def check_size(raw: bytes, frame: Frame) -> None:
    """Raises Rejected for an event of too many bytes."""
    if len(raw) > frame.limit:
        fix = f"send at most {frame.limit} bytes in an event"
        raise Rejected("collect.too-large", "", f"has {len(raw)} bytes", fix)


def checked(raw: bytes, frame: Frame) -> bytes:
    """The event over the batch's own context, after all checks that decoding what is read leaves out.

    Raises Rejected, or the error of the decoder.
    """
    check_size(raw, frame)
    raw.decode()
    check_depth(raw, frame.levels)
    decode_any(raw)  # a number beyond a float, wherever it stands
    if frame.shared:
        raw = overlaid(raw, frame.shared)
        check_depth(raw, frame.levels)
    return raw


def _when(item: Item, frame: Frame) -> tuple[int, int]:
    """When it happened in unix ms by our clock, and the offset that the client's time names.

    Source: Segment, "Timestamps": timestamp = receivedAt - (sentAt - originalTimestamp).
    """
    if item.timestamp is not None:
        at, offset = instant(item.timestamp, ".timestamp")
    elif item.originalTimestamp is not None:
        at, offset = instant(item.originalTimestamp, ".originalTimestamp")
    else:
        return frame.received_at, 0
    if not frame.history:
        at += frame.shift if item.sentAt is None else shift_of(item.sentAt, frame.received_at)
    if at < 0:
        raise Rejected("collect.time-range", ".timestamp", "lies before 1970 by our clock", "send when it happened")
    return at, offset


def shift_of(sent_at: Any, received_at: int) -> int:
    """How far the sender's clock is behind ours, in ms; 0 if it does not say when it sent.

    >>> shift_of("1970-01-01T00:00:10Z", 15_000), shift_of("soon", 15_000)
    (5000, 0)
    """
    if sent_at is None:
        return 0
    try:
        return received_at - instant(sent_at, "")[0]
    except Rejected:
        return 0


def _kind_of(call: Any, item: Item) -> tuple[int, str]:
    """The kind's number, and the name that a track event has."""
    if call == "track":
        if not item.event:
            fix = "send the event's name, such as Order Completed"
            raise Rejected("collect.no-event-name", ".event", "is missing", fix)
        return TRACK_KINDS.get(item.event, 0), item.event
    if type(call) is not str or call not in _CALLS:
        fix = "send track, identify, page, screen, group or alias"
        raise Rejected("collect.unknown-type", ".type", f"is {str(call)[:40]!r}", fix)
    return _CALLS[call], ""


def _text(message_id: str | float) -> str:
    return message_id if type(message_id) is str else text_id(message_id)


def _proof(value: Any) -> str:
    return value if type(value) is str and len(value) <= _HASH else ""
