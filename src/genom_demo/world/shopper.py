"""How a person behaves: what they look at, what they buy, and whether they wait for a discount."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from genom_demo.catalogue import CATEGORIES, DEPARTMENTS, PRODUCTS, Product
from genom_demo.world.events import Line
from genom_demo.world.people import People

__all__ = ["Shopper", "shopper"]

_LOOKS: Final = 0.85  # share of views that follow the taste; the rest is chance
_BUYS: Final = 0.90  # share of order lines that do
_OF_CATEGORY: Final = tuple(
    tuple(product for product in PRODUCTS if product.category == term) for term, _ in CATEGORIES
)
_DEPARTMENT: Final = tuple(DEPARTMENTS.index(department) for _, department in CATEGORIES)


@dataclass(frozen=True, slots=True)
class Shopper:
    """A person's behaviour as tables to draw from."""

    person: int
    price: float
    base: float
    app: float
    taste: Sequence[float]  # over departments
    looks: Sequence[float]  # cumulative, over categories
    buys: Sequence[float]  # cumulative, over categories

    def taste_for(self, department: int | None) -> float:
        """The share of a department in the person's taste; 0 for none."""
        return 0.0 if department is None else self.taste[department]

    def look(self, dice: Random) -> Product:
        """A product that the person looks at."""
        return self._of(dice, _drawn(dice, self.looks))

    def lines(self, dice: Random, *, department: int | None = None, coupon: bool = False) -> list[Line]:
        """What one order holds; with a voucher its first line comes from the voucher's department."""
        count = 1 + (dice.random() < 0.45) + (dice.random() < 0.15)
        lines = [self._line(dice, self._of(dice, _drawn(dice, self.buys))) for _ in range(count)]
        if department is not None:
            wanted = [place for place, of in enumerate(_DEPARTMENT) if of == department]
            product = self._of(dice, wanted[int(dice.random() * len(wanted))])
            lines[0] = Line(product, 1, round(0.1 * product.price, 2), coupon)
        return lines

    def _line(self, dice: Random, product: Product) -> Line:
        """Who looks at prices mostly buys what is reduced."""
        reduced = dice.random() < 0.04 + 0.75 * self.price
        quantity = 1 if dice.random() < 0.85 else 2
        return Line(
            product, quantity, round((0.1 + 0.1 * dice.random()) * product.price * quantity, 2) if reduced else 0.0
        )

    def _of(self, dice: Random, category: int) -> Product:
        """One of a category's products; who looks at prices more often takes a cheaper one."""
        products = _OF_CATEGORY[category]
        first, second = products[int(dice.random() * len(products))], products[int(dice.random() * len(products))]
        cheap, dear = (first, second) if first.price <= second.price else (second, first)
        return cheap if dice.random() < 0.4 + 0.6 * self.price else dear


def shopper(people: People, person: int) -> Shopper:
    """The behaviour that follows from a person's latents.

    >>> from genom_demo.world.people import draw_people
    >>> someone = shopper(draw_people(1, 10), 3)
    >>> round(someone.looks[-1], 9), round(someone.buys[-1], 9)
    (1.0, 1.0)
    """
    taste, within = people.taste[person].tolist(), people.within[person].tolist()
    wanted = [taste[department] * share for department, share in zip(_DEPARTMENT, within, strict=True)]
    return Shopper(
        person=person,
        price=float(people.price[person]),
        base=float(people.base[person]),
        app=float(people.app[person]),
        taste=taste,
        looks=_cumulative(wanted, _LOOKS),
        buys=_cumulative(wanted, _BUYS),
    )


def _cumulative(wanted: Sequence[float], follows: float) -> list[float]:
    chance = (1.0 - follows) / len(wanted)
    return list(accumulate(follows * share + chance for share in wanted))


def _drawn(dice: Random, cumulative: Sequence[float]) -> int:
    return min(bisect_right(cumulative, dice.random()), len(cumulative) - 1)
