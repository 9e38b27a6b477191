"""Versions of the gene set: what was added to the genes of the data directory, by whom, and which version is active.

A version is a row of the catalogue that holds all added files; version 0 is what `genes.yaml`, or the standard
genome, says alone.  Every process reads the active version from the catalogue: the node, its jobs, `genom verify`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from genom.app.catalogue import Catalogue
from genom.app.forgetting import windows_of
from genom.app.tables import definitions
from genom.consent import Purposes
from genom.genome import Genes, Layout, compile_genes, declare, load_genes
from genom.genome.merging import merged, read_said, said_of
from genom.typed import from_json

__all__ = [
    "ACTIVE", "AddedFile", "GeneSet", "added_genes", "define_set", "gene_sets", "genes_of", "genes_with", "layout_for",
]  # fmt: skip

ACTIVE: Final = "gene_set"  # name in `meta` of the number of the active version
_KIND: Final = ("gene_set", "added")


class AddedFile(msgspec.Struct, frozen=True):
    """A file of genes as it was given."""

    name: str
    text: str

    @property
    def fingerprint(self) -> str:
        """Tells this text from any other."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


class GeneSet(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the gene set."""

    files: tuple[AddedFile, ...] = ()
    before: int = 0  # the version that a rollback goes back to
    genes: int = 0
    layout: str = ""  # version of the compiled genes, as state files name it
    version: int = 0
    author: str = ""
    at: int = 0  # unix ms, UTC


def genes_with(path: Path, files: tuple[AddedFile, ...], *, anew: bool = False) -> Genes:
    """The genes of a data directory with added files; `anew`: the last file may only bring genes that are new.

    Raises BadConfiguration that names the file, the gene, the field and the nearest known name.
    """
    base = path / "genes.yaml"
    if not files:
        return load_genes(base if base.exists() else None)
    said = read_said(base if base.exists() else None)
    for number, file in enumerate(files, 1):
        said = merged(said, said_of(file.text, file.name), file.name, anew=anew and number == len(files))
    return declare(said, files[-1].name)


def added_genes(path: Path) -> Genes | None:
    """The genes of a data directory's active version; None if nothing is added to what its file says."""
    files = _active_files(path / "catalogue.sqlite")
    return genes_with(path, files) if files else None


def genes_of(path: Path, version: int | None = None) -> Genes:
    """The genes of a data directory, of the active version or of another one."""
    return genes_with(path, _active_files(path / "catalogue.sqlite", version))


def layout_for(genes: Genes, purposes: Purposes) -> Layout:
    """The genes compiled under a directory's purposes."""
    return compile_genes(genes, {name: purposes.bit(name) for name in genes.every_purpose}, windows_of(purposes))


def gene_sets(catalogue: Catalogue) -> dict[int, GeneSet]:
    """All versions that were ever added, by number."""
    table = definitions.c
    query = sa.select(table.version, table.body, table.author, table.at)
    with catalogue.begin() as connection:
        rows = connection.execute(query.where(table.kind == _KIND[0], table.name == _KIND[1])).all()
    return {
        row.version: msgspec.structs.replace(
            from_json(row.body, GeneSet), version=row.version, author=row.author, at=row.at
        )
        for row in sorted(rows, key=lambda row: int(row.version))
    }


def define_set(catalogue: Catalogue, new: GeneSet, *, by: str, at: int) -> int:
    """Keep a version; one that equals the newest is that one.  Returns its number."""
    body = {"files": new.files, "before": new.before, "genes": new.genes, "layout": new.layout}
    return catalogue.define(*_KIND, msgspec.to_builtins(body), author=by, at=at)


def _active_files(catalogue: Path, version: int | None = None) -> tuple[AddedFile, ...]:
    """From a catalogue that another process may have open."""
    if not catalogue.exists() or version == 0:
        return ()
    with closing(sqlite3.connect(f"file:{catalogue}?mode=ro", uri=True)) as connection:
        if version is None:
            found = connection.execute("SELECT value FROM meta WHERE key = ?", (ACTIVE,)).fetchone()
            version = int(found[0]) if found else 0
        query = "SELECT body FROM definitions WHERE kind = ? AND name = ? AND version = ?"
        row: Any = connection.execute(query, (*_KIND, version)).fetchone() if version else None
    return from_json(row[0], GeneSet).files if row else ()
