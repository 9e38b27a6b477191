"""The generated kernel and the interpreter are one meaning: the same rows leave the same bytes in every array."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.app.genes.kernel_job import layout_of as kernel_layout_of
from genom.genome import Genes, Layout, Matrix, compile_genes, generated
from genom.genome.generate import source_of
from genom.genome.generated import Serving, available, compile_kernel, serving
from genom.genome.threads import on_threads
from tests.genome.histories import ONE, THREE, TWO, Row, histories, layout_of, named, rows_of
from tests.genome.random_genes import layout_of_genes, random_layout
from tests.genome.test_windows import windowed

PEOPLE = 4
POPULAR = 1 << 3  # the bit of a row that may count for everybody's popularity


@contextmanager
def interpreted(layout: Layout) -> Iterator[None]:
    """Inside, the gene set is folded by the interpreter."""
    held = generated._served.get(layout.version)
    generated._served[layout.version] = Serving(None, "the test asks for it")
    try:
        yield
    finally:
        if held is None:
            del generated._served[layout.version]
        else:
            generated._served[layout.version] = held


def prepared(layout: Layout) -> Layout:
    """Compiled if the cache does not have it, and loaded."""
    compile_kernel(layout)
    assert serving(layout, again=True).reason == ""
    return layout


@pytest.fixture(scope="module")
def small() -> Layout:
    return prepared(layout_of())


@pytest.fixture(scope="module", params=[1, 2])
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return prepared(random_layout(request.param, tmp_path_factory.mktemp("genes")))


Step = tuple[list[Row], list[int], tuple[int, int] | None]
steps = st.lists(
    st.tuples(
        histories,
        st.lists(st.integers(-1, PEOPLE), min_size=25, max_size=25),
        st.none() | st.permutations(range(1, PEOPLE + 1)).map(lambda who: (who[0], who[1])),
    ),
    min_size=1,
    max_size=4,
)
"""Batches of rows (of nobody, too), each for some people, and merges between them."""


def lived(layout: Layout, life: list[Step], *, parts: int = 0) -> list[bytes]:
    """Every array of the memory after these steps; with `parts` its kernel folds each part of the people alone."""
    matrix = Matrix(layout, PEOPLE, popularity_bit=POPULAR)
    for history, targets, merge in life:
        rows = rows_of(history)
        masks, who = rows["mask"].copy(), np.array(targets[: len(rows)], np.int64)
        if parts:
            in_parts(matrix, rows, masks, who, parts)
        else:
            matrix.fold(rows, masks, who)
        if merge:
            matrix.merge(*merge)
    return [array.tobytes() for array in matrix.state]


def in_parts(matrix: Matrix, rows: Any, masks: Any, who: Any, parts: int) -> None:
    fold, ranges = serving(matrix.layout).fold, matrix.layout.table.ranges
    assert fold is not None
    for part in range(parts):
        fold(rows, masks, who, np.uint64(POPULAR), part, parts, ranges, *matrix.state)


def assert_same_bytes(layout: Layout, life: list[Step]) -> None:
    with interpreted(layout):
        expected = lived(layout, life)
    assert lived(layout, life) == expected


@given(life=steps)
def test_every_op_filter_mask_merge_line_and_tie_leaves_the_same_bytes(small: Layout, life: list[Step]) -> None:
    assert_same_bytes(small, life)


@pytest.fixture(scope="module")
def by_kind() -> Layout:
    return prepared(windowed(by_kind=True))


@given(life=steps)
def test_windows_by_kind_leave_the_same_bytes(by_kind: Layout, life: list[Step]) -> None:
    assert_same_bytes(by_kind, life)


OF_EVERY_OP = [
    "rhythm.events.count.1h", "rhythm.one.count.lifetime", "rhythm.mixed.count.1y", "rhythm.unnamed.count.lifetime",
    "price.discounted_weekend.count.7d", "value.spent.sum.30d", "value.spent.sum.lifetime", "value.pieces.sum.30d",
    "rhythm.event.recency", "channels.first.first", "price.saving.last", "taste.narrow.histogram.30d",
    "taste.items.histogram.30d", "value.order.variance.30d", "value.order.variance.lifetime",
    "taste.narrow.distinct.7d",
]  # fmt: skip


@pytest.fixture(scope="module")
def few() -> Layout:
    """What compiles in seconds."""
    genes, bits = layout_of().genes, dict(zip(("one", "two", "three"), (ONE, TWO, THREE), strict=True))
    chosen = Genes([genes[name] for name in OF_EVERY_OP], genes.purposes, genes.rings, also=genes.also)
    return prepared(named(compile_genes(chosen, bits, windowed(by_kind=True).windows)))


@pytest.mark.soak  # the mutants' test: the larger gene sets above ask for the same
@given(life=steps, parts=st.sampled_from([1, 1, 2, 4]))
def test_a_few_genes_of_every_op_leave_the_same_bytes(few: Layout, life: list[Step], parts: int) -> None:
    with interpreted(few):
        expected = lived(few, life)
    assert lived(few, life, parts=parts) == expected


@given(life=steps)
def test_random_gene_sets_leave_the_same_bytes(drawn: Layout, life: list[Step]) -> None:
    assert_same_bytes(drawn, life)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3, 40))
@settings(max_examples=300)
@given(life=steps)
def test_many_random_gene_sets_leave_the_same_bytes(seed: int, tmp_path_factory: Any, life: list[Step]) -> None:
    layout = random_layout(seed, tmp_path_factory.getbasetemp(), genes=20)
    if generated._served.get(layout.version, Serving(None, "")).fold is None:
        prepared(layout)

    assert_same_bytes(layout, life)


def test_a_category_that_is_named_later_is_known_to_both_kernels_from_then_on(small: Layout) -> None:
    history: Any = [{"ts": 10, "id": 1, "line": 1, "kind": 24, "category_2": 2}]
    history = [dict.fromkeys(_FIELDS, 0) | one | {"mask": 2**64 - 1} for one in history]
    layout = layout_of_genes(small.genes)  # the same gene set, before any category has its code
    before = lived(layout, [(history, [1], None)])

    layout.name_code("category_2", "two", 2)
    after = lived(layout, [(history, [1], None)])

    assert_same_bytes(layout, [(history, [1], None)])

    assert after != before


_FIELDS = (
    "ts", "id", "line", "kind", "channel", "flags", "hour_of_week", "category_1", "category_2", "item", "amount",
    "discount", "quantity",
)  # fmt: skip


@given(
    history=histories,
    targets=st.lists(st.integers(-1, PEOPLE), min_size=25, max_size=25),
    parts=st.sampled_from([2, 4]),
)
def test_threads_on_disjoint_people_leave_the_same_bytes(
    small: Layout, history: list[Row], targets: list[int], parts: int
) -> None:
    rows, found = rows_of(history), []
    fold = serving(small).fold
    assert fold is not None
    for n_parts in (1, parts):
        matrix = Matrix(small, PEOPLE)
        given_ = rows, rows["mask"].copy(), np.array(targets[: len(rows)], np.int64), np.uint64(POPULAR)
        counted = on_threads(lambda n, of: fold(*given_, n, of, small.table.ranges, *matrix.state), n_parts)  # noqa: B023
        found.append((counted, [array.tobytes() for array in matrix.state]))

    assert found[0] == found[1]


@pytest.mark.parametrize(("size", "calls"), [(20_000, 1), (98_304, 3)], ids=["as they stand", "in order of people"])
def test_a_large_batch_is_folded_by_several_threads_and_leaves_the_same_bytes(
    small: Layout, monkeypatch: pytest.MonkeyPatch, size: int, calls: int
) -> None:
    rng = np.random.default_rng(5)
    rows = rows_of([])
    rows = np.zeros(size, rows.dtype)
    rows["ts"] = np.sort(rng.integers(0, 10**11, len(rows))) + 1_700_000_000_000
    rows["id_low"], rows["kind"] = rng.integers(0, 2**63, len(rows)), rng.choice([16, 24, 26, 40, 41], len(rows))
    rows["line"] = (rows["kind"] == 24) * rng.integers(0, 3, len(rows))
    rows["amount"], rows["flags"] = rng.integers(-(10**8), 10**9, len(rows)), rng.integers(0, 32, len(rows))
    rows["category_2"], rows["category_1"] = rng.integers(0, 400, len(rows)), rng.integers(0, 70, len(rows))
    targets = rng.integers(-1, 50, len(rows))
    masks = rng.choice(np.array([2**64 - 1, 1 << 3, 1 << 40, 0], np.uint64), len(rows))
    asked = []
    monkeypatch.setattr("genom.genome.matrix.threads", lambda: 4)
    monkeypatch.setattr(
        "genom.genome.matrix.on_threads", lambda part, parts: asked.append(parts) or on_threads(part, parts)
    )

    several = Matrix(small, 50, popularity_bit=POPULAR)
    several.fold(rows, masks, targets)
    with interpreted(small):
        one = Matrix(small, 50, popularity_bit=POPULAR)
        one.fold(rows, masks, targets)

    assert asked == [4] * calls
    assert [array.tobytes() for array in several.state] == [array.tobytes() for array in one.state]


def test_rows_that_may_not_be_written_or_lie_apart_are_folded_too(small: Layout) -> None:
    rows = np.repeat(rows_of([dict.fromkeys(_FIELDS, 0) | {"ts": 5, "id": 7, "mask": 2**64 - 1}]), 6)
    rows.flags.writeable = False
    masks, targets = rows["mask"], np.ones(12, np.int64)[::2]

    matrix = Matrix(small, 1)
    matrix.fold(rows[::2], masks[::2], targets[:3])

    assert matrix.state.heads[1, :, -1].tolist() == [3, 3]


def test_nothing_but_numbers_of_the_table_enters_the_text(small: Layout, tmp_path: Path) -> None:
    """Names, labels and filters of a gene file are nowhere in the source: one vocabulary serves all gene sets."""
    vocabularies = [
        _names(source_of(layout)) for layout in (small, random_layout(1, tmp_path), random_layout(2, tmp_path))
    ]

    for names in vocabularies:
        assert {name.rstrip("0123456789") for name in names} <= _VOCABULARY


def _names(source: str) -> set[str]:
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    strings = [token.string for token in tokens if token.type == tokenize.STRING]
    assert all(string.startswith('"""') for string in strings)
    assert not any(token.type == tokenize.COMMENT for token in tokens)
    return {token.string for token in tokens if token.type == tokenize.NAME}


_VOCABULARY = set(
    re.findall(
        r"\S+",
        """
    import from as def if elif else for in and or not continue return range len True False np numpy genom compiled
    cells genome kernel prefetch add raise_to register take _add_popularity add_popularity _between between
    _bucket bucket _deviation deviation _take_record fill_rings _record fill_record _row_bits row_bits _see see
    _square square weight lift move moved put epoch target start at free newest newer size number words fold rows
    masks targets popularity_bit part parts ranges heads decayed integers
    rings popularity popularity_epoch record count counted last_ts whole empty int reshape size tick fraction i day
    ahead later branch c place j near ring held wrap row person mask kind line ts slot category_ wanted ident bits
    uint id_low number amount discount quantity channel hour_of_week item source device name d n one float mine shares
    chosen array BRANCH_OF SHARES_OF RINGS_OF RING_OF RING_STARTS DECAYED_LINES INTEGER_LINES
    PURPOSES epochs records g int32 flags
""",
    )
)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A gene set whose kernel lies in a directory of its own."""
    layout = random_layout(77, tmp_path, genes=1)
    monkeypatch.setattr(generated, "_path", lambda _source: tmp_path / "kernels" / "fold_test.py")
    monkeypatch.setattr(generated, "_served", {})
    return layout


def test_without_a_compiled_kernel_the_interpreter_serves_and_says_why(tiny: Layout) -> None:
    assert serving(tiny).fold is None
    assert serving(tiny).reason == "no kernel is compiled for this gene set yet"


def test_a_file_that_is_not_what_was_generated_is_not_run(tiny: Layout, tmp_path: Path) -> None:
    path = tmp_path / "kernels" / "fold_test.py"
    path.parent.mkdir()
    path.write_text("raise SystemExit('this was run')\n")

    assert "damaged or was changed" in serving(tiny).reason


def test_a_load_never_compiles(tiny: Layout) -> None:
    generated._write(generated._path(""), source_of(tiny))

    assert "is not in the cache" in serving(tiny).reason


def test_a_matrix_adopts_the_kernel_that_another_process_has_compiled_meanwhile(tiny: Layout) -> None:
    matrix = Matrix(tiny, 1)
    before = matrix.interpreted, matrix.wants_kernel

    compile_kernel(tiny)
    wanted = matrix.wants_kernel
    matrix.adopt_kernel()

    assert before == ("no kernel is compiled for this gene set yet", False)
    assert (wanted, matrix.interpreted, matrix.wants_kernel) == (True, "", False)


def test_the_job_compiles_the_kernel_of_a_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "genes.yaml").write_text(_ONE_GENE, "utf-8")
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    subprocess.run([sys.executable, "-m", "genom.app.genes.kernel_job", str(tmp_path)], env=environment, check=True)

    monkeypatch.setattr(generated, "cache_directory", lambda: tmp_path / "cache")
    assert available(kernel_layout_of(tmp_path))


_ONE_GENE = """
purposes: [recommend]
rings: {events: 2, items: 2, messages: 2, declared: 2}
filters: {any: {}}
genes:
  - {family: rhythm, name: events, op: count, of: any, over: [1d], label: {en: Events, de: Ereignisse}}
"""


def test_damaged_machine_code_is_not_used_and_the_next_compilation_heals_it(tiny: Layout) -> None:
    path = compile_kernel(tiny)
    assert serving(tiny).reason == ""
    [code] = Path(generated._import(path).stats.cache_path).glob("fold_test.*.nbc")  # type: ignore[attr-defined]
    code.write_bytes(code.read_bytes()[:1000])
    generated._served.clear()

    assert "could not be loaded" in serving(tiny).reason
    compile_kernel(tiny)
    assert serving(tiny, again=True).reason == ""
