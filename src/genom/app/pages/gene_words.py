"""What a gene means in sentences: what it is made of, and how it forgets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from genom.app.show.clean import clean
from genom.app.show.kinds import event_name
from genom.console.genes import Decay
from genom.genome import Gene, Genes
from genom.genome.filters import Rows
from genom.genome.lineage import Lineage
from genom.genome.lint import Finding
from genom.words import KINDS, Kind

__all__ = ["decay_of", "event_words", "finding_words", "meaning_of", "property_words", "ring_words", "span_words"]

Words = Mapping[str, tuple[str, str]]

_EVENTS_MOST: Final = 4  # that are named in a sentence
_PROPERTIES: Final[Words] = {
    "amount": ("amount", "Betrag"),
    "discount": ("discount", "Rabatt"),
    "quantity": ("quantity", "Menge"),
    "time": ("time", "Zeitpunkt"),
    "channel": ("channel", "Kanal"),
    "device": ("kind of device", "Art des Geräts"),
    "hour_of_week": ("hour of the week", "Stunde der Woche"),
    "hour_of_day": ("hour of the day", "Stunde des Tages"),
    "weekday": ("day of the week", "Wochentag"),
    "category_1": ("department", "Abteilung"),
    "category_2": ("category", "Kategorie"),
    "item": ("product", "Produkt"),
    "source": ("source", "Quelle"),
    "name": ("name of the event", "Name des Ereignisses"),
    "coupon": ("coupon", "Gutschein"),
}
_RINGS: Final[Words] = {
    "events": ("the last events", "die letzten Ereignisse"),
    "items": ("the last order lines and products", "die letzten Positionen und Produkte"),
    "messages": ("the last messages", "die letzten Nachrichten"),
    "declared": ("what the person told", "Angaben der Person"),
    "orders": ("the last orders", "die letzten Bestellungen"),
}
_SAYS: Final[Words] = {
    "count": ("Counts {what}.", "Zählt {what}."),
    "sum": ("Adds up the {property} over {what}.", "Summiert „{property}“ über {what}."),
    "mean": ("The mean {property} over {what}.", "Der Mittelwert von „{property}“ über {what}."),
    "variance": (
        "How widely the {property} spreads over {what}: the mean squared distance from its mean.",
        "Wie weit „{property}“ über {what} streut: der mittlere quadratische Abstand vom Mittelwert.",
    ),
    "ratio": ("{what}: how many or how much for each of {base}.", "{what}: wie viele oder wie viel je {base}."),
    "recency": ("Days since the last of {what}.", "Tage seit dem letzten Mal; es zählen {what}."),
    "first": ("The {property} of the first of {what}.", "„{property}“ beim ersten Mal; es zählen {what}."),
    "last": ("The {property} of the last of {what}.", "„{property}“ beim letzten Mal; es zählen {what}."),
    "histogram": ("How {what} spread over the {property}.", "Wie sich {what} auf „{property}“ verteilen."),
    "distinct": (
        "How many different values of {property} {what} have.",
        "Wie viele verschiedene Werte von „{property}“ {what} haben.",
    ),
    "ring": ("A pattern in {ring} of a person.", "Ein Muster in: {ring}."),
    "declared": ("What the person said of themselves.", "Was die Person über sich gesagt hat."),
    "prediction": ("What a model foresees.", "Was ein Modell vorhersagt."),
    "expression": ("Computed from other genes at each reading.", "Wird bei jedem Lesen aus anderen Genen berechnet."),
}
_FILTERED: Final = (
    (
        " Only those count that meet conditions on: {properties}.",
        " Only some of them count: the declaration says which.",
    ),
    (
        " Es zählen nur jene, die Bedingungen erfüllen an: {properties}.",
        " Es zählen nur manche davon: Die Deklaration sagt, welche.",
    ),
)
_SHARES: Final = {  # by whether a property is added up, and whether the conditions are all that tells part and whole
    (False, False): ("Which share of {base} {what} are.", "Welchen Anteil {what} an {base_dative} haben."),
    (True, False): (
        "Which share of the {property} of {base} falls to {what}.",
        "Welcher Anteil der Summe von „{property}“ über {base} auf {what} entfällt.",
    ),
    (False, True): (
        "Which share of {base} meets {conditions}.",
        "Welcher Anteil {base_genitive} {conditions} erfüllt.",
    ),
    (True, True): (
        "Which share of the {property} of {base} falls to those that meet {conditions}.",
        "Welcher Anteil der Summe von „{property}“ über {base} auf jene entfällt, welche {conditions} erfüllen.",
    ),
}
_CONDITIONS: Final = (
    ("conditions on {properties}", "the conditions of the declaration"),
    ("die Bedingungen an „{properties}“", "die Bedingungen der Deklaration"),
)
_ARTICLES: Final = {  # of what `_what` says: nominative and accusative, dative, genitive
    "die Ereignisse ": ("den Ereignissen ", "der Ereignisse "),
    "die Positionen ": ("den Positionen ", "der Positionen "),
    "alle Ereignisse": ("allen Ereignissen", "aller Ereignisse"),
    "alle Positionen": ("allen Positionen", "aller Positionen"),
    "Ereignisse ": ("Ereignissen ", "der Ereignisse "),
    "Positionen ": ("Positionen ", "der Positionen "),
}
_ALL: Final = {False: ("all events", "alle Ereignisse"), True: ("all order lines", "alle Positionen")}
_NAMED: Final = {
    False: ("the events {names}", "die Ereignisse {names}"),
    True: ("the order lines of {names}", "die Positionen von {names}"),
}
_MANY: Final = {
    False: ("events of {n} kinds", "Ereignisse von {n} Arten"),
    True: ("order lines of {n} kinds of event", "Positionen von {n} Ereignisarten"),
}
_SPAN: Final = re.compile(r"([0-9]+)(s|min|h|d|w|y)")
_UNITS: Final = {  # one and many in English, then in German as it stands after „nach“
    "s": ("second", "seconds", "Sekunde", "Sekunden"),
    "min": ("minute", "minutes", "Minute", "Minuten"),
    "h": ("hour", "hours", "Stunde", "Stunden"),
    "d": ("day", "days", "Tag", "Tagen"),
    "w": ("week", "weeks", "Woche", "Wochen"),
    "y": ("year", "years", "Jahr", "Jahren"),
}
_HALVES: Final = 4  # half-lives that the curve shows


def event_words(kind: str, language: str) -> str:
    """A kind of event, such as ORDER_COMPLETED.

    >>> event_words("ORDER_COMPLETED", "de"), event_words("PAGE_VIEWED", "en")
    ('Einkauf abgeschlossen', 'Page Viewed')
    """
    name = kind.replace("_", " ").title()
    if language == "de" and name not in KINDS:
        call = {"PAGE_VIEWED": "page", "SCREEN_VIEWED": "screen", "IDENTIFIED": "identify"}
        call |= {"GROUPED": "group", "ALIASED": "alias"}
        return event_name({"type": call.get(kind, ""), "event": name}, language)
    return event_name({"type": "track", "event": name}, language)


def property_words(name: str, language: str) -> str:
    """A property of events."""
    found = _PROPERTIES.get(name)
    return found[language == "de"] if found else clean(name, most=60)


def ring_words(name: str, language: str) -> str:
    """A ring; empty for none."""
    return _RINGS[name][language == "de"] if name else ""


def meaning_of(gene: Gene, lineage: Lineage, language: str) -> str:
    """What is counted, in a sentence or two; the declaration's own words where it has some."""
    described = gene.description.get(language, "")
    if described and "`" not in described:
        return clean(described, most=600)
    german = language == "de"
    if gene.op == "share":
        return _share(gene, lineage, language)
    base = _what(gene.base_rows, language) if gene.base_name else ""
    text = _SAYS.get(gene.op, ("", ""))[german].format(
        what=_what(gene.rows, language),
        base=base,
        property=property_words(gene.property, language) if gene.property else "",
        ring=ring_words(lineage.ring, language),
    )
    text = text[:1].upper() + text[1:]
    if gene.op != "expression":
        text += _filtered(gene, lineage, language)
    return text


def _filtered(gene: Gene, lineage: Lineage, language: str) -> str:
    """Which of the events count."""
    if not _narrow(gene.rows):
        return ""
    asked = _asked(gene, lineage, language)
    return _FILTERED[language == "de"][not asked].format(properties=asked)


def _asked(gene: Gene, lineage: Lineage, language: str) -> str:
    asked = [name for name in lineage.properties if name not in {gene.property, gene.base_property, "time"}]
    return ", ".join(property_words(name, language) for name in asked)


def _share(gene: Gene, lineage: Lineage, language: str) -> str:
    """What a share is of what: where both are the same kinds of event, its conditions tell them apart."""
    german, what, base = language == "de", _what(gene.rows, language), _what(gene.base_rows, language)
    asked = _asked(gene, lineage, language)
    start = next((start for start in _ARTICLES if base.startswith(start)), "")
    dative, genitive = (case + base.removeprefix(start) for case in _ARTICLES.get(start, ("", "")))
    same = what == base and _narrow(gene.rows)
    text = _SHARES[bool(gene.property), same][german].format(
        what=what,
        base=base,
        base_dative=dative,
        base_genitive=genitive,
        property=property_words(gene.property, language) if gene.property else "",
        conditions=_CONDITIONS[german][not asked].format(properties=asked),
    )
    return text if same else text + _filtered(gene, lineage, language)


def finding_words(finding: Finding, genes: Genes, language: str) -> str:
    """What a finding says, with the labels of genes in place of their ids."""
    marks = "„{}“" if language == "de" else "“{}”"
    words = [
        marks.format(genes[word].label[language]) if word in genes else word
        for word in finding.why[language].split(" ")
    ]
    return " ".join(words)


def _what(rows: Rows, language: str) -> str:
    german, lines = language == "de", rows.lines
    kinds: set[int] = set()
    for term in rows.terms:
        if term.kinds is None:
            return _ALL[lines][german]
        kinds |= set(term.kinds)
    known = sorted(Kind(kind).name for kind in kinds if kind in Kind._value2member_map_)
    if len(known) > _EVENTS_MOST or len(known) < len(kinds):
        return _MANY[lines][german].format(n=len(kinds))
    marks = "„{}“" if german else "“{}”"
    return _NAMED[lines][german].format(names=", ".join(marks.format(event_words(k, language)) for k in known))


def _narrow(rows: Rows) -> bool:
    """Whether a filter asks for more than the kind of event."""
    return any(term.care or term.ranges for term in rows.terms)


def span_words(span: str, language: str, times: int = 1) -> str:
    """A span in words, as it stands after „nach“.

    >>> span_words("30d", "de", 2), span_words("1d", "en"), span_words("36h", "en")
    ('60 Tagen', '1 day', '36 hours')
    """
    found = _SPAN.fullmatch(span)
    if found is None:
        return clean(span)
    number, words = int(found[1]) * times, _UNITS[found[2]]
    return f"{number:,} {words[2 * (language == 'de') + (number != 1)]}".replace(",", "." if language == "de" else ",")


def decay_of(gene: Gene, language: str) -> Decay | None:
    """How a gene forgets; None for one that does not."""
    if gene.window and gene.window != "lifetime":
        return Decay(span=span_words(gene.window, language), window=True)
    if not gene.decayed:
        return None
    points = [(span_words(gene.half_life, language, n) if n else "", 0.5**n) for n in range(_HALVES + 1)]
    return Decay(span=span_words(gene.half_life, language), window=False, points=tuple(points))
