"""What lint finds, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

__all__ = ["lint_lines"]

_RULES = {
    "unused": ("Nothing uses them", "Nichts nutzt sie"),
    "collinear": ("They say the same as another", "Sie sagen dasselbe wie ein anderes"),
    "never_filled": ("Nobody has them", "Niemand hat sie"),
    "many_purposes": ("They are kept for many purposes", "Sie werden für viele Zwecke gehalten"),
    "masked": ("Most events may not count for them", "Viele Ereignisse dürfen für sie nicht zählen"),
    "special": (
        "They are about special categories of data",
        "Sie betreffen besondere Kategorien personenbezogener Daten",
    ),
}
_HEAD = {
    "en": "Genes looked at: {genes}, with data of people: {people}, rows of events: {events}. Findings: {found}.",
    "de": "Betrachtete Gene: {genes}, mit Daten von Personen: {people}, Ereigniszeilen: {events}. Befunde: {found}.",
}


def lint_lines(told: dict[str, Any], *, language: str) -> Iterator[str]:
    """The findings by rule; `told` is the answer of `/v1/genes:lint`.

    >>> why = {"en": "none of 9 people has it", "de": "keine von 9 Personen hat es"}
    >>> told = {"genes": 2, "people": 9, "events": 40,
    ...         "findings": [{"gene": "a.b.count", "rule": "never_filled", "why": why}]}
    >>> print(*lint_lines(told, language="en"), sep="\\n")
    Genes looked at: 2, with data of people: 9, rows of events: 40. Findings: 1.
    <BLANKLINE>
    Nobody has them (1)
      a.b.count: none of 9 people has it
    """
    yield _HEAD[language].format(**told | {"found": len(told["findings"])})
    order = list(_RULES)
    by_rule = sorted(told["findings"], key=lambda one: order.index(one["rule"]))
    for rule, found in groupby(by_rule, key=itemgetter("rule")):
        lines = [f"  {one['gene']}: {one['why'][language]}" for one in found]
        yield from ("", f"{_RULES[rule][language == 'de']} ({len(lines)})", *lines)
