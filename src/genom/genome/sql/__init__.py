"""Genes in SQL: the portable core of a gene set as a query over a table of events, with the kernel's meaning."""

from genom.genome.sql.compiled import Asked, genes_sql, portable
from genom.genome.sql.events import EVENTS, PERMISSIONS, TERMS, events_of, schema_sql
from genom.genome.sql.rings import ring_values, rings_sql

__all__ = [
    "EVENTS",
    "PERMISSIONS",
    "TERMS",
    "Asked",
    "events_of",
    "genes_sql",
    "portable",
    "ring_values",
    "rings_sql",
    "schema_sql",
]
