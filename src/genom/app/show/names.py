"""Names that Genom itself gave, in the words of people: families, units, channels, purposes, points, kinds of gene.

A name that is not listed is shown as it is: then it came from a catalogue of the operator's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from genom.app.show.clean import clean
from genom.app.show.vocabulary import (
    BASES,
    CAUSES,
    CHANNELS,
    DEVICES,
    FAMILIES,
    FEATURES,
    GROUNDS,
    OPS,
    POINTS,
    PURPOSES,
    REGIONS,
    STAGES,
    UNITS,
    WEEKDAYS,
    Names,
)

__all__ = [
    "action",
    "basis",
    "cause",
    "cell",
    "channel",
    "device",
    "family",
    "feature_of",
    "gene",
    "ground",
    "ground_of",
    "op",
    "point",
    "purpose",
    "regions",
    "stage",
    "time",
    "unit",
    "unknown",
    "where",
]

_NO_PERMISSION: Final = "no permission for "
_RECORDED: Final = {text: name for name, texts in FEATURES.items() for text in texts[2:]}


def _named(names: Names, name: object, language: str) -> str:
    found = names.get(str(name))
    return clean(name) if found is None else found[language == "de"]


def family(name: str, language: str) -> str:
    """A family of genes.

    >>> family("taste", "de")
    'Geschmack'
    """
    return _named(FAMILIES, name, language)


def channel(name: object, language: str) -> str:
    """A channel."""
    return _named(CHANNELS, name, language)


def device(name: object, language: str) -> str:
    """A kind of device."""
    return _named(DEVICES, name, language)


def where(name: object, language: str) -> str:
    """What a gene of the family `channels` names: a channel, or a kind of device."""
    return (device if name in DEVICES else channel)(name, language)


def purpose(name: object, language: str) -> str:
    """A purpose in a few words; the full text is in the purposes file."""
    return _named(PURPOSES, name, language)


def point(name: object, language: str) -> str:
    """A decision point."""
    return _named(POINTS, name, language)


def basis(name: object, language: str) -> str:
    """What a permission rests on."""
    return _named(BASES, name, language)


def ground(name: object, language: str) -> str:
    """A legal basis."""
    return _named(GROUNDS, name, language)


def regions(names: Sequence[object], language: str) -> str:
    """Regions whose law counts for somebody; empty if none is known.

    >>> regions(["us", "br"], "de"), regions([], "en")
    ('Vereinigte Staaten, br', '')
    """
    return ", ".join(_named(REGIONS, name, language) for name in names)


def ground_of(found: Mapping[str, Any], language: str) -> str:
    """The legal basis that a decision names, and of which region it is.

    >>> ground_of({"basis": "opt_out", "regions": ["us"]}, "en"), ground_of({"basis": "consent", "regions": []}, "de")
    ('opt-out (United States)', 'Einwilligung (Region unbekannt)')
    """
    nowhere = ("region not known", "Region unbekannt")[language == "de"]
    return f"{ground(found['basis'], language)} ({regions(found['regions'], language) or nowhere})"


def unknown(language: str) -> str:
    """What is said of a gene without a value."""
    return ("unknown", "unbekannt")[language == "de"]


def stage(name: object, language: str) -> str:
    """A step towards an order."""
    return _named(STAGES, name, language)


def op(name: object, language: str) -> str:
    """A kind of gene."""
    return _named(OPS, name, language)


def unit(name: str, value: float, language: str) -> str:
    """A unit, in the singular for exactly one.

    >>> unit("orders", 1, "en"), unit("orders", 2.5, "de"), unit("EUR", 2, "de")
    ('order', 'Bestellungen', 'EUR')
    """
    forms = UNITS.get(name)
    return clean(name) if forms is None else forms[2 * (language == "de") + (value != 1)]


def action(name: object, language: str) -> str:
    """An action: doing nothing, or the operator's own name."""
    return ("Do nothing", "Nichts tun")[language == "de"] if name == "do_nothing" else clean(name)


def cause(label: str, language: str) -> str:
    """A reason that is no gene, whichever language its record was written in.

    >>> cause("no permission for recommend", "de")
    'Keine Erlaubnis für Produktempfehlungen'
    >>> cause("popular at this time", "de"), cause("Beliebtheit", "en")
    ('Beliebt um diese Zeit', 'Popularity')
    """
    if label.startswith(_NO_PERMISSION):
        what = purpose(label.removeprefix(_NO_PERMISSION), language)
        return f"Keine Erlaubnis für {what}" if language == "de" else f"No permission for {what}"
    if (feature := feature_of(label)) is not None:
        return FEATURES[feature][language == "de"]
    return _named(CAUSES, label, language)


def feature_of(label: str) -> str | None:
    """The feature of a candidate that a record calls by this label, in either language; None if it is none.

    >>> feature_of("often bought next"), feature_of("wird oft als Nächstes gekauft"), feature_of("exploration")
    ('following', 'following', None)
    """
    return _RECORDED.get(label)


def gene(label: str, recorded: str, language: str) -> str:
    """A reason that is a gene: its label, and which feature of it counted if the record says so.

    >>> gene("Last purchases", "often bought next", "en"), gene("Last purchases", "Last purchases", "en")
    ('Last purchases · Often bought next', 'Last purchases')
    """
    feature = feature_of(recorded)
    return label if feature is None else f"{label} · {FEATURES[feature][language == 'de']}"


def cell(gene: str, name: str, language: str) -> str:
    """What a cell of a histogram stands for: a channel, a device, a weekday, an hour, or a term of the catalogue.

    >>> cell("rhythm.hour_of_week.histogram.365d", "Tue 14", "de"), cell("taste.category.histogram.30d", "Tue 14", "de")
    ('Di 14:00', 'Tue 14')
    """
    if gene.startswith("channels."):
        return where(name, language)
    return time(name, language) if gene.startswith("rhythm.") else clean(name)


def time(name: str, language: str) -> str:
    """A weekday, an hour of the day or an hour of the week.

    >>> time("Tue", "de"), time("09", "en"), time("Tue 14", "de")
    ('Di', '09:00', 'Di 14:00')
    """
    day, _, hour = name.partition(" ") if name[:3] in WEEKDAYS else ("", "", name)
    if hour and not hour.isdigit():
        return clean(name)
    words = (WEEKDAYS[day] if language == "de" and day else day, f"{hour}:00" if hour else "")
    return " ".join(word for word in words if word)
