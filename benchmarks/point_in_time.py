"""How long does a table of training rows take: the genes of each (person, moment), as they were known then?

100,000 moments of random people, 500 genes, 2 million events; then DuckDB's ASOF JOIN and pandas' merge_asof make
some of the rows and genes, and so does Genom, side by side.  Rivals must give the same numbers, and Genom's are
checked against the oracle of `workload.py`.  The rivals' running sums fit into a double because the events span days.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import runner
import workload
from numpy.typing import NDArray
from runner import Reach

REACH = (
    Reach("seconds", "<=", 5, "s"),
    Reach("wrong", "<=", 0, "values"),
    Reach("rivals_wrong", "<=", 0, "values"),
)
OPTIONS: dict[str, float | int | str] = {
    "people": 200_000, "events": 2_000_000, "moments": 100_000, "genes": 500,
    "rival_moments": 20_000, "rival_genes": 50, "checked": 200,
}  # fmt: skip
PURPOSE = 1 << 5
Floats = NDArray[Any]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def _ours(directory: Path, rows: Any, who: Any, *, genes: int) -> Callable[[Pairs], Floats]:
    """The library's own rows."""
    from genom.genome import Columns, compile_genes, load_genes, rows_at  # noqa: PLC0415

    ids = workload.declaration(directory / "genes.yaml", genes=workload.GENES[:genes])
    layout = compile_genes(load_genes(directory / "genes.yaml"), {"recommend": PURPOSE})
    columns, masks = Columns(layout, tuple(layout.genes[name] for name in ids)), np.full(len(rows), PURPOSE, np.uint64)

    def rows_of(pairs: Pairs) -> Floats:
        return rows_at(
            layout, rows, masks, who, pairs=pairs, effective=np.full(len(pairs[0]), PURPOSE, np.uint64),
            purpose="recommend", purpose_bit=lambda _: PURPOSE, columns=columns,
        )  # fmt: skip

    return rows_of


def _duckdb(rows: Any, who: Any, pairs: Pairs, genes: list[dict[str, Any]]) -> Floats:
    """Running sums by window functions, then the last one before each moment."""
    import duckdb  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    names = ("ts", "kind", "channel", "hour_of_week", "amount", "quantity")
    columns = {name: np.ascontiguousarray(rows[name]) for name in names}
    connection = duckdb.connect(config={"threads": 1})
    connection.register("events", pa.table({"person": who, **columns}))
    connection.register("moments", pa.table({"n": np.arange(len(pairs[0])), "person": pairs[0], "moment": pairs[1]}))
    running = ", ".join(f"{_running(gene)} AS g{n}" for n, gene in enumerate(genes))
    read = ", ".join(_read(n, gene) for n, gene in enumerate(genes))
    query = (
        f"WITH r AS (SELECT person, ts, {running} FROM events WINDOW w AS (PARTITION BY person ORDER BY ts)) "
        f"SELECT {read} FROM moments m ASOF LEFT JOIN r ON m.person = r.person AND m.moment > r.ts ORDER BY n"
    )
    found = connection.execute(query).fetchnumpy()
    return np.stack([np.ma.filled(found[f"g{n}"].astype(np.float64), np.nan) for n in range(len(genes))], axis=1)


def _running(gene: dict[str, Any]) -> str:
    of = [f"kind = {gene['kind']}"]
    of += [f"channel = {gene['channel']}"] if gene["channel"] else []
    of += [f"hour_of_week % 24 // 6 = {gene['part']}"] if gene["part"] >= 0 else []
    of += ["hour_of_week >= 120"] if gene["weekend"] else []
    amount = {"": "1.0", "amount": "amount * 1e-6", "quantity": "quantity * 1e-3"}[gene["property"]]
    what = "MAX(ts)"
    if gene["op"] != "recency":
        half_life = gene["half_life"]
        weight = f"POWER(2.0, CAST(ts - {workload.T0} AS DOUBLE) / {half_life}) * " if half_life else ""
        what = f"SUM(CAST({weight}{amount} AS DOUBLE))"
    return f"{what} FILTER (WHERE {' AND '.join(of)}) OVER w"


def _read(n: int, gene: dict[str, Any]) -> str:
    if gene["op"] == "recency":
        return f"CAST(moment - g{n} AS DOUBLE) / {workload.DAY} AS g{n}"
    if not gene["half_life"]:
        return f"g{n} AS g{n}"
    return f"g{n} * POWER(2.0, CAST({workload.T0} - moment AS DOUBLE) / {gene['half_life']}) AS g{n}"


def _pandas(rows: Any, who: Any, pairs: Pairs, genes: list[dict[str, Any]]) -> Floats:
    """The same with cumulative sums by person and merge_asof."""
    import pandas as pd  # noqa: PLC0415

    events = pd.DataFrame({"person": who, "ts": rows["ts"]})
    columns = {f"g{n}": _column(gene, rows) for n, gene in enumerate(genes)}
    grouped = pd.concat([events, pd.DataFrame(columns)], axis=1).groupby("person", sort=False)
    sums = [f"g{n}" for n, gene in enumerate(genes) if gene["op"] != "recency"]
    lasts = [name for name in columns if name not in sums]
    events = pd.concat([events, grouped[sums].cumsum(), grouped[lasts].ffill()], axis=1)
    order = np.argsort(pairs[1], kind="stable")
    moments = pd.DataFrame({"person": pairs[0][order], "ts": pairs[1][order]})
    joined = pd.merge_asof(moments, events, on="ts", by="person", allow_exact_matches=False)
    found = np.empty((len(order), len(genes)))
    for n, gene in enumerate(genes):
        values, moment = joined[f"g{n}"].to_numpy(np.float64), pairs[1][order]
        if gene["op"] == "recency":
            values = (moment - values) / workload.DAY
        elif gene["half_life"]:
            values = values * np.exp2((workload.T0 - moment) / gene["half_life"])
        found[order, n] = values
    return found


def _column(gene: dict[str, Any], rows: Any) -> Floats:
    passes = workload.passes(gene, rows)
    if gene["op"] == "recency":
        return np.where(passes, rows["ts"], np.nan)
    amount = {"": 1.0, "amount": rows["amount"] * 1e-6, "quantity": rows["quantity"] * 1e-3}[gene["property"]]
    weight = np.exp2((rows["ts"] - workload.T0) / gene["half_life"]) if gene["half_life"] else 1.0
    return np.where(passes, weight * amount, 0.0)


def _wrong(found: Floats, wanted: Floats) -> int:
    """Values that are apart by more than the law allows; nothing counts as zero."""
    found, wanted = np.nan_to_num(found.astype(np.float64)), np.nan_to_num(wanted.astype(np.float64))
    return int(np.count_nonzero(np.abs(found - wanted) > 3e-5 * np.abs(wanted) + 1e-6))


def _oracle(rows: Any, who: Any, pairs: Pairs, genes: int) -> Floats:
    """Each pair's genes by their definition."""
    found = []
    for person, moment in zip(*pairs, strict=True):
        mine = rows[(who == person) & (rows["ts"] < moment)]
        found.append(workload.expected(mine, np.ones(len(mine), np.int64), at=int(moment), people=1)[1, :genes])
    return np.stack(found)


def _timed(make: Callable[[], Floats]) -> tuple[Floats, dict[str, float]]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = make()
    return found, {
        "seconds": round(time.perf_counter() - wall, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
    }


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Time the whole table, check some of it, then make a part of it three ways."""
    from genom.words import ROW  # noqa: PLC0415

    rows, who = workload.rows_of(ROW, asked.events, people=asked.people)
    random = np.random.default_rng(11)
    moments = random.integers(workload.T0, int(rows["ts"][-1]) + 1, asked.moments)
    pairs = (random.choice(who, asked.moments), moments)
    some = tuple(part[: asked.rival_moments] for part in pairs)
    checked = tuple(part[: asked.checked] for part in pairs)
    genes = workload.GENES[: asked.rival_genes]
    with tempfile.TemporaryDirectory() as temporary:
        ours = _ours(Path(temporary), rows, who, genes=asked.genes)
        ours(checked)  # the kernel is loaded
        table, whole = _timed(lambda: ours(pairs))
        few = _ours(Path(temporary), rows, who, genes=asked.rival_genes)
        few(checked)
        mine, part = _timed(lambda: few(some))
    figures: dict[str, Any] = {
        **whole,
        "rows_per_second": round(asked.moments / whole["seconds"]),
        "wrong": _wrong(table[: asked.checked], _oracle(rows, who, checked, asked.genes)),
        "subset": {"genom": part},
        "rivals_wrong": 0,
    }
    for name, rival in {"duckdb": _duckdb, "pandas": _pandas}.items():
        found, figures["subset"][name] = _timed(lambda rival=rival: rival(rows, who, some, genes))
        figures["rivals_wrong"] += _wrong(mine, found)
        figures[f"ratio_to_{name}"] = round(figures["subset"][name]["seconds"] / part["seconds"], 2)
    return figures


if __name__ == "__main__":
    runner.main("point_in_time", measure, REACH, OPTIONS)
