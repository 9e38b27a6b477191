"""What is wrong with an event that could not be decoded, where, and how to mend it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from genom.collect.rejected import Rejected

__all__ = ["diagnosis", "message_id_of"]

_MESSAGE_ID: Final = re.compile(rb'"messageId"\s*:\s*"([^"\\\x00-\x1f]{1,100})"')
_AT: Final = re.compile(r"(.*?)(?: - at `\$(.*)`)?", re.DOTALL)
_REPLACED: Final = "\ufffd"


def message_id_of(raw: bytes) -> str | None:
    """The message id of an event that may be damaged, if it can be read.

    >>> message_id_of(b'{"messageId":"m1","total":NaN'), message_id_of(b"{}")
    ('m1', None)
    """
    found = _MESSAGE_ID.search(raw)
    return found[1].decode(errors="replace") if found else None


def diagnosis(raw: bytes, error: Exception) -> Rejected:
    """Why decoding refused an event; the path is found by reading the event as far as it goes.

    >>> diagnosis(b'{"properties":{"total":NaN}}', msgspec.DecodeError("malformed")).within("$").message
    '`$.properties.total` is not a finite number; send a number, or leave the key out.'
    """
    if isinstance(error, RecursionError):
        return Rejected("collect.too-deep", "", "is nested too deep", "send flat keys")
    if not _is_utf8(raw):
        path = _path_to(_leniently(raw), lambda value: type(value) is str and _REPLACED in value)
        return Rejected("collect.utf8", path, "is not valid UTF-8", "encode the body as UTF-8")
    tree = _leniently(raw)
    path = _path_to(tree, _is_not_finite)
    if path or _is_not_finite(tree):
        return Rejected("collect.nan", path, "is not a finite number", "send a number, or leave the key out")
    if isinstance(error, msgspec.ValidationError):
        return _refused(str(error))
    return Rejected("collect.syntax", "", f"is not JSON ({error})", "send the event as one complete JSON object")


_CODES: Final = (  # the first part that msgspec's sentence contains decides
    ("of length <=", "collect.id-too-long", "send a shorter text"),
    ("of length >=", "collect.no-event-name", "send the event's name, such as Order Completed"),
    ("out of range", "collect.out-of-range", "send a number that a float can hold"),
    ("", "collect.wrong-type", "send the type that the specification names"),
)


def _refused(text: str) -> Rejected:
    found = _AT.fullmatch(text)
    what, path = (found[1], found[2] or "") if found else (text, "")
    code, fix = next((code, fix) for part, code, fix in _CODES if part in what)
    return Rejected(code, path, f"cannot be used: {what}", fix)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _leniently(raw: bytes) -> Any:
    """The event as Python reads it, which knows NaN and Infinity; None if it cannot."""
    try:
        return json.loads(raw.decode(errors="replace"))
    except (ValueError, RecursionError):
        return None


def _is_not_finite(value: Any) -> bool:
    return type(value) is float and not math.isfinite(value)


def _path_to(tree: Any, wanted: Callable[[Any], bool]) -> str:
    """Where the first wanted value stands, such as `.products[2].price`; "" if nowhere."""
    waiting = [("", tree)]
    while waiting:
        path, value = waiting.pop()
        if wanted(value):
            return path
        if isinstance(value, dict):
            waiting += [(f"{path}.{key}", inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(f"{path}[{place}]", inner) for place, inner in reversed(list(enumerate(value)))]
    return ""
