"""Columns of many people say what the gate says of each one, and nothing that may not be read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.genome import Asked, Gene, Scan, View, cell_names, form_of, is_coded
from genom.words import Channel, Device, Kind
from tests.genome.histories import BOTH, ONE, T0, THREE, TWO, Row, event, folded, gate_of, layout_of, rows
from tests.genome.oracle import DAY, term

BITS = {"one": ONE, "two": TWO, "three": THREE}
LATER = [0, 1, DAY, 400 * DAY]
LAYOUT = layout_of()
FORMS = {"number": "value", "days": "since", "cells": "top", "text": "texts"}
histories = st.lists(rows, max_size=12)


def terms(prop: str) -> list[str]:
    return [term(prop, code) for code in range(8)]


def asks_of(purpose: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    asks = []
    for gene in LAYOUT.genes:
        form = form_of(gene)
        if form == "text":
            asks.append((purpose, gene.id, "code", ()) if is_coded(gene) else (purpose, gene.id, "texts", ("M", "two")))
        else:
            asks.append((purpose, gene.id, FORMS[form], ()))
        if form == "cells":
            cell = next(iter(cell_names(gene.property, terms)), "")
            asks.append((purpose, gene.id, "cell", (cell,)))
    return [*asks, (purpose, "size", "attribute", ()), (purpose, "shoe", "attribute", ())]


def scanned(history: list[Row], purpose: str, *, permits: int, at: int) -> list[tuple[tuple, float]]:
    """Each column's number of person 1, fading ones as of the moment."""
    matrix = folded(history)
    scan = Scan(matrix, gate_of(matrix), purpose_bit=BITS.__getitem__, terms=terms)
    asks = asks_of(purpose)
    prepared = scan.prepare([Asked(ask, row) for row, ask in enumerate(asks)])
    fading, still = np.zeros((len(asks), 3), np.float32), np.zeros((len(asks), 3))
    may = np.array([0, permits, permits], np.uint64)
    bases, who = scan.bases(at), np.array([1, 2])
    scan.fill(prepared, who, may=may, fading=fading, still=still, bases=bases, at=at)
    scan.fill_slow(prepared, who, may=may, still=still, at=at)
    assert not fading[:, 0].any()
    assert not still[:, 0].any()
    scales = scan.scales(bases, at)
    spans = [scan.span(ask) for ask in asks]
    return [
        (ask, float(fading[row, 1] * scales[span]) if span >= 0 else float(still[row, 1]))
        for row, (ask, span) in enumerate(zip(asks, spans, strict=True))
    ]


def said(view: View, ask: tuple[str, str, str, tuple[str, ...]], at: int) -> float:
    """What the gate says, as the number that the column should have."""
    _, name, form, about = ask
    if form == "attribute":
        text = view.declared().attributes.get(name) if view.permitted else None
        return np.nan if text is None else LAYOUT.genes.attributes.number(f"{name}={text}") & 0xFFFF
    gene = LAYOUT.genes[name]
    read = view.read(gene)
    if form in {"cell", "top"}:
        return of_cells(view, gene, form, about)
    if read.value is None:
        return np.nan
    if form == "since":
        return at - read.value * DAY if isinstance(read.value, float) else unix_ms(read.value)
    if form == "code":
        codes = {one.name.lower(): int(one) for one in (*Channel, *Device)} | {str(n): n for n in range(7, 256)}
        return codes[read.value] if gene.property in {"channel", "device"} else float(read.value.split()[-1])
    if form == "texts":
        return float(any(text in read.value.split(", ") for text in about))
    return float(read.value)


def of_cells(view: View, gene: Gene, form: str, about: tuple[str, ...]) -> float:
    cells = view.cells(gene.id)
    if not len(cells):
        return np.nan
    if form == "top":
        return float(np.argmax(cells))
    place = cell_names(gene.property, terms).get(about[0], -1)
    return float(cells[place]) if place >= 0 else 0.0


def unix_ms(text: str) -> float:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def moments(history: list[Row], later: int) -> Iterator[int]:
    yield max((row["ts"] for row in history), default=DAY) + 1 + later


@pytest.mark.parametrize("purpose", ["one", "two"])
@settings(max_examples=40)
@given(history=histories, later=st.sampled_from(LATER), permits=st.sampled_from([BOTH, ONE | TWO, ONE, THREE, 0]))
def test_columns_say_what_the_gate_says(purpose, history, later, permits):
    (at,) = moments(history, later)

    view = gate_of(folded(history)).view(1, purpose=purpose, effective=permits, at=at)

    for ask, number in scanned(history, purpose, permits=permits, at=at):
        if ask[2] == "top" and not np.any(view.cells(ask[1])):
            continue  # what has faded to nothing in a view is still the largest
        assert number == pytest.approx(said(view, ask, at), rel=1e-6, abs=2e-3, nan_ok=True), ask


def test_a_value_that_is_not_declared_any_more_is_none():
    history = [event(kind=Kind.ATTRIBUTE_DECLARED, item=1 << 16 | 9)]

    columns = dict(scanned(history, "one", permits=BOTH, at=T0 + 1))

    assert math.isnan(columns["one", "size", "attribute", ()])


@settings(max_examples=25)
@given(history=histories, later=st.sampled_from(LATER))
def test_nothing_of_a_purpose_that_is_not_permitted_is_read(history, later):
    (at,) = moments(history, later)

    assert all(np.isnan(number) for _, number in scanned(history, "one", permits=TWO | THREE, at=at))


@settings(max_examples=25)
@given(history=histories, later=st.sampled_from(LATER))
def test_a_family_that_needs_another_purpose_also_is_read_only_with_both(history, later):
    (at,) = moments(history, later)

    for ask, number in scanned(history, "one", permits=ONE | TWO, at=at):
        if ask[2] != "attribute" and "price" in LAYOUT.genes.families(LAYOUT.genes[ask[1]]):
            assert np.isnan(number), ask
