"""Profiles as other systems keep them: a dict of values a person, or an object of River for each gene.

python benchmarks/profile_rivals.py dicts|river ROWS.npy PERSONS.npy WARM → JSON with seconds, and the values kept.
Runs in an environment of its own (numpy, and River for `river`); the parent checks the values against the oracle.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from workload import DAY, GENES

Profile = dict[int, Any]


def _plan(kind: int, channel: int, hour: int) -> list[tuple[int, str, str, float]]:
    """Which genes an event changes; looked up by what the event is, so that no filter is tested twice."""
    return [
        (g, gene["op"], gene["property"], float(gene["half_life"]))
        for g, gene in enumerate(GENES)
        if gene["kind"] == kind
        and gene["channel"] in {0, channel}
        and gene["part"] in {-1, hour % 24 // 6}
        and (not gene["weekend"] or hour >= 120)
    ]


def _dict_update(profile: Profile, plan: list[tuple[int, str, str, float]], event: tuple[Any, ...]) -> None:
    ts, amount, quantity = event
    for gene, op, prop, half_life in plan:
        x = amount if prop == "amount" else quantity if prop else 1.0
        if op == "recency":
            profile[gene] = ts
        elif half_life:
            held = profile.get(gene)
            profile[gene] = (x if held is None else held[0] * 2.0 ** ((held[1] - ts) / half_life) + x, ts)
        else:
            profile[gene] = profile.get(gene, 0.0) + x


def _dict_value(gene: dict[str, Any], held: Any, at: int) -> float:
    if gene["op"] == "recency":
        return (at - held) / DAY
    return float(held[0] * 2.0 ** ((held[1] - at) / gene["half_life"]) if gene["half_life"] else held)


def _river_update(profile: Profile, plan: list[tuple[int, str, str, float]], event: tuple[Any, ...]) -> None:
    from river import stats  # noqa: PLC0415 - only this rival needs it

    ts, amount, quantity = event
    for gene, op, prop, _ in plan:
        held = profile.get(gene)
        if held is None:
            held = profile[gene] = stats.Max() if op == "recency" else stats.Sum() if prop else stats.Count()
        held.update(ts if op == "recency" else amount if prop == "amount" else quantity)


def _river_value(gene: dict[str, Any], held: Any, at: int) -> float:
    return float((at - held.get()) / DAY if gene["op"] == "recency" else held.get())


RIVALS: dict[str, tuple[Callable[..., None], Callable[..., float]]] = {
    "dicts": (_dict_update, _dict_value),
    "river": (_river_update, _river_value),
}


def main() -> None:
    """Fold, and say how long it took."""
    name, warm = sys.argv[1], int(sys.argv[4])
    rows, persons = np.load(sys.argv[2]), np.load(sys.argv[3]).tolist()
    update, value = RIVALS[name]
    keys = list(zip(rows["kind"].tolist(), rows["channel"].tolist(), rows["hour_of_week"].tolist(), strict=True))
    plans = {key: _plan(*key) for key in set(keys)}
    events = list(
        zip(rows["ts"].tolist(), (rows["amount"] * 1e-6).tolist(), (rows["quantity"] * 1e-3).tolist(), strict=True)
    )
    profiles: dict[int, Profile] = defaultdict(dict)
    begun = time.process_time()
    for i, (person, key, event) in enumerate(zip(persons, keys, events, strict=True)):
        if i == warm:
            begun = time.process_time()
        update(profiles[person], plans[key], event)
    seconds, at = time.process_time() - begun, events[-1][0] + 1
    kept = np.full((max(persons) + 1, len(GENES)), np.nan)
    for person, profile in profiles.items():
        for gene, held in profile.items():
            kept[person, gene] = value(GENES[gene], held, at)
    np.save(sys.argv[2] + f".{name}.npy", kept)
    print(json.dumps({"seconds": seconds, "rows": len(rows) - warm}))


if __name__ == "__main__":
    main()
