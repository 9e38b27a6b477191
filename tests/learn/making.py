"""Synthetic tables with known truth."""

from __future__ import annotations

import numpy as np

from genom.learn import Dataset, Manifest, Question
from genom.learn.dataset import DAY
from genom.learn.questions import load_questions

MANIFEST = Manifest(
    question="inactive_30d", purposes=("personalise_onsite", "model_training"), mask=16_400, persons=0, rows=0,
    events=0, left_out=0, position=1, at=0, genes="g", data="d",
)  # fmt: skip


def question() -> Question:
    return load_questions()["inactive_30d"]


def table(people: int = 1_500, *, signal: float = 1.0, leak: bool = False, seed: int = 0) -> Dataset:
    """Answers follow a known log-odds: signal · (1.5·a - b + a·b) - 1; `noise` says nothing, a tenth is unknown."""
    rng, moments = np.random.default_rng(seed), 4
    rows = people * moments
    a, b, noise = rng.normal(size=(3, rows))
    truth = signal * (1.5 * a - b + a * b) - 1.0
    y = rng.random(rows) < 1 / (1 + np.exp(-truth))
    columns = [a, b, np.where(rng.random(rows) < 0.1, np.nan, noise)]
    names = ["a", "b", "noise"]
    if leak:
        columns.append(y + rng.normal(0, 0.01, rows))
        names.append("tells_all")
    return Dataset(
        names=tuple(names), x=np.stack(columns, axis=1), y=y, person=np.tile(np.arange(people), moments),
        at=np.repeat(np.arange(moments) * 31 * DAY, people), thing=np.zeros(rows, np.int64),
    )  # fmt: skip
