"""What each ring function says, in a sentence: the description of a gene that is declared without one."""

from __future__ import annotations

from typing import Final

__all__ = ["ring_sentence"]

_WHAT: Final = {  # without a filter, and with one; German in the dative, `one` in the accusative
    "en": {
        "orders": ("orders", "such events"),
        "events": ("events", "such events"),
        "one": ("an order", "such an event"),
        "last": ("the last order", "the last such event"),
    },
    "de": {
        "orders": ("Bestellungen", "solchen Ereignissen"),
        "events": ("Ereignissen", "solchen Ereignissen"),
        "one": ("eine Bestellung", "ein solches Ereignis"),
        "last": ("der letzten Bestellung", "dem letzten solchen Ereignis"),
    },
}
_SAYS: Final[dict[str, dict[str, str]]] = {
    "gap_mean": {
        "en": "How many days pass on average between two {orders}, among the last ones.",
        "de": "Wie viele Tage im Mittel zwischen zwei {orders} vergehen, unter den letzten.",
    },
    "gap_deviation": {
        "en": "How regular the last {orders} are: the standard deviation of the days between them.",
        "de": "Wie regelmäßig es zuletzt zu {orders} kam: die Standardabweichung der Tage dazwischen.",
    },
    "gap_variance": {
        "en": "How regular the last {orders} are: the variance of the days between them, in days squared.",
        "de": "Wie regelmäßig es zuletzt zu {orders} kam: die Varianz der Tage dazwischen, in Tagen zum Quadrat.",
    },
    "last_gap": {
        "en": "How many days lie between the last two {orders}.",
        "de": "Wie viele Tage zwischen den letzten zwei {orders} liegen.",
    },
    "overdue": {
        "en": "How much time has passed since {last}, in mean gaps: 1 is as usual, 2 is twice as long.",
        "de": "Wie viel Zeit seit {last} vergangen ist, in mittleren Abständen: "
        "1 ist wie üblich, 2 ist doppelt so lange.",
    },
    "streak": {
        "en": "In how many weeks in a row there was {one}, counted back from {last}.",
        "de": "In wie vielen Wochen in Folge es {one} gab, von {last} an zurückgezählt.",
    },
    "streak_days": {
        "en": "On how many days in a row (UTC) there was {one}, counted back from {last}.",
        "de": "An wie vielen Tagen in Folge (UTC) es {one} gab, von {last} an zurückgezählt.",
    },
    "mean_amount": {
        "en": "The mean value of the last {orders}; those without a value do not count.",
        "de": "Der mittlere Wert unter den letzten {orders}; was keinen Wert hat, zählt nicht.",
    },
    "sessions": {
        "en": "How many visits the last events make up: within a visit, less than 30 minutes pass between two events.",
        "de": "Wie viele Besuche die letzten Ereignisse bilden: In einem Besuch vergehen zwischen zwei Ereignissen "
        "weniger als 30 Minuten.",
    },
    "session_minutes": {
        "en": "How many minutes the last visit took, from its first to its last event.",
        "de": "Wie viele Minuten der letzte Besuch dauerte, vom ersten bis zum letzten Ereignis.",
    },
    "session_minutes_mean": {
        "en": "How many minutes the last visits took on average, each from its first to its last event.",
        "de": "Wie viele Minuten die letzten Besuche im Mittel dauerten, jeweils vom ersten bis zum letzten Ereignis.",
    },
    "session_events_mean": {
        "en": "How many events a visit has on average, among the last visits.",
        "de": "Wie viele Ereignisse ein Besuch im Mittel hat, unter den letzten Besuchen.",
    },
    "since_order": {
        "en": "How many events there were since the last order.",
        "de": "Wie viele Ereignisse es seit der letzten Bestellung gab.",
    },
    "since_last": {
        "en": "How many events there were since {last}.",
        "de": "Wie viele Ereignisse es seit {last} gab.",
    },
    "funnel_stage": {
        "en": "How far the person has come towards the next order: viewed, in the cart, or at the checkout.",
        "de": "Wie weit die Person auf dem Weg zur nächsten Bestellung ist: angesehen, im Warenkorb oder im "
        "Bestellvorgang.",
    },
    "abandoned_hours": {
        "en": "How many hours ago a cart or checkout was left without an order; "
        "it counts as left after 30 minutes of silence.",
        "de": "Vor wie vielen Stunden ein Warenkorb oder Bestellvorgang ohne Bestellung verlassen wurde; "
        "als verlassen gilt er nach 30 Minuten Stille.",
    },
    "abandonment_share": {
        "en": "How many of the last visits with a cart or checkout ended without an order.",
        "de": "Wie viele der letzten Besuche mit Warenkorb oder Bestellvorgang ohne Bestellung endeten.",
    },
    "frequent_pair": {
        "en": "Which two kinds follow each other most often among the last {events}.",
        "de": "Welche zwei Arten unter den letzten {events} am häufigsten aufeinander folgen.",
    },
    "frequent_pair_share": {
        "en": "How much of all steps between the last {events} is the most frequent one: near 1 it is a fixed habit.",
        "de": "Wie viel von allen Schritten zwischen den letzten {events} der häufigste ausmacht: "
        "Nahe 1 ist er eine feste Gewohnheit.",
    },
    "pair_kinds": {
        "en": "How varied the steps between the last {events} are: different ones as a share of all.",
        "de": "Wie abwechslungsreich die Schritte zwischen den letzten {events} sind: "
        "verschiedene als Anteil an allen.",
    },
    "last_kinds": {
        "en": "What happened last: the kinds of the last {events}, the newest first.",
        "de": "Was zuletzt geschah: die Arten unter den letzten {events}, die neueste zuerst.",
    },
    "last_channels": {
        "en": "Where the person was met last: the channels of the last {events}, the newest first, each once.",
        "de": "Wo die Begegnung zuletzt stattfand: die Kanäle unter den letzten {events}, der neueste zuerst, "
        "jeder einmal.",
    },
    "distinct_items": {
        "en": "How many different products are among the last order lines.",
        "de": "Wie viele verschiedene Produkte unter den letzten Positionen sind.",
    },
    "distinct_categories": {
        "en": "How many different categories are among the last order lines.",
        "de": "Wie viele verschiedene Kategorien unter den letzten Positionen sind.",
    },
    "repeat_share": {
        "en": "Which share of the last order lines is a product that was bought before among them.",
        "de": "Welcher Anteil der letzten Positionen ein Produkt wiederholt, das unter ihnen schon vorkam.",
    },
    "last_categories": {
        "en": "The categories of the last order lines, the newest first, each once.",
        "de": "Die Kategorien der letzten Positionen, die neueste zuerst, jede einmal.",
    },
    "messages_unanswered": {
        "en": "How many messages the person has received since the last one that was opened or clicked.",
        "de": "Wie viele Nachrichten die Person seit der letzten erhalten hat, die geöffnet oder angeklickt wurde.",
    },
    "liked": {
        "en": "What the person has said they like, the newest statement first.",
        "de": "Was die Person nach eigener Angabe mag, die neueste Angabe zuerst.",
    },
    "disliked": {
        "en": "What the person has said they are not interested in, the newest statement first.",
        "de": "Wofür sich die Person nach eigener Angabe nicht interessiert, die neueste Angabe zuerst.",
    },
    "declared": {
        "en": "What the person has stated about this; the newest statement counts.",
        "de": "Was die Person dazu angegeben hat; die neueste Angabe zählt.",
    },
}


def ring_sentence(function: str, language: str, *, filtered: bool) -> str:
    """What a function says of a person; `filtered` if the gene asks for certain events by `of`.

    >>> ring_sentence("last_gap", "en", filtered=False), ring_sentence("last_gap", "de", filtered=True)
    ('How many days lie between the last two orders.', 'Wie viele Tage zwischen den letzten zwei solchen Ereignissen liegen.')
    """  # noqa: E501 -- a doctest's output is one line
    words = {name: told[filtered] for name, told in _WHAT[language].items()}
    return _SAYS[function][language].format(**words)
