"""The picture of a person shows what is permitted, in one language, and says what to do if there is nothing."""

from __future__ import annotations

import re
from math import ceil

import pytest
from rich.cells import cell_len

from genom.app.show import show_person, vocabulary
from genom.app.show.phrases import LANGUAGES
from tests.app.show_data import OWN, VALUES, decision, drawn, genome, order, reason


def person(*, shown=None, events=(), last=None, **options):
    return drawn(
        show_person, genome=genome() if shown is None else shown, events=list(events), decision=last, **options
    )


def test_the_header_counts_known_unknown_and_withheld_genes():
    text, genes = person(), len(genome()["genes"])

    assert "Person pabc" in text
    assert "as of 31 Jan 2026 12:05 UTC" in text
    assert "Purpose: product recommendations" in text
    assert f"Genes: {genes} ({len(VALUES)} known, {genes - len(VALUES)} unknown, 0 withheld)" in text


def test_the_most_telling_genes_stand_with_value_and_unit():
    text = person(shown=genome(language="de"), language="de")

    assert re.search(r"Bestellwert, insgesamt +12\.345,50 €\n", text)
    assert re.search(r"Bestellungen, insgesamt +1\.234 Bestellungen\n", text)
    assert re.search(r"Erhaltene Kampagnen, insgesamt +1 Nachricht\n", text)
    assert re.search(r"Schritt zur nächsten Bestellung +bestellt\n", text)


def test_the_largest_cells_of_a_histogram_are_bars():
    text = person()

    assert re.search(r"CHEESE █{36} +80\.0 %", text)
    assert re.search(r"TEA    █{9} +20\.0 %", text)


@pytest.mark.parametrize("width", [72, 100, 250])
def test_each_family_has_a_line_of_the_strip_and_genes_share_a_mark_where_room_is_short(width):
    text = person(width=width)

    for english, _ in vocabulary.FAMILIES.values():
        marks, known, genes = re.search(rf"^{english} +([▁-█■╌]+) +(\d+)/(\d+)$", text, re.MULTILINE).groups()
        shared = ceil(int(genes) / len(marks))
        assert len(marks) == ceil(int(genes) / shared)
        assert int(known) / shared <= len(marks) - marks.count("╌") <= int(known)


def test_a_withheld_value_is_never_shown():
    text = person(shown=genome({"value.order_value.sum.lifetime": 98765.4, OWN: {"SECRET": 4321.0}}, state="withheld"))

    assert "98,765" not in text
    assert "SECRET" not in text
    assert "2 withheld" in text
    assert "░" in text


def test_a_family_that_is_partly_withheld_says_so():
    mixed = genome()
    value = [gene for gene in mixed["genes"] if gene["family"] == "value"]
    value[-1].update(state="withheld", value=777.0)

    text = person(shown=mixed)

    assert re.search(r"Genes: 1 +withheld\n", text)
    assert "777" not in text


def test_a_past_decision_does_not_show_what_is_withheld_now():
    past = decision(reason(OWN, "Categories bought", 4.56), reason(None, "popularity", 0.1))

    text = person(shown=genome({OWN: {"TEA": 1.0}}, state="withheld"), last={**past, "choices": past["choices"]})

    assert "4.56" not in text
    assert "score withheld" in text
    assert re.search(r"Categories bought, last years +withheld", text)


@pytest.mark.parametrize("control", [False, True])
def test_german_pictures_have_no_english_words(control):
    english, german = (_words(language) for language in (0, 1))
    last = decision(reason(OWN, "Gekaufte Kategorien", 1.5), reason(None, "exploration", 0.0), control=control)
    happened = [{"event": "Order Completed", "timestamp": "2026-01-31T13:05:00Z", "amount": 12.5}]
    events = [order(assumed=["recommend"]), order(event="Product Added to Wishlist", channel="call_centre")]

    text = person(shown=genome(language="de"), events=events, last={**last, "outcomes": happened}, language="de")

    assert not set(re.findall(r"[^\W\d_]{3,}", text.replace("own-purchases-1", "").lower())) & (english - german)


def _words(language):
    tables = [
        table for name, table in vars(vocabulary).items() if name in vocabulary.__all__ and isinstance(table, dict)
    ]
    pairs = [pair for table in tables for pair in table.values() if isinstance(pair, tuple)]
    named = [word for pair in pairs for word in pair[language * len(pair) // 2 : (language + 1) * len(pair) // 2]]
    labels = [gene["label"] for gene in genome(language=("en", "de")[language])["genes"]]
    said = [*LANGUAGES[("en", "de")[language]].values(), *named, *labels]
    return {word for text in said for word in re.findall(r"[^\W\d_]{3,}", text.lower())}


def test_an_event_is_a_line_with_time_channel_name_and_summary():
    assert "31 Jan 2026 12:05 till          Order Completed  €1,234.50 · 2 products\n" in person(events=[order()])


def test_the_timeline_shows_the_ten_newest_events():
    text = person(events=[order(event=f"Visit {n:02}") for n in range(12)])

    assert "Visit 09" in text
    assert "Visit 10" not in text


def test_markup_and_escapes_of_an_event_do_nothing():
    text = person(events=[order(event="[bold]Buy[/] \x1b[31m", properties={"query": "[link=x]y\nz"})])

    assert "[bold]Buy[/] [31m" in text
    assert "“[link=x]y z”" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "properties", [None, [], {"total": "x", "products": 3}, {"total": 1e400}, {"total": True}, {1: {}}]
)
def test_properties_of_any_type_are_taken(properties):
    assert "Order Completed" in person(events=[order(properties=properties)])


def test_traits_are_counted_and_not_shown():
    text = person(events=[order(type="identify", event=None, properties={"name": "Ada", "city": "Ulm"})])

    assert "Identified" in text
    assert "2 details" in text
    assert "Ada" not in text


def test_a_person_without_events_is_told_how_to_send_one():
    text = person(shown=genome({}))

    assert "Nothing is known about this person yet." in text
    assert "POST /v1/track" in text
    assert "genom up" in text
    assert "╌" not in text


def test_events_that_do_not_serve_the_purpose_point_to_consent():
    assert "POST /v1/consent" in person(shown=genome({}), events=[order()])


def test_a_purpose_that_is_not_permitted_points_to_consent():
    text = person(shown=genome(dict.fromkeys((gene["id"] for gene in genome()["genes"]), 1.0), state="withheld"))

    assert "every value is withheld" in text
    assert "POST /v1/consent" in text


def test_without_a_decision_the_next_step_is_named():
    assert "genom decide next_product pabc" in person()


def test_assumed_consent_is_said_in_one_line():
    notice = "consent that development mode assumes"

    assert person(events=[order(assumed=["recommend"])]).count(notice) == 1
    assert notice not in person(events=[order()])


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_line_is_wider_than_the_console(width, language):
    events = [order(event="漢字" * 40, properties={"name": "x" * 500, "total": 9e14})]
    shown = genome({**VALUES, "taste.lines.last_categories": "LONG NAME, " * 40}, language=language)

    text = person(shown=shown, events=events, last=decision(action="y" * 300), language=language, width=width)

    assert max(map(cell_len, text.splitlines())) <= width


def test_families_stand_side_by_side_where_there_is_room():
    assert re.search(r"^Identity ─+ {4}\w+ ─+$", person(width=120), re.MULTILINE)
    assert not re.search(r"^Identity ─+ {4}\w+ ─+$", person(width=80), re.MULTILINE)
