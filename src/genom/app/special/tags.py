"""Tags `art9`: which products, categories and events tell of health, belief, sexual life and the like (Art. 9 GDPR).

They come from a file of the data directory (`art9.yaml`), from `PUT /v1/art9`, and from products that are sent as
`"art9": true`; what any of the three tags is tagged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import sqlalchemy as sa

from genom.app.catalogue import Catalogue
from genom.app.tables import art9_products
from genom.consent.strict_yaml import read_yaml
from genom.errors import BadConfiguration, nearest
from genom.typed import converted
from genom.words import KINDS

__all__ = [
    "FILE", "NOTHING", "Tagged", "Tags", "flagged_products", "keep_tagged", "read_tagged", "tag_products", "tags_of",
    "told_by",
]  # fmt: skip

FILE: Final = "art9.yaml"
_DEFINED: Final = ("art9", "tags")  # kind and name of the definition in the catalogue
_PARTS: Final = ("category_1", "category_2", "products", "events")
_MOST: Final = 100_000  # of each part
_LONGEST: Final = 200  # characters


class Tagged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody has tagged by name."""

    category_1: tuple[str, ...] = ()  # wider categories, such as a department
    category_2: tuple[str, ...] = ()  # narrower categories
    products: tuple[str, ...] = ()  # ids of products; of coupons, too
    events: tuple[str, ...] = ()  # names of own events, such as "Prescription Uploaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """All tags together, as events and candidates are held against them.

    >>> tags = Tags(narrow=frozenset({"TESTS"}), items=frozenset({"p1"}))
    >>> tags.about("p9", "DRUGS", "TESTS"), tags.about("p1", "", ""), tags.about("p9", "DRUGS", "SOAP")
    (True, True, False)
    """

    wide: frozenset[str] = frozenset()  # terms of `category_1`
    narrow: frozenset[str] = frozenset()  # terms of `category_2`
    items: frozenset[str] = frozenset()  # products, with those of tagged categories, and coupons for them
    events: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()  # terms of `category_2` that are tagged, or belong to a tagged department

    def __bool__(self) -> bool:
        return bool(self.wide or self.narrow or self.items or self.events)

    def about(self, item: str, one: str, two: str) -> bool:
        """Whether a thing is tagged: a product, coupon or campaign with its categories."""
        return item in self.items or one in self.wide or two in (self.narrow if one else self.barred)

    def concern(self, products: Mapping[str, tuple[str, str]]) -> bool:
        """Whether any of these is tagged, by itself or by a category; no others can change what follows from the tags.

        >>> tags = Tags(narrow=frozenset({"TESTS"}), items=frozenset({"p1"}))
        >>> tags.concern({"p9": ("DRUGS", "TESTS")}), tags.concern({"p9": ("DRUGS", "SOAP"), "p1": ("", "")})
        (True, True)
        >>> tags.concern({"p9": ("DRUGS", "SOAP")})
        False
        """
        return any(
            item in self.items or one in self.wide or two in self.narrow for item, (one, two) in products.items()
        )

    @property
    def digest(self) -> str:
        """Tells these tags from others; empty if nothing is tagged."""
        if not self:
            return ""
        parts = [sorted(part) for part in (self.wide, self.narrow, self.items, self.events)]
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]

    @classmethod
    def of(
        cls,
        told: Iterable[Tagged],
        *,
        products: Mapping[str, tuple[str, str]],
        flagged: Iterable[str] = (),
        actions: Iterable[Mapping[str, Any]] = (),
    ) -> Self:
        """The tags that follow from what was told; `products`: id → categories, `flagged`: ids sent as tagged.

        A coupon that covers a tagged product or category is tagged with it.

        >>> told, shelf = [Tagged(category_1=("DRUGS",))], {"p1": ("DRUGS", "TESTS"), "p2": ("FOOD", "TEA")}
        >>> coupons = [{"id": "c1", "products": ["p1", "p2"], "categories": {}}]
        >>> tags = Tags.of(told, products=shelf, actions=coupons)
        >>> sorted(tags.items), sorted(tags.barred)
        (['c1', 'p1'], ['TESTS'])
        """
        told = tuple(told)
        wide, narrow = (frozenset(t for one in told for t in getattr(one, part)) for part in _PARTS[:2])
        items = {*flagged, *(item for one in told for item in one.products)}
        barred = set(narrow)
        for item, (one, two) in products.items():
            if one in wide or two in narrow:
                items.add(item)
            if one in wide and two:
                barred.add(two)
        coupons = {
            str(action["id"])
            for action in actions
            if not items.isdisjoint(action["products"]) or not barred.isdisjoint(action["categories"])
        }
        events = frozenset(name for one in told for name in one.events)
        return cls(wide=wide, narrow=narrow, items=frozenset(items | coupons), events=events, barred=frozenset(barred))


NOTHING: Final = Tags()


def read_tagged(given: object, *, where: str) -> Tagged:
    """What a file or request tags.  Raises BadConfiguration that names the place.

    >>> read_tagged({"category_2": ["TESTS"]}, where="art9.yaml").category_2
    ('TESTS',)
    """
    known = given if isinstance(given, dict) else {}
    for part in known:
        if part not in _PARTS:
            fix = nearest(str(part), _PARTS) or f"its parts are {', '.join(_PARTS)}"
            why = "nothing would be tagged by it"
            raise BadConfiguration(f"{where} has an unknown part {part!r}.", why=why, fix=fix)
    try:
        tagged = converted({} if given is None else given, Tagged)
    except msgspec.ValidationError as error:
        fix = f"write lists of names under {', '.join(_PARTS)}; quote names that look like numbers"
        raise BadConfiguration(f"{where} cannot be used.", why=str(error), fix=fix) from error
    for part in _PARTS:
        _check(getattr(tagged, part), f"{where}: {part}")
    for name in tagged.events:
        if name in KINDS:
            raise BadConfiguration(
                f"{where}: events tags {name!r}.",
                why="it is an event of the e-commerce specification, and says of what it tells by its product",
                fix="tag the products or categories, or give such events a name of their own",
            )
    return tagged


def _check(names: tuple[str, ...], where: str) -> None:
    if len(names) > _MOST:
        raise BadConfiguration(f"{where} has {len(names):,} names.", why=f"at most {_MOST:,}", fix="tag categories")
    for name in names:
        if not name.strip() or len(name) > _LONGEST:
            why = f"a name has 1 to {_LONGEST} characters"
            raise BadConfiguration(f"{where} has the name {name[:60]!r}.", why=why, fix="correct it")


def keep_tagged(catalogue: Catalogue, tagged: Tagged, *, author: str, at: int) -> int:
    """Keep what `PUT /v1/art9` tags, in the place of what it tagged before; returns the version."""
    return catalogue.define(*_DEFINED, msgspec.to_builtins(tagged), author=author, at=at)


def tag_products(catalogue: Catalogue, flags: Mapping[str, bool]) -> None:
    """Tag products, or take the tag from them."""
    with catalogue.begin() as connection:
        tagged = [{"product_id": product} for product, flag in flags.items() if flag]
        gone = [product for product, flag in flags.items() if not flag]
        if tagged:
            connection.execute(art9_products.insert().prefix_with("OR REPLACE"), tagged)
        for product in gone:
            connection.execute(art9_products.delete().where(art9_products.c.product_id == product))


def told_by(path: Path, catalogue: Catalogue) -> tuple[Tagged, Tagged]:
    """What the file of a data directory tags, and what was tagged over HTTP.  Raises BadConfiguration."""
    file = path / FILE
    own = read_tagged(read_yaml(file), where=str(file)) if file.exists() else Tagged()
    kept = catalogue.defined(*_DEFINED)
    return own, Tagged() if kept is None else read_tagged(kept, where="PUT /v1/art9")


def flagged_products(catalogue: Catalogue) -> list[str]:
    """Products that were sent as tagged."""
    with catalogue.begin() as connection:
        return list(connection.scalars(sa.select(art9_products.c.product_id)))


def tags_of(path: Path, catalogue: Catalogue) -> Tags:
    """All tags of a data directory; where nothing is tagged the catalogue is not read.  Raises BadConfiguration."""
    told, flagged = told_by(path, catalogue), flagged_products(catalogue)
    if not flagged and told == (Tagged(), Tagged()):
        return NOTHING
    products = {item: (one, two) for item, one, two in catalogue.products()}
    return Tags.of(told, products=products, flagged=flagged, actions=catalogue.actions())
