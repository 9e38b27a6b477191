"""Short texts that name a thing: products, coupons, campaigns, categories, decisions."""

from __future__ import annotations

import re
from typing import Any, Final

from genom.collect.identifiers import LONGEST, too_long
from genom.collect.memo import Memo

__all__ = ["PATHS", "categories", "decision_number", "first_name_of"]

_CATEGORY: Final = 100  # characters of a category that count
_DECISION: Final = re.compile(r"d[0-9a-f]{16}")

Labels = tuple[str, str]


def first_name_of(where: str, *values: Any) -> str:
    """The first text or number among the values as text, "" if there is none.

    Raises Rejected for more than 256 characters: a shortened id would name another thing.

    >>> first_name_of("", None, 48151, "sku")
    '48151'
    """
    for value in values:
        if value is None:
            continue
        text = value if type(value) is str else str(value) if type(value) in (int, float) else ""
        if text:
            if len(text) > LONGEST:
                raise too_long(where, LONGEST)
            return text
    return ""


def categories(category: Any, wide: Any, narrow: Any) -> Labels:
    """The wider and the narrower category; a path holds both unless one is given on its own.

    >>> categories("Garden/Tools", None, None), categories("Beer > Ale", None, None), categories("Ale", None, None)
    (('Garden', 'Tools'), ('Beer', 'Ale'), ('', 'Ale'))
    >>> categories("BEERS/ALES", "GROCERY", None)
    ('GROCERY', 'BEERS/ALES')
    """
    if wide is None and narrow is None:
        return PATHS[category] if type(category) is str else ("", "")
    return _label(wide), _label(category if narrow is None else narrow)


def _split(text: str) -> Labels:
    text = text[:_CATEGORY]
    steps = [step.strip() for step in text.split(">" if ">" in text else "/")]
    steps = [step for step in steps if step]
    return (steps[0], steps[1]) if len(steps) > 1 else ("", steps[0] if steps else "")


PATHS: Final[Memo[str, Labels]] = Memo(_split, most=8_192)


def _label(value: Any) -> str:
    return value[:_CATEGORY].strip() if type(value) is str else ""


def decision_number(value: Any) -> int:
    """The decision that a `decision_id` names, 0 if it names none.

    >>> decision_number("d00000000000000ff"), decision_number("dff")
    (255, 0)
    """
    return int(value[1:], 16) if type(value) is str and _DECISION.fullmatch(value) else 0
