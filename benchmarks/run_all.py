"""Runs every benchmark and prints the comparison as a table for the README.

python benchmarks/run_all.py            # three repeats each
python benchmarks/run_all.py --table    # only the table of the last results
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAMES = (
    "ingest",
    "replay",
    "freshness",
    "withdrawal",
    "erasure",
    "access_export",
    "import_receipts",
    "encryption",
    "tcf_decode",
    "decide",
    "pages",
    "browser",
    "sample_load",
    "journal",
    "dedupe",
    "segments",
    "genome_kernel",
    "point_in_time",
    "feast_online",
    "vector",
    "linear_scan",
    "memory",
    "restart",
    "genes_add",
)


def table(results: list[dict[str, Any]]) -> str:
    """Wanted and measured, one figure a row, and the machine below.

    >>> row = {"figure": "p99", "compare": "<=", "wanted": 5.0, "unit": "ms", "measured": 4.0, "met": True}
    >>> machine = {"cpu": "X", "cores": 2, "kernel": "6", "python": "3.11"}
    >>> print(table([{"name": "decide", "reach": [row], "machine": machine}]))
    | benchmark | figure | reach | measured | met |
    |---|---|---|---|---|
    | decide | p99 | ≤ 5 ms | 4 | yes |
    <BLANKLINE>
    2 cores of X, Linux 6, Python 3.11; medians.
    """
    rows = ["| benchmark | figure | reach | measured | met |", "|---|---|---|---|---|"]
    for result in results:
        for one in result["reach"]:
            sign = {">=": "≥", "<=": "≤"}[one["compare"]]
            measured = "none" if one["measured"] is None else f"{one['measured']:,.4g}"
            if one["measured"] is not None and abs(one["measured"]) >= 10_000:
                measured = f"{one['measured']:,.0f}"
            met = "yes" if one["met"] else "no"
            rows.append(
                f"| {result['name']} | {one['figure']} | {sign} {one['wanted']:,g} {one['unit']} | {measured} | {met} |"
            )
    if not results:
        return "\n".join(rows)
    about = results[0]["machine"]
    machine = f"{about['cores']} cores of {about['cpu']}, Linux {about['kernel']}, Python {about['python']}; medians."
    return "\n".join([*rows, "", machine])


def main() -> None:
    """Run what is asked for, then print the table; the status is 1 if a benchmark could not run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"some of: {' '.join(NAMES)}")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--table", action="store_true", help="run nothing, print the last results")
    asked = parser.parse_args()
    names = asked.names or NAMES
    broken = []
    for name in () if asked.table else names:
        command = [sys.executable, str(HERE / f"{name}.py"), f"--repeats={asked.repeats}"]
        if subprocess.run(command, check=False).returncode:
            broken.append(name)
    files = [HERE / "results" / f"{name}.json" for name in names if name not in broken]
    print(table([json.loads(file.read_text("utf-8")) for file in files if file.exists()]))
    if broken:
        raise SystemExit(f"These did not run through: {', '.join(broken)}")


if __name__ == "__main__":
    main()
