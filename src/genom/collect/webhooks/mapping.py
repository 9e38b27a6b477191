"""A webhook's body as events: the first rule that fits, its paths looked up, nothing computed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from genom.collect.diagnose import diagnosis
from genom.collect.envelope import Envelope
from genom.collect.rejected import Rejected, as_it_came, rejection
from genom.collect.webhooks.declared import EACH, Rule, Webhook
from genom.collect.webhooks.paths import ABSENT, found, is_path
from genom.collect.wire import decode_any, encode
from genom.words import Rejection

__all__ = ["IDENTIFIERS", "Mapped", "as_sent", "mapped", "named"]

IDENTIFIERS: Final = {"userId": "user_id", "anonymousId": "anonymous_id", "previousId": "user_id"}
"""Field -> type of the identifier that it holds."""
_ENTRIES: Final = 1_000  # of a body that is split
_DIGEST: Final = 40  # digits of a message id that is made from the content


@dataclass(frozen=True, slots=True)
class Entry:
    """A body, or one entry of it."""

    index: int
    path: str  # where it stands
    raw: bytes


@dataclass(slots=True, kw_only=True)
class Mapped:
    """Events on their way into the common path, and what did not become one."""

    envelope: Envelope
    origin: list[Entry]  # of each event in the envelope
    rejected: list[Rejection]


def mapped(body: bytes, webhook: Webhook) -> Mapped:
    """The events of a body.  What has no message id gets one of its content: sent again, it counts once.

    >>> from genom.collect.webhooks import Signature
    >>> rule = Rule(event="Order Completed", fields={"userId": "$.customer.id", "properties.order_id": "$.id"})
    >>> shop = Webhook(name="s", source="s", signature=Signature(header="X", format="hex"), events=(rule,))
    >>> mapped(b'{"id":7,"customer":{"id":"u1"}}', shop).envelope.items[0][:43]
    b'{"type":"track","event":"Order Completed","'
    """
    made, origin, rejected = list[bytes](), list[Entry](), list[Rejection]()
    whole = Entry(0, "$", body)
    try:
        values = _entries(body, webhook)
    except Rejected as why:
        values = []
        rejected.append(rejection(why, 0, None, body))
    for index, value in enumerate(values):
        entry = whole if not webhook.split else Entry(index, f"{webhook.split}[{index}]", _encoded(value))
        try:
            made.append(_encoded(_event(value, webhook)))
        except Rejected as why:
            rejected.append(rejection(why, index, None, entry.raw))
        else:
            origin.append(entry)
    envelope = Envelope("batch", b'{"batch":[' + b",".join(made) + b"]}", made)
    return Mapped(envelope=envelope, origin=origin, rejected=rejected)


def named(webhook: Webhook, field: str, value: Any) -> list[Any]:
    """What stands wherever a rule of a webhook looks for a field, in a body whether or not the rule fits.

    >>> from genom.collect.webhooks import Signature
    >>> rule = Rule(event="A", when={"$.x": 1}, fields={"userId": ["$.customer.id", "$.customer_id"]})
    >>> shop = Webhook(name="s", source="s", signature=Signature(header="X", format="hex"), events=(rule,))
    >>> named(shop, "userId", {"customer": {"id": 5}, "customer_id": 6})
    [5, 6]
    """
    paths = {path for rule in webhook.events for path in _paths(rule.fields.get(field)) if is_path(path)}
    return [given for path in sorted(paths) if (given := found(value, path)) is not ABSENT]


def as_sent(rejected: Iterable[Rejection], origin: Sequence[Entry]) -> list[Rejection]:
    """Rejections of mapped events as those of what they were mapped from."""
    told = []
    for one in rejected:
        entry = origin[one.index]
        at = f"$.batch[{one.index}]", f"{entry.path} → $"
        told.append(as_it_came(one, entry.index, one.message_id, entry.raw, at=at))
    return told


def _entries(body: bytes, webhook: Webhook) -> list[Any]:
    try:
        body.decode()
        value = decode_any(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise diagnosis(body, error).within("$") from None
    if not webhook.split:
        return [value]
    entries = found(value, webhook.split)
    if type(entries) is not list:
        raise Rejected("webhook.no-list", webhook.split, "is no list", "send one, or mend `split` of the webhook")
    if len(entries) > _ENTRIES:
        what = f"has {len(entries)} entries"
        raise Rejected("collect.too-many-events", webhook.split, what, f"send at most {_ENTRIES}")
    return entries


def _encoded(value: Any) -> bytes:
    try:
        return encode(value)
    except (UnicodeError, RecursionError, OverflowError) as error:
        raise Rejected("collect.syntax", "$", f"cannot be kept ({type(error).__name__})", "send plain JSON") from None


def _event(value: Any, webhook: Webhook) -> dict[str, Any]:
    rule = _fitting(value, webhook)
    event: dict[str, Any] = {"type": rule.type} | ({"event": rule.event} if rule.event else {})
    read = False
    for field, wanted in rule.fields.items():
        given = _given(value, wanted)
        if given is not ABSENT:
            read = read or _looks(wanted)
            _put(event, field, given)
    if not read:
        path = next((str(one) for wanted in rule.fields.values() for one in _paths(wanted)), "$")
        what = f"is not there, nor anything else that {rule.event or rule.type!r} is made of"
        raise Rejected("webhook.nothing-found", path, what, "send it, or mend the webhook's `fields`")
    event.setdefault("messageId", f"{webhook.name}-{hashlib.sha256(_encoded(value)).hexdigest()[:_DIGEST]}")
    return event


def _fitting(value: Any, webhook: Webhook) -> Rule:
    for rule in webhook.events:
        if all(_is_one_of(found(value, path), wanted) for path, wanted in rule.when.items()):
            return rule
    path = next(iter(webhook.events[0].when))
    given = found(value, path)
    what = "is not there" if given is ABSENT else f"is {str(given)[:60]!r}"
    raise Rejected("webhook.no-rule", path, f"{what}, and no rule is for it", "add a rule to the webhook's `events`")


def _is_one_of(given: Any, wanted: Any) -> bool:
    """Equal and of the same kind: 1 is not true."""
    every = wanted if isinstance(wanted, list) else [wanted]
    return any(given == one and isinstance(given, bool) is isinstance(one, bool) for one in every)


def _paths(wanted: Any) -> list[Any]:
    if isinstance(wanted, list):
        return wanted
    if isinstance(wanted, dict):
        return [wanted["each"]] if wanted.keys() == EACH else []
    return [wanted] if is_path(wanted) else []


def _looks(wanted: Any) -> bool:
    """Whether it looks into the body at all: a constant finds nothing."""
    return bool(_paths(wanted))


def _given(value: Any, wanted: Any) -> Any:
    if isinstance(wanted, list):
        return next((one for path in wanted if (one := found(value, path)) is not ABSENT), ABSENT)
    if isinstance(wanted, dict):
        return _listed(value, wanted) if wanted.keys() == EACH else wanted["constant"]
    return found(value, wanted) if is_path(wanted) else wanted


def _listed(value: Any, wanted: dict[str, Any]) -> Any:
    entries = found(value, wanted["each"])
    if type(entries) is not list:
        return ABSENT
    return [
        {name: given for name, inner in wanted["fields"].items() if (given := _given(entry, inner)) is not ABSENT}
        for entry in entries
    ]


def _put(event: dict[str, Any], field: str, given: Any) -> None:
    *path, last = field.split(".")
    inner = event
    for step in path:
        inner = inner.setdefault(step, {})
    inner[last] = given
