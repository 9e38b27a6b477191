"""A house with few genes, so that a kernel is compiled within seconds, and a file of genes to add."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from genom.app.genes.changes import Change
from genom.genome import load_genes
from tests.app.house import Answer, House

STANDARD = Path(load_genes.__code__.co_filename).with_name("standard.yaml")
KEPT = {"category", "lines", "viewed_category", "redemptions", "orders", "order_value", "events"}
LARGE = """
owner: shop
filters:
  large: {kinds: [ORDER_COMPLETED], where: {amount: {from: 10}}}
genes:
  - {family: value, name: large, op: count, of: large, over: [30d, lifetime], unit: orders,
     label: {en: Large orders, de: Große Bestellungen}}
"""
FADING, NEW = "value.large.count.30d", "value.large.count.lifetime"
OLD = "rhythm.orders.count.lifetime"


def write_few(path: Path, change: Callable[[dict[str, Any]], Any] = lambda _: None) -> None:
    """A data directory with the genes that decisions and pages read, and no others; after a change."""
    path.mkdir(mode=0o700)
    said: dict[str, Any] = yaml.safe_load(STANDARD.read_text("utf-8"))
    del said["axes"], said["crosses"]
    said["genes"] = [gene for gene in said["genes"] if gene["name"] in KEPT]
    change(said)
    (path / "genes.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")


@contextmanager
def few_genes(path: Path, **settings: Any) -> Iterator[House]:
    """A house with them."""
    write_few(path)
    with House(path, **settings) as house:
        try:
            yield house
        finally:
            house.run(house.app.gene_changes.close())


def ask(house: House, text: str = LARGE, *, file: str = "large.yaml", dry: bool = False) -> Answer:
    """The answer to a file of genes."""
    return house.post("/v1/genes/versions", {"file": file, "text": text, "dry_run": dry})


def finished(house: House) -> Change:
    """The newest change, once it has ended."""
    change = house.run(house.app.gene_changes.finished())
    assert change is not None
    return change


def add(house: House, text: str = LARGE) -> Change:
    """Add genes, and wait until they serve."""
    ask(house, text).told  # noqa: B018 -- it must be good
    change = finished(house)
    assert change.state == "done", change.why
    return change
