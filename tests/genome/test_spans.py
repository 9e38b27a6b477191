"""Half-lives of any length: text to milliseconds, and the fold at both ends of what is allowed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.errors import BadConfiguration
from genom.genome import Gate, Layout, Matrix, compile_genes, declare
from genom.genome.filters import Filter
from genom.genome.spans import LIFETIME, check_span, milliseconds, words_for_half_life, words_for_window
from tests.genome.histories import ONE, T0, Y2100, Row, paid, rows_of

EXTREMES = {"1s": 1_000, "2s": 2_000, "5min": 300_000, "90d": 7_776_000_000, "300y": 9_460_800_000_000}
SPREAD = [f"{n}h" for n in range(1, 21)]


@pytest.mark.parametrize(
    ("span", "ms"), [*EXTREMES.items(), ("36h", 129_600_000), ("2w", 1_209_600_000), (LIFETIME, 0)]
)
def test_a_span_is_a_number_and_a_unit(span: str, ms: int) -> None:
    assert milliseconds(span) == ms
    check_span(span, "here")


@pytest.mark.parametrize("span", ["", "d", "7", "07d", "7 d", "7D", "7days", "1.5h", "-1d", "1e3s", "∞", "1\u0667d"])
def test_other_text_is_none(span: str) -> None:
    assert milliseconds(span) == 0
    with pytest.raises(BadConfiguration, match="here has the unknown half-life"):
        check_span(span, "here")


@pytest.mark.parametrize("span", ["0s", "0d", "00y", "301y", "109501d", "999999999y"])
def test_too_short_and_too_long_is_said_in_words(span: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        check_span(span, "here")

    assert "at least one second and at most 300 years" in caught.value.why


def test_spans_are_named_in_both_languages() -> None:
    assert words_for_half_life("90d") == {"en": "half-life 90 days", "de": "Halbwertszeit 90 Tage"}
    assert words_for_half_life("30d") == {"en": "last months", "de": "letzte Monate"}
    assert words_for_window("2w") == {"en": "last 2 weeks", "de": "letzte 2 Wochen"}
    assert words_for_window(LIFETIME) == {"en": "ever", "de": "insgesamt"}


@lru_cache
def layout() -> Layout:
    """Means, sums and variances of amounts over the extremes, and over so many half-lives that a head is wide."""
    orders = [
        {"family": "value", "name": "spent", "op": op, "of": "order", "property": "amount",
         "over": [*EXTREMES, *SPREAD], "label": {"en": op, "de": op}}
        for op in ("sum", "mean", "variance")
    ]  # fmt: skip
    filters = {"any": Filter(), "order": Filter(kinds=("ORDER_COMPLETED",))}
    rings = dict.fromkeys(("events", "items", "messages", "declared"), 8)
    genes = declare({"purposes": ["one"], "rings": rings, "filters": filters, "genes": orders})
    return compile_genes(genes, {"one": ONE})


def folded(history: list[Row], *, people: int = 2) -> Matrix:
    matrix, rows = Matrix(layout(), people), rows_of(history)
    matrix.fold(rows, rows["mask"].copy(), np.ones(len(rows), np.int64))
    return matrix


def read(matrix: Matrix, gene_id: str, at: int, person: int = 1) -> float:
    gate = Gate(matrix, purpose_bit=lambda _: ONE, term=lambda _property, code: str(code))
    value = gate.view(person, purpose="one", effective=ONE, at=at).read(layout().genes[gene_id]).value
    return float("nan") if value is None else float(value)


times = st.lists(st.integers(0, 40), min_size=1, max_size=8, unique=True)


@pytest.mark.parametrize("span", EXTREMES)
@pytest.mark.parametrize("start", [0, T0, Y2100])
@given(halves=times)
def test_a_half_life_of_any_length_halves(span: str, start: int, halves: list[int]) -> None:
    """Orders of 8, half a half-life apart, in the order in which they come."""
    step = EXTREMES[span] // 2
    history = [paid(8, start + n * step, id=n + 1) for n in halves]
    at = start + max(halves) * step

    exact = sum(8 * 2.0 ** ((n - max(halves)) / 2) for n in halves)
    assert read(folded(history), f"value.spent.sum.{span}", at) == pytest.approx(exact, rel=2e-5)
    assert read(folded(history), f"value.spent.mean.{span}", at) == pytest.approx(8.0, rel=4e-5)
    assert read(folded(history), f"value.spent.variance.{span}", at) == pytest.approx(0.0, abs=1e-2)


@pytest.mark.parametrize("span", EXTREMES)
def test_a_late_event_and_a_merge_at_the_extremes(span: str) -> None:
    step = EXTREMES[span]
    history = [paid(8, Y2100 - n * step, id=n + 1) for n in range(3)]
    matrix, rest = folded(history[:2]), rows_of(history[2:])
    matrix.fold(rest, rest["mask"].copy(), np.full(1, 2, np.int64))

    matrix.merge(2, 1)

    assert read(matrix, f"value.spent.sum.{span}", Y2100, person=2) == pytest.approx(14.0, rel=2e-5)
    assert read(folded(history[::-1]), f"value.spent.sum.{span}", Y2100) == pytest.approx(14.0, rel=2e-5)


def test_many_half_lives_make_a_head_wide_and_disturb_no_ring() -> None:
    history = [paid(8, T0 + n * 3_600_000, id=n + 1, item=n + 1) for n in range(12)]
    matrix = folded(history)
    gate = Gate(matrix, purpose_bit=lambda _: ONE, term=lambda _property, code: str(code))

    assert layout().head == 48
    assert gate.view(1, purpose="one", effective=ONE, at=Y2100).items("events", 24) == list(range(5, 13))
    exact = sum(8 * 2.0 ** ((n - 11) / 20) for n in range(12))
    assert read(matrix, "value.spent.sum.20h", T0 + 11 * 3_600_000) == pytest.approx(exact, rel=2e-5)
