"""What things cost: card prices for who is logged in, a voucher on its department, delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from genom_demo.catalogue import Catalogue, Offer, Product
from genom_demo.shop.keeping import Line

__all__ = ["Bill", "Position", "bill_of", "price_of"]

DELIVERY: Final = 4.90  # EUR
FREE_FROM: Final = 39.0  # EUR
VOUCHER: Final = 0.10  # share of the department's goods


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A line of the bill."""

    product: Product
    line: Line
    price: float  # EUR a piece
    total: float  # EUR, before the voucher
    discount: float  # EUR, by the voucher


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What is to be paid, in EUR."""

    positions: tuple[Position, ...]
    subtotal: float
    discount: float
    delivery: float
    total: float


def price_of(product: Product, *, card: bool) -> float:
    """The price that somebody with or without the card pays.

    >>> from genom_demo.catalogue import catalogue
    >>> mug = catalogue().products["mug-moss"]
    >>> price_of(mug, card=False), price_of(mug, card=True)
    (12.5, 10.9)
    """
    return product.card_price if card and product.card_price is not None else product.price


def bill_of(lines: Sequence[Line], shop: Catalogue, *, card: bool, voucher: Offer | None = None) -> Bill:
    """The bill of a cart.

    >>> from genom_demo.catalogue import catalogue
    >>> shop = catalogue()
    >>> bill = bill_of([Line("mug-moss", 2)], shop, card=False, voucher=shop.offers["voucher_kitchen"])
    >>> bill.subtotal, bill.discount, bill.delivery, bill.total
    (25.0, 2.5, 4.9, 27.4)
    """
    positions = tuple(_position(line, shop.products[line.product], card, voucher) for line in lines)
    subtotal = round(sum(p.total for p in positions), 2)
    discount = round(sum(p.discount for p in positions), 2)
    delivery = 0.0 if not positions or subtotal - discount >= FREE_FROM else DELIVERY
    total = round(subtotal - discount + delivery, 2)
    return Bill(positions=positions, subtotal=subtotal, discount=discount, delivery=delivery, total=total)


def _position(line: Line, product: Product, card: bool, voucher: Offer | None) -> Position:
    price = price_of(product, card=card)
    total = round(price * line.pieces, 2)
    about = voucher.department if voucher else None
    discount = round(total * VOUCHER, 2) if about is not None and about.id == product.place.department.id else 0.0
    return Position(product=product, line=line, price=price, total=total, discount=discount)
