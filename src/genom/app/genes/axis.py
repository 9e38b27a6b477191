"""An axis of a shop's own leading departments, for the crosses of its `genes.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from genom.app.training.past import Record
from genom.errors import BadRequest
from genom.words import Kind

__all__ = ["axis", "leading"]

_COLUMNS: Final = ("category_1", "category_2")
_OTHER: Final = 1  # the code that terms beyond the vocabulary share


def leading(record: Record, *, column: str = "category_1", most: int = 8) -> dict[str, int]:
    """Terms of a column by the order lines that have them, the most bought first.

    Raises BadRequest for a column that holds no categories.
    """
    if column not in _COLUMNS:
        what = f"{column!r} is no column of categories."
        raise BadRequest(what, why=f"they are {' and '.join(_COLUMNS)}", fix="use one of them")
    counts = np.zeros(1 << 16, np.int64)
    for rows, _ in record.blocks():
        lines = rows[(rows["kind"] == Kind.ORDER_COMPLETED) & (rows["line"] > 0)]
        counts += np.bincount(lines[column], minlength=1 << 16)
    counts[: _OTHER + 1] = 0
    order = np.argsort(-counts, kind="stable")[:most]
    return {record.world.term(column, code): int(counts[code]) for code in order.tolist() if counts[code]}


def axis(terms: Mapping[str, int], name: str = "department") -> str:
    """The axis as YAML: each term with a name for ids and labels to be translated.

    >>> print(axis({"DRUG GM": 12, "Bücher & Karten": 3}))
    axes:
      department:
        drug_gm: {is: "DRUG GM", label: {en: "DRUG GM", de: "DRUG GM"}}
        b_cher_karten: {is: "Bücher & Karten", label: {en: "Bücher & Karten", de: "Bücher & Karten"}}
    """
    names, lines = set[str](), ["axes:", f"  {name}:"]
    for term in terms:
        slug = re.sub(r"[^a-z0-9]+", "_", term.lower()).strip("_") or "other"
        while slug in names:
            slug += "_more"
        names.add(slug)
        quoted = '"' + term.replace("\\", "\\\\").replace('"', '\\"') + '"'
        lines.append(f"    {slug}: {{is: {quoted}, label: {{en: {quoted}, de: {quoted}}}}}")
    return "\n".join(lines)
