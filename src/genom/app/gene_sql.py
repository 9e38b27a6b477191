"""`genom genes sql`: the genes of a data directory as a query for a database that holds the events."""

from __future__ import annotations

from pathlib import Path

from genom.app.forgetting import windows_of
from genom.app.genes.sets import genes_of
from genom.app.node import file_or_default
from genom.app.training.past import open_record
from genom.consent import load_purposes
from genom.genome.sql import Asked, genes_sql, rings_sql, schema_sql
from genom.settings import load_settings

__all__ = ["gene_query"]


def gene_query(
    data: Path, names: tuple[str, ...], *, purpose: str, at: int, dialect: str = "duckdb", part: str = "genes"
) -> str:
    """The query of genes (`part`: genes), of the last records of rings (rings), or the tables that both read (schema).

    Filters that name categories need their codes: those that the directory's journal has given them.
    """
    if part == "schema":
        return schema_sql()
    genes = genes_of(data)
    purposes = load_purposes(file_or_default(data, "purposes.yaml"))
    how = {"purpose": purpose or genes.purposes[0], "at": at, "bits": purposes.bits, "windows": windows_of(purposes)}
    if (data / "journal").is_dir():
        how["code"] = open_record(data, load_settings(data), now=at).world.layout.predicates.code
    asked = Asked(dialect=dialect, **how)  # type: ignore[arg-type]  # one mapping of all
    return rings_sql(genes, asked) if part == "rings" else genes_sql(genes, asked, only=names)
