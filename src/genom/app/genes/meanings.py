"""What each gene id has ever meant, kept in the catalogue: a file that changes a meaning is refused."""

from __future__ import annotations

from genom.app.catalogue import Catalogue
from genom.genome import Genes
from genom.genome.meanings import check_meanings, meanings_of

__all__ = ["agree_genes"]


def agree_genes(catalogue: Catalogue, genes: Genes, *, now: int, file: str = "genes.yaml") -> None:
    """Check the genes against what their ids meant before, and remember new ones, also when they are gone later.

    Raises BadConfiguration.
    """
    stored = catalogue.defined("genes", "meanings") or {}
    check_meanings(genes, stored, file)
    catalogue.define("genes", "meanings", stored | meanings_of(genes), author=file, at=now)
