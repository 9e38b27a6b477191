"""The genes that formulas read: each exists, is a number, is kept for the same purposes, and no circle closes.

Formulas over formulas end after a few levels, and read a bounded number of genes: each reading follows them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from genom.errors import BadConfiguration, nearest

if TYPE_CHECKING:
    from genom.genome.genes import Gene

__all__ = ["check_inputs", "families_of"]

_DEEPEST: Final = 64
_MOST: Final = 500  # genes that are read for one value


class _Work(NamedTuple):
    """What the value of a gene takes."""

    levels: int = 0  # of formulas
    reads: int = 0  # of genes; one that two formulas read is read twice


def check_inputs(genes: Mapping[str, Gene], file: str) -> None:
    """Raises BadConfiguration that names the gene and, for a circle, all of it."""
    for gene in genes.values():
        for name in gene.inputs:
            _check_input(gene, name, genes, f"{file}: {gene.id}")
    known = dict[str, _Work]()
    for gene in genes.values():
        _check_work(gene, genes, known, (), file)


def _check_input(gene: Gene, name: str, genes: Mapping[str, Gene], where: str) -> None:
    if name not in genes:
        fix = nearest(name, genes) or "use the id of a gene of this file"
        raise BadConfiguration(f"{where} reads the unknown gene {name!r}.", why="no gene has this id", fix=fix)
    read = genes[name]
    if not read.is_number:
        what = f"{where} reads {name}."
        raise BadConfiguration(what, why="its value is not a number", fix="use a gene that is one")
    if read.purposes and not (gene.purposes and set(gene.purposes) <= set(read.purposes)):
        what = f"{where} reads {name}, which is not kept for all of its purposes."
        why = f"{name} is kept for {', '.join(read.purposes)} only"
        raise BadConfiguration(what, why=why, fix=f"add `purposes: [{', '.join(read.purposes)}]`")


def _check_work(
    gene: Gene, genes: Mapping[str, Gene], known: dict[str, _Work], path: tuple[str, ...], file: str
) -> _Work:
    if gene.id in path:
        circle = " → ".join((*path[path.index(gene.id) :], gene.id))
        what = f"{file}: {gene.id} is computed from itself: {circle}."
        raise BadConfiguration(what, why="it would never end", fix="leave one of them out of its formula")
    if gene.id not in known and gene.formula:
        inner = (*path, gene.id)
        if len(inner) > _DEEPEST:
            raise _too_much(file, inner[0], f"is computed over more than {_DEEPEST} levels of formulas")
        parts = [_check_work(genes[name], genes, known, inner, file) for name in gene.inputs]
        work = _Work(1 + max((one.levels for one in parts), default=0), sum(1 + one.reads for one in parts))
        if work.levels > _DEEPEST:
            raise _too_much(file, gene.id, f"is computed over more than {_DEEPEST} levels of formulas")
        if work.reads > _MOST:
            raise _too_much(file, gene.id, f"reads more than {_MOST} genes, with those that its formulas read")
        known[gene.id] = work
    return known.get(gene.id, _Work())


def _too_much(file: str, gene: str, why: str) -> BadConfiguration:
    return BadConfiguration(f"{file}: {gene} {why}.", why="it would take too long to read", fix="let it read fewer")


def families_of(genes: Mapping[str, Gene]) -> dict[str, frozenset[str]]:
    """Gene id → the families that its value comes from: its own, and those of the genes in its formula."""
    found = dict[str, frozenset[str]]()

    def families(gene: Gene) -> frozenset[str]:
        if gene.id not in found:
            found[gene.id] = frozenset({gene.family}).union(*(families(genes[name]) for name in gene.inputs))
        return found[gene.id]

    for gene in genes.values():
        families(gene)
    return found
