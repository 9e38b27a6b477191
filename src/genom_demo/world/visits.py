"""What somebody does in the shop, at the till, on the telephone and with a newsletter, as events."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from genom_demo.catalogue import Product
from genom_demo.world import names
from genom_demo.world.events import Json, Scene, Who, identify, order, page, track
from genom_demo.world.shopper import Shopper

__all__ = ["bought", "browsing", "call", "newsletter", "registration", "till", "web_visit"]

_BROWSE_BUYS: Final = 0.08  # added to `base` in the history, where nobody was offered anything


def browsing(someone: Shopper, dice: Random, scene: Scene) -> Iterator[Json]:
    """The shop's page, perhaps a search, a list, and products."""
    yield page("Shop", scene, after=1 + 3 * dice.random())
    first = someone.look(dice)
    if dice.random() < 0.12:
        yield track("Products Searched", scene, f'"query":"{first.department.lower()}"', after=6)
    else:
        about = f'"category_1":"{first.department}","category":"{first.category}"'
        yield track("Product List Viewed", scene, about, after=5)
    product = first
    for _ in range(1 + (dice.random() < 0.6) + (dice.random() < 0.4)):
        yield track("Product Viewed", scene, _about(product), after=4 + 20 * dice.random())
        product = someone.look(dice)


def web_visit(someone: Shopper, dice: Random, scene: Scene) -> Iterator[Json]:
    """A visit of the past: nobody was offered anything but the shop's general promotions."""
    yield from browsing(someone, dice, scene)
    if dice.random() < 0.35:
        yield track("Promotion Viewed", scene, '"promotion_id":"season"', after=2)
        if dice.random() < 0.03 + 0.6 * someone.price:
            yield track("Promotion Clicked", scene, '"promotion_id":"season"', after=3)
    if dice.random() < someone.base + _BROWSE_BUYS:
        yield from bought(someone, dice, scene)
    elif dice.random() < 0.12:
        yield track("Product Added", scene, _about(someone.look(dice)), after=9)


def bought(
    someone: Shopper,
    dice: Random,
    scene: Scene,
    *,
    decision: str = "",
    voucher: int | None = None,
) -> Iterator[Json]:
    """Something goes into the cart and is ordered; `voucher` is the department of one that was redeemed."""
    lines = someone.lines(dice, department=voucher, coupon=voucher is not None)
    yield track("Product Added", scene, _about(lines[0].product), after=8)
    yield track("Checkout Started", scene, after=20)
    number = f"{scene.prefix}-o"
    yield track("Order Completed", scene, order(number, lines, decision=decision), after=40)
    if voucher is not None:
        yield track("Coupon Redeemed", scene, f'"coupon_id":"voucher-{voucher}"', after=1)


def registration(someone: Shopper, scene: Scene, *, app: bool, card: bool, new: bool) -> Iterator[Json]:
    """The shop's server says who logged in: from now on the device, the account and the card are one person."""
    who = names.logged_in(someone.person, app=app)
    extra = names.by_card(someone.person).extra if card else ""
    server = Scene(f"{scene.prefix}-r", scene.at, Who(who.names, extra), scene.channel)
    yield track("Signed Up" if new else "Signed In", server, after=10)
    yield identify(server, f'"email":"{names.email(someone.person)}"')


def till(someone: Shopper, dice: Random, scene: Scene) -> Iterator[Json]:
    """A purchase at a till with the loyalty card."""
    yield track("Order Completed", scene, order(f"{scene.prefix}-o", someone.lines(dice)))
    if dice.random() < 0.03:
        yield track("Order Refunded", scene, f'"order_id":"{scene.prefix}-o","total":9.90', after=86_400)


def call(scene: Scene) -> Iterator[Json]:
    """A call that the call centre took."""
    yield track("Call Received", scene, '"topic":"delivery"')
    yield track("Call Completed", scene, '"topic":"delivery"', after=240)


def newsletter(someone: Shopper, dice: Random, scene: Scene, number: int) -> Iterator[Json]:
    """A newsletter, perhaps opened, perhaps clicked."""
    about = f'"campaign_id":"living-news-{number}"'
    yield track("Campaign Received", scene, about)
    if dice.random() < 0.45:
        yield track("Campaign Opened", scene, about, after=3_600)
        if dice.random() < 0.1 + 0.3 * someone.price:
            yield track("Campaign Clicked", scene, about, after=20)


def _about(product: Product) -> Json:
    return f'"product_id":"{product.id}","price":{product.price:.2f},"currency":"EUR"'
