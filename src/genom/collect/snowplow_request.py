"""A request of a Snowplow tracker: its payloads, each with its bytes, and their events in an envelope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import Raw, Struct

from genom.collect.envelope import Envelope
from genom.collect.rejected import Rejected, as_it_came, rejection
from genom.collect.snowplow import Payload, Sender, events_of
from genom.collect.tolerant import members, parts
from genom.collect.wire import encode
from genom.errors import BadRequest
from genom.typed import json_decoder
from genom.words import Rejection

__all__ = ["Arrived", "Translated", "as_they_came", "items_of", "payload_of_query", "payloads_of_body", "translated"]

_PARAMETERS: Final = 200  # of a payload: the protocol knows about 130
_MOST: Final = 20_000  # payloads of a request, twice what a tracker keeps through an outage
_VALUES: Final = 1_000_000  # of a request; more of them are no payloads, and would take memory before they are counted
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A payload as it came, read as far as it can be."""

    index: int  # in its request
    raw: bytes
    fields: Payload  # empty if it cannot be read
    damage: Rejected | None = None

    @property
    def app_id(self) -> str:
        """What it calls the application that it comes from."""
        return self.fields.get("aid", "")


@dataclass(slots=True, kw_only=True)
class Translated:
    """Events on their way into the common path, and what did not become one."""

    envelope: Envelope
    origin: list[Arrived]  # of each event in the envelope
    rejected: list[Rejection]


Items = dict[str, list[Payload]]  # by order id


class _Body(Struct, gc=False):
    data: list[Raw]
    schema: Any = None


_decode_body = json_decoder(_Body).decode
_decode_fields = json_decoder(dict[str, str | int | float | bool | None]).decode


def payloads_of_body(body: bytes) -> list[Arrived]:
    """The payloads of a POST; of a damaged body as many as their boundaries can be found.

    Raises BadRequest `collect.body-unreadable` if there are none.

    >>> [one.fields for one in payloads_of_body(b'{"data":[{"e":"pv","vid":1},{"e":]}')]
    [{'e': 'pv', 'vid': '1'}, {}]
    """
    body = body.removeprefix(_BOM)
    if body.count(b",") > _VALUES:
        raise BadRequest(
            "The body has too many values.",
            why=f"more than {_VALUES:,} arrived",
            fix="send fewer payloads in a request",
            code="collect.body-too-large",
        )
    try:
        body.decode()
        slices = [bytes(one) for one in _decode_body(body).data]
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        slices = _slices(body)
    arrived = [_arrived(index, raw) for index, raw in enumerate(slices[:_MOST])]
    if surplus := slices[_MOST:]:
        what = f"has {len(surplus)} payloads beyond {_MOST}"
        flood = Rejected("collect.too-many-events", "", what, "send smaller requests")
        arrived.append(Arrived(index=_MOST, raw=b",".join(surplus), fields={}, damage=flood))
    return arrived


def _slices(body: bytes) -> list[bytes]:
    opener = len(body) - len(body.lstrip())
    begin = members(body, opener).get(b"data", (0, 0))[0] if body[opener : opener + 1] == b"{" else 0
    if not begin or body[begin : begin + 1] != b"[":
        raise BadRequest(
            "The body is not readable as Snowplow's payloads.",
            why="it has no list named `data`",
            fix='send {"schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4", "data": […]}',
            code="collect.body-unreadable",
        )
    return [body[one:end].strip() for one, end in parts(body, begin).slices]


def _arrived(index: int, raw: bytes) -> Arrived:
    try:
        fields = _decode_fields(raw)
    except RecursionError:
        damage = Rejected("collect.too-deep", "", "is nested too deep", "send flat keys")
    except UnicodeError:
        damage = Rejected("collect.utf8", "", "is not valid UTF-8", "encode the body as UTF-8")
    except msgspec.ValidationError as error:
        damage = Rejected("collect.wrong-type", "", f"cannot be used: {error}", "send an object of texts")
    except msgspec.MsgspecError as error:
        damage = Rejected("collect.syntax", "", f"is not JSON ({error})", "send the payload as one complete object")
    else:
        texts = {key: value if type(value) is str else str(value) for key, value in fields.items() if value is not None}
        return Arrived(index=index, raw=raw, fields=texts)
    return Arrived(index=index, raw=raw, fields={}, damage=damage)


def payload_of_query(query: bytes, limit: int) -> Arrived:
    """The payload of a GET, whose query has at most `limit` bytes.

    >>> payload_of_query(b"e=pv&page=K%C3%B6ln&aid=shop", 100).fields
    {'e': 'pv', 'page': 'Köln', 'aid': 'shop'}
    """
    if len(query) > limit:
        why = Rejected("collect.too-large", "", f"has {len(query)} bytes", f"send at most {limit} bytes, or POST")
        return Arrived(index=0, raw=query, fields={}, damage=why)
    try:
        said = parse_qsl(query.decode("ascii"), max_num_fields=_PARAMETERS, errors="strict")
    except UnicodeError:
        why = Rejected("collect.utf8", "", "is not valid UTF-8", "encode the query as UTF-8")
    except ValueError as error:
        why = Rejected("collect.syntax", "", f"is no query ({error})", f"send at most {_PARAMETERS} parameters")
    else:
        return Arrived(index=0, raw=query, fields=dict(said))
    return Arrived(index=0, raw=query, fields={}, damage=why)


def items_of(arrived: Iterable[Arrived]) -> Items:
    """The items of a request's orders, by the order that they name; each goes to one order."""
    items: Items = defaultdict(list)
    for one in arrived:
        if one.fields.get("e") == "ti":
            items[one.fields.get("ti_id", "")].append(one.fields)
    return items


def translated(arrived: Sequence[Arrived], sender: Sender, items: Items, *, limit: int) -> Translated:
    """The events of payloads of one source, in one envelope, and the rejected payloads; takes out of `items`.

    `limit`: bytes of an event; a payload may have twice as many, for base64 and escapes.

    >>> made = translated(payloads_of_body(b'{"data":[{"e":"pv"},{"e":"xx"}]}'), Sender(), {}, limit=1_000)
    >>> made.envelope.items, [(one.index, one.code) for one in made.rejected]
    ([b'{"type":"page","context":{}}'], [(1, 'collect.unknown-type')])
    """
    made, origin, rejected = list[bytes](), list[Arrived](), list[Rejection]()
    for one in arrived:
        mine = items.pop(one.fields.get("tr_id", ""), []) if one.fields.get("e") == "tr" else []
        try:
            events = _encoded(one, sender, mine, limit)
        except Rejected as why:
            rejected.append(_rejected(one, why))
        else:
            made += events
            origin += [one] * len(events)
    body = b'{"batch":[' + b",".join(made) + b"]}"
    return Translated(envelope=Envelope("batch", body, made), origin=origin, rejected=rejected)


def _encoded(one: Arrived, sender: Sender, items: Sequence[Payload], limit: int) -> list[bytes]:
    if one.damage is not None:
        raise one.damage
    if len(one.raw) > 2 * limit:
        raise Rejected("collect.too-large", "", f"has {len(one.raw)} bytes", f"send at most {limit} bytes in an event")
    try:
        return [encode(event) for event in events_of(one.fields, sender, items)]
    except UnicodeError:
        raise Rejected("collect.utf8", "", "holds half of a character", "encode it as UTF-8") from None
    except RecursionError:
        raise Rejected("collect.too-deep", "", "is nested too deep", "send flat keys") from None
    except OverflowError:
        raise Rejected("collect.out-of-range", "", "holds a number of too many digits", "send it as a text") from None


def _rejected(one: Arrived, why: Rejected) -> Rejection:
    return rejection(why.within(f"$.data[{one.index}]"), one.index, one.fields.get("eid"), one.raw)


def as_they_came(rejected: Iterable[Rejection], origin: Sequence[Arrived]) -> list[Rejection]:
    """Rejections of translated events as those of the payloads that they came from, raw as these came."""
    return [_of_payload(one, origin[one.index]) if one.index < len(origin) else one for one in rejected]


def _of_payload(one: Rejection, payload: Arrived) -> Rejection:
    at = f"$.batch[{one.index}]", f"$.data[{payload.index}]"
    return as_it_came(one, payload.index, payload.fields.get("eid"), payload.raw, at=at)
