"""Which model is chosen: by what its answers are for."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from genom.learn import Dataset, train
from genom.learn.dataset import DAY
from genom.learn.questions import Question, load_questions
from tests.learn.making import MANIFEST


def coupons(seed: int, *, people: int = 80, each: int = 12, moments: int = 4) -> Dataset:
    """How eager a person is says most of whether anything is redeemed, and nothing of what: that is sign(a · b)."""
    rng, rows = np.random.default_rng(seed), people * each * moments
    eager = np.repeat(rng.normal(size=(3, moments, people)), each, axis=2).reshape(3, -1)
    a, b = rng.normal(size=(2, rows))
    y = rng.random(rows) < 1 / (1 + np.exp(4 - 3 * eager.sum(0) - 0.8 * np.sign(a * b)))
    return Dataset(
        names=("eager_1", "eager_2", "eager_3", "a", "b"), x=np.stack([*eager, a, b], axis=1), y=y,
        person=np.tile(np.repeat(np.arange(people), each), moments),
        at=np.repeat(np.arange(moments) * 61 * DAY, people * each), thing=np.tile(np.arange(each), people * moments),
    )  # fmt: skip


def question(each: str) -> Question:
    return msgspec.structs.replace(load_questions()["redeems_coupon"], each=each)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_of_coupons_what_ranks_best_is_chosen_though_another_has_the_smaller_loss(seed: int) -> None:
    card = train(question("coupon"), coupons(seed), MANIFEST, now=1, threads=1).card

    assert card.model == "boosted"
    assert card.compared["logistic"]["log_loss"].value < card.compared["boosted"]["log_loss"].value


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_elsewhere_the_smaller_loss_decides(seed: int) -> None:
    assert train(question("category"), coupons(seed), MANIFEST, now=1, threads=1).card.model == "logistic"
