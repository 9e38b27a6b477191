"""What a gene's text, or a cell of its distribution, is called: a channel, an hour, a department, a kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.kinds import outcome_name
from genom.genome import Attributes, Gene

__all__ = ["NO_NAMES", "Called", "value_words"]

Called = Mapping[str, Mapping[str, str]]  # term of the catalogue → its name by language

NO_NAMES: Final[Called] = {}
_CATEGORIES: Final = frozenset({"category_1", "category_2"})
_OF_CATEGORIES: Final = frozenset({"last_categories", "liked", "disliked"})
_TIMES: Final = frozenset({"weekday", "hour_of_week", "hour_of_day"})
_OTHER: Final = ("other", "andere")  # what did not fit into a vocabulary shares this cell


def value_words(
    gene: Gene, text: str, language: str, *, called: Called = NO_NAMES, attributes: Attributes | None = None
) -> str:
    """A text or the name of a cell, as people read it; `called` are the catalogue's names.

    >>> from genom.genome import load_genes
    >>> genes, called = load_genes(), {"KITCHEN": {"de": "Küche"}}
    >>> value_words(genes["taste.department.histogram.365d"], "KITCHEN", "de", called=called)
    'Küche'
    >>> value_words(genes["channels.first.first"], "pos", "en")
    'till'
    >>> value_words(genes["channels.device.last"], "desktop", "de")
    'Computer'
    """
    if gene.function == "funnel_stage":
        return names.stage(text, language)
    if gene.function == "declared" and attributes is not None and gene.attribute in attributes:
        found = attributes[gene.attribute].values.get(text)
        return clean(found.label[language] if found else text, most=80)
    if gene.property == "channel" or gene.function == "last_channels":
        return _each(text, lambda one: names.channel(one, language))
    if gene.property == "device":
        return names.device(text, language)
    if gene.function in {"last_kinds", "frequent_pair"}:
        return _each(text, lambda one: outcome_name(one.replace("_", " ").title(), language))
    if gene.property in _CATEGORIES or gene.function in _OF_CATEGORIES or gene.unit == "probability":
        return _category(text, language, called, several=gene.function in _OF_CATEGORIES)
    return names.time(text, language) if gene.property in _TIMES else clean(text, most=80)


def _each(text: str, words: Callable[[str], str]) -> str:
    """A list, or two that follow each other, part by part."""
    between = " → " if " → " in text else ", "
    return between.join(words(part) for part in text.split(between))


def _category(text: str, language: str, called: Called, *, several: bool) -> str:
    def name(term: str) -> str:
        if term == "other" and term not in called:
            return _OTHER[language == "de"]
        return clean(called.get(term, {}).get(language) or term, most=80)

    # a category's own name may hold a comma
    return name(text) if not several or text in called else ", ".join(name(part) for part in text.split(", "))
