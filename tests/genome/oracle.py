"""What every gene must be, computed from a list of rows in plain Python: slow, obvious, and no code of the kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import fmean, pstdev

from genom.genome import Gene, load_genes
from genom.genome.ops import SIZES
from genom.words import Channel, Flag, Kind
from tests.genome import oracle_filters as filters
from tests.genome.oracle_filters import UNITS, WEEKDAYS

Row = Mapping[str, int]
Value = float | str | None

HOUR = 3_600_000  # ms
DAY = 24 * HOUR
HALF_LIVES = {"1h": HOUR, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "365d": 365 * DAY} | {
    "1s": 1_000, "10s": 10_000, "36h": 36 * HOUR, "90d": 90 * DAY,
    "1y": 365 * DAY, "10y": 3650 * DAY, "300y": 300 * 365 * DAY,
}  # fmt: skip
CELLS = {"channel": 16, "hour_of_week": 168, "hour_of_day": 24, "weekday": 7} | {
    name: SIZES[name] for name in ("category_1", "category_2", "device")
}
MESSAGES = (Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_OPENED, Kind.CAMPAIGN_CLICKED)
TOLD = (Kind.PREFERENCE_LIKED, Kind.PREFERENCE_DISLIKED, Kind.PREFERENCE_WITHDRAWN, Kind.ATTRIBUTE_DECLARED)
ALSO = {"price": 1 << 15}  # family → the bit that its rows need beside the purpose's
VALUES = {
    "size": {1 << 16 | 3: "M", 1 << 16 | 4: "L"},
    "writing": {2 << 16 | 1: "weekly"},
    "age": {},
    "household": {},
    "children": {},
}
PURPOSES = {1 << 3: "one", 1 << 40: "two"}  # bit → name


@dataclass(frozen=True)
class Answer:
    """A gene's state and value; `weight` is what its tolerance is relative to: the decayed sum of absolute values."""

    state: str
    value: Value = None
    cells: dict[str, float] | None = None
    weight: float = 0.0
    weights: dict[str, float] = field(default_factory=dict)
    faint: bool = False  # so little is left that rounding decides whether it is known


def expected(gene: Gene, rows: Iterable[Row], *, bit: int, at: int, rings: Mapping[str, int]) -> Answer:
    """What the gene is at a moment, for the purpose with this bit, given everything that happened."""
    if gene.purposes and PURPOSES[bit] not in gene.purposes:
        return Answer("withheld")
    permitted = sorted((row for row in rows if row["mask"] & bit and row["kind"] < 200), key=order)
    if not permitted:
        return Answer("unknown")
    if gene.function == "declared":
        return _known(_said(permitted, rings, gene.attribute))
    if gene.op == "expression":
        return _known(FORMULAS[gene.id](lambda name: expected(GENES[name], rows, bit=bit, at=at, rings=rings).value))
    if gene.ring:
        return _known(_of_ring(gene, permitted, at, rings))
    served = [row for row in permitted if row["mask"] & ALSO.get(gene.family, bit)]
    if gene.base_name:
        return _quotient(gene, served, at)
    return OPS[gene.op](gene, [row for row in served if passes(gene, row)], at)


def order(row: Row) -> tuple[int, int, int]:
    """The one order of rows."""
    return row["ts"], row["id"], row["line"]


def passes(gene: Gene, row: Row) -> bool:
    """Whether a gene looks at a row."""
    return filters.passes(gene.filter_name, row, lines=gene.filter.lines) and _has(gene.property, row)


def _has(prop: str, row: Row) -> bool:
    """Whether a row has a property that can be missing."""
    return prop not in {"amount", "discount"} or bool(row["flags"] & Flag.AMOUNT)


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
    rows = _of_quantity(gene, rows)
    return _known(shown(gene.property, rows[0]) if rows else None)


def _last(gene: Gene, rows: list[Row], _at: int) -> Answer:
    rows = _of_quantity(gene, rows)
    return _known(shown(gene.property, rows[-1]) if rows else None)


def _of_quantity(gene: Gene, rows: list[Row]) -> list[Row]:
    """A row without a quantity is no part of what is said of quantities, nor one without a device of devices."""
    return [row for row in rows if gene.property not in {"quantity", "device"} or row[gene.property]]


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
    if prop == "device":
        return (
            ("", "desktop", "phone", "tablet", "tv", "watch", "console", "7", "8", "9")[code]
            if code < 10
            else str(code)
        )
    if prop == "weekday":
        return WEEKDAYS[code]
    if prop == "hour_of_week":
        return f"{WEEKDAYS[code // 24]} {code % 24:02}"
    return f"{code:02}" if prop == "hour_of_day" else term(prop, code)


def _mean(gene: Gene, rows: list[Row], at: int) -> Answer:
    rows = _of_quantity(gene, rows)
    return _divided(
        [faded(gene, row, at) * row[gene.property] / UNITS[gene.property] for row in rows],
        [faded(gene, row, at) for row in rows],
    )


def _divided(over: list[float], under: list[float]) -> Answer:
    """A quotient; what both may be off by adds up in its weight."""
    whole, size = math.fsum(under), math.fsum(map(abs, under))
    if abs(abs(whole) / 2.0**-64 - 1) < 1e-3 or 0 < abs(whole) < 1e-3 * size:
        return Answer("known", faint=True)
    if abs(whole) < 2.0**-64:
        return Answer("unknown")
    value = math.fsum(over) / whole
    return Answer("known", value, weight=(math.fsum(map(abs, over)) + abs(value) * size) / abs(whole))


def _quotient(gene: Gene, rows: list[Row], at: int) -> Answer:
    """A ratio, or a share: then the part lies within the whole."""
    sides = []
    for name, prop in ((gene.filter_name, gene.property), (gene.base_name, gene.base_property)):
        chosen = [row for row in rows if _is_in(name, gene, row) and _has(prop, row)]
        sides.append([faded(gene, row, at) * (row[prop] / UNITS[prop] if prop else 1.0) for row in chosen])
    return _divided(*sides)


def _is_in(name: str, gene: Gene, row: Row) -> bool:
    names = {name, gene.base_name} if gene.op == "share" else {name}
    return all(filters.passes(one, row, lines=filters.FILTERS[one].get("lines", False)) for one in names)


def _variance(gene: Gene, rows: list[Row], at: int) -> Answer:
    rows = _of_quantity(gene, rows)
    weights = [faded(gene, row, at) for row in rows]
    values = [row[gene.property] / UNITS[gene.property] for row in rows]
    mean = _divided([w * x for w, x in zip(weights, values, strict=True)], weights)
    if mean.faint or not isinstance(mean.value, float):
        return mean
    exact = [Fraction(w) for w in weights]
    numbers = [Fraction(row[gene.property], UNITS[gene.property]) for row in rows]
    centre = sum((w * x for w, x in zip(exact, numbers, strict=True)), Fraction(0)) / sum(exact)
    squares = sum((w * (x - centre) ** 2 for w, x in zip(exact, numbers, strict=True)), Fraction(0)) / sum(exact)
    size = math.fsum(w * x * x for w, x in zip(weights, values, strict=True)) / math.fsum(weights)
    return Answer("known", float(squares), weight=size)


def hashed(value: int, buckets: int) -> int:
    """The bucket of a value: the finalizer of splitmix64, written as its paper has it."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        value = ((value ^ value >> shift) * factor) % 2**64
    return value % buckets


def _distinct(gene: Gene, rows: list[Row], at: int) -> Answer:
    newest: dict[int, int] = {}
    for row in rows:
        if row[gene.property]:
            place = hashed(row[gene.property], gene.buckets)
            newest[place] = max(newest.get(place, 0), row["ts"] // 60_000)
    if not newest:
        return Answer("unknown")
    length = HALF_LIVES.get(gene.window)
    since = max(0, at - length) // 60_000 if length else 0
    empty = gene.buckets - sum(minute >= since for minute in newest.values())
    return _known(float(round(gene.buckets * math.log(gene.buckets / (empty or 0.5)))))


def _histogram(gene: Gene, rows: list[Row], at: int) -> Answer:
    cells: dict[str, float] = {}
    if gene.buckets:
        for row in rows:
            if row.get(gene.property):
                name = f"bucket {hashed(row[gene.property], gene.buckets)}"
                cells[name] = cells.get(name, 0.0) + faded(gene, row, at)
        return Answer("known" if cells else "unknown", cells=cells or None, weights=cells)
    for row in rows:
        code = _code(gene.property, row)
        if code < CELLS[gene.property] and (code or gene.property not in {"category_1", "category_2", "device"}):
            name = cell_name(gene.property, code)
            cells[name] = cells.get(name, 0.0) + faded(gene, row, at)
    return Answer("known" if cells else "unknown", cells=cells or None, weights=cells)


def _code(prop: str, row: Row) -> int:
    hour = row["hour_of_week"]
    return {"hour_of_day": hour % 24, "weekday": hour // 24}.get(prop, row.get(prop, 0))


OPS: dict[str, Callable[[Gene, list[Row], int], Answer]] = {
    "count": _count, "sum": _sum, "recency": _recency, "first": _first, "last": _last, "histogram": _histogram,
    "mean": _mean, "variance": _variance, "distinct": _distinct,
}  # fmt: skip


def _of_ring(gene: Gene, rows: list[Row], at: int, rings: Mapping[str, int]) -> Value:
    """A function of a ring; with a filter it looks at some of the records only."""
    if gene.ring == "orders":  # as if nothing else had happened
        rows = [row for row in rows if row["line"] == 0 and row["kind"] == Kind.ORDER_COMPLETED]
        rings = {**rings, "events": rings["orders"]}
    if gene.filter_name == "any":
        return RINGS[gene.function](rows, at, rings, gene.length)
    answers = set(filters.FILTERS[gene.filter_name].get("kinds", ())) & {kind.name for kind in MESSAGES}
    ring = _messages(rows, rings) if answers else _events(rows, rings)
    kept = [filters.passes(gene.filter_name, row, lines=False) for row in ring]
    return OF_SOME[gene.function](ring, kept, gene.length)


def _messages(rows: list[Row], rings: Mapping[str, int]) -> list[Row]:
    return _tail([row for row in rows if row["line"] == 0 and row["kind"] in MESSAGES], rings["messages"])


def _streak_days(ring: list[Row], passes: list[bool], _length: int) -> Value:
    days = {row["ts"] // DAY for row, kept in zip(ring, passes, strict=True) if kept}
    length = 0
    while days and max(days) - length in days:
        length += 1
    return float(length) if days else None


def _some_gap(ring: list[Row], passes: list[bool], _length: int) -> Value:
    times = [row["ts"] for row, kept in zip(ring, passes, strict=True) if kept]
    return fmean((b - a) / DAY for a, b in pairwise(times)) if len(times) > 1 else None


def _since_last(_ring: list[Row], passes: list[bool], _length: int) -> Value:
    return float(passes[::-1].index(True)) if True in passes else None


def _last_kinds(ring: list[Row], passes: list[bool], length: int) -> Value:
    kept = [Kind(row["kind"]).name.lower() for row, passed in zip(ring, passes, strict=True) if passed]
    return ", ".join(kept[::-1][:length]) or None


def _some_last_gap(ring: list[Row], passes: list[bool], _length: int) -> Value:
    times = [row["ts"] for row, kept in zip(ring, passes, strict=True) if kept]
    return (times[-1] - times[-2]) / DAY if len(times) > 1 else None


OF_SOME: dict[str, Callable[[list[Row], list[bool], int], Value]] = {
    "last_gap": _some_last_gap, "gap_mean": _some_gap,
    "streak_days": _streak_days, "since_last": _since_last, "last_kinds": _last_kinds,
}  # fmt: skip


def _pairs(rows: list[Row], rings: Mapping[str, int]) -> list[str]:
    names = [Kind(row["kind"]).name.lower() for row in _events(rows, rings)]
    return [f"{a} → {b}" for a, b in pairwise(names)]


def _pair(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
    pairs = _pairs(rows, rings)
    return max(reversed(pairs), key=pairs.count) if pairs else None


def _pair_share(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
    pairs = _pairs(rows, rings)
    return max(map(pairs.count, pairs)) / len(pairs) if pairs else None


def _pair_kinds(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
    pairs = _pairs(rows, rings)
    return len(set(pairs)) / len(pairs) if pairs else None


def _channels(rows: list[Row], _at: int, rings: Mapping[str, int], length: int) -> Value:
    found = dict.fromkeys(Channel(row["channel"]).name.lower() for row in reversed(_events(rows, rings)))
    return ", ".join(list(found)[:length]) or None


CART = (Kind.PRODUCT_ADDED, Kind.CHECKOUT_STARTED)


def _left(rows: list[Row], at: int, rings: Mapping[str, int], _length: int) -> Value:
    events, since = _events(rows, rings), _since(rows, rings)
    recent = events if since is None else since
    carts = [row["ts"] for row in recent if row["kind"] in CART]
    return (at - carts[-1]) / HOUR if carts and at - recent[-1]["ts"] >= HOUR // 2 else None


def _abandoned(rows: list[Row], _at: int, rings: Mapping[str, int], _length: int) -> Value:
    visits: list[list[Row]] = []
    for row in _events(rows, rings):
        if visits and row["ts"] - visits[-1][-1]["ts"] < HOUR // 2:
            visits[-1].append(row)
        else:
            visits.append([row])
    kinds = [{row["kind"] for row in visit} for visit in visits]
    carts = [Kind.ORDER_COMPLETED not in visit for visit in kinds if visit & set(CART)]
    return sum(carts) / len(carts) if carts else None


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
    "gap_variance": lambda rows, _at, rings, _n: pstdev(g) ** 2 if len(g := _gaps(rows, rings)) > 1 else None,
    "session_minutes_mean": lambda rows, _at, rings, _n: (
        fmean((visit[-1] - visit[0]) / 60_000 for visit in visits) if (visits := _visits(rows, rings)) else None
    ),
    "session_events_mean": lambda rows, _at, rings, _n: (
        fmean(map(len, visits)) if (visits := _visits(rows, rings)) else None
    ),
    "abandoned_hours": _left,
    "abandonment_share": _abandoned,
    "frequent_pair": _pair,
    "frequent_pair_share": _pair_share,
    "pair_kinds": _pair_kinds,
    "last_channels": _channels,
    "overdue": _overdue,
    "streak_days": lambda rows, _at, rings, n: _streak_days(
        (ring := _events(rows, rings)), [row["kind"] == Kind.ORDER_COMPLETED for row in ring], n
    ),
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


def _whole(value: Value) -> float:
    return math.nan if value is None else float(value)


def _each(get: Callable[[str], Value]) -> Value:
    spent, events = _whole(get("value.spent.sum.lifetime")), _whole(get("rhythm.events.count.lifetime"))
    return None if not events or math.isnan(spent + events) else spent / events


def _some(get: Callable[[str], Value]) -> Value:
    each, coupons = get("value.each.expression"), _whole(get("price.coupon_lines.count.lifetime"))
    return None if math.isnan(coupons) else float(_whole(each or 0.0) > 2 - coupons)


def _fresh(get: Callable[[str], Value]) -> Value:
    order, event = _whole(get("rhythm.order.recency")), _whole(get("rhythm.event.recency"))
    lines = _whole(get("rhythm.lines.count.lifetime"))
    if math.isnan(order + event + lines):
        return None
    return max(math.log1p(order), min(event, max(lines, 1.0), 3.0))


FORMULAS: dict[str, Callable[[Callable[[str], Value]], Value]] = {
    "value.each.expression": _each, "value.some.expression": _some, "lifecycle.fresh.expression": _fresh,
}  # fmt: skip
GENES = {gene.id: gene for gene in load_genes(Path(__file__).with_name("small.yaml"))}
