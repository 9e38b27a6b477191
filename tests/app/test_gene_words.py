"""What a gene means, in sentences that people would write."""

from __future__ import annotations

from genom.app.pages.gene_words import meaning_of
from genom.genome import declare, load_genes
from genom.genome.lineage import lineage_of

GENES = load_genes()
OWN = declare(
    {
        "purposes": ["personalise_onsite"],
        "rings": {"events": 64, "items": 64, "messages": 8, "declared": 32},
        "filters": {
            "any": {},
            "order": {"kinds": ["ORDER_COMPLETED"]},
            "either": {"kinds": ["ORDER_COMPLETED", "PAGE_VIEWED"]},
        },
        "genes": [
            {
                "family": "value", "name": name, "op": "share", "of": "order", "within": within, "over": ["lifetime"],
                "label": {"en": name, "de": name}, **more,
            }
            for name, within, more in (
                ("all", "any", {}),
                ("either", "either", {}),
                ("spent", "either", {"property": "amount"}),
            )
        ],
    }
)  # fmt: skip


def said(gene: str, language: str) -> str:
    genes = OWN if gene in OWN else GENES
    return meaning_of(genes[gene], lineage_of(genes[gene], genes), language)


def test_a_share_says_of_what_it_is_a_part() -> None:
    assert said("value.all.share.lifetime", "en") == "Which share of all events the events “Order Completed” are."
    assert said("value.all.share.lifetime", "de") == (
        "Welchen Anteil die Ereignisse „Einkauf abgeschlossen“ an allen Ereignissen haben."
    )
    assert said("value.either.share.lifetime", "de") == (
        "Welchen Anteil die Ereignisse „Einkauf abgeschlossen“ an den Ereignissen "
        "„Einkauf abgeschlossen“, „Seite aufgerufen“ haben."
    )


def test_a_share_of_a_sum_says_of_which() -> None:
    assert said("value.spent.share.lifetime", "de") == (
        "Welcher Anteil der Summe von „Betrag“ über die Ereignisse „Einkauf abgeschlossen“, „Seite aufgerufen“ "
        "auf die Ereignisse „Einkauf abgeschlossen“ entfällt."
    )


def test_a_share_of_the_same_events_is_told_by_its_conditions() -> None:
    assert said("price.discounted_orders.share.365d", "en") == (
        "Which share of the events “Order Completed” meets conditions on discount."
    )
    assert said("price.discounted_orders.share.365d", "de") == (
        "Welcher Anteil der Ereignisse „Einkauf abgeschlossen“ die Bedingungen an „Rabatt“ erfüllt."
    )
    assert said("price.discounted_value.share.365d", "de").endswith(
        "auf jene entfällt, welche die Bedingungen an „Rabatt“ erfüllen."
    )


def test_every_share_is_told_without_a_gap() -> None:
    for gene in [one for one in GENES if one.op == "share"]:
        for language in ("en", "de"):
            text = said(gene.id, language)
            assert "{" not in text
            assert "  " not in text
            assert text.endswith(".")
