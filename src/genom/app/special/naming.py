"""What else an event names than the thing it is about: coupons of orders, products in a customer's own events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from genom.collect.labels import categories
from genom.typed import converted, json_decoder

__all__ = ["Named", "named_in"]

Named = tuple[str, str, str]
"""A product, coupon or campaign by its id (or none), and its two categories as the event says them."""


class _Thing(msgspec.Struct):
    product_id: Any = None
    sku: Any = None
    coupon: Any = None
    coupon_id: Any = None
    coupon_upc: Any = None
    campaign_id: Any = None
    promotion_id: Any = None
    category: Any = None
    category_1: Any = None
    department: Any = None
    category_2: Any = None


class _Properties(_Thing):
    products: Any = None


class _Body(msgspec.Struct):
    properties: _Properties | None = None


_DECODER: Final = json_decoder(_Body)
_IDS: Final = ("product_id", "sku", "coupon", "coupon_id", "coupon_upc", "campaign_id", "promotion_id")


def named_in(body: bytes) -> Iterator[Named]:
    """Everything that an event's JSON names in the properties that have a meaning, and in its list of products.

    >>> list(named_in(b'{"properties": {"product_id": "p1", "category": "FOOD/TEA", "coupon": 7}}'))
    [('', 'FOOD', 'TEA'), ('p1', 'FOOD', 'TEA'), ('7', 'FOOD', 'TEA')]
    >>> list(named_in(b'{"properties": {"products": [{"coupon": "c1"}, "?"]}}'))
    [('', '', ''), ('', '', ''), ('c1', '', '')]
    """
    try:
        said = _DECODER.decode(body).properties
    except msgspec.DecodeError:
        return
    if said is None:
        return
    yield from _names(said)
    for one in said.products if isinstance(said.products, list) else ():
        if isinstance(one, dict):
            yield from _names(converted(one, _Thing))


def _names(said: _Thing) -> Iterator[Named]:
    wide = said.department if said.category_1 is None else said.category_1
    one, two = categories(said.category, wide, said.category_2)
    yield "", one, two
    for field in _IDS:
        value = getattr(said, field)
        if isinstance(value, str | int) and value != "":
            yield str(value), one, two
