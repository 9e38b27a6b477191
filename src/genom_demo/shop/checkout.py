"""Cart, voucher and order."""

from __future__ import annotations

import json
import secrets
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from genom_demo.shop.browsing import told
from genom_demo.shop.keeping import MOST_LINES, MOST_PIECES, Line, read_cart, written_cart
from genom_demo.shop.prices import Bill, bill_of
from genom_demo.shop.visit import Visit, back_to
from genom_demo.shop.words import amount, speaker

__all__ = ["add", "cart", "order", "remove", "thanks", "use_voucher"]

_CART: Final = 30 * 86_400  # seconds that a cart is kept
_ORDER: Final = 600  # seconds until an order's page must have been shown


async def cart(visit: Visit) -> Response:
    """What is in the cart, and what it costs."""
    bill = _bill(visit)
    products = [told(p.product, visit, pieces=p.line.pieces) for p in bill.positions]
    viewed = [["Cart Viewed", {"products": products}]] if products else []
    return visit.page("cart.html", bill=bill, voucher=visit.voucher[0], data={"events": viewed})


async def add(visit: Visit) -> Response:
    """Put something in the cart."""
    fields = await visit.form()
    product, pieces = fields.get("product", [""])[0], fields.get("pieces", ["1"])[0]
    decision = fields.get("decision", [""])[0]
    added = read_cart(f"{product}:{pieces}:{decision}", visit.desk.shop)
    response = RedirectResponse("/shop/cart", 303)
    if added:
        visit.keep(response, "cart", written_cart(_with(visit.cart, added[0])), seconds=_CART)
    return response


def _with(lines: list[Line], added: Line) -> list[Line]:
    """The cart with one thing more; of two decisions that led to a thing the later counts.

    >>> _with([Line("mug-sand", 1), Line("mug-moss", 19, "d1")], Line("mug-moss", 2))
    [Line(product='mug-sand', pieces=1, decision=''), Line(product='mug-moss', pieces=20, decision='d1')]
    """
    before = next((line for line in lines if line.product == added.product), None)
    if before is None:
        return [*lines, added][-MOST_LINES:]
    grown = Line(added.product, min(before.pieces + added.pieces, MOST_PIECES), added.decision or before.decision)
    return [grown if line is before else line for line in lines]


async def remove(visit: Visit) -> Response:
    """Take something out of the cart."""
    product = (await visit.form()).get("product", [""])[0]
    response = RedirectResponse("/shop/cart", 303)
    visit.keep(response, "cart", written_cart(line for line in visit.cart if line.product != product), seconds=_CART)
    return response


async def use_voucher(visit: Visit) -> Response:
    """Use a voucher, or take it off with an empty name."""
    fields = await visit.form()
    name, decision = fields.get("voucher", [""])[0], fields.get("decision", [""])[0]
    response = back_to(fields)
    known = name in {offer.id for offer in visit.desk.shop.offers_of("shop_voucher")}
    led = read_cart(f"mug-moss:1:{decision}", visit.desk.shop)  # a decision's name has the same form everywhere
    visit.keep(response, "voucher", f"{name}:{led[0].decision if led else ''}" if known else "", seconds=86_400)
    return response


async def order(visit: Visit) -> Response:
    """Place the order; the next page tells the tag of it once."""
    bill = _bill(visit)
    if not bill.positions:
        return RedirectResponse("/shop/cart", 303)
    number = f"T{secrets.randbelow(900_000) + 100_000}"
    response = RedirectResponse("/shop/thanks", 303)
    kept = json.dumps(_short(visit, number, bill), separators=(",", ":")).encode().hex()
    visit.keep(response, "order", kept, seconds=_ORDER)
    visit.keep(response, "cart", "")
    visit.keep(response, "voucher", "")
    return response


def _short(visit: Visit, number: str, bill: Bill) -> dict[str, Any]:
    offer, decision = visit.voucher
    return {
        "number": number, "total": bill.total, "discount": bill.discount, "voucher": offer.id if offer else "",
        "decision": decision or next((line.decision for line in visit.cart if line.decision), ""),
        "cart": written_cart(visit.cart),
    }  # fmt: skip


async def thanks(visit: Visit) -> Response:
    """The order was placed; when the page is loaded again, it is not told again."""
    say = speaker(visit.language)
    try:
        placed = json.loads(bytes.fromhex(visit.request.cookies.get("order", "")))
        total, events = float(placed["total"]), [["Order Completed", _told_order(visit, placed)]]
        text = say("thanks_text", number=placed["number"], total=amount(total, visit.language))
    except (ValueError, KeyError, TypeError, AttributeError):
        return visit.page("note.html", title=say("thanks"), text=say("thanks_again"))
    response = visit.page("note.html", title=say("thanks"), text=text, data={"events": events})
    visit.keep(response, "order", "")
    return response


def _told_order(visit: Visit, placed: dict[str, Any]) -> dict[str, Any]:
    shop = visit.desk.shop
    lines = read_cart(placed["cart"], shop)
    ordered = {
        "order_id": str(placed["number"]), "total": float(placed["total"]), "currency": "EUR",
        "products": [told(shop.products[line.product], visit, pieces=line.pieces) for line in lines],
    }  # fmt: skip
    if placed["voucher"]:
        ordered |= {"coupon": str(placed["voucher"]), "discount": float(placed["discount"])}
    if placed["decision"]:
        ordered["decision_id"] = str(placed["decision"])
    return ordered


def _bill(visit: Visit) -> Bill:
    return bill_of(visit.cart, visit.desk.shop, card=bool(visit.user), voucher=visit.voucher[0])
