"""Answers of a node as the pictures get them, and pictures drawn into a string."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from rich.console import Console

from genom.genome import load_genes

AT = "2026-01-31T12:05:00.000Z"
VALUES: dict[str, Any] = {
    "identity.first_seen.first": "2025-03-01T08:00:00.000Z",
    "channels.mix.histogram.365d": {"pos": 30.0, "web": 9.0, "mail": 1.0},
    "channels.order.last": "pos",
    "rhythm.orders.count.lifetime": 1234.0,
    "rhythm.order.recency": 6.25,
    "rhythm.weekday.histogram.365d": {"Sat": 20.0, "Tue": 5.0},
    "intent.funnel.funnel_stage": "ordered",
    "value.order_value.sum.lifetime": 12345.5,
    "taste.category.histogram.365d": {"CHEESE": 8.0, "TEA": 2.0},
    "taste.lines.repeat_share": 0.25,
    "price.last_saving.last": 3.5,
    "lifecycle.messages.count.lifetime": 1.0,
    "trust.calls.count.lifetime": 0.0,
}


def drawn(show: Callable[..., None], *args: Any, width: int = 80, **options: Any) -> str:
    """What a picture writes to a pipe of this width."""
    out = io.StringIO()
    show(Console(file=out, width=width, highlight=False, soft_wrap=True), *args, **options)
    return out.getvalue()


def genome(values: dict[str, Any] | None = None, *, state: str = "known", language: str = "en") -> dict[str, Any]:
    """A genome of the standard genes; those that `values` does not name are unknown."""
    values = VALUES if values is None else values
    genes = [_gene(gene, values, state, language) for gene in load_genes()]
    return {"person": "pabc", "as_of": AT, "purpose": "recommend", "genes": genes}


def _gene(gene: Any, values: dict[str, Any], state: str, language: str) -> dict[str, Any]:
    shown = {"id": gene.id, "family": gene.family, "label": gene.label[language], "unit": gene.unit}
    if gene.id not in values:
        return {**shown, "state": "unknown"}
    value = values[gene.id]
    cells = isinstance(value, dict)
    return {**shown, "state": state, "value": None if cells else value, **({"cells": value} if cells else {})}


def order(**changes: Any) -> dict[str, Any]:
    """An event of a timeline."""
    properties = {"total": 1234.5, "currency": "EUR", "products": [{"product_id": "1"}, {"product_id": "2"}]}
    event = {"messageId": "m1", "type": "track", "event": "Order Completed", "timestamp": AT, "channel": "pos"}
    return {**event, "properties": properties, "assumed": [], **changes}


def reason(gene: str | None, label: str, contribution: float) -> dict[str, Any]:
    """A reason of a choice."""
    return {"gene": gene, "label": label, "contribution": contribution}


OWN = "taste.category.histogram.365d"


def decision(*reasons: dict[str, Any], action: str = "TEA", control: bool = False, **more: Any) -> dict[str, Any]:
    """The record of a decision with one choice."""
    given = reasons or (reason(OWN, "Categories bought", 1.5), reason(None, "popularity", -0.25))
    choice = {"action": action, "score": 1.25, "probability": 0.41, "reasons": list(given)}
    record = {"decision_id": "d0123456789abcdef", "point": "next_product", "at": AT, "basis": "recorded consent"}
    stored = {"purpose": "recommend", "model": "own-purchases-1", "control": control, "outcomes": []}
    return {**record, **stored, "choices": [choice], **more}
