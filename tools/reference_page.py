"""Keeps the generated part of a reference page current; the scripts beside it make the text.

The part stands between two comment lines, so that a page may also say things that no program knows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

PAGES = Path(__file__).parents[1] / "docs" / "reference"
BEGIN, END = "<!-- generated: change the code, then run tools/{script} -->", "<!-- /generated -->"


def cell(text: object) -> str:
    r"""A text as one cell of a table.

    >>> cell("a | b\nc")
    'a \\| b c'
    """
    return " ".join(str(text).split()).replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table.

    >>> print(table(["a"], [[1]]))
    | a |
    |---|
    | 1 |
    """
    lines = [[cell(value) for value in row] for row in (head, *rows)]
    drawn = ["| " + " | ".join(row) + " |" for row in lines]
    return "\n".join([drawn[0], "|" + "---|" * len(head), *drawn[1:]])


def with_part(page: str, part: str, *, script: str) -> str:
    """The page with its generated part replaced; raises SystemExit if it has no place for one."""
    begin = BEGIN.format(script=script)
    before, opened, rest = page.partition(begin)
    _, closed, after = rest.partition(END)
    if not opened or not closed:
        raise SystemExit(f"The page has no place for its generated part.\n  fix: put {begin} and {END} into it")
    return f"{before}{begin}\n\n{part.strip()}\n\n{END}{after}"


def main(page: str, make: Callable[[], str]) -> None:
    """Write the page's part, or with `--check` only say whether it is current (status 1 if not)."""
    parser = argparse.ArgumentParser(description=f"Generate docs/reference/{page}.")
    parser.add_argument("--check", action="store_true", help="change nothing; status 1 if the page is stale")
    check = parser.parse_args().check
    path = PAGES / page
    script = Path(sys.argv[0]).name
    old = path.read_text("utf-8")
    new = with_part(old, make(), script=script)
    if check and new != old:
        raise SystemExit(f"docs/reference/{page} is stale.\n  fix: python tools/{script}")
    if not check:
        path.write_text(new, "utf-8")
