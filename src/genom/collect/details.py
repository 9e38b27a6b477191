"""What a track event is about and for how much, by its kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from genom.collect.currencies import currency_number
from genom.collect.identifiers import LONGEST
from genom.collect.labels import categories, first_name_of
from genom.collect.lines import lines_of, paid_for
from genom.collect.money import LARGEST, micros, thousandths
from genom.collect.rejected import Rejected
from genom.collect.wire import Campaign, Context, Properties
from genom.words import MILLI, Flag, Kind, Line

__all__ = ["IS_CATEGORISED", "IS_SINGLE", "NO_DETAILS", "TAKES_LONGER", "Details", "details_of"]

Lines = tuple[Line, ...]
Details = tuple[int, int, int, int, str, str, str, int, Lines]
"""Amount, currency, discount, quantity, item, the two categories, flags, lines: in the units of `Event`."""

NO_DETAILS: Final[Details] = (0, 0, 0, 0, "", "", "", 0, ())

About = tuple[str, int | None, int]  # item, amount in micros if the event has one, quantity in thousandths
_COUPON: Final = int(Flag.COUPON)
_DISCOUNTED: Final = int(Flag.DISCOUNTED)
_COUPON_USED: Final = frozenset({int(Kind.COUPON_APPLIED), int(Kind.COUPON_REDEEMED)})


def details_of(kind: int, p: Properties, context: Context, reporting: str) -> Details:
    """Item, amount, quantity, discount, categories and lines of a track event.

    `reporting` is the currency of an amount that names none.  Raises Rejected with a path below the event.

    >>> details_of(Kind.PRODUCT_ADDED, Properties(sku="s1", price=2.5, quantity=2), Context(), "EUR")[:5]
    (5000000, 978, 0, 2000, 's1')
    """
    lines = () if p.products is None else _lines(kind, p.products)
    item, amount, quantity = _ABOUT.get(kind, _other)(p, context, lines)
    currency = 0 if amount is None else currency_number(p.currency, reporting)
    wider = narrower = ""
    if kind in IS_CATEGORISED:
        wider, narrower = categories(p.category, p.department if p.category_1 is None else p.category_1, p.category_2)
    if lines or p.discount is not None or p.coupon is not None or kind in _COUPON_USED:
        discount, flags = _reductions(kind, p, lines)
        if amount is None and p.currency and currency_number(p.currency, reporting) != currency_number(None, reporting):
            discount = 0  # no amount says which currency it is in
        return amount or 0, currency, discount, quantity, item, wider, narrower, flags, lines
    return amount or 0, currency, 0, quantity, item, wider, narrower, 0, lines


def _lines(kind: int, products: Any) -> Lines:
    """A customer's own event may mean something else by `products`."""
    where = ".properties.products"
    return lines_of(products, where) if kind else _loose(lines_of, products, where) or ()


def _reductions(kind: int, p: Properties, lines: Lines) -> tuple[int, int]:
    """The discount in micros and the flags."""
    discount = _discount(kind, p, lines)
    flags = _DISCOUNTED if discount > 0 else 0
    if p.coupon or kind in _COUPON_USED or any(line.coupon for line in lines):
        flags |= _COUPON
    return discount, flags


def _discount(kind: int, p: Properties, lines: Lines) -> int:
    where = ".properties.discount"
    if p.discount is not None:
        return micros(p.discount, where) if kind else _loose(micros, p.discount, where) or 0
    return _sum([line.discount for line in lines])


def _product(p: Properties, _context: Context, _lines: Lines) -> About:
    quantity = MILLI if p.quantity is None else thousandths(p.quantity, ".properties.quantity")
    amount = paid_for(p.price, quantity, ".properties")
    if amount is None and p.value is not None:
        amount = micros(p.value, ".properties.value")
    item = p.product_id
    if type(item) is not str or len(item) > LONGEST:
        item = first_name_of(".properties.product_id", item, p.sku)
    return item, amount, quantity


def _order(p: Properties, _context: Context, lines: Lines) -> About:
    """`total` includes shipping and tax, `revenue` does not, `value` is what older clients send."""
    if p.total is not None:
        amount: int | None = micros(p.total, ".properties.total")
    elif p.revenue is not None:
        amount = micros(p.revenue, ".properties.revenue")
    elif p.value is not None:
        amount = micros(p.value, ".properties.value")
    else:
        amount = _sum([line.amount for line in lines]) if any(line.amount for line in lines) else None
    return "", amount, _pieces(p, lines)


def _pieces(p: Properties, lines: Lines) -> int:
    if p.quantity is not None:
        return thousandths(p.quantity, ".properties.quantity")
    return sum([line.quantity for line in lines])


def _coupon(p: Properties, _context: Context, lines: Lines) -> About:
    item = first_name_of(".properties.coupon_id", p.coupon_id, p.coupon_upc, p.coupon)
    return item, None, _pieces(p, lines)


def _campaign(p: Properties, context: Context, lines: Lines) -> About:
    own = context.campaign
    further = (own.id, own.name) if type(own) is Campaign else ()
    return first_name_of(".properties.campaign_id", p.campaign_id, *further), None, _pieces(p, lines)


def _promotion(p: Properties, _context: Context, lines: Lines) -> About:
    return first_name_of(".properties.promotion_id", p.promotion_id), None, _pieces(p, lines)


def _preference(_p: Properties, _context: Context, _lines: Lines) -> About:
    """A declaration is about a category; a product would make its whole category disliked."""
    return "", None, 0


def _attribute(p: Properties, _context: Context, _lines: Lines) -> About:
    name = first_name_of(".properties.attribute", p.attribute)
    return (f"{name}={first_name_of('.properties.value', p.value)}" if name else ""), None, 0


def _other(p: Properties, _context: Context, lines: Lines) -> About:
    """A customer's own event: revenue, value and quantity count where they are numbers."""
    amount = quantity = None
    if p.revenue is not None:
        amount = _loose(micros, p.revenue, ".properties.revenue")
    elif p.value is not None:
        amount = _loose(micros, p.value, ".properties.value")
    if p.quantity is not None:
        quantity = _loose(thousandths, p.quantity, ".properties.quantity")
    return "", amount, sum([line.quantity for line in lines]) if quantity is None else quantity


def _loose(read: Callable[..., Any], value: Any, where: str) -> Any:
    """What `read` gives, None for what is of another type; what is out of range is still refused."""
    try:
        return read(value, where)
    except Rejected as why:
        if why.code == "collect.wrong-type":
            return None
        raise


def _sum(amounts: list[int]) -> int:
    total = sum(amounts)
    if not -LARGEST <= total <= LARGEST:
        raise Rejected(
            "collect.out-of-range",
            ".properties.products",
            "add up to more than a million million",
            "send real amounts",
        )
    return total


_PRODUCTS: Final = (
    Kind.PRODUCT_CLICKED,
    Kind.PRODUCT_VIEWED,
    Kind.PRODUCT_ADDED,
    Kind.PRODUCT_REMOVED,
    Kind.PRODUCT_WISHLISTED,
    Kind.PRODUCT_UNWISHLISTED,
    Kind.WISHLIST_TO_CART,
    Kind.PRODUCT_SHARED,
    Kind.PRODUCT_REVIEWED,
    Kind.RECOMMENDATION_SHOWN,
    Kind.RECOMMENDATION_CLICKED,
)
IS_SINGLE: Final = frozenset(map(int, _PRODUCTS))
_PREFERENCES: Final = tuple(range(Kind.PREFERENCE_LIKED, Kind.PREFERENCE_WITHDRAWN + 1))
IS_CATEGORISED: Final = frozenset(
    {*IS_SINGLE, int(Kind.PRODUCT_LIST_VIEWED), int(Kind.PRODUCT_LIST_FILTERED), *_PREFERENCES}
)

_ABOUT: Final[dict[int, Callable[[Properties, Context, Lines], About]]] = {
    **dict.fromkeys(map(int, _PRODUCTS), _product),
    **dict.fromkeys(range(Kind.CART_VIEWED, Kind.ORDER_CANCELLED + 1), _order),
    **dict.fromkeys(range(Kind.COUPON_ENTERED, Kind.COUPON_REDEEMED + 1), _coupon),
    **dict.fromkeys(range(Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_UNSUBSCRIBED + 1), _campaign),
    **dict.fromkeys(map(int, (Kind.PROMOTION_VIEWED, Kind.PROMOTION_CLICKED)), _promotion),
    **dict.fromkeys(_PREFERENCES, _preference),
    int(Kind.ATTRIBUTE_DECLARED): _attribute,
}

TAKES_LONGER: Final = (frozenset(_ABOUT) | IS_CATEGORISED) - IS_SINGLE
"""Kinds whose details are neither those of one product nor those of a customer's own event."""
