"""What may be said of an effect, as a word and as a sentence in English and German."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["VERDICTS", "Verdict", "too_early", "verdict_of"]

VERDICTS: Final = ("too_early", "better", "worse", "no_difference_yet", "health_problem", "no_control")
SMALLEST: Final = 200  # decisions of the smaller arm
REWARDED: Final = 20  # rewards, in units of one, over both arms

_SENTENCES: Final[dict[str, dict[str, str]]] = {
    "too_early": {
        "en": "Too early to say: {n} of {needed} decisions in the smaller arm have been counted.",
        "de": "Noch zu früh für ein Urteil: {n} von {needed} Entscheidungen im kleineren Arm sind ausgewertet.",
    },
    "better": {
        "en": "{arm} is better than {base}: {value} per 100 decisions (95 % interval {low} to {high}).",
        "de": "{arm} ist besser als {base}: {value} je 100 Entscheidungen (95-%-Intervall {low} bis {high}).",
    },
    "worse": {
        "en": "{arm} is worse than {base}: {value} per 100 decisions (95 % interval {low} to {high}).",
        "de": "{arm} ist schlechter als {base}: {value} je 100 Entscheidungen (95-%-Intervall {low} bis {high}).",
    },
    "no_difference_yet": {
        "en": "No difference between {arm} and {base} is shown yet: {value} per 100 "
        "decisions (95 % interval {low} to {high}).",
        "de": "Zwischen {arm} und {base} ist noch kein Unterschied belegt: {value} je 100 "
        "Entscheidungen (95-%-Intervall {low} bis {high}).",
    },
    "health_problem": {
        "en": "The measurement is not sound: the arms do not have the shares that they should have. Do not use it.",
        "de": "Die Messung ist nicht verlässlich: Die Arme haben nicht die vorgesehenen Anteile. "
        "Bitte verwenden Sie sie nicht.",
    },
    "no_control": {
        "en": "No control, nothing to compare: no decision of this point is left to chance.",
        "de": "Ohne Kontrolle kein Vergleich: Keine Entscheidung dieses Punkts wird dem Zufall überlassen.",
    },
}
_NAMES: Final = {
    "en": {"policy": "the policy", "control": "the random control"},
    "de": {"policy": "die Strategie", "control": "die Zufallskontrolle"},
}
_UNITS: Final = {"en": {"successes": "successes"}, "de": {"successes": "Erfolge"}}
_DATIVE: Final = {"die Strategie": "der Strategie", "die Zufallskontrolle": "der Zufallskontrolle"}
_UNNAMED: Final[Mapping[str, Mapping[str, str]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A word of `VERDICTS` and its sentence by language."""

    word: str
    sentence: dict[str, str]


def verdict_of(
    *,
    arm: str,
    base: str,
    smaller: int,
    rewarded: float,
    value: float,
    low: float,
    high: float,
    sound: bool,
    controlled: bool = True,
    unit: str = "successes",
    labels: Mapping[str, Mapping[str, str]] = _UNNAMED,
) -> Verdict:
    """The verdict on an arm against its base; the unit of a reward is `EUR` or `successes`.

    Not `controlled` is a point whose base gets no decisions.

    `labels` names arms by language; an arm that has none is called by its id.

    >>> verdict_of(arm="policy", base="control", smaller=9, rewarded=0, value=0, low=-1, high=1, sound=True).word
    'too_early'
    """
    word = _word(smaller, rewarded, low, high, sound=sound) if controlled else "no_control"
    named = {
        language: [labels.get(name, {}).get(language) or _NAMES[language].get(name, name) for name in (arm, base)]
        for language in _NAMES
    }
    figures = {"value": value, "low": low, "high": high}
    return Verdict(
        word=word,
        sentence={
            language: _sentence(word, language, arms=named[language], smaller=smaller, figures=figures, unit=unit)
            for language in _NAMES
        },
    )


def too_early(smaller: int, rewarded: float) -> bool:
    """Whether there are too few decisions of the smaller arm, or rewards of both, to say anything."""
    return smaller < SMALLEST or rewarded < REWARDED


def _word(smaller: int, rewarded: float, low: float, high: float, *, sound: bool) -> str:
    if not sound:
        return "health_problem"
    if too_early(smaller, rewarded):
        return "too_early"
    return "better" if low > 0 else "worse" if high < 0 else "no_difference_yet"


def _sentence(
    word: str, language: str, *, arms: Sequence[str], smaller: int, figures: Mapping[str, float], unit: str
) -> str:
    arm, base = (_DATIVE.get(name, name) if word == "no_difference_yet" else name for name in arms)
    told = {name: _number(100 * figure, language, money=unit == "EUR") for name, figure in figures.items()}
    if unit != "EUR":
        told["value"] += f" {_UNITS[language].get(unit, unit)}"
    text = _SENTENCES[word][language].format(arm=arm, base=base, n=min(smaller, SMALLEST), needed=SMALLEST, **told)
    return text[0].upper() + text[1:]


def _number(value: float, language: str, *, money: bool) -> str:
    text = f"{value:+.2f}"
    if language == "de":
        return text.replace(".", ",") + ("\N{NO-BREAK SPACE}€" if money else "")
    return f"{text[0]}€{text[1:]}" if money else text
