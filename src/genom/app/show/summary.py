"""What an event was about, in a few words; its properties are a stranger's and may be of any type."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from genom.app.show.clean import clean
from genom.app.show.numbers import amount, number
from genom.app.show.page import Json, Page
from genom.app.show.value_words import NO_NAMES, Called

__all__ = ["summary"]

_AMOUNTS: Final = ("total", "revenue", "value", "price")
_TITLES: Final = ("name", "title", "category", "product_id", "path", "url")
_LONGEST: Final = 60  # cells of one part


def summary(event: Json, page: Page, called: Called = NO_NAMES) -> str:
    """Amount, number of products, campaign, coupon, search or name; else how many details there are.

    `called` are the catalogue's names for categories.
    Traits are only counted: who a person is does not belong on a timeline.
    """
    properties = event.get("properties")
    if not isinstance(properties, dict) or not properties:
        return ""
    private = event.get("type") in ("identify", "group")
    parts = [] if private else [part for part in _parts(properties, page, called) if part]
    return " · ".join(parts) if parts else _counted("detail", len(properties), page)


def _parts(properties: dict[str, Any], page: Page, called: Called) -> Iterator[str]:
    yield _amount(properties, page)
    if isinstance(products := properties.get("products"), list):
        yield _counted("product", len(products), page)
    for phrase, key in (("coupon", "coupon_id"), ("campaign", "campaign_id")):
        if text := _word(properties.get(key)):
            yield page.say(phrase, id=text)
    if query := _word(properties.get("query")):
        yield page.say("quoted", text=query)
    yield next((text for key in _TITLES if (text := _titled(key, properties.get(key), page, called))), "")


def _titled(key: str, value: object, page: Page, called: Called) -> str:
    if key == "category" and isinstance(value, str):
        value = called.get(value, {}).get(page.language) or value
    return _word(value)


def _amount(properties: dict[str, Any], page: Page) -> str:
    value = next((found for key in _AMOUNTS if (found := _number(properties.get(key))) is not None), None)
    if value is None:
        return ""
    currency = properties.get("currency")
    if isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isalpha():
        return amount(value, currency.upper(), page.language)
    return number(value, page.language, digits=2)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) < 1e15 else None


def _word(value: object) -> str:
    return clean(value, most=_LONGEST) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _counted(phrase: str, count: int, page: Page) -> str:
    return page.say(phrase if count == 1 else f"{phrase}s", n=number(count, page.language))
