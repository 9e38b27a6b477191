"""What a decision may know: facts of a person through the gate, and what is known of everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from genom.decide import ActionSet, Companions, Facts, Point
from genom.genome import View
from genom.words import Kind

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["COUPONS", "OWN", "RECENT", "VIEWED", "facts_of"]

Floats = NDArray[np.float64]

OWN: Final = "taste.category.histogram.365d"
RECENT: Final = "taste.lines.last_categories"
VIEWED: Final = "intent.viewed_category.last"
COUPONS: Final = "price.redemptions.count.365d"
_GENES: Final = {
    "own": OWN,
    "recent": RECENT,
    "viewed": VIEWED,
    "following": RECENT,
    "due": OWN,
    "since": RECENT,
    "covered": RECENT,
    "activity": OWN,
    "coupons": COUPONS,
}
"""Feature of `propensity` → the gene that it rests on."""
_OF_LOOKS: Final = _GENES | {"recent": VIEWED}
"""The same where looks stand in for purchases."""

_HOUR: Final = 3_600_000
_THURSDAY: Final = 72  # hours of the week at which the epoch began
_DAY: Final = 86_400_000
_MONTH, _WEEK = 30 * _DAY, 7 * _DAY
_IS_LOOK: Final = np.zeros(256, np.bool_)  # by kind; `isin` takes fifteen times as long for a few records
_IS_LOOK[[Kind.PRODUCT_VIEWED, Kind.PRODUCT_CLICKED, Kind.PRODUCT_ADDED]] = True
_CODES: Final = 384
_NONE: Final[frozenset[int]] = frozenset()
_NOTHING: Final = np.zeros(0)


def facts_of(
    node: Node,
    view: View,
    point: Point,
    *,
    actions: ActionSet,
    popularity: Floats | None = None,
    companions: Companions | None = None,
    rhythm: bool = True,
) -> Facts:
    """The facts of a view at its moment, live or as of the past.

    What is known of everybody is that of now unless it is given: `popularity` by category, and `companions`.
    Without `rhythm` only what `own-purchases-1` reads is in them.
    """
    if not view.permitted or point.model == "experiment":
        return Facts(permitted=view.permitted, now=view.at, position=node.world.position)
    declared = view.declared()
    mailed = frozenset(view.items("messages", Kind.CAMPAIGN_RECEIVED)) if actions.has_campaigns else _NONE
    reader = node.outcomes.reader(point) if point.model == "learned" else None
    facts = Facts(
        permitted=True,
        now=view.at,
        position=node.world.position,
        mailed=mailed,
        liked=declared.liked,
        disliked=declared.disliked,
        attributes=declared.attributes,
        features=reader.read(view, disliked=declared.disliked) if reader else _NOTHING,
        feature_names=reader.names if reader else (),
    )
    if reader:
        return facts
    everybody = node.world.matrix.popularity(view.at) if popularity is None else popularity
    facts = _with_purchases(node, view, facts, everybody)
    return _with_rhythm(view, facts, companions or node.outcomes.companions) if rhythm else facts


def _with_purchases(node: Node, view: View, facts: Facts, popularity: Floats) -> Facts:
    """Purchases for good and lately; looks stand in where somebody has bought nothing lately."""
    genes, lines, looks = node.world.layout.genes, view.records("items"), view.records("events")
    looks = looks[_IS_LOOK[looks["kind"]]]
    recent, viewed = _faded(lines, view.at, _MONTH), _faded(looks, view.at, _WEEK)
    gene = RECENT
    if not len(lines) and len(looks):
        recent, gene = viewed, VIEWED
    return replace(
        facts,
        own=view.cells(OWN),
        own_gene=OWN,
        own_label=genes[OWN].label,
        recent=recent,
        recent_gene=gene,
        recent_label=genes[gene].label,
        popularity=popularity,
        viewed=viewed,
    )


def _faded(records: NDArray[np.void], at: int, half_life: int) -> Floats:
    """Records by category, each weighing half as much after a half-life."""
    if not len(records):
        return np.zeros(0)
    weights = np.exp2((records["ts"] - at) / half_life)
    return np.bincount(records["category_2"], weights, _CODES)[:_CODES].astype(np.float64)


def _with_rhythm(view: View, facts: Facts, companions: Companions) -> Facts:
    lines = view.records("items")
    weights = np.exp2((lines["ts"] - view.at) / _MONTH)
    own, recent = facts.own, facts.recent
    elapsed = _elapsed(lines, own, view.at)
    redeemed = view.cells(COUPONS)
    return replace(
        facts,
        elapsed=elapsed,
        following=companions.after(recent) if recent is not None and len(lines) else np.zeros(0),
        context=companions.at(_hour_of_week(lines, view.at)),
        items=lines["item"],
        item_weights=weights,
        coupons=float(redeemed[0]) if len(redeemed) else 0.0,
        candidate_genes=_GENES if facts.recent_gene == RECENT else _OF_LOOKS,
    )


def _hour_of_week(lines: NDArray[np.void], at: int) -> int:
    """The hour of the week where the person was at their newest purchase; UTC before the first."""
    hours = at // _HOUR
    if len(lines):
        hours += int(lines["hour_of_week"][-1]) - (int(lines["ts"][-1]) // _HOUR + _THURSDAY)
    return (hours + _THURSDAY) % 168


def _elapsed(lines: NDArray[np.void], own: NDArray[np.floating], at: int) -> Floats:
    """Days since the last purchase in each category that was ever bought; at least those that the ring reaches back."""
    if not len(own):
        return np.zeros(0)
    reach = max(at - int(lines["ts"].min()), _DAY) if len(lines) else _DAY
    days = np.where(own > 0, reach / _DAY, 0.0)
    newest = np.zeros(len(own), np.int64)
    np.maximum.at(newest, lines["category_2"], lines["ts"])
    seen = newest > 0
    days[seen] = np.maximum(at - newest[seen], _DAY // 24) / _DAY
    return days
