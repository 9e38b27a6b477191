"""Pages to look around: the first page, departments, categories, products, and the recommendation row."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import HTMLResponse, Response

from genom_demo.catalogue import Catalogue, Product
from genom_demo.shop.prices import price_of
from genom_demo.shop.visit import Visit
from genom_demo.shop.words import amount, speaker

__all__ = ["category", "department", "help_page", "home", "not_found", "product", "row", "told"]

POPULAR: Final = ("crema-morning", "throw-wool", "soup-bowl", "pack-day")
WINDOWS: Final = {
    "kitchen": "green-casserole", "coffee": "espresso-nero", "sleep": "lamp-brass", "bath": "soap-lavender",
    "garden": "pot-terracotta", "travel": "tent-two", "desk": "book-navy", "wear": "cardigan-fir",
}  # fmt: skip
ROW: Final = (2, 1, 1)  # things of the best category, of the second, of the third


async def home(visit: Visit) -> Response:
    """The first page with its slots."""
    shop = visit.desk.shop
    popular = [shop.products[name] for name in POPULAR]
    windows = [(shop.departments[name], shop.products[shown]) for name, shown in WINDOWS.items()]
    return visit.page("home.html", popular=popular, windows=windows)


async def department(visit: Visit) -> Response:
    """All categories of a department."""
    shop, name = visit.desk.shop, visit.request.path_params["department"]
    if name not in shop.departments:
        return await not_found(visit)
    chips = shop.categories_of(name)
    groups = [(one.name[visit.language], shop.products_of(one.id)) for one in chips]
    return visit.page(
        "list.html", title=shop.departments[name].name[visit.language], here=name, chips=chips, groups=groups,
        category=None, data={"events": [["Product List Viewed", {"list_id": name, "department": _term(shop, name)}]]},
    )  # fmt: skip


async def category(visit: Visit) -> Response:
    """The things of a category."""
    shop, name = visit.desk.shop, visit.request.path_params["category"]
    if name not in shop.categories:
        return await not_found(visit)
    found = shop.categories[name]
    viewed = {"list_id": name, "category": found.term, "department": found.department.term}
    return visit.page(
        "list.html", title=found.name[visit.language], here=found.department.id, category=found,
        chips=shop.categories_of(found.department.id), groups=[("", shop.products_of(name))],
        data={"events": [["Product List Viewed", viewed]]},
    )  # fmt: skip


async def product(visit: Visit) -> Response:
    """One thing, and what goes with it."""
    shop, name = visit.desk.shop, visit.request.path_params["product"]
    if name not in shop.products:
        return await not_found(visit)
    found = shop.products[name]
    others = [one for one in shop.products_of(found.place.id) if one.id != name][:4]
    viewed = told(found, visit)
    return visit.page(
        "product.html", product=found, others=others, here=found.place.department.id,
        data={"product": viewed, "events": [["Product Viewed", viewed]]},
    )  # fmt: skip


async def row(visit: Visit) -> Response:
    """The recommendation row for the categories that were decided, as a part of a page."""
    shop, asked = visit.desk.shop, visit.request.query_params
    wanted = [name for name in asked.get("categories", "")[:400].split(",") if name in shop.categories]
    without = {asked.get("without", ""), *(line.product for line in visit.cart)}
    seed = int(asked["seed"], 16) if asked.get("seed", "") in _SEEDS else 0
    chosen = _chosen(shop, wanted, without=without, seed=seed)
    if not chosen:
        return Response(status_code=404)
    say, language = speaker(visit.language), visit.language
    macro: Any = visit.desk.pages.get_template("parts.html").module.row  # type: ignore[attr-defined]  # a template's macro
    text = macro(
        chosen, language, say, lambda euros: amount(euros, language), visit.user, say("for_you"), say("for_you_note")
    )
    return HTMLResponse(str(text))


_SEEDS: Final = frozenset(f"{value:02x}" for value in range(256))


def _chosen(shop: Catalogue, wanted: list[str], *, without: set[str], seed: int) -> list[Product]:
    """Four things of the wanted categories, most of the first; the seed turns the shelf, so that not all see the same.

    >>> from genom_demo.catalogue import catalogue
    >>> [p.id for p in _chosen(catalogue(), ["teas", "socks", "pens"], without={"tea-east"}, seed=0)]
    ['tea-sencha', 'tea-herbs', 'socks-everyday', 'pen-fountain']
    """
    shelves = [[p for p in shop.products_of(name) if p.id not in without] for name in wanted]
    shelves = [shelf[seed % len(shelf) :] + shelf[: seed % len(shelf)] for shelf in shelves if shelf]
    counts = (*ROW[: len(shelves) - 1], sum(ROW[len(shelves) - 1 :])) if len(shelves) <= len(ROW) else ROW
    return [one for shelf, count in zip(shelves, counts, strict=False) for one in shelf[:count]]


async def help_page(visit: Visit) -> Response:
    """Delivery and questions."""
    return visit.page("help.html")


async def not_found(visit: Visit) -> Response:
    """There is no such page or thing."""
    say = speaker(visit.language)
    return visit.page("note.html", status=404, title=say("missing_title"), text=say("missing"))


def told(product: Product, visit: Visit, *, pieces: int = 1) -> dict[str, Any]:
    """A product as events tell of it."""
    return {
        "product_id": product.id, "name": product.name["en"], "brand": product.brand, "category": product.category,
        "department": product.department, "price": price_of(product, card=bool(visit.user)), "quantity": pieces,
        "currency": "EUR",
    }  # fmt: skip


def _term(shop: Catalogue, department: str) -> str:
    return shop.departments[department].term
