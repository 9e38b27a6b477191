"""A decision of the past may rest on genes that the person withholds today: what it read of them is not shown."""

from __future__ import annotations

from typing import Any

from genom.app.show.page import Json

__all__ = ["redacted"]


def redacted(decision: Json, genome: Json) -> Json:
    """The decision without contributions of genes that the genome, if it is for the same purpose, withholds now.

    A score goes with them, for it is their sum.
    """
    withheld = {gene["id"] for gene in genome["genes"] if gene["state"] == "withheld"}
    if not withheld or decision["purpose"] != genome["purpose"]:
        return decision
    return {**decision, "choices": [_choice(choice, withheld) for choice in decision["choices"]]}


def _choice(choice: Json, withheld: set[str]) -> dict[str, Any]:
    hidden = [reason["gene"] in withheld for reason in choice["reasons"]]
    if not any(hidden):
        return dict(choice)
    reasons = [
        {**reason, "contribution": None} if hide else reason
        for reason, hide in zip(choice["reasons"], hidden, strict=True)
    ]
    return {**choice, "score": None, "reasons": reasons}
