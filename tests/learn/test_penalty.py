"""How strongly a logistic regression is drawn to 0 is chosen on later rows, over the whole range that makes sense."""

from __future__ import annotations

import numpy as np
import pytest

from genom.learn.models import MODELS
from genom.learn.quality import log_loss


def rows(count: int, *, useless: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 2 + useless))
    return x, rng.random(count) < 1 / (1 + np.exp(1 - 1.5 * x[:, 0] + x[:, 1]))


def later_loss(fitted: dict[str, object], x: np.ndarray, y: np.ndarray) -> float:
    return float(log_loss(1 / (1 + np.exp(-MODELS["logistic"].margins(fitted, x))), y).mean())


def test_among_hundreds_of_useless_genes_the_penalty_is_strong() -> None:
    early, later, latest = (rows(500, useless=300, seed=seed) for seed in range(3))

    chosen = MODELS["logistic"].fit(*early, later=later)

    assert chosen["settings"]["penalty"] >= 1e-1
    weak = MODELS["logistic"].fit(*early, settings={"penalty": 1e-2})
    assert later_loss(chosen, *latest) < later_loss(weak, *latest) - 0.05


def test_where_every_gene_counts_and_rows_are_many_the_penalty_is_weak() -> None:
    chosen = MODELS["logistic"].fit(*rows(20_000, useless=0, seed=0), later=rows(20_000, useless=0, seed=1))

    assert chosen["settings"]["penalty"] <= 1e-3


@pytest.mark.parametrize("penalty", [1.0, 1e-2, 1e-4])
def test_it_does_not_matter_where_the_search_begins(penalty: float) -> None:
    """The chosen weights are the minimum for their penalty, as if no other had been tried before."""
    early, later = rows(800, useless=5, seed=0), rows(800, useless=5, seed=1)
    chosen = MODELS["logistic"].fit(*early, later=later)

    alone = MODELS["logistic"].fit(*early, settings={"penalty": chosen["settings"]["penalty"]})
    other = MODELS["logistic"].fit(*early, settings={"penalty": penalty})

    np.testing.assert_allclose(chosen["weights"], alone["weights"], atol=1e-6)
    assert later_loss(chosen, *later) <= later_loss(other, *later) + 1e-9
