"""The list of genes names each gene with its meaning."""

from __future__ import annotations

import re

import pytest

from genom.app.show import show_genes
from genom.genome import load_genes
from tests.app.show_data import drawn


def listed(language="en"):
    return [
        {"id": g.id, "family": g.family, "label": g.label[language], "op": g.op, "unit": g.unit} for g in load_genes()
    ]


@pytest.mark.parametrize("width", [80, 132])
def test_every_id_is_listed_whole(width):
    words = set(drawn(show_genes, listed(), width=width).split())

    assert {gene["id"] for gene in listed()} <= words


def test_a_wide_list_has_one_line_a_gene():
    text = drawn(show_genes, listed(), width=132)

    assert re.search(r"^rhythm\.order\.recency +Days since the last order +time since · days$", text, re.MULTILINE)


def test_families_are_named_and_counted():
    genes = listed("de")
    taste = [gene for gene in genes if gene["family"] == "taste"]

    text = drawn(show_genes, genes, language="de")

    assert text.startswith(f"{len(genes)} Gene in 9 Familien\n")
    assert re.search(rf"^Geschmack ─+ Gene: {len(taste)}$", text, re.MULTILINE)


def test_no_genes_says_what_to_do():
    assert "Declare some" in drawn(show_genes, [])
