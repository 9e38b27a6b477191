"""Lint: genes that cost more than they tell.

Six findings: a gene that nothing uses; one that says the same as another (correlation of 0.999 and more); one that
nobody has; one that is kept for more purposes than it should be; one most of whose events may not count for it; and one
about a special category of data, of which not all its purposes may know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.genes import Gene, Genes
from genom.genome.ops import OPS, Storage
from genom.genome.ring_rows import Code, passing

__all__ = ["MASKED_MOST", "PURPOSES_MOST", "RULES", "Finding", "Measured", "alike", "lint", "masked"]

RULES: Final = ("unused", "collinear", "never_filled", "many_purposes", "masked", "special")
PURPOSES_MOST: Final = 2  # more copies of a gene need a reason
MASKED_MOST: Final = 0.2  # of its events without the purpose's permission
_ALIKE: Final = 0.999
_ROUNDING: Final = 1e-3  # of correlations that are computed for all pairs at once
_FEWEST: Final = 30  # people who have both
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was seen of the genes; without people or events the rules that need them say nothing."""

    used: Collection[str] = ()  # ids that points, models, segments … read
    people: int = 0  # looked at
    known: Mapping[str, int] = field(default_factory=dict)  # how many of them have the gene
    unseen: Collection[str] = ()  # genes of which nothing can be known there, for they are kept for another purpose
    alike: Mapping[str, tuple[str, float]] = field(default_factory=dict)  # gene → an earlier one and the correlation
    masked: Mapping[str, float] = field(default_factory=dict)  # share of its events without permission
    special: Mapping[str, str] = field(default_factory=dict)  # gene → the tagged category that it names


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about one gene."""

    gene: str
    rule: str  # of RULES
    why: Mapping[str, str]  # by language


def lint(genes: Genes, measured: Measured) -> tuple[Finding, ...]:
    """All findings, gene by gene.

    >>> from genom.genome import load_genes
    >>> genes = load_genes()
    >>> [finding.rule for finding in lint(genes, Measured(used={gene.id for gene in genes}))]
    []
    """
    used = _with_inputs(genes, measured.used)
    return tuple(finding for gene in genes for finding in _findings(gene, genes, measured, used))


def _with_inputs(genes: Genes, used: Collection[str]) -> set[str]:
    """What is used, and what its formulas read."""
    found, open_ = set[str](), [name for name in used if name in genes]
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += genes[name].inputs
    return found


def _findings(gene: Gene, genes: Genes, measured: Measured, used: Collection[str]) -> Iterator[Finding]:
    if gene.id not in used:
        yield _finding(gene, "unused", "no point, model, segment or formula reads it",
                       "kein Entscheidungspunkt, Modell, Segment und keine Formel liest es")  # fmt: skip
    if gene.id in measured.alike:
        other, r = measured.alike[gene.id]
        yield _finding(gene, "collinear", f"it says the same as {other} (correlation {r:.4f})",
                       f"es sagt dasselbe wie {other} (Korrelation {f'{r:.4f}'.replace('.', ',')})")  # fmt: skip
    if measured.people and gene.id not in measured.unseen and not measured.known.get(gene.id):
        yield _finding(gene, "never_filled", f"none of {measured.people} people has it",
                       f"keine von {measured.people} Personen hat es")  # fmt: skip
    purposes = len(gene.purposes or genes.purposes)
    if purposes > PURPOSES_MOST:
        yield _finding(gene, "many_purposes", f"it is kept for {purposes} purposes",
                       f"es wird für {purposes} Zwecke gehalten")  # fmt: skip
    if (share := measured.masked.get(gene.id, 0.0)) > MASKED_MOST:
        yield _finding(gene, "masked", f"{share:.0%} of its events may not count for it",
                       f"{share * 100:.0f} % seiner Ereignisse dürfen dafür nicht zählen")  # fmt: skip
    if gene.id in measured.special:
        name = measured.special[gene.id]
        yield _finding(gene, "special", f"it is about {name}, tagged art9, of which not all its purposes may know",
                       f"es handelt von {name} (art9); davon dürfen nicht alle seine Zwecke wissen")  # fmt: skip


def _finding(gene: Gene, rule: str, english: str, german: str) -> Finding:
    return Finding(gene=gene.id, rule=rule, why={"en": english, "de": german})


def alike(ids: Collection[str], values: Floats) -> dict[str, tuple[str, float]]:
    """Gene → the earliest other that it goes along with, and their correlation.

    `values` has a row a person and a column a gene, NaN where it is unknown; people who have both are compared.

    >>> values = np.column_stack([np.arange(40.0), 3 - 2 * np.arange(40.0), np.arange(40.0) ** 2])
    >>> alike(["a", "b", "c"], values)
    {'b': ('a', -1.0)}
    """
    found, names = dict[str, tuple[str, float]](), list(ids)
    for i, j in np.argwhere(np.triu(_likely(values), 1)).tolist():  # by i, so that the earliest is found first
        if names[j] not in found and abs(r := _correlation(values[:, i], values[:, j])) >= _ALIKE:
            found[names[j]] = names[i], round(r, 6)
    return found


def _likely(values: Floats) -> NDArray[np.bool_]:
    """Pairs of columns that may go along: the correlations of all pairs at once, off by rounding only."""
    known = ~np.isnan(values)
    people = np.fmax(known.sum(axis=0), 1)
    x = np.where(known, values, 0.0)
    x = np.where(known, x - x.sum(axis=0) / people, 0.0)
    size = np.sqrt((x * x).sum(axis=0) / people)
    x /= np.where(size > 0, size, 1.0)
    both = known.T.astype(np.float64) @ known
    sums = x.T @ known  # of the first, over people who have both
    with np.errstate(all="ignore"):
        products = x.T @ x - sums * sums.T / both
        squares = (x * x).T @ known - sums**2 / both
        r = products / np.sqrt(squares * squares.T)
    return np.asarray((both >= _FEWEST) & ~(np.abs(r) < _ALIKE - _ROUNDING), np.bool_)


def _correlation(a: Floats, b: Floats) -> float:
    both = ~(np.isnan(a) | np.isnan(b))
    if np.count_nonzero(both) < _FEWEST:
        return 0.0
    x, y = a[both] - a[both].mean(), b[both] - b[both].mean()
    size = float(np.sqrt(x @ x) * np.sqrt(y @ y))
    return float(x @ y) / size if size > 0 else 0.0


def masked(genes: Genes, rows: NDArray[np.void], bits: Mapping[str, int], code: Code) -> dict[str, float]:
    """Gene → share of the journal's rows that it looks at and that may not count for one of its purposes, at worst.

    `rows` are of type ROW with the purposes they serve in `mask`; `bits` maps purposes to their bits.
    """
    found, events = dict[str, float](), rows[rows["kind"] < 200]
    shares = dict[object, float]()
    for gene in genes:
        if OPS[gene.op].storage in {Storage.RING, Storage.NONE}:
            continue
        also = bits[genes.also[gene.family]] if gene.family in genes.also else 0
        needs = tuple(bits[name] | also for name in gene.purposes or genes.purposes)
        if (gene.rows, needs) not in shares:
            mine = events[passing(events, gene.rows, code) & ((events["line"] > 0) == gene.rows.lines)]
            refused = [np.mean((mine["mask"] & np.uint64(need)) != np.uint64(need)) for need in needs if len(mine)]
            shares[gene.rows, needs] = float(max(refused, default=0.0))
        found[gene.id] = shares[gene.rows, needs]
    return found
