"""`genom genes sql` prints queries that DuckDB runs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from genom.app.gene_sql import gene_query
from genom.errors import BadRequest

AT = 1_767_225_600_000


def test_all_genes_of_a_directory_without_a_journal_run_on_the_tables_of_the_schema(tmp_path: Path) -> None:
    database = duckdb.connect(config={"threads": 1})
    database.execute(gene_query(tmp_path, (), purpose="", at=AT, part="schema"))
    database.execute("INSERT INTO permissions VALUES (7, 0)")

    for part in ("genes", "rings"):
        database.execute(gene_query(tmp_path, (), purpose="recommend", at=AT, part=part))

    one = gene_query(tmp_path, ("rhythm.order.recency",), purpose="", at=AT)
    assert database.execute(one).fetchall() == [(7, False, None)]


def test_a_gene_of_a_ring_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="outside the portable core"):
        gene_query(tmp_path, ("taste.lines.last_categories",), purpose="", at=AT)
