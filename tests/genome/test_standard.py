"""The standard genome of a shop: enough genes, all families, unique ids, labels that people can read."""

from __future__ import annotations

import re

import pytest

from genom.genome import FAMILIES, HALF_LIVES, Gene, compile_genes, load_genes
from genom.genome.ops import CODED, OPS, RING_OF
from genom.genome.ring_words import ring_sentence

GENES = load_genes()
each_gene = pytest.mark.parametrize("gene", GENES.all, ids=lambda gene: gene.id)
SAME_IN_BOTH = {"Status"}  # words that German and English share


def test_there_are_at_least_five_hundred_genes() -> None:
    assert len(GENES) >= 500
    assert len({gene.id for gene in GENES}) == len(GENES)


def test_at_least_a_hundred_and_fifty_differ_in_more_than_their_half_life() -> None:
    meanings = {(gene.op, gene.function, gene.rows, gene.property, gene.base_rows) for gene in GENES}

    assert len({m for m in meanings if m[0] != "ring"}) >= 150


def test_all_nine_families_have_genes_and_there_is_no_other() -> None:
    assert {gene.family for gene in GENES} == set(FAMILIES)
    assert len(FAMILIES) == 9
    assert all(sum(gene.family == family for gene in GENES) >= 8 for family in FAMILIES)


def test_all_half_lives_are_used_and_every_op_and_function_is_known() -> None:
    assert {gene.op for gene in GENES} <= set(OPS)
    assert {gene.half_life for gene in GENES} == {*HALF_LIVES, "lifetime"}
    assert {gene.function for gene in GENES} - {""} <= set(RING_OF)


def test_no_two_genes_mean_the_same() -> None:
    meanings = [
        (
            g.op, g.function, g.ring, g.rows, g.property, g.base_rows, g.base_property, g.half_life, g.window,
            g.attribute, g.formula, GENES.also.get(g.family),
        )
        for g in GENES
    ]  # fmt: skip

    assert len(set(meanings)) == len(meanings)


@each_gene
def test_an_id_says_family_name_op_and_span(gene: Gene) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+\.[a-z_]+(\.(1h|1d|7d|30d|90d|365d|lifetime))?(\.v2)?", gene.id)
    assert gene.id.startswith(f"{gene.family}.")
    assert (gene.function or gene.op) in gene.id.split(".")
    assert gene.id.endswith(f".{gene.span}") == (OPS[gene.op].decays or OPS[gene.op].windows)


@each_gene
def test_labels_are_there_in_english_and_german_and_differ(gene: Gene) -> None:
    assert set(gene.label) == {"en", "de"}
    assert all(label.strip() == label and label for label in gene.label.values())
    assert gene.label["en"] != gene.label["de"] or gene.label["en"] in SAME_IN_BOTH


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_two_genes_have_the_same_label(language: str) -> None:
    labels = [gene.label[language] for gene in GENES]

    assert sorted({label for label in labels if labels.count(label) > 1}) == []


@each_gene
def test_a_number_has_a_unit(gene: Gene) -> None:
    is_text = gene.property in CODED and gene.op in {"first", "last"}
    is_word = gene.function in {"funnel_stage", "last_categories", "liked", "disliked", "declared"}

    assert bool(gene.unit) != (is_text or is_word)
    plain = gene.op in {"sum", "mean", "first", "last"} and gene.property in {"amount", "discount"}
    assert (gene.unit == "EUR") or not (plain or gene.function == "mean_amount")
    assert gene.unit != "EUR" or plain or gene.function == "mean_amount" or (gene.op == "ratio" and gene.property)
    assert gene.op != "share" or gene.unit == "share"


def test_each_purpose_keeps_its_own_copy() -> None:
    assert 1 <= len(GENES.purposes) <= 4

    layout = compile_genes(GENES, {name: 1 << n for n, name in enumerate(GENES.every_purpose)})

    assert layout.table.purpose_bits.tolist() == [1 << n for n in range(len(GENES.purposes))]
    assert layout.table.also_bits.tolist() == [1 << len(GENES.purposes)]


def test_what_the_person_declares_is_a_gene_of_its_own() -> None:
    assert {g.attribute for g in GENES if g.function == "declared"} == set(GENES.attributes)
    assert set(GENES.attributes) == {"size", "writing", "age", "household", "children"}
    assert [GENES.attributes.text(GENES.attributes.number(f"size={value}")) for value in ("XS", "XL")] == [
        "size=XS",
        "size=XL",
    ]


@pytest.mark.parametrize("function", sorted(RING_OF))
def test_every_ring_function_has_a_sentence_of_its_own(function: str) -> None:
    for filtered in {False, RING_OF[function].takes_rows}:
        english, german = (ring_sentence(function, language, filtered=filtered) for language in ("en", "de"))

        assert english != german
        assert all(text.endswith(".") and len(text.split()) >= 7 and "{" not in text for text in (english, german))
    if RING_OF[function].takes_rows:
        assert "such" in ring_sentence(function, "en", filtered=True)
        assert "solche" in ring_sentence(function, "de", filtered=True)


def test_a_pattern_is_described_by_more_than_its_label() -> None:
    gene = GENES["rhythm.orders.gap_mean"]

    assert gene.description["de"] == "Wie viele Tage im Mittel zwischen zwei Bestellungen vergehen, unter den letzten."
