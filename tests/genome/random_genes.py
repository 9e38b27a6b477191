"""Random gene sets over every op, filter, property and half-life that can be declared."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from genom.errors import GenomError
from genom.genome import Genes, Layout, compile_genes, load_genes
from tests.genome.histories import ONE, THREE, TWO

LABEL = {"en": "x", "de": "x"}
KINDS = ["ORDER_COMPLETED", "PRODUCT_VIEWED", "PRODUCT_ADDED", "ORDER_REFUNDED", "CAMPAIGN_OPENED", "OTHER"]
BITS = ["discounted", "coupon", "clamped", "amount", "weekend", "night", "morning", "afternoon", "evening", "device"]
FAMILIES = ["rhythm", "value", "taste", "price"]
SPANS = ["1s", "10min", "1h", "1d", "7d", "30d", "365d", "100y"]


def declared_filters(rng: random.Random) -> dict[str, dict[str, Any]]:
    """Some filters, the first of them without conditions; the later ones combine the earlier."""
    found: dict[str, dict[str, Any]] = {"all_events": {}, "all_lines": {"lines": True}}
    for n in range(8):
        chosen: dict[str, Any] = {"lines": True} if rng.random() < 0.3 else {}
        if rng.random() < 0.7:
            chosen["kinds"] = rng.sample(KINDS, rng.randint(1, 3))
        if rng.random() < 0.3:
            chosen["channel"] = rng.choice(["web", "pos", "app"])
        if rng.random() < 0.4:
            chosen["bits"] = rng.sample(BITS, rng.randint(1, 2))
        if rng.random() < 0.4:
            chosen["where"] = rng.choice(
                [
                    {"amount": {"from": rng.randint(0, 50), "below": rng.randint(51, 5_000)}},
                    {"channel": ["web", "pos"]},
                    {"hour_of_day": {"from": rng.randint(0, 11), "below": rng.randint(12, 24)}},
                    {"category_2": ["two", "last"]},
                    {"source": [0, 3]},
                    {"device": ["phone", "tablet"]},
                ]
            )
        same = [name for name, one in found.items() if one.get("lines", False) == chosen.get("lines", False)]
        if rng.random() < 0.4:
            chosen[rng.choice(["all", "any", "not"])] = [rng.choice(same)]
        found[f"filter_{n}"] = chosen
    return found


def declared_genes(rng: random.Random, filters: list[str], count: int) -> list[dict[str, Any]]:
    """Genes of all ops that the kernel folds."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    while len(found) < count:
        op = rng.choice(["count", "sum", "mean", "variance", "histogram", "recency", "first", "last", "distinct"])
        spans = rng.sample([*SPANS, "lifetime"], rng.randint(1, 3))
        gene: dict[str, Any] = {"op": op, "of": rng.choice(filters), "label": LABEL, "family": rng.choice(FAMILIES)}
        gene["name"] = f"g{len(found)}"
        if op in {"count", "sum", "mean", "variance"}:
            gene["over"] = spans
        if op in {"sum", "mean", "variance"}:
            gene["property"] = rng.choice(["amount", "discount", "quantity"])
        if op == "histogram":
            gene["property"] = rng.choice(
                ["channel", "weekday", "hour_of_day", "category_1", "item", "source", "name", "device"]
            )
            gene["over"] = [span for span in spans if span != "lifetime"] or ["30d"]
            if gene["property"] in {"item", "source", "name"}:
                gene["buckets"] = rng.choice([16, 64])
        if op in {"first", "last"}:
            gene["property"] = rng.choice(["time", "channel", "category_1", "amount", "quantity", "device"])
        if op == "distinct":
            gene |= {"property": rng.choice(["item", "channel", "category_2"]), "over": ["30d"], "buckets": 64}
        if rng.random() < 0.2:
            gene["purposes"] = [rng.choice(["one", "two"])]
        found[gene["family"], gene["name"]] = gene
    return list(found.values())


def random_layout(seed: int, directory: Path, *, genes: int = 12) -> Layout:
    """A compiled gene set that depends on nothing but the seed; what contradicts itself is drawn again."""
    rng = random.Random(seed)
    while True:
        filters = declared_filters(rng)
        content = {
            "purposes": ["one", "two"],
            "rings": {"events": 4, "items": 2, "messages": 2, "declared": 2},
            "also": {"price": "three"},
            "filters": filters,
            "genes": declared_genes(rng, list(filters), genes),
        }
        path = directory / f"random_{seed}.yaml"
        path.write_text(json.dumps(content), "utf-8")  # JSON is YAML
        try:
            return layout_of_genes(load_genes(path))
        except GenomError:
            continue


def layout_of_genes(genes: Genes) -> Layout:
    """Compiled with the test's purpose bits."""
    return compile_genes(genes, dict(zip(("one", "two", "three"), (ONE, TWO, THREE), strict=True)))
