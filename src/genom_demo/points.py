"""The shop's decision points as Genom learns of them: what each chooses among, from which genes, and what counts."""

from __future__ import annotations

from typing import Any, Final

from genom_demo.catalogue import Catalogue

__all__ = ["LEARNING", "actions_of", "points_of"]

LEARNING: Final = ("shop_voucher", "shop_hero")
"""The points whose policy learns."""

_BOUGHT: Final = "taste.department.histogram.365d"
_VIEWED: Final = "taste.viewed_department.histogram.7d"
_PRICE: Final = (
    "price.discounted_lines.count.365d",
    "price.promotions_clicked.count.365d",
    "value.lines.count.365d",
)

_ARMS: Final = {
    "banner_plain": {"en": "Plain", "de": "Schlicht"},
    "banner_vivid": {"en": "Detailed", "de": "Ausführlich"},
    "aa_one": {"en": "Version A", "de": "Fassung A"},
    "aa_two": {"en": "Version B", "de": "Fassung B"},
}
"""Names of arms, where what they show is too long to stand in a sentence about them."""

Definition = dict[str, Any]


def points_of(shop: Catalogue, *, reward_seconds: int) -> list[Definition]:
    """The definitions of all points; what comes within `reward_seconds` of a decision is its reward."""
    tastes = [_feature(gene, "share", d.term) for gene in (_BOUGHT, _VIEWED) for d in shop.departments.values()]
    prices = [_feature(gene, "log") for gene in _PRICE]
    orders = {"events": ["Order Completed"], "value": "count", "within_seconds": reward_seconds}
    clicks = {"events": ["Promotion Clicked"], "value": "count", "within_seconds": reward_seconds}
    rows = {"events": ["Recommendation Clicked"], "value": "count", "within_seconds": reward_seconds}
    return [
        _point("shop_voucher", "Voucher", "Gutschein", also=["price"], **_learned([*tastes, *prices], orders)),
        _point("shop_hero", "Picture on the first page", "Bild auf der Startseite", **_learned(tastes, clicks)),
        _point("shop_row", "Recommendations", "Empfehlungen", purpose="recommend", model="propensity", reward=rows),
        _point("shop_banner", "Line about delivery", "Zeile zum Versand", **_experiment(shop, "shop_banner", clicks)),
        _point(
            "shop_aa",
            "Line about help (A/A test)",
            "Zeile zur Hilfe (A/A-Test)",
            **_experiment(shop, "shop_aa", clicks),
        ),
    ]


def actions_of(shop: Catalogue) -> list[Definition]:
    """What the points choose among; garments are recommended to nobody who says that their size is another one."""
    offers = [
        {"id": o.id, "point": o.point, "label": _ARMS.get(o.id, o.label), "value": o.value,
         "categories": [c.term for c in shop.categories_of(o.department.id)] if o.department else []}
        for o in shop.offers.values()
    ]  # fmt: skip
    rows = [
        {"id": f"row_{c.id}", "point": "shop_row", "label": c.name, "categories": [c.term],
         "attributes": {"size": list(c.sizes)} if c.sizes else {}}
        for c in shop.categories.values()
    ]  # fmt: skip
    return [*offers, *rows]


def _point(name: str, en: str, de: str, **more: Any) -> Definition:
    usual = {
        "candidates": "actions",
        "browser": True,
        "policy": {"control": 0.1, "epsilon": 0.02, "temperature": 0.1, "do_nothing": 0.0},
    }
    return {"id": name, "label": _both(en, de), **usual, **more}


def _learned(features: list[Definition], reward: Definition) -> Definition:
    return {"purpose": "personalise_onsite", "model": "learned", "features": features, "reward": reward}


def _experiment(shop: Catalogue, point: str, reward: Definition) -> Definition:
    arms = [offer.id for offer in shop.offers_of(point)]
    shares = {arm: 1 / len(arms) for arm in arms}
    return {"purpose": "experiment", "model": "experiment", "shares": shares, "reward": reward}


def _feature(gene: str, form: str, cell: str = "") -> Definition:
    return {"gene": gene, "cell": cell, "form": form}


def _both(en: str, de: str) -> dict[str, str]:
    return {"en": en, "de": de}
