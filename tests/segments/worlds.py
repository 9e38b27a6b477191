"""A small world for rules: two genes that fade, others that do not, and people with random data."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from genom.segments import AttributeField, Column, Columns, GeneField, Known, Place, Programs, Window, put_together
from genom.segments.program import Program

NOW = 1_772_452_800_000  # unix ms
DAY = 86_400_000  # ms
BITS = {"shop": 1, "price": 2, "email": 4}
HALF_LIVES = {"fading": 30.0, "cells": 7.0}  # days
TEXTS = ("tea", "jam", "rye")


def label(text: str) -> dict[str, str]:
    return {"en": text, "de": text.upper()}


GENES = {
    "fading": GeneField(id="fading", label=label("fading"), family="value", unit="EUR", form="number", fades=True),
    "count": GeneField(id="count", label=label("count"), family="rhythm", unit="orders", form="number"),
    "price": GeneField(id="price", label=label("price"), family="price", unit="", form="number", needs=("price",)),
    "last": GeneField(id="last", label=label("last order"), family="rhythm", unit="days", form="days"),
    "taste": GeneField(
        id="taste", label=label("taste"), family="taste", unit="", form="text", coded=True, values=TEXTS
    ),
    "stage": GeneField(id="stage", label=label("stage"), family="intent", unit="", form="text"),
    "cells": GeneField(
        id="cells", label=label("cells"), family="taste", unit="", form="cells", fades=True, coded=True, values=TEXTS
    ),
}
ATTRIBUTES = {"size": AttributeField(label=label("size"), values={"S": label("small"), "L": label("large")})}


def code(gene: str, text: str) -> int:
    return {"S": 1, "L": 2}.get(text, -1) if gene.startswith("attribute:") else ("", *TEXTS).index(text)


KNOWN = Known(
    genes=GENES, attributes=ATTRIBUTES, events={"Order Completed": label("order"), "Product Viewed": label("view")},
    channels={"web": label("website")}, purposes=list(BITS), genome=("shop",), code=code,
)  # fmt: skip


@dataclass
class Person:
    """What is true of somebody, and what they permit."""

    permits: int = 7
    numbers: dict[str, float | None] = field(default_factory=dict)  # gene → value now, None = not known
    texts: dict[str, str | None] = field(default_factory=dict)
    cells: dict[str, float] = field(default_factory=dict)
    size: str | None = None
    events: dict[str, list[int]] = field(default_factory=dict)  # name → ms before now


amounts = st.sampled_from([None, 0.0, 0.7, 1.0, 1.3, 2.0, 5.0, 40.0])
people = st.builds(
    Person,
    permits=st.integers(0, 7),
    numbers=st.fixed_dictionaries(dict.fromkeys(("fading", "count", "price", "last"), amounts)),
    texts=st.fixed_dictionaries({"taste": st.sampled_from([None, *TEXTS]), "stage": st.sampled_from([None, *TEXTS])}),
    cells=st.dictionaries(st.sampled_from(TEXTS), st.sampled_from([0.7, 1.3, 2.0])),
    size=st.sampled_from([None, "S", "L"]),
    events=st.dictionaries(
        st.sampled_from(["Order Completed", "Product Viewed"]),
        st.lists(st.integers(1, 9).map(lambda d: d * DAY // 2), max_size=5),
    ),
)

levels = st.sampled_from([0.5, 1.1, 1.7, 3.0, 30.0])  # none is a value that a fading gene has
leaves = st.one_of(
    st.builds(
        lambda gene, op, value: {"gene": gene, "is": op, "value": value},
        st.sampled_from(["fading", "count", "price", "last"]), st.sampled_from([">", ">=", "<", "<="]), levels,
    ),
    st.builds(lambda gene: {"gene": gene, "is": "known"}, st.sampled_from(list(GENES))),
    st.builds(lambda gene: {"gene": gene, "is": "not known"}, st.sampled_from(list(GENES))),
    st.builds(
        lambda a, b: {"gene": "count", "is": "between", "value": sorted([a, b])}, amounts.filter(bool),
        amounts.filter(bool),
    ),
    st.builds(lambda v: {"gene": "count", "is": "=", "value": v}, st.sampled_from([0.0, 1.0, 2.0, 40.0])),
    st.builds(
        lambda gene, texts: {"gene": gene, "is": "in", "value": texts},
        st.sampled_from(["taste", "stage"]), st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3),
    ),
    st.builds(
        lambda cell, value: {"gene": "cells", "cell": cell, "is": ">=", "value": value}, st.sampled_from(TEXTS), levels
    ),
    st.builds(lambda text: {"gene": "cells", "top": True, "is": "=", "value": text}, st.sampled_from(TEXTS)),
    st.builds(lambda text: {"attribute": "size", "is": "=", "value": text}, st.sampled_from(["S", "L"])),
    st.builds(
        lambda event, days, how: {"event": event, "days": days} | how,
        st.sampled_from(["Order Completed", "Product Viewed"]), st.sampled_from([0.75, 1.75, 3.25]),
        st.one_of(
            st.integers(1, 4).map(lambda n: {"at_least": n}), st.integers(0, 3).map(lambda n: {"at_most": n})
        ),
    ),
)  # fmt: skip
rules = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=12,
)

BASE = {0: 3, 1: 11}  # half-lives before now that the fading columns count from


def scales() -> np.ndarray:
    return np.exp2([-BASE[0] - 0.25, -BASE[1] - 0.5])


def arranged(
    programs: list[Program], crowd: list[Person], *, names: dict[str, int] | None = None
) -> tuple[Programs, Columns]:
    """Programs and the columns that they need, filled with what is true of the people; person 0 is nobody."""
    sources = list(dict.fromkeys(source for program in programs for source in program.sources))
    places, fading, still = {}, [], []
    for source in (s for s in sources if isinstance(s, Column | Window)):
        values = np.array([0.0, *(value_of(person, source) for person in crowd)])
        span = {"fading": 0, "cells": 1}.get(getattr(source, "gene", ""), -1)
        if isinstance(source, Column) and source.form in {"value", "cell"} and span >= 0:
            places[source] = Place(len(fading), span)
            fading.append(values / scales()[span])
        else:
            places[source] = Place(len(still))
            still.append(values)
    width = len(crowd) + 1
    columns = Columns(
        np.array(fading, np.float32).reshape(-1, width), np.array(still, np.float64).reshape(-1, width),
        np.array([0, *(person.permits for person in crowd)], np.uint64),
    )  # fmt: skip
    made = put_together(programs, place_of=places.__getitem__, number_of=names or {}, bit=BITS.__getitem__)
    return made, columns


def value_of(person: Person, source: Column | Window) -> float:
    if isinstance(source, Window):
        times = sorted((NOW - ago for ago in person.events.get(source.event, [])), reverse=True)
        return float(times[source.place]) if len(times) > source.place else 0.0
    if source.form == "attribute":
        return np.nan if person.size is None else float(code("attribute:size", person.size))
    if source.form == "top":
        best = max(person.cells, key=lambda cell: (person.cells[cell], -code("cells", cell)), default=None)
        return np.nan if best is None else float(code("cells", best))
    if source.form == "cell":
        return person.cells.get(source.about[0], 0.0)
    if source.form == "code":
        text = person.texts["taste"]
        return np.nan if text is None else float(code("taste", text))
    if source.form == "texts":
        text = person.texts["stage"]
        return np.nan if text is None else float(text in source.about)
    number = person.numbers[source.gene]
    if number is None:
        return np.nan
    return NOW - number * DAY if source.form == "since" else number
