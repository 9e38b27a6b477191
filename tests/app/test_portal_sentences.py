"""Values become sentences: figures of the language, things counted as things, times as times, nothing for zero."""

from __future__ import annotations

import pytest

from genom.app.pages.me.sentences import details, estimates, sentences
from genom.app.pages.me.words import FAMILIES, REASONS, SENTENCES
from genom.genome import FAMILIES as ALL
from genom.genome import Read, load_genes
from genom.genome.predictions import prediction_gene
from genom.web import Formats

GENES = load_genes()
NOW = 1_772_452_800_000  # unix ms


def told(gene: str, value: float | str | None = None, *, language: str = "en", **cells: float) -> tuple[str, ...]:
    read = Read(GENES[gene], "known", value, cells or None)
    return sentences({gene: read}, GENES[gene].family, formats=Formats(language), now=NOW, terms={})


def test_every_sentence_is_about_a_gene_and_every_family_has_some_and_a_name() -> None:
    assert {GENES[gene].family for gene, _, _ in SENTENCES} == set(ALL) == set(FAMILIES)
    assert all("{v}" in english and "{v}" in german for _, english, german in SENTENCES)
    assert {name for name in REASONS if "." in name} <= {gene.id for gene in GENES}


@pytest.mark.parametrize(
    ("gene", "value", "english", "german"),
    [
        ("rhythm.orders.count.lifetime", 1.0, "1 purchase of yours", "1 Einkauf von Ihnen"),
        ("rhythm.orders.count.lifetime", 1234.0, "1,234 purchases", "1.234 Einkäufe"),
        ("trust.calls.count.lifetime", 1.0, "called us once", "uns einmal angerufen"),
        ("trust.calls.count.lifetime", 3.0, "called us 3 times", "uns 3-mal angerufen"),
        ("rhythm.order.recency", 2.0, "2 days ago", "vor 2 Tagen"),
        ("value.order_value.sum.lifetime", 12.5, "€12.50", "12,50"),
        ("taste.lines.repeat_share", 0.255, "26% of your last", "26\N{NO-BREAK SPACE}% Ihrer letzten"),
        ("identity.first_seen.first", "2026-01-31T12:00:00.000Z", "31 Jan 2026", "31.01.2026"),
        ("channels.order.last", "pos", "here: till", "hier: Kasse"),
        ("intent.viewed_category.last", "FLUID MILK", "Fluid milk", "Fluid milk"),
    ],
)
def test_a_value_in_both_languages(gene: str, value: float | str, english: str, german: str) -> None:
    assert english in told(gene, value)[0]
    assert german in told(gene, value, language="de")[0]


def test_distributions_name_the_largest_or_the_day_or_the_hour() -> None:
    assert "Saturday" in told("rhythm.weekday.histogram.365d", Sat=3.0, Mon=1.0)[0]
    assert "Samstag" in told("rhythm.weekday.histogram.365d", Sat=3.0, Mon=1.0, language="de")[0]
    assert "17 bis 18 Uhr" in told("rhythm.hour_of_day.histogram.365d", language="de", **{"17": 2.0, "08": 1.0})[0]
    assert "Tea now (75%), Milk (25%)" in told("taste.category.histogram.365d", **{"TEA NOW": 3.0, "MILK": 1.0})[0]


def test_zero_and_what_is_not_known_say_nothing() -> None:
    assert told("trust.calls.count.lifetime", 0.0) == ()
    assert told("intent.views.count.7d", 0.2) == ()
    unknown = Read(GENES["rhythm.order.recency"], "unknown")
    withheld = Read(GENES["price.saved.sum.lifetime"], "withheld")
    for read in (unknown, withheld):
        how = {"formats": Formats("en"), "terms": {}}
        assert sentences({read.gene.id: read}, read.gene.family, now=NOW, **how) == ()
        assert details({read.gene.id: read}, read.gene.family, **how) == ()


def test_names_of_the_catalogue_stand_for_its_terms() -> None:
    read = Read(GENES["intent.viewed_category.last"], "known", "row-tea")

    said = sentences({read.gene.id: read}, "intent", formats=Formats("de"), now=NOW, terms={"row-tea": "Tee"})

    assert said == ("Zuletzt angesehen haben Sie: Tee.",)


def test_an_estimate_is_called_one_and_says_how_likely_it_is() -> None:
    label = {"en": "Stays away for 30 days", "de": "Bleibt 30 Tage lang fern"}
    gene = prediction_gene("inactive_30d", family="lifecycle", label=label)
    reads = [Read(gene, "known", 0.123), Read(gene, "withheld"), Read(gene, "known", None, {"TEA": 0.4, "MILK": 0.1})]

    assert estimates(reads, "lifecycle", formats=Formats("de"), terms={}) == (
        "Bleibt 30 Tage lang fern: 12\N{NO-BREAK SPACE}%",
        "Bleibt 30 Tage lang fern: TEA (40\N{NO-BREAK SPACE}%), Milk (10\N{NO-BREAK SPACE}%)",
    )
    assert estimates(reads, "taste", formats=Formats("de"), terms={}) == ()
