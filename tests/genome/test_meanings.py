"""The fingerprint of a gene says what it means, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genom.errors import BadConfiguration
from genom.genome import load_genes
from genom.genome.meanings import check_meanings, meanings_of
from tests.genome.test_genes import SMALL, gene, loaded

KEPT = Path(__file__).with_name("meanings.json")
SPENT = "value.spent.sum.7d"


def changed(directory: Path, change: Callable[[dict[str, Any]], Any], gene_id: str = SPENT) -> bool:
    """Whether a change of the file changes what a gene means."""
    return meanings_of(loaded(directory, change))[gene_id] != meanings_of(load_genes(SMALL))[gene_id]


@pytest.mark.parametrize(
    ("change", "gene_id"),
    [
        (lambda c: gene(c, "value", "spent").update(property="discount"), SPENT),
        (lambda c: gene(c, "value", "spent").update(of="web_order"), SPENT),
        (lambda c: c["filters"]["order"].update(bits=["coupon"]), SPENT),
        (lambda c: c["also"].update(value="three") or c["genes"].remove(gene(c, "value", "orders")), SPENT),
        (lambda c: c["filters"]["big"].update(where={"amount": {"from": 21}}), "rhythm.big.count.lifetime"),
        (lambda c: c["filters"]["near"].update(where={"channel": ["web"]}), "channels.near.share.30d"),
        (lambda c: gene(c, "intent", "buys").update(to="any"), "intent.buys.ratio.7d"),
        (lambda c: gene(c, "taste", "narrow", "distinct").update(buckets=32), "taste.narrow.distinct.7d"),
        (lambda c: c["rings"].update(events=16), "rhythm.orders.gap_mean"),
        (lambda c: gene(c, "value", "each").update(formula="1"), "value.each.expression"),
    ],
)
def test_what_changes_a_meaning(tmp_path: Path, change: Callable[[dict[str, Any]], Any], gene_id: str) -> None:
    assert changed(tmp_path, change, gene_id)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: gene(c, "value", "spent").update(label={"en": "Money", "de": "Geld"}, unit="EUR", owner="shop"),
        lambda c: gene(c, "value", "spent").update(description={"en": "All.", "de": "Alles."}, purposes=["one"]),
        lambda c: gene(c, "value", "spent").update(over=["7d"]) or c["genes"].remove(gene(c, "value", "each")),
        lambda c: c["filters"].update(order={"kinds": ["ORDER_COMPLETED", "ORDER_COMPLETED"], "bits": []}),
        lambda c: c["rings"].update(events=16),
    ],
)
def test_what_changes_none(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    def without_formulas(content: dict[str, Any]) -> None:
        change(content)
        content["genes"] = [line for line in content["genes"] if line["op"] != "expression"]

    assert not changed(tmp_path, without_formulas)


def test_a_changed_meaning_is_refused_by_its_id_with_what_to_do(tmp_path: Path) -> None:
    stored = meanings_of(load_genes(SMALL))
    genes = loaded(tmp_path, lambda c: gene(c, "value", "spent").update(property="discount"))

    with pytest.raises(BadConfiguration, match=r"mine\.yaml: value\.spent\.sum\.1h") as caught:
        check_meanings(meanings_of(genes), stored, "mine.yaml")

    assert "new name or version" in caught.value.fix


def test_the_same_half_life_in_other_words_is_another_id_with_the_same_meaning(tmp_path: Path) -> None:
    found = meanings_of(loaded(tmp_path, lambda c: gene(c, "rhythm", "near").update(over=["24h", "1d"])))

    assert found["rhythm.near.count.24h"] == found["rhythm.near.count.1d"]


def test_no_gene_that_was_ever_shipped_changes_its_meaning() -> None:
    """`meanings.json` holds what ids mean; new genes are added to it, nothing in it is ever changed."""
    kept: dict[str, str] = json.loads(KEPT.read_text("utf-8"))

    check_meanings(meanings_of(load_genes()), kept, "standard.yaml")
    assert len(kept) >= 250
