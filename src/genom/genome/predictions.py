"""The genes of questions: op `prediction`."""

from __future__ import annotations

from collections.abc import Mapping

from genom.genome.declaration import LIFETIME, Filter
from genom.genome.genes import Gene
from genom.genome.ops import OPS

__all__ = ["PREDICTION", "prediction_gene"]

PREDICTION = OPS["prediction"].name


def prediction_gene(name: str, *, family: str, label: Mapping[str, str]) -> Gene:
    """The gene of a question's answer.  It has no cells in any row, so a new model changes no state.

    >>> prediction_gene("inactive_30d", family="lifecycle", label={"en": "Stays away", "de": "Bleibt fern"}).id
    'lifecycle.inactive_30d.prediction'
    """
    return Gene(
        id=f"{family}.{name}.{PREDICTION}", family=family, op=PREDICTION, filter=Filter(), filter_name="any",
        property="", half_life=LIFETIME, unit="probability", label=dict(label), function="", length=0,
    )  # fmt: skip
