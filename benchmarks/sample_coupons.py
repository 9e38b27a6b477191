"""Rankings of the mailed coupons: at the protocol's cut, and at cuts that were written down before they were read.

The cuts, the models, the figure and the rule of the confirmation stand in
docs/decisions/0030-coupon-ranking-confirmed-elsewhere.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
import sample_tools as tools

from genom.app.training.data import Table
from genom.app.training.learning import BOOSTED, NO_SCORING, manifest_of, scoring_of, table_of
from genom.app.training.pairs import actions_of, decision_rows, facts_at, late_coupons, lines_of, own_score
from genom.app.training.past import Past, Record
from genom.app.training.things import coupon_part, coupons_of
from genom.decide import features
from genom.errors import BadConfiguration
from genom.learn.dataset import Dataset, split_by_time
from genom.learn.linear import LOGISTIC, Scoring
from genom.learn.quality import average_precision
from genom.learn.questions import Question
from genom.learn.ranking import OWN_PURCHASES
from genom.learn.training import Trained, train

Floats = np.ndarray[Any, Any]

WINDOWS = (("2017-08-21", "2017-09-18"), ("2017-09-18", "2017-10-16"), ("2017-10-16", "2017-11-06"))
"""Of the confirmation: cut, and end of the redemptions that are asked about (source time)."""
DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Ranked:
    """The figures of each household at one cut, by ranking; `served` is what decisions rank by."""

    households: list[str]
    ndcg: dict[str, Floats]
    ap: dict[str, Floats]
    settings: dict[str, Any]
    yes: list[int]  # in the three parts of the time before the cut
    chosen: dict[str, Any] | None  # what was served with before the cut, and how each ranked; None: own purchases


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose coupons are ranked, and as of when."""

    task: list[Any]  # (household, candidates, relevance), as the protocol gives them
    person: dict[str, int]  # household → person, from 0
    cut: int  # unix ms


def at_protocol(record: Record, question: Question) -> dict[str, Any]:
    """The protocol as it stands: everything redeemed from its cut on."""
    module = tools.protocol()
    found = ranked(record, question, module, tools.moment(record, module.CUT))
    return told(module, found)


def confirmation(record: Record, question: Question) -> dict[str, Any]:
    """Three windows without an outcome of the protocol's test part, and all of them together by household."""
    windows, module = {}, tools.protocol()
    for begin, end in WINDOWS:
        tools.say(f"redeems_coupon: window {begin} to {end}")
        module = _until(begin, end)
        windows[begin] = ranked(record, question, module, tools.moment(record, module.CUT))
    every = list(windows.values())
    pooled = {
        f"{name} - {base} {figure}": pooled_interval(every, figure.lower(), name, base)
        for figure in ("NDCG", "AP")
        for name, base in (("boosted", "own"), ("served", "own"), ("boosted", "served"))
    }
    return {
        "pooled": pooled,
        "confirmed": bool(pooled["boosted - own NDCG"]["interval"][0] > 0),
        "windows": {begin: told(module, found) for begin, found in windows.items()},
    }


def ranked(record: Record, question: Question, module: Any, cut: int) -> Ranked:
    """All rankings of the protocol's candidates at its cut."""
    need, task = tools.need(record, question), module.coupon_task()
    table = table_of(record, record.past(need), question, at=cut, progress=tools.say)
    data, chosen = table.data, _chosen(record, question, table, cut)
    past = record.past(need)
    asked = Asked(task, tools.persons(record, past), cut)
    fitted = tools.fit(data, question)
    scores: dict[str, list[Floats]] = {
        "own": _each(task, module.own_purchases_of_coupon()),
        "boosted": _boosted(record, past, question, fitted, asked),
        "served": _served(record, past, question, chosen, asked),
    }
    relevance = [np.array(r, np.bool_) for _, _, r in task]
    return Ranked(
        [household for household, _, _ in task],
        {name: np.array([module.ndcg5(s, list(r)) for s, r in zip(of, relevance, strict=True)])
         for name, of in scores.items()},
        {name: np.array([average_precision(_untied(s), r) for s, r in zip(of, relevance, strict=True)])
         for name, of in scores.items()},
        fitted["settings"],
        _yes(data, question),
        None if chosen[0].ranking is None else msgspec.to_builtins(chosen[0].ranking),
    )  # fmt: skip


def _each(task: list[Any], score: Callable[[str, Any], Any]) -> list[Floats]:
    return [np.asarray(score(household, candidates), np.float64) for household, candidates, _ in task]


def _untied(scores: Floats) -> Floats:
    """Ties broken as the protocol breaks them."""
    return scores + np.random.default_rng(0).uniform(0, 1e-9, len(scores))


def _yes(data: Dataset, question: Question) -> list[int]:
    parts = split_by_time(data, within_days=question.within_days)
    return [int(part.y.sum()) for part in (parts.train, parts.valid, parts.test)]


def _boosted(record: Record, past: Past, question: Question, fitted: Any, asked: Asked) -> list[Floats]:
    """The model that `genom learn` trains, with the product's features of the protocol's candidates."""
    have = coupons_of(record)
    place = {name: i for i, name in enumerate(have.ids)}
    pairs = [(asked.person[h], place[f"{c}-{u}"]) for h, candidates, _ in asked.task for c, u in candidates]
    columns = (np.array([who for who, _ in pairs], np.int64), np.array([which for _, which in pairs], np.int64))
    rows = coupon_part(record, past, question, columns, at=asked.cut)
    return np.split(tools.margins(fitted, rows), np.cumsum([len(r) for _, _, r in asked.task])[:-1])


def _chosen(record: Record, question: Question, table: Table, cut: int) -> tuple[Scoring, Trained | None]:
    """What `genom learn` lets decisions be served with as of the cut."""
    before = replace(record, at=cut)
    past = record.past(tools.need(record, question))
    rows = decision_rows(before, past, question)
    late = None if rows is None else late_coupons(before, past, question, rows.data)
    try:
        trained = train(question, table.data, manifest_of(before, past, question, table), now=cut, progress=tools.say)
    except BadConfiguration:  # nothing is trained, so decisions go on with own purchases
        return NO_SCORING, None
    return scoring_of(trained, rows, late, question), trained


def _served(
    record: Record, past: Past, question: Question, chosen: tuple[Scoring, Trained | None], asked: Asked
) -> list[Floats]:
    """The candidates as decisions rank them: by the family that was chosen before the cut."""
    scoring, trained = chosen
    family = OWN_PURCHASES if scoring.ranking is None else scoring.ranking.served
    if family == BOOSTED and trained is not None:
        return _boosted(record, past, question, trained.model["fitted"], asked)
    actions = actions_of(record, question)
    place = {a["id"]: i for i, a in enumerate(a for a in record.actions if a.get("campaign"))}
    wanted = {asked.person[h]: np.array([place[f"{c}-{u}"] for c, u in of]) for h, of, _ in asked.task}
    found = {}
    persons, lines = np.array(sorted(wanted), np.int64), lines_of(past, asked.cut)
    for who, facts in facts_at(record, past, question, actions, persons, at=asked.cut):
        candidates = actions.take(wanted[who])
        if family == LOGISTIC and scoring.pair is not None:
            found[who] = features(facts, candidates) @ np.asarray(scoring.pair["weights"])
        else:
            found[who] = own_score(facts, candidates, lines(who))
    return [found[asked.person[household]] for household, _, _ in asked.task]


def _until(begin: str, end: str) -> Any:
    """The protocol at another cut, on data in which nothing begins or is redeemed from `end` on."""
    module = tools.protocol()
    module.CUT, last, load = module.pd.Timestamp(begin), module.pd.Timestamp(end), module.load

    def cut_off(name: str) -> Any:
        frame = load(name)
        column = {"coupon_redemptions": "redemption_date", "campaign_descriptions": "start_date"}.get(name)
        return frame if column is None else frame[module.pd.to_datetime(frame[column]) < last]

    module.load = cut_off
    return module


def told(module: Any, found: Ranked) -> dict[str, Any]:
    """The figures of one cut, with paired intervals over its households."""
    answer: dict[str, Any] = {
        "households": len(found.households),
        "settings": found.settings,
        "yes": found.yes,
        "chosen": found.chosen,
    }
    for figure, values in (("ndcg", found.ndcg), ("ap", found.ap)):
        answer[figure] = {name: round(float(of.mean()), 4) for name, of in values.items()}
        for name in sorted(values.keys() - {"own"}):
            difference, low, high = module.paired_interval(values[name], values["own"])
            answer[figure][f"{name} - own"] = [round(float(v), 4) for v in (difference, low, high)]
    return answer


def pooled_interval(windows: list[Ranked], figure: str, name: str, base: str) -> dict[str, Any]:
    """Mean difference over all (household, window) where both rank, and its 95 % bootstrap interval over households."""
    both = [w for w in windows if {name, base} <= getattr(w, figure).keys()]
    if not both:
        return {"difference": None, "interval": [float("nan")] * 2, "households": 0, "pairs": 0}
    names = np.concatenate([w.households for w in both])
    values = np.concatenate([getattr(w, figure)[name] - getattr(w, figure)[base] for w in both])
    households, place = np.unique(names, return_inverse=True)
    sums, counts = np.bincount(place, values), np.bincount(place)
    rng = np.random.default_rng(1)
    drawn = (rng.integers(0, len(households), len(households)) for _ in range(DRAWS))
    means = [sums[d].sum() / counts[d].sum() for d in drawn]
    return {
        "difference": round(float(values.mean()), 4),
        "interval": [round(float(v), 4) for v in np.percentile(means, [2.5, 97.5])],
        "households": len(households),
        "pairs": len(values),
    }
