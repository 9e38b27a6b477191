"""Versions of a model as lines of the terminal."""

from __future__ import annotations

from typing import Final

from genom.app.show.clean import clean
from genom.app.show.page import Json

__all__ = ["release_lines"]

_WHY: Final = {
    "first": "the first",
    "not_worse": "not worse than the one before",
    "approved": "approved",
    "rolled_back": "gone back to",
    "needs_approval": "its question wants approval",
    "worse": "worse than the one that serves",
    "no_signal": "no better than the base rate",
}
_STATES: Final = {"serves": "serves", "waits": "waits for approval", "before": "served before", "": "rests"}


def release_lines(told: Json) -> list[str]:
    """A line for each version.

    >>> one = {"version": "a1", "state": "waits", "problem": "", "releases": [{"why": "worse", "by": "training"}]}
    >>> release_lines({"versions": [one]})
    ['a1  waits for approval  (worse than the one that serves; training)']
    """
    return [_line(one) for one in told["versions"]]


def _line(one: Json) -> str:
    why = "; ".join(f"({_WHY.get(entry['why'], entry['why'])}; {entry['by']})" for entry in one["releases"][:1])
    problem = f"cannot be served: {one['problem']}" if one["problem"] else ""
    parts = [one["version"], _STATES[one["state"]], why, problem]
    return "  ".join(clean(part, most=300) for part in parts if part)
