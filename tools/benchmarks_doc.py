"""Writes the tables of docs/benchmarks.md from the JSON files of benchmarks/results.

These files stay on the machine that measured.  A benchmark without one keeps what the page says of it, so that a single
benchmark can be measured anew.

python tools/benchmarks_doc.py [--results DIR] [--page FILE] [--check]
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reference_page import table, with_part

ROOT: Final = Path(__file__).parents[1]
SCRIPT: Final = "benchmarks_doc.py"
NOT_RUN: Final = "not run"
NOTHING: Final[Mapping[str, Sequence[str]]] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """One wanted figure, the measured one, and what stands beside it."""

    asks: str
    benchmark: str  # file of benchmarks/, and of its results
    figure: str  # dotted name in the medians
    reach: str
    unit: str
    beside: tuple[tuple[str, str], ...] = ()  # (what, dotted name)


ROWS: Final = (
    Row(
        "kernel: 512 genes, 200,000 people, 4,096 rows a batch", "genome_kernel",
        "generated.updates_per_second_a_core", "≥ 100 M", "gene updates/s a core",
        (
            ("rows/s", "generated.rows_per_second_a_core"),
            ("updates a row", "updates_per_row"),
            ("interpreter", "interpreter.updates_per_second_a_core"),
            ("Python dicts", "dicts.updates_per_second_a_core"),
            ("River", "river.updates_per_second_a_core"),
        ),
    ),
    Row("… as a multiple of profiles in Python dicts", "genome_kernel", "ratio_to_dicts", "≥ 40", "times"),
    Row("… as a multiple of River", "genome_kernel", "ratio_to_river", "≥ 25", "times"),
    Row(
        "journal → state with the standard genome, reading included", "replay", "updates_per_second_a_core", "≥ 80 M",
        "gene updates/s a core",
        (
            ("rows", "rows"),
            ("rows/s", "rows_per_second_a_core"),
            ("updates a row", "updates_per_row"),
            ("minutes for a billion rows, extrapolated", "minutes_for_a_billion_rows_extrapolated"),
        ),
    ),
    Row("512 genes of a person, in process", "vector", "microseconds.p50", "≤ 1.5", "µs p50",
        (("p99", "microseconds.p99"),)),
    Row("a million people with 1,000 genes", "memory", "resident_gigabytes", "≤ 8", "GB"),
    Row("… while another state is taken in", "memory", "swap_gigabytes", "≤ 18", "GB"),
    Row(
        "… first answer after a start, with a tail of 5 million rows", "restart", "first_answer_seconds", "≤ 3", "s",
        (
            ("processor time of node and worker, s", "cpu_seconds"),
            ("state file, GB", "state_gigabytes"),
            ("resident, GB", "resident_gigabytes"),
        ),
    ),
    Row(
        "decisions while genes are added, p99 as a multiple of before", "genes_add", "add.ratio_p99", "≤ 2", "times",
        (
            ("p99 before, ms", "before.latency_ms.p99"),
            ("meanwhile, ms", "add.latency_ms.p99"),
            ("seconds that it took", "add.seconds"),
            ("rows folded", "add.rows"),
        ),
    ),
    Row(
        "… while they are taken back, as a multiple of between", "genes_add", "rollback.ratio_p99", "≤ 2", "times",
        (
            ("p99 between, ms", "between.latency_ms.p99"),
            ("meanwhile, ms", "rollback.latency_ms.p99"),
            ("seconds that it took", "rollback.seconds"),
        ),
    ),
    Row("a rule of 5 conditions over a million people", "segments", "rule.ms", "≤ 5", "ms"),
    Row("what live membership adds to ingest", "segments", "live.cost_percent", "≤ 15", "%"),
    Row(
        "a linear model over 512 genes of a million people", "linear_scan", "milliseconds", "≤ 100", "ms",
        (("GB/s", "gigabytes_per_second"), ("plain copy, GB/s", "copy_gigabytes_per_second")),
    ),
    Row(
        "100,000 point-in-time rows of 500 genes from 2 million events", "point_in_time", "seconds", "≤ 5", "s",
        (
            ("a part: Genom, s", "subset.genom.seconds"),
            ("DuckDB ASOF JOIN, s", "subset.duckdb.seconds"),
            ("pandas merge_asof, s", "subset.pandas.seconds"),
        ),
    ),
    Row(
        "50 features of one entity, times as fast as Feast (SQLite)", "feast_online", "ratio_to_feast", "printed",
        "times",
        (("Genom, µs p50", "genom_microseconds.p50"), ("Feast, µs p50", "feast_microseconds.p50")),
    ),
    Row(
        "ingest with the standard genome, 100 events a request", "ingest", "events_100.saturated.events_per_second",
        "≥ 120,000 (the spine's)", "events/s", (("a bare server's share", "events_100.ratio_to_bare"),),
    ),
)  # fmt: skip


def shown(value: float) -> str:
    """A figure as people read it.

    >>> shown(105_123_456), shown(1.0671), shown(48_160), shown(0)
    ('105 M', '1.07', '48,160', '0')
    """
    if abs(value) >= 10_000_000:
        return f"{value / 1e6:,.0f} M"
    return f"{value:,.0f}" if abs(value) >= 1_000 or value == int(value) else f"{value:.3g}"


def part(results: Mapping[str, Mapping[str, Any]], before: Mapping[str, Sequence[str]] = NOTHING) -> str:
    """Both tables: the figures, and what each was measured on; `before` are the cells of the page's rows so far."""
    figures = table(
        ["question", "benchmark", "reach", "measured", "beside it"], (line(row, results, before) for row in ROWS)
    )
    names = sorted(dict.fromkeys(row.benchmark for row in ROWS))
    runs = table(
        ["benchmark", "date", "commit", "machine", "runs", "options"], (run(name, results, before) for name in names)
    )
    return f"{figures}\n\n## Measured on\n\n{runs}"


def cells(page: str) -> dict[str, list[str]]:
    r"""The cells of each row of a page's tables by the first of them.

    >>> cells("| a | b |\n|---|---|\n| vector | 2 \\| 3 |")["vector"]
    ['vector', '2 | 3']
    """
    rows = [line[2:-2] for line in page.splitlines() if line.startswith("| ") and line.endswith(" |")]
    found = [[one.strip().replace("\\|", "|") for one in re.split(r"(?<!\\)\|", row)] for row in rows]
    return {row[0]: row for row in found}


def line(row: Row, results: Mapping[str, Mapping[str, Any]], before: Mapping[str, Sequence[str]]) -> list[str]:
    """A row of the first table."""
    if row.benchmark not in results and (kept := before.get(row.asks)) and f"[{row.benchmark}]" in kept[1]:
        return [row.asks, kept[1], f"{row.reach} {row.unit}".replace("printed times", "printed"), *kept[3:]]
    found = results.get(row.benchmark, {}).get("median", {})
    value = f"**{shown(found[row.figure])}** {row.unit}" if row.figure in found else NOT_RUN
    beside = "; ".join(f"{what}: {shown(found[name]) if name in found else NOT_RUN}" for what, name in row.beside)
    link = f"[{row.benchmark}](../benchmarks/{row.benchmark}.py)"
    return [row.asks, link, f"{row.reach} {row.unit}".replace("printed times", "printed"), value, beside]


def run(name: str, results: Mapping[str, Mapping[str, Any]], before: Mapping[str, Sequence[str]]) -> list[str]:
    """When, on what and how a benchmark ran."""
    if name not in results:
        return list(before.get(name, [name, NOT_RUN, "", "", "", ""]))
    result = results[name]
    about = result["machine"]
    machine = f"{about['cores']} cores of {about['cpu']}, {about['memory_bytes'] / 1e9:.0f} GB, Linux {about['kernel']}"
    options = ", ".join(f"{key} {value}" for key, value in result["options"].items() if value != "")
    return [name, result["at"][:10], result.get("commit", "unknown"), machine, str(len(result["repeats"])), options]


def read(directory: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The last result of each benchmark."""
    for path in sorted(directory.glob("*.json")):
        yield path.stem, json.loads(path.read_text("utf-8"))


def main() -> None:
    """Write the page, or with `--check` only say whether it is current (status 1 if not)."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--check", action="store_true", help="change nothing; status 1 if the page is stale")
    asked = parser.parse_args()
    old = asked.page.read_text("utf-8")
    new = with_part(old, part(dict(read(asked.results)), cells(old)), script=SCRIPT)
    if asked.check and new != old:
        raise SystemExit(f"{asked.page.name} is stale.\n  fix: python tools/{SCRIPT}")
    if not asked.check:
        asked.page.write_text(new, "utf-8")


if __name__ == "__main__":
    main()
