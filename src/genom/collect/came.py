"""How a refused event came: what its bytes do not say, and what is needed to read it again as it came."""

from __future__ import annotations

from typing import Final

import msgspec

from genom.collect.envelope import Envelope
from genom.collect.segment import Decoded, understand
from genom.collect.tolerant import parts
from genom.settings import Settings
from genom.words import Rejection, Source

__all__ = ["Came", "how_it_came", "read_again"]

_SENT_AT: Final = 64  # characters of a `sentAt` that is kept
_WRITTEN: Final = (str, int, float)
_SURPLUS: Final = "collect.too-many-events"  # its bytes are several events


class Came(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a request said beside an event."""

    call: str = ""  # track, page … or batch
    server: bool = False  # it came with a server key
    local: bool = False  # from this machine, through no proxy
    objection: str = ""  # the header by which the browser objected, as it came
    sent_at: str | int | float | None = None  # of the batch
    context: bytes = b""  # of the batch, JSON for all of its events
    integrations: bytes = b""
    anonymous_id: str = ""  # of the request: whose the events are that name nobody


def how_it_came(
    envelope: Envelope, rejected: int, *, server: bool, local: bool, objection: str, room: int
) -> Came | None:
    """How the refused events of a request came; None if what it says for all would take more than `room` bytes.

    Each of them keeps a copy of that, and a small body must not grow to gigabytes.
    """
    if (len(envelope.context) + len(envelope.integrations)) * rejected > room:
        return None
    sent_at = envelope.sent_at
    told = isinstance(sent_at, _WRITTEN) and not isinstance(sent_at, bool) and len(str(sent_at)) <= _SENT_AT
    return Came(
        envelope.call, server, local, objection, sent_at if told else None, envelope.context, envelope.integrations,
        envelope.anonymous_id,
    )  # fmt: skip


def read_again(
    raw: bytes, how: Came, *, index: int, code: str, source: Source, received_at: int, settings: Settings
) -> Decoded:
    """A refused event as `understand` reads it today; its times are those of its receipt (unix ms, UTC).

    >>> shop, settings = Source(number=1, name="shop"), Settings()
    >>> given = {"index": 7, "code": "collect.nan", "source": shop, "received_at": 5, "settings": settings}
    >>> read_again(b'{"type":"page","userId":"u"}', Came("batch"), **given).events[0].ts
    5
    >>> read_again(b'{"type":"page"}', Came("batch"), **given).rejected[0].message[:18]
    '`$.batch[7]` has n'
    """
    items = [raw]
    if code == _SURPLUS:
        body = b"[" + raw + b"]"
        items = [body[begin:end].strip() for begin, end in parts(body, 0).slices]
    envelope = Envelope(
        how.call, raw, items, "", how.sent_at, how.context, how.integrations, strict=False,
        anonymous_id=how.anonymous_id,
    )  # fmt: skip
    decoded = understand(envelope, source=source, server=how.server, received_at=received_at, settings=settings)
    decoded.rejected = [_at(one, index + one.index) for one in decoded.rejected]
    return decoded


def _at(one: Rejection, index: int) -> Rejection:
    """The same at another place of its request."""
    here, there = f"$.batch[{one.index}]", f"$.batch[{index}]"
    return msgspec.structs.replace(one, index=index, message=one.message.replace(here, there, 1))
