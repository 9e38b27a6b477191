"""A decision point's rules in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from genom.app.node import Node
from genom.app.pages.strips import formats_of
from genom.app.pages.wording import words_of
from genom.app.show.clean import clean
from genom.app.show.kinds import event_name
from genom.decide import Feature, Point
from genom.errors import UnknownName

__all__ = ["feature_words", "model_words", "policy_words", "reward_formats", "reward_words", "signed"]

Read = tuple[str, str, tuple[str, ...]]

Words = Mapping[str, tuple[str, str]]

_MODELS: Final[Words] = {
    "own-purchases-1": ("own purchases", "eigene Käufe"),
    "own-products-1": ("own purchases of the products", "eigene Käufe der Produkte"),
    "propensity": ("learned propensity to buy", "gelernte Kaufneigung"),
    "learned": ("learns from outcomes", "lernt aus Ergebnissen"),
    "experiment": ("experiment", "Experiment"),
}
_HOW: Final[Words] = {
    "own-purchases-1": (
        "Scores each candidate by the person's own purchases, the last ones, and its popularity.",
        "Bewertet jeden Kandidaten nach eigenen Käufen, den letzten davon und seiner Beliebtheit.",
    ),
    "own-products-1": (
        "Scores each candidate by the person's own purchases of its products, and its popularity.",
        "Bewertet jeden Kandidaten nach eigenen Käufen seiner Produkte und seiner Beliebtheit.",
    ),
    "propensity": (
        "Scores each candidate by the probability that the person buys or redeems, times what a success is worth.",
        (
            "Bewertet jeden Kandidaten nach der Wahrscheinlichkeit, dass die Person kauft oder einlöst, "
            "mal dem Wert eines Erfolgs."
        ),
    ),
    "learned": (
        (
            "Scores each action by the reward expected for this person, times what a success is worth; "
            "it learns as outcomes arrive."
        ),
        (
            "Bewertet jede Aktion nach dem für diese Person erwarteten Ertrag, mal dem Wert eines Erfolgs; "
            "lernt, während Ergebnisse eintreffen."
        ),
    ),
    "experiment": (
        "Draws an arm by lot: {arms}. A person always gets the same arm.",
        "Lost einen Arm aus: {arms}. Eine Person erhält immer denselben Arm.",
    ),
}
_RULES: Final[Words] = {
    "soft": (
        "Prefers higher scores, yet gives each candidate a chance: {epsilon} of decisions explore evenly.",
        (
            "Bevorzugt höhere Punktzahlen, lässt aber jedem Kandidaten eine Chance: "
            "{epsilon} der Entscheidungen erproben gleichmäßig."
        ),
    ),
    "control": (
        (
            "{control} of decisions are drawn at random and stay so for good: "
            "they are what the others are measured against."
        ),
        (
            "{control} der Entscheidungen werden zufällig gezogen, und das bleibt so: "
            "An ihnen werden die übrigen gemessen."
        ),
    ),
    "nothing": (
        "Doing nothing competes with a score of {score}.",
        "Nichts zu tun konkurriert mit einer Punktzahl von {score}.",
    ),
    "no reward": (
        "No reward is declared, so nothing is measured or learned here.",
        "Es ist kein Ertrag festgelegt; daher wird hier nichts gemessen oder gelernt.",
    ),
    "count": (
        "A decision counts as a success if it is followed by {events} within {time}.",
        "Eine Entscheidung gilt als Erfolg, wenn ihr innerhalb von {time} folgt: {events}.",
    ),
    "amount": (
        "A decision is rewarded with the amount of {events} within {time}.",
        "Der Ertrag einer Entscheidung ist der Betrag von {events} innerhalb von {time}.",
    ),
    "or": (" or ", " oder "),
}
_FORMS: Final[Words] = {
    "log": ("amount, damped", "Menge, gedämpft"),
    "share": ("share of all", "Anteil an allem"),
    "value": ("value", "Wert"),
    "known": ("whether known", "ob bekannt"),
}  # fmt: skip
_UNITS: Final = (  # seconds; one and many in English, one and many in the German dative
    (86_400, ("day", "days", "Tag", "Tagen")),
    (3_600, ("hour", "hours", "Stunde", "Stunden")),
    (60, ("minute", "minutes", "Minute", "Minuten")),
    (1, ("second", "seconds", "Sekunde", "Sekunden")),
)


def _say(words: Words, name: str, language: str, **values: object) -> str:
    return words[name][language == "de"].format(**values)


def model_words(point: Point, language: str) -> str:
    """How a point decides, in a few words."""
    return _say(_MODELS, point.model, language)


def policy_words(point: Point, language: str, *, called: Callable[[str], str]) -> tuple[str, ...]:
    """How a point decides, in sentences; `called` says what people call an arm."""
    formats = formats_of(language)
    if point.model == "experiment":
        arms = ", ".join(f"{called(arm)} {formats.percent(share, 0)}" for arm, share in point.shares.items())
        return (_say(_HOW, "experiment", language, arms=arms),)
    policy = point.policy
    return (
        _say(_HOW, point.model, language),
        _say(_RULES, "soft", language, epsilon=formats.percent(policy.epsilon, 0)),
        _say(_RULES, "control", language, control=formats.percent(policy.control, 0)),
        _say(_RULES, "nothing", language, score=formats.number(policy.do_nothing, 2)),
    )


def reward_words(point: Point, language: str) -> str:
    """What counts as a success, in a sentence."""
    reward = point.reward
    if reward is None:
        return _say(_RULES, "no reward", language)
    named = [event_name({"type": "track", "event": event}, language) for event in reward.events]
    events = _say(_RULES, "or", language).join(f"„{name}“" if language == "de" else f"“{name}”" for name in named)
    size, words = next((size, words) for size, words in _UNITS if reward.within_seconds % size == 0)
    number = reward.within_seconds // size
    time = f"{formats_of(language).number(number)} {words[2 * (language == 'de') + (number != 1)]}"
    return _say(_RULES, reward.value, language, events=events, time=time)


def feature_words(node: Node, features: Sequence[Feature], language: str) -> tuple[Read, ...]:
    """What is read of a person, gene by gene: label, gene, its cells and forms."""
    read: dict[str, list[str]] = {}
    for feature in features:
        form = _say(_FORMS, feature.form, language)
        cell = _cell(node, feature, language)
        read.setdefault(feature.gene, []).append(f"{cell} ({form})" if cell else form)
    return tuple((_label(node, gene, language), gene, tuple(forms)) for gene, forms in read.items())


def _label(node: Node, gene: str, language: str) -> str:
    try:
        return node.world.layout.genes[gene].label[language]
    except UnknownName:
        return clean(gene, most=80)


def _cell(node: Node, feature: Feature, language: str) -> str:
    try:
        return words_of(node, language)(node.world.layout.genes[feature.gene], feature.cell) if feature.cell else ""
    except UnknownName:
        return clean(feature.cell, most=40)


def reward_formats(point: Point, values: Sequence[float], language: str) -> Callable[[float], str]:
    """How rewards of a point are written: as money if a success has a price, else as a share of decisions."""
    formats = formats_of(language)
    money = point.reward is not None and (point.reward.value == "amount" or any(value != 1 for value in values))

    def written(value: float) -> str:
        return formats.money(value) if money else formats.percent(value, 2)

    return written


def signed(value: float, written: Callable[[float], str]) -> str:
    """A difference with its sign, a true minus."""
    return ("\N{MINUS SIGN}" if value < 0 else "+") + written(abs(value))
