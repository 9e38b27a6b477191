"""The reference page of the genes says what the standard genome is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from genom.genome import load_genes

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "genes.md"


def test_the_page_is_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "genes_reference.py", "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_has_every_gene_and_both_its_names() -> None:
    page = PAGE.read_text("utf-8")

    for gene in load_genes():
        stem = gene.id.removesuffix(f".{gene.span}") if gene.span else gene.id
        row = next(line for line in page.splitlines() if line.startswith(f"| `{stem}` |"))
        assert gene.span in row
        assert all(label.split(",")[0] in row for label in gene.label.values())
