"""A choice in one sentence, in English or German."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genom.decide.actions import DO_NOTHING
from genom.decide.decision import Choice
from genom.decide.reasons import (
    CONTROL,
    DO_NOTHING_SCORE,
    EXPERIMENT,
    EXPLORATION,
    NO_CANDIDATE,
    POPULARITY,
    YOU_TOLD_US,
    Reason,
)
from genom.errors import UnknownName, nearest

__all__ = ["LANGUAGES", "explain"]

Words = Mapping[str, str]

TOLD: Final = "told"
_TOLD: Final = frozenset(label for _, label in YOU_TOLD_US.values())

ENGLISH: Final[Words] = {
    "offer": "Offer {action}",
    "nothing": "Offer nothing",
    "because": " because ",
    "and": " and ",
    "bought": "you have been buying from this range ({label}: {value})",
    "speaks": "this speaks for it: {label} ({value})",
    "popular": "it is popular ({value})",
    "unpopular": ", although it is bought less than average ({value})",
    "chance": " (probability {percent} %).",
    DO_NOTHING_SCORE: "no offer scored clearly better",
    EXPERIMENT: "an experiment assigns it at random",
    EXPLORATION: "this time another than the best is tried",
    TOLD: "you told us that you like it",
    CONTROL: "this decision is a random control",
    NO_CANDIDATE: "there is no candidate",
    "no permission for": "the purpose {purpose} is not permitted",
}
GERMAN: Final[Words] = {
    "offer": "{action} anbieten",
    "nothing": "Nichts anbieten",
    "because": ", weil ",
    "and": " und ",
    "bought": "Sie aus diesem Sortiment gekauft haben ({label}: {value})",
    "speaks": "dies dafür spricht: {label} ({value})",
    "popular": "es beliebt ist ({value})",
    "unpopular": ", obwohl es seltener als der Durchschnitt gekauft wird ({value})",
    "chance": " (Wahrscheinlichkeit {percent} %).",
    DO_NOTHING_SCORE: "kein Angebot deutlich besser war",
    EXPERIMENT: "ein Experiment es per Zufall zuteilt",
    EXPLORATION: "diesmal ein anderes als das beste erprobt wird",
    TOLD: "Sie uns gesagt haben, dass Sie es mögen",
    CONTROL: "diese Entscheidung eine Zufallskontrolle ist",
    NO_CANDIDATE: "es keinen Kandidaten gibt",
    "no permission for": "der Zweck {purpose} nicht erlaubt ist",
}
LANGUAGES: Final[Mapping[str, Words]] = {"en": ENGLISH, "de": GERMAN}


def explain(choice: Choice, *, language: str, action: str, genes: Mapping[str, str]) -> str:
    """The choice and its causes as a sentence; `action` is its label, `genes` has labels by gene id.

    Raises UnknownName for a language other than `en` and `de`.

    >>> bought = Reason("taste.category_2.30d", "purchases by category", 1.93)
    >>> choice = Choice("TEA", 1.93, 0.41, (bought,))
    >>> explain(choice, language="en", action="Tea", genes={})
    'Offer Tea because you have been buying from this range (purchases by category: +1.93) (probability 41.0 %).'
    """
    if language not in LANGUAGES:
        fix = nearest(language, LANGUAGES) or "use en or de"
        raise UnknownName(f"There is no language {language!r}.", why="sentences are written in en and de", fix=fix)
    words = LANGUAGES[language]
    what = words["nothing"] if choice.action == DO_NOTHING else words["offer"].format(action=action)
    causes = [cause for reason in choice.reasons if (cause := _cause(reason, words, genes))]
    because = words["because"] + words["and"].join(causes) if causes else ""
    but = "".join(_reservation(reason, words) for reason in choice.reasons)
    return what + because + but + words["chance"].format(percent=_number(choice.probability * 100, "", words))


def _cause(reason: Reason, words: Words, genes: Mapping[str, str]) -> str:
    value = _number(reason.contribution, "+", words)
    if reason.gene is not None:
        label = genes.get(reason.gene, reason.label)
        known = "bought" if reason.gene.startswith("taste.") else "speaks"
        return words[known].format(label=label, value=value) if reason.contribution > 0 else ""
    if reason.label in _TOLD:
        return words[TOLD]
    if reason.label == POPULARITY:
        return words["popular"].format(value=value) if reason.contribution > 0 else ""
    if reason.label.startswith("no permission for "):
        return words["no permission for"].format(purpose=reason.label.rpartition(" ")[2])
    if reason.contribution and reason.label not in words:
        return words["speaks"].format(label=reason.label, value=value) if reason.contribution > 0 else ""
    return words.get(reason.label, reason.label)


def _reservation(reason: Reason, words: Words) -> str:
    negative = reason.label == POPULARITY and reason.contribution < 0
    return words["unpopular"].format(value=_number(reason.contribution, "+", words)) if negative else ""


def _number(value: float, sign: str, words: Words) -> str:
    text = f"{value:{sign}.2f}" if sign else f"{value:.1f}"
    return text.replace(".", ",") if words is GERMAN else text
