"""What a gene's text or a cell is called."""

from __future__ import annotations

import pytest

from genom.app.show.value_words import value_words
from genom.genome import declare, load_genes

GENES = load_genes()
CALLED = {"TEA": {"de": "Tee"}, "NUTS, DRIED": {"de": "Nüsse"}}
OWN = declare(
    {
        "purposes": ["personalise_onsite"],
        "rings": {"events": 64, "items": 64, "messages": 8, "declared": 32},
        "filters": {"any": {}},
        "genes": [
            {"family": "rhythm", "name": "habits", "op": "ring", "function": name, "label": {"en": name, "de": name}}
            for name in ("frequent_pair", "last_kinds", "last_channels")
        ],
    }
)


@pytest.mark.parametrize(
    ("gene", "text", "english", "german"),
    [
        ("taste.category.histogram.365d", "TEA", "TEA", "Tee"),
        ("taste.category.histogram.365d", "NUTS, DRIED", "NUTS, DRIED", "Nüsse"),
        ("taste.category.histogram.365d", "other", "other", "andere"),
        ("taste.lines.last_categories", "TEA, JAM", "TEA, JAM", "Tee, JAM"),
        ("taste.told.liked", "TEA", "TEA", "Tee"),
        ("channels.mix.histogram.365d", "web", "website", "Website"),
        ("rhythm.weekday.histogram.365d", "Tue", "Tue", "Di"),
        ("rhythm.hour_of_day.histogram.365d", "09", "09:00", "09:00"),
        ("rhythm.hour_of_week.histogram.365d", "Tue 14", "Tue 14:00", "Di 14:00"),
        ("intent.funnel.funnel_stage", "added", "product in the cart", "Produkt im Warenkorb"),
    ],
)
def test_a_text_is_told_in_the_readers_words(gene: str, text: str, english: str, german: str) -> None:
    assert value_words(GENES[gene], text, "en", called=CALLED) == english
    assert value_words(GENES[gene], text, "de", called=CALLED) == german


def test_kinds_of_event_and_channels_are_told_one_by_one() -> None:
    pair, kinds, channels = (OWN[f"rhythm.habits.{name}"] for name in ("frequent_pair", "last_kinds", "last_channels"))

    assert value_words(pair, "page_viewed → order_completed", "de") == "Seite aufgerufen → Einkauf abgeschlossen"
    assert value_words(pair, "page_viewed → order_completed", "en") == "Page Viewed → Order Completed"
    assert value_words(kinds, "order_completed, product_viewed", "de") == "Einkauf abgeschlossen, Produkt angesehen"
    assert value_words(channels, "web, pos", "de") == "Website, Kasse"


def test_a_statement_is_told_by_the_label_of_its_value() -> None:
    attributes = GENES.attributes
    gene = GENES["lifecycle.writing.declared"]
    value, declared = next(iter(attributes["writing"].values.items()))

    assert value_words(gene, value, "de", attributes=attributes) == declared.label["de"]
    assert value_words(gene, "<b>", "de", attributes=attributes) == "<b>"
