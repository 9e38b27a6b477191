"""Paths into JSON: keys and places in lists, with dots between them.  Nothing is computed.

`$.line_items.0.price` is the price of the first entry of `line_items`; `$` is the whole.
"""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["ABSENT", "found", "is_path", "steps"]

_PATH: Final = re.compile(r"\$(?:\.[^.\s]{1,100}){0,10}")

ABSENT: Final = object()
"""What stands where a path leads nowhere."""


def is_path(text: Any) -> bool:
    """Whether a text is a path.

    >>> is_path("$.customer.id"), is_path("$"), is_path("$5 off"), is_path("$.a..b")
    (True, True, False, False)
    """
    return type(text) is str and _PATH.fullmatch(text) is not None


def steps(path: str) -> tuple[str, ...]:
    """The steps of a path.

    >>> steps("$.customer.id"), steps("$")
    (('customer', 'id'), ())
    """
    return tuple(path.split(".")[1:])


def found(value: Any, path: str) -> Any:
    """What a path leads to; ABSENT if it leads nowhere, or to null.

    >>> found({"lines": [{"sku": "p1"}]}, "$.lines.0.sku"), found({"a": None}, "$.a") is ABSENT
    ('p1', True)
    """
    for step in steps(path):
        if type(value) is dict:
            value = value.get(step)
        elif type(value) is list and step.isascii() and step.isdecimal():
            value = value[int(step)] if len(step) < 10 and int(step) < len(value) else None
        else:
            return ABSENT
    return ABSENT if value is None else value
