"""A gene set of 512 single-valued genes, rows of random people, and what each gene must be: shared by benchmarks.

Only numpy, so that a rival's own environment can load it too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["GENES", "HALF_LIVES", "PARTS", "declaration", "expected", "passes", "rows_of", "touched"]

HOUR, DAY = 3_600_000, 86_400_000  # ms
HALF_LIVES = {"1h": HOUR, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "365d": 365 * DAY}
KINDS = {
    "PAGE_VIEWED": 1, "PRODUCT_LIST_VIEWED": 11, "PRODUCT_VIEWED": 16, "PRODUCT_ADDED": 17, "CHECKOUT_STARTED": 20,
    "ORDER_COMPLETED": 24, "COUPON_REDEEMED": 32, "CAMPAIGN_OPENED": 41,
}  # fmt: skip
CHANNELS = {"web": 1, "app": 2, "pos": 3, "phone": 4, "email": 5}
PARTS = {"night": 0, "morning": 1, "afternoon": 2, "evening": 3}
T0 = 1_767_225_600_000  # 2026-01-01, unix ms


def _genes() -> list[dict[str, Any]]:
    """Eight kinds of events with 64 genes each: `half_life` 0 is for ever, `op` recency is days since the last."""
    found = []
    for kind, number in KINDS.items():
        base = {"kind": number, "channel": 0, "part": -1, "weekend": False, "property": "", "op": "count"}
        every = [{**base, "half_life": h} for h in (*HALF_LIVES.values(), 0)]
        every += [{**base, "op": "sum", "property": "amount", "half_life": h} for h in HALF_LIVES.values()]
        every += [{**base, "op": "sum", "property": "quantity", "half_life": h} for h in (30 * DAY, 0)]
        every += [{**base, "op": "recency", "half_life": 0}]
        for h in HALF_LIVES.values():
            every += [{**base, "channel": channel, "half_life": h} for channel in CHANNELS.values()]
            every += [{**base, "part": part, "half_life": h} for part in PARTS.values()]
            every += [{**base, "weekend": True, "half_life": h}]
        found += [{**gene, "of": _filter(kind, gene)} for gene in every]
    return found


def _filter(kind: str, gene: dict[str, Any]) -> str:
    name = kind.lower()
    channels, parts = {n: c for c, n in CHANNELS.items()}, {n: p for p, n in PARTS.items()}
    if gene["channel"]:
        return f"{name}_{channels[gene['channel']]}"
    if gene["part"] >= 0:
        return f"{name}_{parts[gene['part']]}"
    return f"{name}_weekend" if gene["weekend"] else name


GENES = _genes()


def declaration(path: Path, *, genes: list[dict[str, Any]] | None = None, ring: int = 8) -> list[str]:
    """Write the gene set as a gene file (JSON is YAML); returns the ids in the order of the genes."""
    filters: dict[str, Any] = {}
    for kind in KINDS:
        filters[kind.lower()] = {"kinds": [kind]}
        for channel in CHANNELS:
            filters[f"{kind.lower()}_{channel}"] = {"kinds": [kind], "channel": channel}
        for bit in (*PARTS, "weekend"):
            filters[f"{kind.lower()}_{bit}"] = {"kinds": [kind], "bits": [bit]}
    spans = {h: name for name, h in HALF_LIVES.items()} | {0: "lifetime"}
    declared, ids = list[dict[str, Any]](), []
    for gene in genes or GENES:
        what = gene["property"] or "times"
        one = {"family": "rhythm", "name": f"{gene['of']}_{what}", "op": gene["op"], "of": gene["of"]}
        one |= {"label": {"en": "x", "de": "x"}} | ({"property": gene["property"]} if gene["property"] else {})
        ids.append(f"rhythm.{one['name']}.{gene['op']}")
        if gene["op"] != "recency":
            one["over"] = [spans[gene["half_life"]]]
            ids[-1] += f".{one['over'][0]}"
        declared.append(one)
    content = {
        "purposes": ["recommend"],
        "rings": {"events": ring, "items": 2, "messages": 2, "declared": 2},
        "filters": filters,
        "genes": declared,
    }
    path.write_text(json.dumps(content), "utf-8")
    return ids


def rows_of(dtype: Any, count: int, *, people: int, seed: int = 7) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Rows in order of time at 25 a person and month, and the person of each."""
    random = np.random.default_rng(seed)
    rows = np.zeros(count, dtype)
    span = max(1, int(30 * DAY * count / (25 * people)))
    rows["ts"] = rows["known_at"] = T0 + np.sort(random.integers(0, span, count))
    rows["kind"] = random.choice(np.array(list(KINDS.values())), count)
    rows["channel"] = random.integers(1, 6, count)
    rows["hour_of_week"] = rows["ts"] // HOUR % 168
    rows["amount"], rows["quantity"] = random.integers(1, 10**8, count), 1000
    rows["flags"], rows["id_low"] = 1, random.integers(1, 2**62, count)
    return rows, random.integers(1, people + 1, count)


def passes(gene: dict[str, Any], rows: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows a gene looks at."""
    chosen = rows["kind"] == gene["kind"]
    if gene["channel"]:
        chosen &= rows["channel"] == gene["channel"]
    if gene["part"] >= 0:
        chosen &= rows["hour_of_week"] % 24 // 6 == gene["part"]
    return np.asarray(chosen & (rows["hour_of_week"] >= 120) if gene["weekend"] else chosen)


def touched(rows: NDArray[Any]) -> int:
    """How many updates of genes the rows make."""
    return int(sum(np.count_nonzero(passes(gene, rows)) for gene in GENES))


def expected(
    rows: NDArray[Any], persons: NDArray[np.int64], *, at: int, people: int, fading: bool = True
) -> NDArray[np.float64]:
    """Each person's genes at a moment, shape (people + 1, genes), by the definition; not `fading`: as if for ever."""
    found = np.zeros((people + 1, len(GENES)))
    for g, gene in enumerate(GENES):
        mine = passes(gene, rows)
        who, age = persons[mine], at - rows["ts"][mine]
        if gene["op"] == "recency":
            last = np.full(people + 1, np.inf)
            np.minimum.at(last, who, age / DAY)
            found[:, g] = np.where(np.isfinite(last), last, np.nan)
            continue
        amounts = {"": 1.0, "amount": rows["amount"][mine] * 1e-6, "quantity": rows["quantity"][mine] * 1e-3}
        weights = np.exp2(-age / gene["half_life"]) if gene["half_life"] and fading else np.ones(len(who))
        found[:, g] = np.bincount(who, weights * amounts[gene["property"]], people + 1)
    return found
