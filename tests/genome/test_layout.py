"""Places in a person's row, and the version that says which states fit into each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from genom.genome import Layout, compile_genes, load_genes
from genom.genome.ops import OPS, SIZES, Storage
from tests.genome.histories import layout_of
from tests.genome.oracle import HALF_LIVES
from tests.genome.test_genes import gene as line_of

SMALL = Path(__file__).with_name("small.yaml")


def compiled(directory: Path, change: Callable[[dict[str, Any]], Any] = lambda _: None) -> Layout:
    """The layout of the tests' genes after one change."""
    content = yaml.safe_load(SMALL.read_text("utf-8"))
    change(content)
    path = directory / "mine.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    genes = load_genes(path)
    return compile_genes(genes, {name: 1 << n for n, name in enumerate(genes.every_purpose)})


@pytest.mark.parametrize("genes", ["small", "standard"])
@pytest.mark.parametrize("decayed", [True, False])
def test_every_cell_belongs_to_one_part_or_fills_a_cache_line(genes: str, *, decayed: bool) -> None:
    layout = layout_of(genes)
    own = [g for g in layout.genes if g.decayed == decayed and g.id in layout.parts]
    places = {place for g in own for place in layout.parts[g.id]}

    cells = sorted(cell for place in places for cell in range(place.start, place.start + place.size))

    count, line = (layout.decayed_cells, 16) if decayed else (layout.integer_cells, 8)
    blocks = len(layout.table.half_lives) if decayed else 1
    assert len(set(cells)) == len(cells) > 0
    assert cells[-1] < count
    assert count % line == 0
    assert count - len(cells) < blocks * line + count // 17


@pytest.mark.parametrize("genes", ["small", "standard"])
def test_decayed_cells_of_a_half_life_lie_in_its_block(genes: str) -> None:
    layout = layout_of(genes)

    for gene in layout.genes:
        if gene.decayed:
            place, spans = layout.places[gene.id], list(layout.table.half_lives)
            half_life = spans[layout.cell_spans[place.start]]
            assert half_life == HALF_LIVES[gene.half_life]
            assert place.size == ((gene.buckets or SIZES[gene.property]) if gene.op == "histogram" else 1)


def test_genes_of_rings_have_no_cells_of_their_own() -> None:
    layout = layout_of("standard")

    assert not any(OPS[layout.genes[name].op].storage is Storage.RING for name in layout.places)
    assert sum(length for _, length in layout.ring_places.values()) == layout.table.ring_starts[-1]


def test_compiling_twice_gives_the_same_version(tmp_path: Path) -> None:
    assert compiled(tmp_path).version == compiled(tmp_path).version


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["genes"].pop(),
        lambda c: c["genes"].insert(0, c["genes"].pop(3)),
        lambda c: c["filters"]["order"].update(channel="pos"),
        lambda c: c["filters"]["priced"].update(lines=True),
        lambda c: c["filters"]["order"].update(bits=["coupon"]),
        lambda c: c["genes"][10].update(property="discount"),
        lambda c: c["genes"][10].update(of="web_order"),
        lambda c: c["genes"][2].update(over=["1h"]),
        lambda c: c["genes"][2].update(over=["30d", "31d"]),
        lambda c: c["genes"][2].update(purposes=["two"]),
        lambda c: c["filters"]["big"].update(where={"amount": {"from": 20, "below": 501}}),
        lambda c: c["filters"]["named"].update(where={"category_2": ["two", "three"]}),
        lambda c: c["filters"]["mixed"].update(any=["big", "near"]),
        lambda c: line_of(c, "taste", "narrow", "distinct").update(buckets=32),
        lambda c: c["rings"].update(events=16),
        lambda c: c.update(also={}),
        lambda c: c.update(also={"trust": "three"}),
        lambda c: c.update(purposes=["two", "one"]),
        lambda c: c.update(purposes=["one"]),
    ],
)
def test_a_change_of_meaning_or_place_is_another_version(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    assert compiled(tmp_path, change).version != compiled(tmp_path).version


def test_a_change_of_words_is_the_same_version(tmp_path: Path) -> None:
    def renamed(content: dict[str, Any]) -> None:
        content["genes"][0].update(label={"en": "Happenings", "de": "Geschehnisse"}, unit="events")

    assert compiled(tmp_path, renamed).version == compiled(tmp_path).version


def test_another_number_of_cells_is_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiled(tmp_path).version
    monkeypatch.setitem(SIZES, "category_2", 1_024)

    assert compiled(tmp_path).version != before


def test_genes_that_need_the_same_share_its_cells() -> None:
    layout = layout_of()
    mean, total = layout.parts["value.order.mean.30d"], layout.parts["value.spent.sum.30d"]
    variance, ratio = layout.parts["value.order.variance.30d"], layout.parts["value.per_event.ratio.30d"]

    assert mean[0] == total[0] == ratio[0]
    assert variance[1:] == mean
    assert ratio[1] == layout.parts["rhythm.events.count.30d"][0]
    assert layout.parts["taste.items.distinct.1h"] == layout.parts["taste.items.distinct.30d"]


def test_a_gene_of_two_families_with_different_permission_shares_nothing() -> None:
    layout = layout_of()

    assert layout.parts["price.saved.ratio.30d"][1] != layout.parts["value.spent.sum.30d"][0]


def test_a_head_has_room_for_every_half_life_the_rings_and_the_count() -> None:
    layout = layout_of()

    assert len(layout.table.half_lives) == 9
    assert layout.head == 32
    assert layout_of("standard").head == 16


def test_another_bit_of_a_purpose_is_another_version() -> None:
    genes = load_genes(SMALL)

    one, other = (compile_genes(genes, {"one": 1, "two": bit, "three": 8}) for bit in (2, 4))

    assert one.version != other.version
    assert not np.array_equal(one.table.purpose_bits, other.table.purpose_bits)
