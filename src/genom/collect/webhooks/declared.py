"""A webhook as it is declared, and what is refused before it can take anything."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from genom.collect.webhooks.paths import is_path
from genom.collect.webhooks.signature import Signature
from genom.errors import BadRequest, nearest
from genom.typed import converted

__all__ = ["EACH", "Rule", "Webhook", "read_webhook"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_TARGET: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}(?:\.[^.\s]{1,100}){0,4}")
_PLACES: Final = frozenset(
    "messageId userId anonymousId previousId groupId timestamp event name traits properties context".split()  # noqa: SIM905
)
_INNER: Final = ("traits", "properties", "context")
EACH: Final = frozenset({"each", "fields"})
_CONSTANT: Final = frozenset({"constant"})
Scalar = str | int | float | bool


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Which bodies it is for, and which of their values become which field of an event."""

    type: Literal["track", "identify", "page", "screen", "group", "alias"] = "track"
    event: Annotated[str, Meta(max_length=200)] = ""  # of a track
    when: Annotated[dict[str, Scalar | list[Scalar]], Meta(max_length=20)] = {}  # path → what must stand there
    fields: Annotated[dict[str, Any], Meta(min_length=1, max_length=100)]  # field → path, paths, constant, or list


class Webhook(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A system that sends signed bodies to `/v1/webhooks/NAME`."""

    name: str
    source: str  # whose events they are
    signature: Signature
    events: Annotated[tuple[Rule, ...], Meta(min_length=1, max_length=50)]  # the first one that fits
    split: str = ""  # path to a list whose entries are bodies of their own; empty: the body is one
    server: bool = False  # it may speak for known people, as a server key may


def read_webhook(body: object, sources: Collection[str], path: str = "$") -> Webhook:
    """A webhook, checked; raises BadRequest that tells the path, what is wrong and how to put it right.

    >>> body = {"name": "shop", "source": "default", "signature": {"header": "X-Sig", "format": "hex"},
    ...         "events": [{"event": "Order Completed", "fields": {"userId": "$.customer.id", "properties.x": "$..y"}}]}
    >>> read_webhook(body, ["default"])
    Traceback (most recent call last):
        ...
    genom.errors.BadRequest: $.events[0].fields['properties.x']: '$..y' is no path.
      why: a path is $ and up to ten steps with a dot before each
      fix: write one such as $.customer.id; for a text that begins so, {"constant": "$…"}
    """
    try:
        read = converted(body, Webhook)
    except msgspec.ValidationError as error:
        raise _bad(path, str(error), "it is no declaration of a webhook", "correct it") from error
    if not _NAME.fullmatch(read.name):
        raise _bad(f"{path}.name", "it cannot be used", "lower-case letters, digits, _ and - make a name", "rename it")
    if read.source not in sources:
        fix = nearest(read.source, sources) or "see `genom source list`"
        raise _bad(f"{path}.source", f"there is no source {read.source[:60]!r}", "it was never added", fix)
    if read.split:
        _check_path(read.split, f"{path}.split")
    for number, rule in enumerate(read.events):
        _check_rule(rule, f"{path}.events[{number}]")
    return read


def _check_rule(rule: Rule, path: str) -> None:
    for one in rule.when:
        _check_path(one, f"{path}.when[{one[:60]!r}]")
    if rule.type == "track" and not rule.event and "event" not in rule.fields:
        raise _bad(f"{path}.event", "it is missing", "a track has a name", "name it, such as Order Completed")
    for field, value in rule.fields.items():
        where = f"{path}.fields[{field[:60]!r}]"
        place = field.partition(".")[0]
        if not _TARGET.fullmatch(field) or place not in _PLACES or (field == place) is (place in _INNER):
            raise _bad(
                where, "there is no such field", f"fields are {', '.join(sorted(_PLACES - {*_INNER}))}, and below "
                f"{', '.join(_INNER)}", "write one of these, such as properties.order_id",
            )  # fmt: skip
        if clash := next((other for other in rule.fields if other.startswith(f"{field}.")), ""):
            raise _bad(where, f"it stands above {clash!r}", "a field is a value or holds others", "leave one out")
        _check_value(value, where)


def _check_value(value: Any, where: str, *, inside: bool = False) -> None:
    if isinstance(value, list):
        if not value or len(value) > 10 or not all(is_path(one) for one in value):
            raise _bad(
                where, "it is no list of paths", "the first of up to ten that leads somewhere counts", "correct it"
            )
    elif isinstance(value, dict):
        if value.keys() == _CONSTANT and isinstance(value["constant"], Scalar):
            return
        if inside or value.keys() != EACH or not isinstance(value["fields"], dict) or len(value["fields"]) > 50:
            raise _bad(
                where, "it is no list", "a list has a path `each`, and up to 50 `fields` that are no lists",
                'write {"each": "$.lines", "fields": {"price": "$.price"}}',
            )  # fmt: skip
        _check_path(value["each"], f"{where}.each")
        for name, inner in value["fields"].items():
            _check_value(inner, f"{where}.fields[{str(name)[:60]!r}]", inside=True)
    elif isinstance(value, str) and value.startswith("$"):
        _check_path(value, where)
    elif not isinstance(value, Scalar):
        raise _bad(where, "it is neither a path nor a constant", "null is nothing to map", "leave it out")


def _check_path(text: Any, where: str) -> None:
    if not is_path(text):
        raise _bad(
            where, f"{str(text)[:60]!r} is no path", "a path is $ and up to ten steps with a dot before each",
            'write one such as $.customer.id; for a text that begins so, {"constant": "$…"}',
        )  # fmt: skip


def _bad(where: str, what: str, why: str, fix: str) -> BadRequest:
    return BadRequest(f"{where}: {what}.", why=why, fix=fix, code="webhook.refused")
