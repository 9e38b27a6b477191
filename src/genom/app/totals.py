"""Totals read back from the genome and from the journal, to be held against each other and against the source."""

from __future__ import annotations

from typing import Any

import numpy as np

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.words import MICROS, Kind

__all__ = ["totals_of"]


def totals_of(node: Node) -> dict[str, Any]:
    """Sums over everybody: from the journal's columns, and from the genome for the purposes that it is kept for."""
    journal = _journal_totals(node)
    return {
        "sales": journal["sales_micros"] / MICROS,
        **journal,
        "people": int(
            (
                node.world.people.person_of[1 : node.world.profiles.count + 1]
                == np.arange(1, node.world.profiles.count + 1)
            ).sum()
        ),
        "genome": {purpose: _genome_totals(node, purpose) for purpose in node.gate.purposes},
    }


def _journal_totals(node: Node) -> dict[str, int]:
    totals = {"orders": 0, "lines": 0, "sales_micros": 0, "line_sales_micros": 0, "mailings": 0, "redemptions": 0}
    for block in node.journal.blocks():
        rows = block.rows
        orders, lines = rows["kind"] == Kind.ORDER_COMPLETED, rows["line"] > 0
        totals["orders"] += int((orders & ~lines).sum())
        totals["lines"] += int((orders & lines).sum())
        totals["sales_micros"] += int(rows["amount"][orders & ~lines].sum())
        totals["line_sales_micros"] += int(rows["amount"][orders & lines].sum())
        totals["mailings"] += int((rows["kind"] == Kind.CAMPAIGN_RECEIVED).sum())
        totals["redemptions"] += int((rows["kind"] == Kind.COUPON_REDEEMED).sum())
    return totals


def _genome_totals(node: Node, purpose: str) -> dict[str, Any]:
    """Of the persons who permit the purpose: the others' events serve it neither in the kernel nor here."""
    genes, now = node.world.layout.genes, now_ms()
    wanted = {
        "orders": "rhythm.orders.count.lifetime",
        "sales": "value.order_value.sum.lifetime",
        "lines": "value.lines.count.lifetime",
    }
    totals: dict[str, Any] = {"people": 0, "orders": 0, "lines": 0, "sales_micros": 0}
    for person in range(1, node.world.profiles.count + 1):
        view = node.gate.view(person, purpose=purpose, effective=node.effective(person, now), at=now)
        read = {name: view.read(genes[gene]) for name, gene in wanted.items()}
        if read["orders"].state == "known":
            totals["people"] += 1
            totals["orders"] += int(float(read["orders"].value or 0))
            totals["lines"] += int(float(read["lines"].value or 0))
            totals["sales_micros"] += round(float(read["sales"].value or 0) * MICROS)
    return totals | {"sales": totals["sales_micros"] / MICROS}
