"""Everything that Genom names itself has a word in both languages."""

from __future__ import annotations

from string import Formatter

import pytest

from genom.app.show import vocabulary
from genom.app.show.kinds import event_name, outcome_name
from genom.app.show.names import cause, cell, feature_of, unit
from genom.app.show.phrases import LANGUAGES, phrases
from genom.app.show.telling import TELLING
from genom.app.training.coupon_reasons import COUPON_LABELS
from genom.consent import load_purposes
from genom.decide import load_points
from genom.decide.features import FEATURE_LABELS
from genom.errors import UnknownName
from genom.genome import load_genes
from genom.words import KINDS, Channel, Kind


def _fields(phrase):
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


def test_both_languages_have_the_same_phrases_with_the_same_places():
    english, german = LANGUAGES["en"], LANGUAGES["de"]

    assert {key: _fields(text) for key, text in english.items()} == {key: _fields(text) for key, text in german.items()}


def test_every_family_unit_and_kind_of_gene_has_a_word():
    genes = list(load_genes())

    assert {gene.family for gene in genes} == set(vocabulary.FAMILIES)
    assert {gene.unit for gene in genes} - {"", "EUR"} <= set(vocabulary.UNITS)
    assert {gene.op for gene in genes} <= set(vocabulary.OPS)


def test_every_channel_purpose_and_decision_point_has_a_word():
    assert {channel.name.lower() for channel in Channel} == set(vocabulary.CHANNELS)
    assert set(load_purposes().names_of(2**32 - 1)) <= set(vocabulary.PURPOSES)
    assert set(load_points()) <= set(vocabulary.POINTS)


def test_every_feature_is_known_by_its_label_in_either_language():
    every = {**COUPON_LABELS, **FEATURE_LABELS}
    assert set(vocabulary.FEATURES) == set(every)
    assert all(feature_of(text) == name for name, labels in every.items() for text in labels.values())


@pytest.mark.parametrize("recorded", ["popular at this time", "beliebt um diese Zeit"])
def test_a_cause_is_told_in_the_language_of_the_page_and_not_of_its_record(recorded):
    assert (cause(recorded, "en"), cause(recorded, "de")) == ("Popular at this time", "Beliebt um diese Zeit")


def test_every_declared_event_has_a_german_name():
    assert all(event_name({"type": "track", "event": name}, "de") != name for name in KINDS)
    assert all(outcome_name(kind.name.title(), "de") for kind in Kind)


def test_an_event_of_the_operators_own_keeps_its_name():
    assert event_name({"type": "track", "event": "Fitting Booked"}, "de") == "Fitting Booked"


def test_the_genes_chosen_by_hand_exist():
    assert set(TELLING) <= {gene.id for gene in load_genes()}


def test_units_count():
    assert [unit("events", n, "en") for n in (1.0, 0.0, 1.5)] == ["event", "events", "events"]


def test_only_genes_of_time_have_hours_and_weekdays():
    assert cell("rhythm.hour_of_week.histogram.365d", "Sun 07", "de") == "So 07:00"
    assert cell("rhythm.hour_of_day.histogram.365d", "07", "en") == "07:00"
    assert cell("taste.category.histogram.365d", "07", "de") == "07"


def test_an_unknown_language_is_refused_with_what_there_is():
    with pytest.raises(UnknownName, match="use en or de"):
        phrases("fr")
