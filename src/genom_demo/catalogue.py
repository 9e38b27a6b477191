"""What the shop sells and offers: departments, categories, products, vouchers, pictures and banners; all invented.

The order is fixed for ever: the simulated world's draws depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = [
    "CATEGORIES", "DEPARTMENTS", "PRODUCTS", "Catalogue", "Category", "Department", "Offer", "Product", "Text",
    "catalogue",
]  # fmt: skip

_HERE: Final = Path(__file__).parent


Text = dict[str, str]  # en, de


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department."""

    id: str  # in addresses
    term: str  # its name in Genom (`category_1`)
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category."""

    id: str  # in addresses
    term: str  # its name in Genom (`category_2`)
    name: Text
    department: Department
    sizes: tuple[str, ...] = ()  # in which its garments are in stock; empty: they have none


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product; its number counts from 0 in the order of the catalogue."""

    number: int
    id: str
    name: Text
    text: Text
    brand: str
    price: float  # EUR
    card_price: float | None  # EUR, with the loyalty card; None: the card changes nothing
    colour: str  # of its picture, #rrggbb
    place: Category
    sizes: tuple[str, ...] = ()  # in which it is in stock; empty: it has none

    @property
    def category(self) -> str:
        """Its `category_2` in Genom."""
        return self.place.term

    @property
    def department(self) -> str:
        """Its `category_1` in Genom."""
        return self.place.department.term


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An action of one of the shop's decision points."""

    id: str
    point: str
    label: Text  # what marketers call it
    value: float  # EUR that a success is worth
    department: Department | None = None  # what it is about
    text: Text | None = None  # what visitors read below or instead of the label
    button: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything by its id, in the order of the file."""

    departments: Mapping[str, Department]
    categories: Mapping[str, Category]
    products: Mapping[str, Product]
    offers: Mapping[str, Offer]  # of all points

    def products_of(self, category: str) -> list[Product]:
        """The products of a category."""
        return [p for p in self.products.values() if p.place.id == category]

    def categories_of(self, department: str) -> list[Category]:
        """The categories of a department."""
        return [c for c in self.categories.values() if c.department.id == department]

    def offers_of(self, point: str) -> list[Offer]:
        """The actions of a decision point."""
        return [o for o in self.offers.values() if o.point == point]

    def category_named(self, term: str) -> Category | None:
        """The category that Genom knows by this name."""
        return next((c for c in self.categories.values() if c.term == term), None)


@cache
def catalogue() -> Catalogue:
    """The shop's catalogue.

    >>> shop = catalogue()
    >>> len(shop.departments), len(shop.categories), len(shop.products), len(shop.offers_of("shop_voucher"))
    (8, 24, 120, 8)
    >>> shop.products["mug-moss"].place.name["de"], shop.products["mug-moss"].card_price
    ('Teller und Tassen', 10.9)
    """
    written = _read("catalogue.yaml")
    departments = {d["id"]: Department(id=d["id"], term=d["en"], name=_text(d)) for d in written["departments"]}
    categories = {
        c["id"]: Category(
            id=c["id"],
            term=c["en"],
            name=_text(c),
            department=departments[c["department"]],
            sizes=tuple(c.get("sizes", ())),
        )
        for c in written["categories"]
    }
    rows = [(row, categories[c["id"]]) for c in written["categories"] for row in c["products"]]
    unsized = {name for c in written["categories"] for name in c.get("one_size", ())}
    products = [_product(number, row, category, unsized) for number, (row, category) in enumerate(rows)]
    return Catalogue(
        departments=departments,
        categories=categories,
        products={product.id: product for product in products},
        offers={offer.id: offer for offer in _offers(departments)},
    )


def _read(name: str) -> Any:
    return yaml.safe_load((_HERE / name).read_text("utf-8"))


def _text(entry: Mapping[str, str]) -> Text:
    return {"en": entry["en"], "de": entry["de"]}


def _product(number: int, row: list[Any], category: Category, unsized: set[str]) -> Product:
    name, en, de, brand, price, card_price, colour, text_en, text_de = row
    return Product(
        number=number, id=name, name={"en": en, "de": de}, text={"en": text_en, "de": text_de}, brand=brand,
        price=price, card_price=card_price, colour=colour, place=category,
        sizes=() if name in unsized else category.sizes,
    )  # fmt: skip


def _offers(departments: Mapping[str, Department]) -> list[Offer]:
    written = _read("offers.yaml")
    points = {"vouchers": "shop_voucher", "heroes": "shop_hero", "banners": "shop_banner", "equals": "shop_aa"}
    return [_offer(entry, point, departments) for kind, point in points.items() for entry in written[kind]]


def _offer(entry: Mapping[str, Any], point: str, departments: Mapping[str, Department]) -> Offer:
    about = departments[entry["department"]] if "department" in entry else None
    value = entry.get("value", 1.0)
    if isinstance(entry["en"], str):
        return Offer(id=entry["id"], point=point, label=_text(entry), value=value, department=about)
    said = {part: {"en": entry["en"][part], "de": entry["de"][part]} for part in entry["en"]}
    return Offer(
        id=entry["id"], point=point, label=said["title"], value=value, department=about, text=said["text"],
        button=said.get("button"),
    )  # fmt: skip


DEPARTMENTS: Final = tuple(department.term for department in catalogue().departments.values())
CATEGORIES: Final = tuple((c.term, c.department.term) for c in catalogue().categories.values())  # with its department
PRODUCTS: Final = tuple(catalogue().products.values())
