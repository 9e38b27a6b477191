"""What each gene id and each number of an attribute has ever meant, kept in the catalogue.

A file that changes a meaning is refused.
"""

from __future__ import annotations

from genom.app.catalogue import Catalogue
from genom.genome import Genes
from genom.genome.attributes import check_same_numbers
from genom.genome.meanings import check_meanings, meanings_of

__all__ = ["agree_genes", "check_known"]


def agree_genes(catalogue: Catalogue, genes: Genes, *, now: int, file: str = "genes.yaml") -> None:
    """Check the genes against what their ids meant before, and remember new ones, also when they are gone later.

    Raises BadConfiguration.
    """
    meanings = check_known(catalogue, genes, file)
    for name, means in (("meanings", meanings), ("numbers", genes.attributes.numbers)):
        catalogue.define("genes", name, (catalogue.defined("genes", name) or {}) | means, author=file, at=now)


def check_known(catalogue: Catalogue, genes: Genes, file: str) -> dict[str, str]:
    """The meanings of the genes; raises BadConfiguration if one, or a number of an attribute, meant something else."""
    meanings = meanings_of(genes)
    check_meanings(meanings, catalogue.defined("genes", "meanings") or {}, file)
    check_same_numbers(genes.attributes, catalogue.defined("genes", "numbers") or {}, file)
    return meanings
