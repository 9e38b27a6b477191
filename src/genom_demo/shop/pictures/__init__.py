"""Pictures of the products, drawn by code: each category has its own shapes, each product its colour and details."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from genom_demo.catalogue import Product, catalogue
from genom_demo.shop.pictures import bath, coffee, desk, garden, kitchen, living, travel, wear
from genom_demo.shop.pictures.canvas import mix, picture
from genom_demo.shop.pictures.scene import scene

__all__ = ["hero_picture", "product_picture"]

Draw = Callable[[str, str], list[str]]  # product's id and colour → shapes

_DRAW: Final[dict[str, Draw]] = {
    "pans": kitchen.pans, "knives": kitchen.knives, "tableware": kitchen.tableware,
    "beans": coffee.beans, "teas": coffee.teas, "brewing": coffee.brewing,
    "bedding": living.bedding, "throws": living.throws, "lights": living.lights,
    "soaps": bath.soaps, "skincare": bath.skincare, "towels": bath.towels,
    "seeds": garden.seeds, "planters": garden.planters, "gardentools": garden.gardentools,
    "backpacks": travel.backpacks, "bottles": travel.bottles, "camping": travel.camping,
    "notebooks": desk.notebooks, "pens": desk.pens, "order": desk.order,
    "shirts": wear.shirts, "knitwear": wear.knitwear, "socks": wear.socks,
}  # fmt: skip

_STILL_LIVES: Final = {
    "kitchen": ("green-casserole", "copper-pot", "soup-bowl"), "coffee": ("espresso-nero", "kettle-goose", "mug-sand"),
    "sleep": ("throw-mustard", "lamp-brass", "linen-clay"), "bath": ("towel-sea", "soap-liquid", "oil-rose"),
    "garden": ("pot-terracotta", "watering-can", "seeds-meadow"), "travel": ("tent-two", "pack-roll", "bottle-vacuum"),
    "desk": ("cup-pens", "book-red", "ink-blue"), "wear": ("jumper-rust", "beanie", "socks-dots"),
}  # fmt: skip
"""Department → the products of its still life: back, middle, front."""


def _shapes(product: Product) -> list[str]:
    return _DRAW[product.place.id](product.id, product.colour)


def _ground(product: Product) -> str:
    """A pale tint that lets the product stand out: its own colour in warm white, or a grey for pale things."""
    red, green, blue = (int(product.colour[i : i + 2], 16) for i in (1, 3, 5))
    pale = red * 0.3 + green * 0.6 + blue * 0.1 > 205
    return "#c9d0cc" if pale else mix("#f4efe6", product.colour, 0.16)


@cache
def product_picture(product_id: str) -> bytes:
    """The product's picture as an SVG document; raises KeyError for a product that there is not."""
    product = catalogue().products[product_id]
    return picture(_shapes(product), ground=_ground(product)).encode()


@cache
def hero_picture(department: str) -> bytes:
    """A still life of the department's things; raises KeyError for a department that there is not."""
    things = [catalogue().products[name] for name in _STILL_LIVES[department]]
    tint = mix("#f1e8d9", things[0].colour, 0.24)
    return scene([_shapes(thing) for thing in things], tint=tint).encode()
