"""The genes that formulas read: each exists, is a number, is kept for the same purposes, and no circle closes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genom.errors import BadConfiguration, nearest

if TYPE_CHECKING:
    from genom.genome.genes import Gene

__all__ = ["check_inputs", "families_of"]

_OPEN, _DONE = 1, 2


def check_inputs(genes: Mapping[str, Gene], file: str) -> None:
    """Raises BadConfiguration that names the gene and, for a circle, all of it."""
    for gene in genes.values():
        for name in gene.inputs:
            _check_input(gene, name, genes, f"{file}: {gene.id}")
    states = dict[str, int]()
    for gene in genes.values():
        _visit(gene, genes, states, [], file)


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


def _visit(gene: Gene, genes: Mapping[str, Gene], states: dict[str, int], path: list[str], file: str) -> None:
    if states.get(gene.id) == _DONE:
        return
    if states.get(gene.id) == _OPEN:
        circle = " → ".join((*path[path.index(gene.id) :], gene.id))
        what = f"{file}: {gene.id} is computed from itself: {circle}."
        raise BadConfiguration(what, why="it would never end", fix="leave one of them out of its formula")
    states[gene.id] = _OPEN
    for name in gene.inputs:
        _visit(genes[name], genes, states, [*path, gene.id], file)
    states[gene.id] = _DONE


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
