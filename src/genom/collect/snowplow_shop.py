"""Snowplow's e-commerce: an action and its entities as events of the e-commerce specification.

Source: Snowplow, "Ecommerce events and entities"; Segment, "Spec: V2 Ecommerce Events".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from genom.collect.iglu import Described

__all__ = ["ACTION", "VENDOR", "deeds", "item", "older", "order"]

VENDOR: Final = "com.snowplowanalytics.snowplow.ecommerce"
ACTION: Final = "snowplow_ecommerce_action"

Properties = dict[str, Any]
Deed = tuple[str, Properties]  # an event's name and properties
Make = Callable[["_Entities"], list[Properties]]

_PRODUCT: Final = {"id": "product_id"}
_CART: Final = {"total_value": "cart_value"}
_STEP: Final = {"delivery_method": "shipping_method", "coupon_code": "coupon"}
_TRANSACTION: Final = {
    "transaction_id": "order_id", "revenue": "total", "discount_code": "coupon", "discount_amount": "discount",
}  # fmt: skip
_REFUND: Final = {"transaction_id": "order_id", "refund_amount": "total", "refund_reason": "reason"}
_PROMOTION: Final = {"id": "promotion_id", "creative_id": "creative"}
_ORDER: Final = {
    "tr_id": "order_id", "tr_af": "affiliation", "tr_tt": "total", "tr_tx": "tax", "tr_sh": "shipping",
    "tr_ci": "city", "tr_st": "state", "tr_co": "country", "tr_cu": "currency",
}  # fmt: skip
_ITEM: Final = {
    "ti_sk": "product_id", "ti_nm": "name", "ti_ca": "category", "ti_pr": "price", "ti_qu": "quantity",
    "ti_cu": "currency",
}  # fmt: skip
_CART_ITEM: Final = {"sku": "product_id", "unitPrice": "price"}
_OLDER: Final = {
    "add_to_cart": ("Product Added", _CART_ITEM),
    "remove_from_cart": ("Product Removed", _CART_ITEM),
    "site_search": ("Products Searched", {"terms": "query"}),
}
_RENAMED: Final = {
    "product": _PRODUCT, "cart": _CART, "checkout_step": _STEP, "transaction": _TRANSACTION, "refund": _REFUND,
    "promotion": _PROMOTION, "transaction_error": {},
}  # fmt: skip


class _Entities:
    """What an action's entities say; those that are never asked for are left."""

    def __init__(self, every: Sequence[Described]) -> None:
        self._waiting = list(every)

    def every(self, name: str) -> list[Properties]:
        """All of this name, in the specification's words."""
        mine = [one for one in self._waiting if one.vendor == VENDOR and one.name == name and type(one.data) is dict]
        self._waiting = [one for one in self._waiting if one not in mine]
        return [_renamed(one.data, _RENAMED[name]) for one in mine]

    def one(self, name: str) -> Properties:
        """What all of this name say together; there should be one."""
        return {key: value for said in reversed(self.every(name)) for key, value in said.items()}

    @property
    def left(self) -> list[Described]:
        """Those that nobody asked for."""
        return self._waiting


def _renamed(said: Mapping[str, Any], names: Mapping[str, str]) -> Properties:
    return {names.get(key, key): value for key, value in said.items()}


def deeds(action: Mapping[str, Any], every: Sequence[Described]) -> tuple[list[Deed], list[Described]]:
    """The events that an action stands for, at least one, and the entities that none of them holds.

    >>> milk = Described("", VENDOR, "product", {"id": "p1", "price": 2, "currency": "EUR"})
    >>> deeds({"type": "product_view"}, [milk])
    ([('Product Viewed', {'product_id': 'p1', 'price': 2, 'currency': 'EUR'})], [])
    """
    entities, said = _Entities(every), dict(action)
    kind = said.get("type")
    if type(kind) is not str or kind not in _ACTIONS:
        return [(ACTION, said)], entities.left
    del said["type"]
    if "name" in said:
        said["list_id"] = said.pop("name")
    name, make = _ACTIONS[kind]
    return [(name, said | properties) for properties in make(entities)], entities.left


def _each(name: str) -> Make:
    """An event for each: the specification knows one product, or promotion, to an event."""

    def make(entities: _Entities) -> list[Properties]:
        cart = entities.one("cart") if name == "product" else {}
        return [cart | one for one in entities.every(name)] or [cart]

    return make


def _list(entities: _Entities) -> list[Properties]:
    return [{"products": entities.every("product")}]


def _step(entities: _Entities) -> list[Properties]:
    return [entities.one("checkout_step")]


def _transaction(entities: _Entities) -> list[Properties]:
    order, products = entities.one("transaction"), entities.every("product")
    if products:
        order["products"] = products
    elif order.get("total_quantity") is not None:
        order["quantity"] = order["total_quantity"]
    return [order]


def _refund(entities: _Entities) -> list[Properties]:
    products = entities.every("product")
    return [entities.one("refund") | ({"products": products} if products else {})]


def _failure(entities: _Entities) -> list[Properties]:
    """What was not bought stands one level down, where nothing counts it."""
    return [entities.one("transaction_error") | {"transaction": entities.one("transaction")}]


_ACTIONS: Final[dict[str, tuple[str, Make]]] = {
    "product_view": ("Product Viewed", _each("product")),
    "add_to_cart": ("Product Added", _each("product")),
    "remove_from_cart": ("Product Removed", _each("product")),
    "list_view": ("Product List Viewed", _list),
    "list_click": ("Product Clicked", _each("product")),
    "checkout_step": ("Checkout Step Completed", _step),
    "transaction": ("Order Completed", _transaction),
    "refund": ("Order Refunded", _refund),
    "promo_view": ("Promotion Viewed", _each("promotion")),
    "promo_click": ("Promotion Clicked", _each("promotion")),
    "trns_error": ("Transaction Failed", _failure),
}


def older(name: str, data: Properties) -> Deed:
    """An event that Snowplow itself describes; those of a shop in the specification's words, the others as they are.

    >>> older("site_search", {"terms": ["dark", "beer"]}), older("link_click", {"targetUrl": "/"})
    (('Products Searched', {'query': 'dark beer'}), ('link_click', {'targetUrl': '/'}))
    """
    if name not in _OLDER:
        return name, data
    event, names = _OLDER[name]
    said = _renamed(data, names)
    if isinstance(query := said.get("query"), list):
        said["query"] = " ".join(map(str, query))
    return event, said


def order(rest: dict[str, str], items: Iterable[Mapping[str, str]]) -> Deed:
    """The order of a `tr` payload with those `ti` payloads of its request that name it; takes its keys out of `rest`.

    >>> order({"tr_id": "o1", "tr_tt": "2.5"}, [{"ti_id": "o1", "ti_sk": "p1", "ti_qu": "1"}])
    ('Order Completed', {'order_id': 'o1', 'total': '2.5', 'products': [{'product_id': 'p1', 'quantity': '1'}]})
    """
    said: Properties = {name: rest.pop(key) for key, name in _ORDER.items() if key in rest}
    products = [_taken(dict(one)) for one in items]
    return "Order Completed", said | ({"products": products} if products else {})


def item(rest: dict[str, str]) -> Deed:
    """A `ti` payload by itself; its product stands one level down, where nothing counts it a second time.

    >>> item({"ti_id": "o1", "ti_sk": "p1", "ti_qu": "2"})
    ('Transaction Item', {'order_id': 'o1', 'line': {'product_id': 'p1', 'quantity': '2'}})
    """
    said = {"order_id": rest.pop("ti_id")} if "ti_id" in rest else {}
    return "Transaction Item", said | {"line": _taken(rest)}


def _taken(rest: dict[str, str]) -> Properties:
    return {name: rest.pop(key) for key, name in _ITEM.items() if key in rest}
