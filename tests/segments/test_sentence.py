"""A rule in words."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from genom.segments import condition_text, conditions, read_rule, sentence
from tests.segments.worlds import KNOWN, rules

RULE = {
    "all": [
        {"gene": "count", "is": ">=", "value": 2},
        {"any": [
            {"gene": "fading", "is": "between", "value": [0.5, 1234.5]}, {"not": {"gene": "taste", "is": "known"}},
        ]},
        {
            "event": "Order Completed", "days": 30, "at_least": 2,
            "where": {"channel": "web", "category": "tea", "coupon": False},
        },
    ]
}  # fmt: skip


def test_a_rule_reads_as_an_english_sentence():
    assert sentence(read_rule(RULE), KNOWN, "en") == (
        "Count is at least 2 and (fading is between 0.5 and 1,234.5 EUR or not (taste is known)) and "
        "order via website in “tea” without a coupon at least 2 times in the last 30 days"
    )


def test_the_same_rule_reads_as_a_german_sentence():
    assert sentence(read_rule(RULE), KNOWN, "de") == (
        "COUNT ist mindestens 2 und (FADING liegt zwischen 0,5 und 1.234,5 EUR oder nicht (TASTE ist bekannt)) und "
        "ORDER über WEBSITE in „tea“ ohne Gutschein mindestens 2-mal in den letzten 30 Tagen"
    )


def test_a_declared_value_is_named_by_its_label():
    rule = read_rule({"attribute": "size", "is": "in", "value": ["S", "L"]})

    assert sentence(rule, KNOWN, "en") == "Says “size” is one of small, large"


def test_values_are_said_in_the_words_of_who_asks():
    told = replace(
        KNOWN, said=lambda gene, text, language: f"{gene}/{text}/{language}",
        called=lambda term, language: f"{term} ({language})",
    )  # fmt: skip
    bought = {"event": "Order Completed", "days": 1, "at_least": 1, "where": {"category": "tea"}}

    assert sentence(read_rule({"gene": "stage", "is": "in", "value": ["tea", "milk"]}), told) == (
        "Stage is one of stage/tea/en, stage/milk/en"
    )
    assert sentence(read_rule({"gene": "taste", "cell": "tea", "is": ">", "value": 2}), told, "de") == (
        "TASTE: taste/tea/de ist mehr als 2"
    )
    assert sentence(read_rule(bought), told, "de") == "ORDER in „tea (de)“ mindestens einmal in den letzten 24 Stunden"


def test_a_group_of_one_needs_no_word_between():
    assert sentence(read_rule({"any": [{"gene": "count", "is": "<", "value": 1}]}), KNOWN) == "Count is less than 1"


@given(rule=rules)
def test_every_condition_is_told_in_both_languages(rule):
    for _, condition in conditions(read_rule(rule)):
        english, german = (condition_text(condition, KNOWN, language) for language in ("en", "de"))
        assert english
        assert german
        assert english != german
