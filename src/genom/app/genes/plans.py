"""What a change of the gene set would do, worked out before anything changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from genom.app.decisions.deciding import check_genes
from genom.app.genes.meanings import check_known
from genom.app.genes.sets import AddedFile, GeneSet, gene_sets, genes_with, layout_for
from genom.app.genes.users import check_unused
from genom.app.special.refusing import check_new_genes
from genom.errors import BadConfiguration, BadRequest
from genom.genome import Genes, Layout
from genom.genome.generated import available

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Plan", "Planned", "plan_of_adding", "plan_of_rollback"]

_COMPILING: Final = 30  # seconds, about
_ROWS_A_SECOND: Final = 400_000  # that are folded at the lowest priority, about
_TEXT_BYTES: Final = 1_000_000
_NAMED: Final = 100  # genes that a plan names


class Plan(msgspec.Struct, kw_only=True):
    """What will change."""

    version: int = 0  # that will be active
    genes_before: int
    genes_after: int
    added: list[str]  # the first hundred
    removed: list[str]
    row_bytes_before: int  # of a person, for each purpose
    row_bytes_after: int
    rows: int  # of the journal, to be folded
    seconds: int  # that it will take, about


class Planned(msgspec.Struct, kw_only=True):
    """A change that may be made."""

    plan: Plan
    set: GeneSet
    genes: Genes


def plan_of_adding(node: Node, file: AddedFile, *, active: int) -> Planned:
    """The gene set with one file more.

    Raises BadConfiguration or BadRequest that names the file, the gene, the field and the nearest known name.
    """
    if len(file.text.encode()) > _TEXT_BYTES:
        raise BadRequest(f"{file.name} is too large.", why="a file of genes has at most 1 MB", fix="split it")
    files = (*_files(node, active), file)
    return _planned(node, files, before=active, file=file.name, anew=True)


def plan_of_rollback(node: Node, *, active: int) -> Planned:
    """The gene set before the active one.  Raises BadRequest that names who uses a gene that would go."""
    if active == 0:
        raise BadRequest(
            "There is no version to go back to.",
            why="no gene was added, or all were taken back",
            fix="see `genom genes versions`",
            code="genes.first",
        )
    sets = gene_sets(node.catalogue)
    before = sets[active].before
    earlier = sets.get(before, GeneSet())
    planned = _planned(node, earlier.files, before=earlier.before, file="genes.yaml", anew=False)
    planned.plan.version = before
    return planned


def _files(node: Node, active: int) -> tuple[AddedFile, ...]:
    return gene_sets(node.catalogue)[active].files if active else ()


def _planned(node: Node, files: tuple[AddedFile, ...], *, before: int, file: str, anew: bool) -> Planned:
    now = node.world.layout
    genes = genes_with(node.data.path, files, anew=anew)
    _check_shared(now.genes, genes)
    check_known(node.catalogue, genes, file)
    check_genes(genes)
    old, new = {gene.id for gene in now.genes}, {gene.id for gene in genes}
    check_unused(node, frozenset(old - new))
    check_new_genes(node, genes, new - old, file)
    layout = layout_for(genes, node.purposes)
    made = GeneSet(files=files, before=before, genes=len(genes), layout=layout.version)
    return Planned(plan=_plan(node, now, layout, old, new), set=made, genes=genes)


def _plan(node: Node, now: Layout, layout: Layout, old: set[str], new: set[str]) -> Plan:
    rows = node.journal.last
    return Plan(
        genes_before=len(old),
        genes_after=len(new),
        added=sorted(new - old)[:_NAMED],
        removed=sorted(old - new)[:_NAMED],
        row_bytes_before=now.row_bytes,
        row_bytes_after=layout.row_bytes,
        rows=rows,
        seconds=-(-rows // _ROWS_A_SECOND) + (0 if available(layout) else _COMPILING),
    )


def _check_shared(now: Genes, genes: Genes) -> None:
    """What concerns every gene may have been edited in genes.yaml since the start; that takes a restart."""
    parts = (
        ("purposes", now.purposes, genes.purposes),
        ("rings", now.rings, genes.rings),
        ("also", now.also, genes.also),
        ("attributes", now.attributes.numbers, genes.attributes.numbers),
    )
    for name, running, wanted in parts:
        if running != wanted:
            raise BadConfiguration(
                f"genes.yaml has other `{name}` than the running node.",
                why="the file was edited after the node had started",
                fix="restart the node, then try again",
            )
