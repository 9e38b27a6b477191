"""What the pictures say around the data, in English and German."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genom.errors import UnknownName, nearest

__all__ = ["LANGUAGES", "Phrases", "phrases"]

Phrases = Mapping[str, str]

_EN: Final[Phrases] = {
    "and": " and ",
    "and more": "and {n} more",
    "assumed": "Some of this rests on consent that development mode assumes, not on a choice of the person.",
    "basis": "Basis",
    "because": "mainly because of {causes}",
    "by chance": "{action}: drawn at random as part of the permanent control group (probability {chance}).",
    "compared": "{people} people, {values} values and {genes} genes compared, up to journal position {position}.",
    "control": "random control",
    "decision": "Decision",
    "differences": "First differences",
    "different": "Not equal: what is held differs from what the journal says.",
    "empty denied": "This purpose is not permitted for the person, so every value is withheld.",
    "empty denied fix": "Record the person's consent with POST /v1/consent, or read for a permitted purpose.",
    "empty events": "The events below do not serve this purpose, so the genome for it is empty.",
    "empty events fix": "Record the person's consent with POST /v1/consent; events that follow will count.",
    "empty nothing": "Nothing is known about this person yet.",
    "empty nothing fix": "Send a first event with POST /v1/track, or load the sample shop with `genom up`.",
    "equal": "Equal: what is held is exactly what the journal says.",
    "event": "Event",
    "exploration": "Another action than the best one is being tried here.",
    "gene": "gene",
    "genes": "Genes",
    "genes counted": "Genes: {n}",
    "genes in all": "{n} genes in {families} families",
    "genome": "Genome",
    "known": "{n} known",
    "legend": "{low} little  {high} much  {text} text or time  {unknown} unknown  {withheld} withheld",
    "mend": "Stop the node, remove the folder `state` in the data directory and start again: "
    "it is rebuilt from the journal.",
    "model": "Model",
    "no control": "no random control",
    "no choice": "No action was chosen.",
    "no decision": "Nothing was decided for this person yet.",
    "no decision fix": "Ask for a decision with `genom decide next_product {person}`.",
    "no events": "No events that may be shown.",
    "no genes": "There are no genes.",
    "no genes fix": "Declare some in the gene file; the standard genome comes with Genom.",
    "nobody": "There is nothing to compare yet: the journal holds no person.",
    "none known": "nothing known yet",
    "not offered": "Nothing is offered: the person has not permitted the purpose {purpose}.",
    "nothing to offer": "Nothing is offered: there is no candidate.",
    "nothing": "Nothing is offered (probability {chance}): no offer scored clearly better.",
    "nothing tried": "Nothing is offered (probability {chance}): this time another action than the best one is tried.",
    "offered": "{action} is offered (probability {chance}){because}.",
    "op": "how",
    "outcomes": "Outcomes",
    "no outcomes": "none so far",
    "person": "Person",
    "probability": "probability",
    "product": "{n} product",
    "products": "{n} products",
    "purpose": "Purpose",
    "quoted": "“{text}”",
    "coupon": "coupon {id}",
    "campaign": "campaign {id}",
    "detail": "{n} detail",
    "details": "{n} details",
    "score": "score",
    "seen": "as of {moment} UTC",
    "last decision": "Last decision",
    "timeline": "Timeline",
    "unknown": "{n} unknown",
    "unit": "unit",
    "value": "value",
    "where": "Where",
    "when": "When (UTC)",
    "what": "What",
    "withheld": "withheld",
    "withheld counted": "{n} withheld",
}
_DE: Final[Phrases] = {
    "and": " und ",
    "and more": "und {n} weitere",
    "assumed": "Ein Teil davon beruht auf angenommener Einwilligung (Entwicklungsmodus), "
    "nicht auf einer Wahl der Person.",
    "basis": "Grundlage",
    "because": "vor allem wegen: {causes}",
    "by chance": "{action}: zufällig gezogen, als Zufallskontrolle (Wahrscheinlichkeit {chance}).",
    "compared": "{people} Personen, {values} Werte und {genes} Gene verglichen, bis Position {position} im Journal.",
    "control": "Zufallskontrolle",
    "decision": "Entscheidung",
    "differences": "Erste Abweichungen",
    "different": "Nicht gleich: Der gehaltene Stand weicht vom Journal ab.",
    "empty denied": "Dieser Zweck ist für die Person nicht erlaubt; alle Werte sind zurückgehalten.",
    "empty denied fix": "Erfassen Sie die Einwilligung der Person mit POST /v1/consent, "
    "oder lesen Sie für einen erlaubten Zweck.",
    "empty events": "Die Ereignisse unten dienen diesem Zweck nicht; sein Genom ist daher leer.",
    "empty events fix": "Erfassen Sie die Einwilligung der Person mit POST /v1/consent; "
    "spätere Ereignisse zählen dann.",
    "empty nothing": "Über diese Person ist noch nichts bekannt.",
    "empty nothing fix": "Senden Sie ein erstes Ereignis mit POST /v1/track, "
    "oder laden Sie den Beispielladen mit `genom up`.",
    "equal": "Gleich: Der gehaltene Stand entspricht genau dem Journal.",
    "event": "Ereignis",
    "exploration": "Hier wird eine andere Aktion als die beste erprobt.",
    "gene": "Gen",
    "genes": "Gene",
    "genes counted": "Gene: {n}",
    "genes in all": "{n} Gene in {families} Familien",
    "genome": "Genom",
    "known": "{n} bekannt",
    "legend": "{low} wenig  {high} viel  {text} Text oder Zeit  {unknown} unbekannt  {withheld} zurückgehalten",
    "mend": "Beenden Sie den Knoten, entfernen Sie den Ordner `state` im Datenverzeichnis und starten Sie neu: "
    "Der Stand wird aus dem Journal neu aufgebaut.",
    "model": "Modell",
    "no control": "keine Zufallskontrolle",
    "no choice": "Es wurde keine Aktion gewählt.",
    "no decision": "Für diese Person wurde noch nichts entschieden.",
    "no decision fix": "Fragen Sie eine Entscheidung an: `genom decide next_product {person}`.",
    "no events": "Keine Ereignisse, die gezeigt werden dürfen.",
    "no genes": "Es gibt keine Gene.",
    "no genes fix": "Erklären Sie Gene in der Gendatei; das Standardgenom liegt Genom bei.",
    "nobody": "Noch gibt es nichts zu vergleichen: Das Journal kennt keine Person.",
    "none known": "noch nichts bekannt",
    "not offered": "Es wird nichts angeboten: Die Person hat den Zweck {purpose} nicht erlaubt.",
    "nothing to offer": "Es wird nichts angeboten: Es gibt keinen Kandidaten.",
    "nothing": "Es wird nichts angeboten (Wahrscheinlichkeit {chance}): Kein Angebot war deutlich besser.",
    "nothing tried": "Es wird nichts angeboten (Wahrscheinlichkeit {chance}): "
    "Diesmal wird eine andere Aktion als die beste erprobt.",
    "offered": "{action} wird angeboten (Wahrscheinlichkeit {chance}){because}.",
    "op": "Art",
    "outcomes": "Ergebnisse",
    "no outcomes": "bisher keine",
    "person": "Person",
    "probability": "Wahrscheinlichkeit",
    "product": "{n} Artikel",
    "products": "{n} Artikel",
    "purpose": "Zweck",
    "quoted": "„{text}“",
    "coupon": "Gutschein {id}",
    "campaign": "Kampagne {id}",
    "detail": "{n} Angabe",
    "details": "{n} Angaben",
    "score": "Punktzahl",
    "seen": "Stand {moment} UTC",
    "last decision": "Letzte Entscheidung",
    "timeline": "Verlauf",
    "unknown": "{n} unbekannt",
    "unit": "Einheit",
    "value": "Wert",
    "where": "Kanal",
    "when": "Zeit (UTC)",
    "what": "Inhalt",
    "withheld": "zurückgehalten",
    "withheld counted": "{n} zurückgehalten",
}
LANGUAGES: Final[Mapping[str, Phrases]] = {"en": _EN, "de": _DE}


def phrases(language: str) -> Phrases:
    """The phrases of a language.  Raises UnknownName for a language other than `en` and `de`.

    >>> phrases("de")["timeline"]
    'Verlauf'
    """
    if language not in LANGUAGES:
        fix = nearest(language, LANGUAGES) or "use en or de"
        raise UnknownName(f"There is no language {language!r}.", why="pictures are drawn in en and de", fix=fix)
    return LANGUAGES[language]
