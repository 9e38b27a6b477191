"""The models' pages: cards of the registry in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from genom.app.node import Node
from genom.app.pages.feature_names import feature_label
from genom.app.pages.model_faults import fault_words
from genom.app.pages.releases import ModelReleases
from genom.app.server import App
from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.kinds import event_name
from genom.app.training.questions import MODELS
from genom.app.training.status import Step, read_training
from genom.console.models import (
    Alarm,
    Feature,
    Interval,
    ModelCard,
    ModelRow,
    Part,
    Ranked,
    RankingView,
    TrainingStep,
    TrainingView,
)
from genom.learn import Problem
from genom.learn.card import Card, Span
from genom.learn.quality import Figure
from genom.learn.ranking import Ranking
from genom.segments import conditions
from genom.segments.rule import GeneIs

__all__ = ["ModelPages", "model_row", "shown_card"]

Words = Mapping[str, tuple[str, str]]

_FEATURES: Final = 40  # listed

_FIGURES: Final[Mapping[str, tuple[str, str, str, str]]] = {  # English name and meaning, German name and meaning
    "auc": (
        "AUC",
        "Chance that somebody with yes gets a higher probability than somebody with no; half is guessing.",
        "AUC",
        "Chance, dass jemand mit Ja eine höhere Wahrscheinlichkeit erhält als jemand mit Nein; die Hälfte ist Raten.",
    ),
    "average_precision": (
        "Average precision",
        "Share of yes among those ranked first, averaged over all ranks; the base rate is guessing.",
        "Mittlere Genauigkeit",
        "Anteil der Ja unter den vorn Gereihten, über alle Ränge gemittelt; die Grundrate ist Raten.",
    ),
    "log_loss": (
        "Log loss",
        "How surprised the probabilities are by what came; lower is better.",
        "Log-Verlust",
        "Wie sehr das Eintreffende die Wahrscheinlichkeiten überrascht; kleiner ist besser.",
    ),
    "brier": (
        "Brier score",
        "Mean squared distance of probability and answer; lower is better.",
        "Brier-Wert",
        "Mittlerer quadratischer Abstand von Wahrscheinlichkeit und Antwort; kleiner ist besser.",
    ),
}
_WORDS: Final[Words] = {
    "base_rate": ("base rate", "Grundrate"),
    "logistic": ("logistic regression", "logistische Regression"),
    "boosted": ("boosted trees", "Boosting-Bäume"),
    "own_purchases": ("own purchases, without a model", "eigene Käufe, ohne Modell"),
    "ranked gain": ("Best model against own purchases", "Bestes Modell gegenüber eigenen Käufen"),
    "ranked gain help": (
        "Person by person; above zero the model ranks better.",
        "Person für Person; über null reiht das Modell besser.",
    ),
    "isotonic": (
        "The probabilities were calibrated by a rising curve (isotonic).",
        "Die Wahrscheinlichkeiten sind mit einer steigenden Kurve kalibriert (isoton).",
    ),
    "platt": (
        "The probabilities were calibrated by a line in log-odds (Platt).",
        "Die Wahrscheinlichkeiten sind mit einer Geraden in den logarithmierten Chancen kalibriert (Platt).",
    ),
    "gain": ("Spared against the base rate", "Erspart gegenüber der Grundrate"),
    "gain help": (
        "Log loss an answer; above zero the model knows more than the base rate.",
        "Log-Verlust je Antwort; über null weiß das Modell mehr als die Grundrate.",
    ),
    "train": ("fitting", "Anpassung"),
    "valid": ("choice and calibration", "Auswahl und Kalibrierung"),
    "test": ("measurement", "Messung"),
    "asks": (
        "Asks of people with “{who}”: does “{what}” follow within {days} days?",
        "Fragt bei Personen mit „{who}“: Folgt innerhalb von {days} Tagen „{what}“?",
    ),
    "asks inactive": (
        "Asks of people with “{who}”: will they do nothing of their own for {days} days?",
        "Fragt bei Personen mit „{who}“: Tun sie {days} Tage lang von sich aus nichts?",
    ),
    "each category": (" One answer for each category.", " Eine Antwort je Kategorie."),
    "each coupon": (" One answer for each coupon.", " Eine Antwort je Gutschein."),
}


_REFUSED_DE: Final = {  # code of the error → why a question was not learned
    "learn.too-short": "Die Geschichte ist für diese Frage noch zu kurz.",
    "learn.too-little": "Es gibt noch zu wenige Antworten mit Ja oder mit Nein.",
    "learn.leak": "Eine Eingangsgröße sagt die Antwort fast allein voraus; vermutlich kennt sie sie schon.",
    "learn.no-category": "Keine Kategorie wurde von genügend Personen gekauft.",
}


def _say(name: str, language: str, **values: object) -> str:
    return _WORDS[name][language == "de"].format(**values)


def _why_not(step: Step) -> str:
    return _REFUSED_DE.get(step.code) or f"Den Grund nennt „genom learn {clean(step.question, most=60)}“."


def _said(step: Step, language: str) -> str:
    """Where a step is, which is told in English only."""
    return clean(step.told, most=300) if language == "en" else ""


class ModelPages(ModelReleases):
    """Cards of the models that the node serves."""

    def __init__(self, app: App) -> None:
        super().__init__(app.node)
        self._node = app.node

    def models(self, *, language: str) -> tuple[Sequence[ModelRow], Sequence[Alarm]]:
        """All models that are served, and what is wrong with any."""
        served = self._node.models
        alarms = [_alarm(p, language) for p in served.problems]
        return [model_row(served.card(name), language) for name in served.names()], alarms

    def training(self, *, language: str) -> TrainingView | None:
        """The newest training, None before the first."""
        found = read_training(self._node.data.path / MODELS)
        if found is None:
            return None
        steps = tuple(
            TrainingStep(
                label=clean(step.label.get(language) or step.question, most=120),
                state=step.state,
                told=_why_not(step) if step.state == "refused" and language == "de" else _said(step, language),
            )
            for step in found.steps
        )
        return TrainingView(state=found.state, began=found.began, changed=found.changed, steps=steps)

    def card(self, name: str, *, language: str) -> ModelCard:
        """A model's card; raises NotFound."""
        shown = shown_card(self._node, self._node.models.card(name), language=language)
        return replace(shown, used_by=_segments_of(self._node, name, language))


def _segments_of(node: Node, name: str, language: str) -> tuple[tuple[str, str], ...]:
    """The segments whose rules ask about a model's answers."""
    mine = {gene for gene, question in node.models.questions().items() if question.id == name}
    return tuple(
        (segment.id, clean(segment.label.get(language) or segment.id, most=120))
        for segment in node.segments.newest()
        if any(isinstance(one, GeneIs) and one.gene in mine for _, one in conditions(segment.rule))
    )


def shown_card(node: Node, card: Card, *, language: str) -> ModelCard:
    """A card in a language."""
    manifest = card.manifest
    return ModelCard(
        row=model_row(card, language),
        question=_question(card, language),
        quality=tuple(_figure(name, card.quality[name], language) for name in _FIGURES if name in card.quality),
        gain=_interval(card.gain, _say("gain", language), _say("gain help", language)),
        compared=tuple(
            (_kind(name, language), found["log_loss"].value, found["auc"].value)
            for name, found in card.compared.items()
        ),
        ranking=None if card.ranking is None else _ranking(card.ranking, language),
        calibration=_say(card.calibration, language) if card.calibration in _WORDS else clean(card.calibration),
        reliability=tuple((found.said, found.came, found.rows) for found in card.reliability),
        alone=tuple(_feature(node, leak.feature, leak.auc, language) for leak in card.alone),
        features=tuple(_feature(node, name, share, language) for name, share in card.features[:_FEATURES] if share > 0),
        parts=tuple(_part(name, getattr(card, name), language) for name in ("train", "valid", "test")),
        purposes=tuple(names.purpose(purpose, language) for purpose in manifest.purposes),
        rows=manifest.rows,
        persons=manifest.persons,
        events=manifest.events,
        left_out=manifest.left_out,
        position=manifest.position,
        data=manifest.data,
        version=card.version,
    )


def _alarm(problem: Problem, language: str) -> Alarm:
    why, fix = fault_words(problem.why, language), fault_words(problem.fix, language)
    return Alarm(name=problem.name, what=problem.what, why=why, fix=fix)


def model_row(card: Card, language: str) -> ModelRow:
    """A model in the list, and on the page of what decides by it."""
    return ModelRow(
        name=card.name,
        label=clean(card.label.get(language) or card.name, most=120),
        sentence=card.sentence[language],
        beats=card.beats_base_rate,
        purpose=names.purpose(card.question.get("purpose", card.manifest.purposes[0]), language),
        kind=_kind(card.model, language),
        trained_at=card.trained_at,
        base_rate=card.base_rate,
        auc=_figure("auc", card.quality["auc"], language),
    )


def _question(card: Card, language: str) -> str:
    question = card.question
    who = event_name({"type": "track", "event": question["who"]["event"]}, language)
    what, days = question["what"], question["within_days"]
    if what.get("inactive"):
        text = _say("asks inactive", language, who=who, days=days)
    else:
        event = event_name({"type": "track", "event": what["event"]}, language)
        text = _say("asks", language, who=who, what=event, days=days)
    each = question.get("each")
    return text + (_say(f"each {each}", language) if each else "")


def _ranking(ranking: Ranking, language: str) -> RankingView:
    best_first = sorted(ranking.ndcg5.items(), key=lambda way: -way[1].value)
    ways = [
        Ranked(figure=_interval(figure, _kind(name, language), ""), serves=name == ranking.served)
        for name, figure in best_first
    ]
    gain = _interval(ranking.gain, _say("ranked gain", language), _say("ranked gain help", language))
    return RankingView(at=ranking.at, persons=ranking.persons, ways=tuple(ways), gain=gain)


def _kind(name: str, language: str) -> str:
    return _say(name, language) if name in _WORDS else clean(name, most=60)


def _figure(name: str, found: Figure, language: str) -> Interval:
    told = _FIGURES[name][2 * (language == "de") :][:2]
    return _interval(found, *told)


def _interval(found: Figure, name: str, meaning: str) -> Interval:
    return Interval(name=name, help=meaning, value=found.value, low=found.low, high=found.high)


def _feature(node: Node, name: str, share: float, language: str) -> Feature:
    return Feature(label=feature_label(node, name, language), name=clean(name, most=100), share=share)


def _part(name: str, span: Span, language: str) -> Part:
    return Part(
        name=_say(name, language), first=span.first, last=span.last, rows=span.rows, persons=span.persons, yes=span.yes
    )
