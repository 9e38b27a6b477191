"""Which genes tell most about a person: a few of each family, chosen by hand, then those that hold anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from genom.app.show.page import Json
from genom.app.show.values import magnitude

__all__ = ["TELLING", "most_telling"]

TELLING: Final[tuple[str, ...]] = (
    "identity.first_seen.first",
    "identity.last_seen.last",
    "identity.sign_ins.count.lifetime",
    "identity.identified.count.lifetime",
    "channels.mix.histogram.365d",
    "channels.order.last",
    "channels.orders_web.count.lifetime",
    "channels.orders_pos.count.lifetime",
    "rhythm.orders.count.lifetime",
    "rhythm.order.recency",
    "rhythm.orders.gap_mean",
    "rhythm.weekday.histogram.365d",
    "rhythm.events.count.lifetime",
    "intent.funnel.funnel_stage",
    "intent.viewed_category.last",
    "intent.views.count.7d",
    "intent.adds.count.7d",
    "intent.searches.count.7d",
    "value.order_value.sum.lifetime",
    "value.order_value.sum.30d",
    "value.orders.mean_amount",
    "value.last_order.last",
    "taste.category.histogram.365d",
    "taste.viewed_department.histogram.7d",
    "taste.lines.last_categories",
    "taste.lines.repeat_share",
    "price.saved.sum.lifetime",
    "price.discounted_orders.count.lifetime",
    "price.redemptions.count.lifetime",
    "price.last_saving.last",
    "lifecycle.first_order.first",
    "lifecycle.messages.count.lifetime",
    "lifecycle.clicks.count.lifetime",
    "lifecycle.messages.messages_unanswered",
    "trust.cancellations.count.lifetime",
    "trust.bounces.count.lifetime",
    "trust.calls.count.lifetime",
    "trust.denied_coupons.count.lifetime",
)
_ENOUGH: Final = 3  # genes chosen by hand; with fewer, others are added
_ZEROS: Final = 2  # genes of a family that holds nothing
_NOTHING: Final = 0.05  # less is shown as zero


def most_telling(genes: Iterable[Json], *, most: int) -> list[Json]:
    """Up to `most` known genes of a family that hold something: those chosen by hand, else a few others.

    Where nothing holds anything, the first zeros: they tell something, too.
    """
    known = [gene for gene in genes if gene["state"] == "known"]
    ranked = _without_repeats(sorted(known, key=lambda gene: _RANK.get(gene["id"], len(_RANK))))
    holding = [gene for gene in ranked if _holds(gene)]
    chosen = [gene for gene in holding if gene["id"] in _RANK]
    return chosen[:most] if len(chosen) >= _ENOUGH else holding[:_ENOUGH] or ranked[:_ZEROS]


def _without_repeats(genes: list[Json]) -> list[Json]:
    seen: set[tuple[str, ...]] = set()
    kept = []
    for gene in genes:
        stem = tuple(gene["id"].split(".")[:3])
        if gene["id"] in _RANK or stem not in seen:
            kept.append(gene)
        seen.add(stem)
    return kept


def _holds(gene: Json) -> bool:
    size = magnitude(gene)
    return size is None or size >= _NOTHING


_RANK: Final = {gene: place for place, gene in enumerate(TELLING)}
