"""What every gene must be, computed from a list of rows in plain Python: slow, obvious, and no code of the kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import fmean, pstdev

from genom.genome import Gene
from genom.genome.ops import SIZES
from genom.words import Channel, Flag, Kind

Row = Mapping[str, int]
Value = float | str | None

HOUR = 3_600_000  # ms
DAY = 24 * HOUR
HALF_LIVES = {"1h": HOUR, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "365d": 365 * DAY}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CELLS = {"channel": 16, "hour_of_week": 168, "hour_of_day": 24, "weekday": 7} | {
    name: SIZES[name] for name in ("category_1", "category_2")
}
MESSAGES = (Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_OPENED, Kind.CAMPAIGN_CLICKED)
TOLD = (Kind.PREFERENCE_LIKED, Kind.PREFERENCE_DISLIKED, Kind.PREFERENCE_WITHDRAWN, Kind.ATTRIBUTE_DECLARED)
ALSO = {"price": 1 << 15}  # family → the bit that its rows need beside the purpose's
VALUES = {"size": {1 << 16 | 3: "M", 1 << 16 | 4: "L"}, "writing": {2 << 16 | 1: "weekly"}}
UNITS = {"amount": 1_000_000, "discount": 1_000_000, "quantity": 1_000}


@dataclass(frozen=True)
class Answer:
    """A gene's state and value; `weight` is what its tolerance is relative to: the decayed sum of absolute values."""

    state: str
    value: Value = None
    cells: dict[str, float] | None = None
    weight: float = 0.0
    weights: dict[str, float] = field(default_factory=dict)


def expected(gene: Gene, rows: Iterable[Row], *, bit: int, at: int, rings: Mapping[str, int]) -> Answer:
    """What the gene is at a moment, for the purpose with this bit, given everything that happened."""
    permitted = sorted((row for row in rows if row["mask"] & bit and row["kind"] < 200), key=order)
    if not permitted:
        return Answer("unknown")
    if gene.function == "declared":
        return _known(_said(permitted, rings, gene.attribute))
    if gene.op == "ring":
        return _known(RINGS[gene.function](permitted, at, rings, gene.length))
    chosen = [row for row in permitted if passes(gene, row) and row["mask"] & ALSO.get(gene.family, bit)]
    return OPS[gene.op](gene, chosen, at)


def order(row: Row) -> tuple[int, int, int]:
    """The one order of rows."""
    return row["ts"], row["id"], row["line"]


def passes(gene: Gene, row: Row) -> bool:
    """Whether a gene looks at a row."""
    chosen = gene.filter
    return (
        (row["line"] > 0) == chosen.lines
        and (not chosen.kinds or Kind(row["kind"]).name in chosen.kinds)
        and (not chosen.channel or Channel(row["channel"]).name.lower() == chosen.channel)
        and all(BITS[bit](row) for bit in chosen.bits)
        and (gene.property not in {"amount", "discount"} or bool(row["flags"] & Flag.AMOUNT))
    )


BITS: dict[str, Callable[[Row], bool]] = {
    "discounted": lambda row: bool(row["flags"] & Flag.DISCOUNTED),
    "coupon": lambda row: bool(row["flags"] & Flag.COUPON),
    "clamped": lambda row: bool(row["flags"] & Flag.CLAMPED),
    "amount": lambda row: bool(row["flags"] & Flag.AMOUNT),
    "weekend": lambda row: row["hour_of_week"] // 24 in {5, 6},
    "night": lambda row: row["hour_of_week"] % 24 in range(6),
    "morning": lambda row: row["hour_of_week"] % 24 in range(6, 12),
    "afternoon": lambda row: row["hour_of_week"] % 24 in range(12, 18),
    "evening": lambda row: row["hour_of_week"] % 24 in range(18, 24),
}


def _known(value: Value) -> Answer:
    return Answer("unknown" if value is None else "known", value)


def faded(gene: Gene, row: Row, at: int) -> float:
    """What is left of a row at a moment."""
    return 2.0 ** (-(at - row["ts"]) / HALF_LIVES[gene.half_life]) if gene.decayed else 1.0


def _count(gene: Gene, rows: list[Row], at: int) -> Answer:
    total = math.fsum(faded(gene, row, at) for row in rows)
    return Answer("known", total, weight=total)


def _sum(gene: Gene, rows: list[Row], at: int) -> Answer:
    parts = [faded(gene, row, at) * row[gene.property] / UNITS[gene.property] for row in rows]
    return Answer("known", math.fsum(parts), weight=math.fsum(map(abs, parts)))


def _recency(_gene: Gene, rows: list[Row], at: int) -> Answer:
    return _known((at - rows[-1]["ts"]) / DAY if rows else None)


def _first(gene: Gene, rows: list[Row], _at: int) -> Answer:
    return _known(shown(gene.property, rows[0]) if rows else None)


def _last(gene: Gene, rows: list[Row], _at: int) -> Answer:
    return _known(shown(gene.property, rows[-1]) if rows else None)


def shown(prop: str, row: Row) -> Value:
    """A property as people read it."""
    if prop == "time":
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=row["ts"])
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
    if prop in UNITS:
        return row[prop] / UNITS[prop]
    return cell_name(prop, row[prop]) or None


def term(prop: str, code: int) -> str:
    """The text of a category code; 0 has none."""
    return f"{prop} {code}" if code else ""


def cell_name(prop: str, code: int) -> str:
    """What a number of a property stands for."""
    if prop == "channel":
        return Channel(code).name.lower()
    if prop == "weekday":
        return WEEKDAYS[code]
    if prop == "hour_of_week":
        return f"{WEEKDAYS[code // 24]} {code % 24:02}"
    return f"{code:02}" if prop == "hour_of_day" else term(prop, code)


def _histogram(gene: Gene, rows: list[Row], at: int) -> Answer:
    cells: dict[str, float] = {}
    for row in rows:
        code = _code(gene.property, row)
        if code < CELLS[gene.property] and (code or not gene.property.startswith("category")):
            name = cell_name(gene.property, code)
            cells[name] = cells.get(name, 0.0) + faded(gene, row, at)
    return Answer("known" if cells else "unknown", cells=cells or None, weights=cells)


def _code(prop: str, row: Row) -> int:
    hour = row["hour_of_week"]
    return {"hour_of_day": hour % 24, "weekday": hour // 24}.get(prop, row.get(prop, 0))


OPS: dict[str, Callable[[Gene, list[Row], int], Answer]] = {
    "count": _count, "sum": _sum, "recency": _recency, "first": _first, "last": _last, "histogram": _histogram,
}  # fmt: skip


def _tail(rows: list[Row], size: int) -> list[Row]:
    distinct = {order(row): row for row in rows}
    return [distinct[key] for key in sorted(distinct)][-size:]


def _events(rows: list[Row], rings: Mapping[str, int]) -> list[Row]:
    return _tail([r for r in rows if r["line"] == 0 and r["kind"] not in (*MESSAGES, *TOLD)], rings["events"])


def _orders(rows: list[Row], rings: Mapping[str, int]) -> list[Row]:
    return [row for row in _events(rows, rings) if row["kind"] == Kind.ORDER_COMPLETED]


def _items(rows: list[Row], rings: Mapping[str, int]) -> list[Row]:
    return _tail([r for r in rows if r["line"] > 0 and r["kind"] == Kind.ORDER_COMPLETED], rings["items"])


def _gaps(rows: list[Row], rings: Mapping[str, int]) -> list[float]:
    return [(b["ts"] - a["ts"]) / DAY for a, b in pairwise(_orders(rows, rings))]


def _overdue(rows: list[Row], at: int, rings: Mapping[str, int], _length: int) -> Value:
    gaps = _gaps(rows, rings)
    mean = fmean(gaps) if gaps else 0.0
    return (at - _orders(rows, rings)[-1]["ts"]) / DAY / mean if mean else None


def _streak(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
    weeks = {row["ts"] // (7 * DAY) for row in _orders(rows, rings)}
    length = 0
    while weeks and max(weeks) - length in weeks:
        length += 1
    return float(length) if weeks else None


def _visits(rows: list[Row], rings: Mapping[str, int]) -> list[list[int]]:
    visits: list[list[int]] = []
    for row in _events(rows, rings):
        if visits and row["ts"] - visits[-1][-1] < HOUR // 2:
            visits[-1].append(row["ts"])
        else:
            visits.append([row["ts"]])
    return visits


def _since(rows: list[Row], rings: Mapping[str, int]) -> list[Row] | None:
    events = _events(rows, rings)
    places = [i for i, row in enumerate(events) if row["kind"] == Kind.ORDER_COMPLETED]
    return events[places[-1] + 1 :] if places else None


def _funnel(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
    since = _since(rows, rings)
    if since == []:
        return "ordered"
    kinds = {row["kind"] for row in (_events(rows, rings) if since is None else since)}
    steps = {
        "checkout": Kind.CHECKOUT_STARTED, "added": Kind.PRODUCT_ADDED, "viewed": Kind.PRODUCT_VIEWED,
    }  # fmt: skip
    return next((name for name, kind in steps.items() if kind in kinds), "none")


def _mean_amount(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
    amounts = [row["amount"] / 1_000_000 for row in _orders(rows, rings) if row["flags"] & Flag.AMOUNT]
    return fmean(amounts) if amounts else None


def _named(rows: list[Row], rings: Mapping[str, int], field: str) -> list[int]:
    return [row[field] for row in _items(rows, rings) if row[field]]


def _repeats(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
    items = _named(rows, rings, "item")
    return sum(items.index(item) < i for i, item in enumerate(items)) / len(items) if items else None


def _categories(rows: list[Row], _at: int, rings: Mapping[str, int], length: int) -> Value:
    newest = dict.fromkeys(reversed(_named(rows, rings, "category_2")))
    return ", ".join(term("category_2", code) for code in list(newest)[:length]) or None


def _unanswered(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
    ring = _tail([row for row in rows if row["line"] == 0 and row["kind"] in MESSAGES], rings["messages"])
    left = 0
    for row in ring:
        left = left + 1 if row["kind"] == Kind.CAMPAIGN_RECEIVED else 0
    return float(left) if ring else None


def about(row: Row) -> tuple[str, int]:
    """What a declaration is about: an attribute or a category, by number."""
    if row["kind"] == Kind.ATTRIBUTE_DECLARED:
        return "attribute", row["item"] >> 16
    return "category", row["category_2"]


def told(rows: list[Row], rings: Mapping[str, int]) -> list[Row]:
    """The newest declaration about each thing, newest first, and of those as many as are kept."""
    spoken = [row for row in rows if row["line"] == 0 and row["kind"] in TOLD and about(row)[1]]
    newest = {about(row): row for row in sorted(spoken, key=order)}
    return sorted(newest.values(), key=order, reverse=True)[: rings["declared"]]


def _preferred(kind: Kind) -> Callable[[list[Row], int, Mapping[str, int], int], Value]:
    def names(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
        codes = [row["category_2"] for row in told(rows, rings) if row["kind"] == kind]
        return ", ".join(term("category_2", code) for code in codes if code > 1) or None

    return names


def _said(rows: list[Row], rings: Mapping[str, int], attribute: str) -> Value:
    said = [row["item"] for row in told(rows, rings) if row["kind"] == Kind.ATTRIBUTE_DECLARED]
    return next((VALUES[attribute][number] for number in said if number in VALUES[attribute]), None)


def _different(rows: list[Row], rings: Mapping[str, int], field: str) -> Value:
    return float(len(set(_named(rows, rings, field)))) or None


RINGS: dict[str, Callable[[list[Row], int, Mapping[str, int], int], Value]] = {
    "gap_mean": lambda rows, _at, rings, _n: fmean(gaps) if (gaps := _gaps(rows, rings)) else None,
    "gap_deviation": lambda rows, _at, rings, _n: pstdev(gaps) if len(gaps := _gaps(rows, rings)) > 1 else None,
    "last_gap": lambda rows, _at, rings, _n: gaps[-1] if (gaps := _gaps(rows, rings)) else None,
    "overdue": _overdue,
    "streak": _streak,
    "sessions": lambda rows, _at, rings, _n: float(len(_visits(rows, rings))) or None,
    "session_minutes": lambda rows, _at, rings, _n: (
        (visits[-1][-1] - visits[-1][0]) / 60_000 if (visits := _visits(rows, rings)) else None
    ),
    "since_order": lambda rows, _at, rings, _n: None if (since := _since(rows, rings)) is None else float(len(since)),
    "funnel_stage": _funnel,
    "mean_amount": _mean_amount,
    "distinct_items": lambda rows, _at, rings, _n: _different(rows, rings, "item"),
    "distinct_categories": lambda rows, _at, rings, _n: _different(rows, rings, "category_2"),
    "repeat_share": _repeats,
    "last_categories": _categories,
    "messages_unanswered": _unanswered,
    "liked": _preferred(Kind.PREFERENCE_LIKED),
    "disliked": _preferred(Kind.PREFERENCE_DISLIKED),
}
