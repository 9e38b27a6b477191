"""Order lines from `properties.products`."""

from __future__ import annotations

from typing import Any, Final

from genom.collect.labels import categories, first_name_of
from genom.collect.money import LARGEST, micros, priced, thousandths
from genom.collect.rejected import Rejected
from genom.collect.wire import Product
from genom.words import MILLI, Line

__all__ = ["lines_of", "paid_for"]

_MOST: Final = 1_000  # lines of an event


def lines_of(products: Any, where: str) -> tuple[Line, ...]:
    """One line for each product.

    Raises Rejected with the path, such as `.properties.products[2].price`, for a line that cannot be understood.

    >>> lines_of([Product(sku="s1", price="2.50", quantity=2)], "")[0].amount
    5000000
    """
    if type(products) is not list:
        raise Rejected("collect.wrong-type", where, "is not a list", "send a list of products")
    if len(products) > _MOST:
        raise Rejected(
            "collect.too-many-lines", where, f"has more than {_MOST} lines", "send the order in several events"
        )
    lines: list[Line] = []
    try:
        for product in products:
            lines.append(_line(product))  # noqa: PERF401 -- the handler counts the lines before the bad one
    except Rejected as why:
        raise why.within(f"{where}[{len(lines)}]") from None
    return tuple(lines)


def _line(product: Any) -> Line:
    if type(product) is not Product:
        raise Rejected("collect.wrong-type", "", "is not an object", "send products as objects with product_id")
    quantity = MILLI if product.quantity is None else thousandths(product.quantity, ".quantity")
    wide = product.department if product.category_1 is None else product.category_1
    wider, narrower = categories(product.category, wide, product.category_2)
    return Line(
        first_name_of(".product_id", product.product_id, product.sku),
        wider,
        narrower,
        quantity,
        (micros(product.total, ".total") if product.total is not None else paid_for(product.price, quantity, "")) or 0,
        0 if product.discount is None else micros(product.discount, ".discount"),
        bool(product.coupon),
    )


def paid_for(price: Any, quantity: int, where: str) -> int | None:
    """Micros for a quantity in thousandths at a client's price of one piece; None without a price.

    >>> paid_for(0.25, 4_000, ""), paid_for(None, 1_000, "")
    (1000000, None)
    """
    if price is None:
        return None
    amount = micros(price, where + ".price")
    if quantity == MILLI:
        return amount
    amount = priced(amount, quantity)
    if not -LARGEST <= amount <= LARGEST:
        raise Rejected(
            "collect.out-of-range",
            where + ".price",
            "times the quantity is beyond a million million",
            "send a real price and quantity",
        )
    return amount
