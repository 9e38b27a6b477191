"""Would a point without a model rank better if it also read rhythm, what is bought next, and what is bought when?

    python benchmarks/untrained.py [DIR]

DIR is a data directory that holds the sample with `--sample-consents all`; without it one is made in a scratch
directory.  Households are asked about as of two moments before the protocol's cut, with the 28 days after each as the
answer: weights are chosen at the first and confirmed at the second, and the protocol's test part is never read.
The same weights are tried as of a third, where the shop has three months of orders, too few for a training.
The score of `own-purchases-1` is compared with the same plus a weight times a feature of `propensity`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import sample_tools as tools
from sklearn.metrics import average_precision_score

from genom.app.training.pairs import _answers, actions_of, facts_at, own_score
from genom.app.training.past import Record, open_record
from genom.app.training.questions import questions_of
from genom.decide import FEATURES, features
from genom.learn.dataset import DAY
from genom.settings import load_settings

CHOSEN, CONFIRMED = 56, 28  # days before the cut
YOUNG = 205  # … where the shop has three months of orders, too few for a training
ADDED = ("following", "context", "due")  # what is bought next, at this time, and the own rhythm of rebuying
WEIGHTS = (0.05, 0.1, 0.2, 0.3, 0.5)
FIRST = 5  # places that count
CATEGORIES = 60  # of the average precision


def main() -> None:
    if not tools.PROTOCOL.exists():
        print(json.dumps({"skipped": f"there is no {tools.PROTOCOL.name} in ../shared/protocols"}))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("directory", nargs="?", type=Path, help="the sample with `--sample-consents all`")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        directory = asked.directory or tools.loaded(Path(scratch) / "data")
        record = open_record(directory, load_settings(directory), now=time.time_ns() // 1_000_000)
        cut = tools.moment(record, tools.protocol().CUT)
        chosen, confirmed, young = (scores_at(record, at=cut - days * DAY) for days in (CHOSEN, CONFIRMED, YOUNG))
    weights = {name: best(name, chosen) for name in ADDED}
    found = {
        moment: {"households": len(at[0]), "own-purchases-1": figures(at[0], at[2])}
        | {name: compared(name, weight, at) for name, weight in weights.items()}
        for moment, at in (("confirmed", confirmed), ("young", young))
    }
    print(json.dumps({"weights": weights, **found}, indent=1))


def scores_at(record: Record, *, at: int) -> tuple[Any, Any, Any]:
    """Score, features and answer of each category, for every household that has bought something before a moment."""
    question = questions_of(record.directory)["buys_category"]
    past, actions = record.past(tools.need(record, question)), actions_of(record, question)
    answer = _answers(record, past, question, at)
    rows = []
    for who, facts in facts_at(record, past, question, actions, np.arange(len(past.persons)), at=at):
        candidates = actions.candidates(at, facts.mailed)
        if facts.permitted and facts.own.any():
            scores = own_score(facts, candidates, facts.items)
            rows.append((scores, features(facts, candidates), answer(who, candidates.ids)[0]))
    tools.say(f"{len(rows):,} households")
    return np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), np.array([r[2] for r in rows])


def best(name: str, at: tuple[Any, Any, Any]) -> float:
    """The weight of a feature that ranks best at a moment."""
    place = FEATURES.index(name)
    return max(WEIGHTS, key=lambda weight: ndcg(at[0] + weight * at[1][:, :, place], at[2]).mean())


def compared(name: str, weight: float, at: tuple[Any, Any, Any]) -> dict[str, Any]:
    """What a feature with a weight changes at a moment: paired differences with their intervals."""
    scores, matrix, answers = at
    with_it, interval = scores + weight * matrix[:, :, FEATURES.index(name)], tools.protocol().paired_interval
    return {
        "ndcg_difference": rounded(interval(ndcg(with_it, answers), ndcg(scores, answers))),
        "ap_difference": rounded(interval(precision(with_it, answers), precision(scores, answers))),
    }


def figures(scores: Any, answers: Any) -> dict[str, float]:
    return {"ndcg": round(ndcg(scores, answers).mean(), 4), "ap": round(precision(scores, answers).mean(), 4)}


def ndcg(scores: Any, answers: Any) -> Any:
    """NDCG at the first places, one of each household that bought anything."""
    some = answers.any(axis=1)
    scores, answers = scores[some], answers[some]
    gains = 1 / np.log2(np.arange(2, FIRST + 2))
    first = np.argsort(-scores, axis=1, kind="stable")[:, :FIRST]
    reached = np.take_along_axis(answers, first, axis=1) @ gains
    return reached / gains.cumsum()[np.minimum(answers.sum(axis=1), FIRST) - 1]


def precision(scores: Any, answers: Any) -> Any:
    """Average precision over households, one of each of the most bought categories."""
    most = np.argsort(-answers.sum(axis=0))[:CATEGORIES]
    return np.array([average_precision_score(answers[:, k], scores[:, k]) for k in most])


def rounded(interval: tuple[float, float, float]) -> list[float]:
    return [round(float(one), 4) for one in interval]


if __name__ == "__main__":
    main()
