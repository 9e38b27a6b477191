"""What filters let through, by example; the oracle checks them on any history."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from genom.errors import BadConfiguration
from genom.genome import Matrix, compile_genes, declare
from genom.genome.filters import BITS, Between, Filter, Range, Rows, Term, rows_of
from genom.genome.ops import PROPERTIES
from genom.words import Channel, Flag, Kind
from tests.genome.histories import ONE, Row, event, fold, folded, paid, rows, value, view
from tests.genome.oracle_filters import BITS as MEANT
from tests.genome.oracle_filters import FILTERS, NAMED, passes

RINGS = {"events": 8, "items": 8, "messages": 8, "declared": 8}


def test_a_range_includes_its_lower_end_and_not_its_upper() -> None:
    amounts = [19.99, 20, 499.99, 500]

    assert [value([paid(amount)], "rhythm.big.count.lifetime") for amount in amounts] == [0.0, 1.0, 1.0, 0.0]


def test_a_range_of_money_needs_money_in_the_reporting_currency() -> None:
    assert value([event(amount=30_000_000)], "rhythm.big.count.lifetime") == 0.0


def test_several_values_are_alternatives() -> None:
    channels = [Channel.WEB, Channel.POS, Channel.APP]

    assert [value([event(channel=c)], "rhythm.near.count.lifetime") for c in channels] == [1.0, 1.0, 0.0]


def test_not_is_the_rest_of_the_same_rows() -> None:
    history = [event(line=1, category_2=2, id=1), event(line=1, category_2=3, id=2), event(id=3)]

    assert value(history, "rhythm.named.count.lifetime") == 1.0
    assert value(history, "rhythm.unnamed.count.lifetime") == 1.0


@given(row=rows)
def test_a_filter_and_its_opposite_share_the_lines(row: Row) -> None:
    assume(row["kind"] < 200)  # others feed no gene
    history = [row | {"line": 1, "mask": ONE}]
    named, unnamed = (value(history, f"rhythm.{name}.count.lifetime", at=row["ts"]) for name in ("named", "unnamed"))

    assert named + unnamed == 1.0


@given(row=rows, name=st.sampled_from(sorted(FILTERS)))
def test_a_compiled_filter_is_what_its_words_say(row: Row, name: str) -> None:
    """Terms are judged here in plain Python, as the kernel judges them."""
    chosen = {n: _filter(n) for n in FILTERS}
    compiled = rows_of(name, chosen)
    bits = 1 << row["channel"] % 16 | sum(bit for n, bit in BITS.items() if _has(n, row))

    judged = (row["line"] > 0) == compiled.lines and any(_holds(term, bits, row) for term in compiled.terms)

    assert judged == passes(name, row, lines=chosen[name].lines)


def _filter(name: str) -> Filter:
    words = dict(FILTERS[name])
    where = {
        prop: Between(asked.get("from"), asked.get("below")) if isinstance(asked, dict) else tuple(asked)
        for prop, asked in words.pop("where", {}).items()
    }
    given = {("not_" if key == "not" else key): tuple(v) if isinstance(v, list) else v for key, v in words.items()}
    return Filter(**given, where=where)


def _has(bit: str, row: Row) -> bool:
    return MEANT[bit](row)


def _holds(term: Term, bits: int, row: Row) -> bool:
    kinds = term.kinds is None or row["kind"] in term.kinds
    return kinds and bits & term.care == term.need and all(_lies(one, row) for one in term.ranges)


def _lies(one: Range, row: Row) -> bool:
    name = next(n for n, number in PROPERTIES.items() if number == one.property)
    hour = row["hour_of_week"]
    number = {"hour_of_day": hour % 24, "weekday": hour // 24}.get(name, row.get(name, 0))
    low, high = (NAMED.get(one.name, -1),) * 2 if one.name else (one.low, one.high)
    return (low <= number <= high) == one.inside


def test_two_filters_that_mean_the_same_compile_to_the_same_rows() -> None:
    filters = {
        "a": Filter(kinds=("ORDER_COMPLETED", "CART_VIEWED"), bits=("coupon", "weekend")),
        "b": Filter(kinds=("CART_VIEWED", "ORDER_COMPLETED", "CART_VIEWED"), bits=("weekend", "coupon")),
        "weekend": Filter(bits=("weekend",)),
        "c": Filter(kinds=("CART_VIEWED", "ORDER_COMPLETED"), bits=("coupon",), all=("weekend",)),
        "weekday": Filter(not_=("weekend",)),
        "d": Filter(kinds=("CART_VIEWED", "ORDER_COMPLETED"), bits=("coupon",), not_=("weekday",)),
    }

    assert len({rows_of(name, filters) for name in ("a", "b", "c", "d")}) == 1


def test_a_hundred_predicates_stand_beside_each_other() -> None:
    """There is no fixed room that they could run out of."""
    filters = {"any": Filter()} | {
        f"f{n}": Filter(kinds=("ORDER_COMPLETED",), where={"amount": Between(float(n), n + 1.0)}) for n in range(100)
    }
    genes = [
        {"family": "value", "name": f"g{n}", "op": "count", "of": f"f{n}", "label": {"en": f"{n}", "de": f"{n}."}}
        for n in range(100)
    ]
    layout = compile_genes(
        declare({"purposes": ["one"], "rings": RINGS, "filters": filters, "genes": genes}), {"one": ONE}
    )

    matrix = fold(Matrix(layout, 1), [paid(n + 0.5, id=n + 1, flags=Flag.AMOUNT) for n in range(100)])

    assert layout.table.predicates[0] == 101
    assert matrix.state.integers[1, 0].tolist()[:100] == [1] * 100


def test_a_gene_for_one_purpose_is_neither_kept_nor_read_for_the_other() -> None:
    matrix = folded([event(), event(1)])
    gene, place = matrix.layout.genes["rhythm.one.count.lifetime"], matrix.layout.places["rhythm.one.count.lifetime"]

    assert matrix.state.integers[1, :, place.start].tolist() == [2, 0]
    assert view(matrix).read(gene).value == 2.0
    assert view(matrix, column=1).read(gene).state == "withheld"


def test_a_filter_with_too_many_alternatives_is_refused_in_words() -> None:
    filters = {"any": Filter()} | {
        f"f{n}": Filter(where={"hour_of_week": tuple(range(20)), "source": tuple(range(20))}) for n in range(1)
    }

    with pytest.raises(BadConfiguration, match="f0 is too intricate") as caught:
        declare({"purposes": ["one"], "rings": RINGS, "filters": filters, "genes": []})

    assert "256" in caught.value.why


def test_rows_within_others_are_in_both() -> None:
    web, late = Filter(channel="web"), Filter(bits=("night",), kinds=("ORDER_COMPLETED",))
    both = rows_of("web", {"web": web}).within(rows_of("late", {"late": late}))

    assert both == Rows(False, (Term((int(Kind.ORDER_COMPLETED),), 2 | BITS["night"], 2 | BITS["night"]),))
