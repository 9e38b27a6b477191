"""Which rows a filter means, read from its words in plain Python: no terms, no bits, no code of the kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from genom.genome.crossing import crossed
from genom.words import CHANNELS, DEVICES, Channel, Flag, Kind

Row = Mapping[str, int]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNITS = {"amount": 1_000_000, "discount": 1_000_000, "quantity": 1_000}
NAMED = {"two": 2, "last": 383, "GROCERY": 2, "DRUG GM": 63}  # names of categories in the tests' filters → codes
_HERE = Path(__file__)
_STANDARD = _HERE.parents[2] / "src" / "genom" / "genome" / "standard.yaml"
FILTERS: dict[str, dict[str, Any]] = {
    name: chosen
    for path in (_STANDARD, _HERE.with_name("small.yaml"))
    for name, chosen in crossed(yaml.safe_load(path.read_text("utf-8")), path.name)["filters"].items()
}

BITS: dict[str, Callable[[Row], bool]] = {
    "discounted": lambda row: bool(row["flags"] & Flag.DISCOUNTED),
    "coupon": lambda row: bool(row["flags"] & Flag.COUPON),
    "clamped": lambda row: bool(row["flags"] & Flag.CLAMPED),
    "amount": lambda row: bool(row["flags"] & Flag.AMOUNT),
    "weekend": lambda row: row["hour_of_week"] // 24 in {5, 6},
    "night": lambda row: row["hour_of_week"] % 24 in range(6),
    "morning": lambda row: row["hour_of_week"] % 24 in range(6, 12),
    "device": lambda row: row["device"] > 0,
    "afternoon": lambda row: row["hour_of_week"] % 24 in range(12, 18),
    "evening": lambda row: row["hour_of_week"] % 24 in range(18, 24),
}


def meets(chosen: Mapping[str, Any], row: Row) -> bool:
    """Whether a row is what a filter's words say, apart from `lines`."""
    kinds, channel = chosen.get("kinds", ()), chosen.get("channel", "")
    return (
        (not kinds or Kind(row["kind"]).name in kinds)
        and (not channel or Channel(row["channel"]).name.lower() == channel)
        and all(BITS[bit](row) for bit in chosen.get("bits", ()))
        and all(_fits(prop, asked, row) for prop, asked in chosen.get("where", {}).items())
        and all(meets(FILTERS[name], row) for name in chosen.get("all", ()))
        and (not chosen.get("any") or any(meets(FILTERS[name], row) for name in chosen["any"]))
        and not any(meets(FILTERS[name], row) for name in chosen.get("not", ()))
    )


def _fits(prop: str, asked: Any, row: Row) -> bool:
    if prop in {"amount", "discount"} and not row["flags"] & Flag.AMOUNT:
        return False
    value = {"hour_of_day": row["hour_of_week"] % 24, "weekday": row["hour_of_week"] // 24}.get(prop, row.get(prop, 0))
    if isinstance(asked, dict):
        number = value / UNITS.get(prop, 1)
        return asked.get("from", -1e99) <= number < asked.get("below", 1e99)
    if prop == "channel":
        return value in {int(CHANNELS[name]) for name in asked}
    if prop == "device":
        return value in {int(DEVICES[name]) for name in asked}
    if prop == "weekday":
        return WEEKDAYS[value] in asked
    return value in ({NAMED.get(name) for name in asked} if prop.startswith("category") else set(asked))


def passes(name: str, row: Row, *, lines: bool) -> bool:
    """Whether a row is among those of the filter of this name."""
    return (row["line"] > 0) == lines and meets(FILTERS[name], row)
