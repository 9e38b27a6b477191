"""The model card: what a model answers, what it was made of, how good it was on later time, and what it must not do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from genom.learn.leaks import Leak
from genom.learn.quality import Bin, Figure
from genom.learn.ranking import Ranking

__all__ = ["Card", "Manifest", "Span", "check_card", "markdown"]


class Span(msgspec.Struct, frozen=True):
    """The rows of one part of the time."""

    first: int  # unix ms of its first moment
    last: int
    rows: int
    persons: int
    yes: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What went in (P19): enough to make the same table again and to show that nobody stood in it who must not."""

    question: str
    purposes: tuple[str, ...]  # every row carries all of them
    mask: int  # the same as bits
    persons: int
    rows: int
    events: int  # journal rows that could be read
    left_out: int  # journal rows of the wanted kinds without all purposes
    position: int  # journal position: the erasure watermark
    at: int  # unix ms; the table is as of this time
    genes: str  # version of the gene set
    data: str  # hash of the table
    settings: dict[str, Any] = {}
    narrowed: int = 0  # how often events had been narrowed by tags of special categories when the journal was read


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One trained model."""

    name: str
    label: dict[str, str]
    family: str
    question: dict[str, Any]
    model: str  # base_rate, logistic or boosted
    trained_at: int  # unix ms
    train: Span
    valid: Span
    test: Span
    base_rate: float  # share of yes on later time
    quality: dict[str, Figure]  # of the served model, on later time
    compared: dict[str, dict[str, Figure]]  # of every candidate
    gain: Figure  # log loss spared against the base rate, on later time
    beats_base_rate: bool
    calibration: str
    reliability: list[Bin]
    alone: list[Leak]  # the best features alone
    features: list[tuple[str, float]]  # with their importance, the most important first
    manifest: Manifest
    version: str = ""
    ranking: Ranking | None = None  # of what decisions are served with; None: they are not served by this question

    @property
    def sentence(self) -> dict[str, str]:
        """What the card comes to."""
        auc = self.quality["auc"]
        if not self.beats_base_rate:
            return {
                "en": "No model beat the base rate on later time: everybody gets the same probability.",
                "de": "Kein Modell war auf späterer Zeit besser als die Grundrate: "
                "Alle erhalten dieselbe Wahrscheinlichkeit.",
            }
        values = f"{auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f})"
        german = values.replace(".", ",").replace(" to ", " bis ")
        return {
            "en": f"Better than the base rate on later time; AUC {values}.",
            "de": f"Auf späterer Zeit besser als die Grundrate; AUC {german}.",
        }


def check_card(card: Card) -> None:
    """Raises ValueError if a card lacks what is told of every model."""
    told = {"quality": card.quality} | {f"compared.{name}": found for name, found in card.compared.items()}
    lacking = [f"{place}.{name}" for place, found in told.items() for name in ("auc", "log_loss") if name not in found]
    lacking += [f"label.{language}" for language in ("en", "de") if language not in card.label]
    lacking += [f"question.{name}" for name in ("purpose", "who", "what", "within_days") if name not in card.question]
    lacking += [] if card.manifest.purposes else ["manifest.purposes"]
    if lacking:
        raise ValueError(f"its card lacks {', '.join(lacking)}")


def markdown(card: Card) -> str:
    """The card as a page of text."""
    rows = [f"| {name} | {_of(found)} |" for name, found in card.quality.items()]
    compared = [f"| {name} | {_of(found['log_loss'])} | {_of(found['auc'])} |" for name, found in card.compared.items()]
    bins = [f"| {b.said:.3f} | {b.came:.3f} | {b.rows:,} |" for b in card.reliability]
    features = [f"| `{name}` | {share:.1%} |" for name, share in card.features[:15]]
    alone = [f"| `{leak.feature}` | {leak.auc:.3f} |" for leak in card.alone]
    spans = [
        f"| {name} | {_day(s.first)} | {_day(s.last)} | {s.rows:,} | {s.persons:,} | {s.yes:,} |"
        for name, s in (("fitted on", card.train), ("chosen and calibrated on", card.valid), ("measured on", card.test))
    ]
    m = card.manifest
    parts = [
        f"# {card.label['en']}\n\n{card.sentence['en']}\n",
        f"Model `{card.model}`, version `{card.version}`, trained {_day(card.trained_at)}.\n",
        f"Its probabilities are calibrated by {card.calibration}.\n",
        _table(("time", "from", "to", "rows", "persons", "yes"), spans),
        f"## Quality on later time (base rate {card.base_rate:.3f})\n",
        _table(("figure", "value (95 % interval)"), rows),
        f"Log loss spared against the base rate: {_of(card.gain)}.\n",
        _table(("candidate", "log loss", "AUC"), compared),
        "The served model is then fitted anew on all of the time, with the settings that were chosen.\n",
        "## Does what it says come true?\n",
        _table(("said", "came true", "rows"), bins),
        "## What it looks at\n",
        _table(("feature", "importance"), features),
        "## Leak check: the best features alone\n",
        _table(("feature", "AUC"), alone),
        *([] if card.ranking is None else _ranking(card.ranking)),
        "## What went in\n",
        f"- Purposes that every event carries: {', '.join(m.purposes)} (mask {m.mask})",
        f"- {m.persons:,} persons, {m.rows:,} rows from {m.events:,} journal rows; {m.left_out:,} were left out",
        f"- Journal position {m.position:,}, as of {_day(m.at)}; genes `{m.genes}`; data `{m.data[:16]}`",
        "\nThe model gives probabilities for the stated purpose only. It does not say what an offer causes.\n",
    ]
    return "\n".join(parts)


def _ranking(ranking: Ranking) -> list[str]:
    rows = [f"| {name} | {_of(figure)} |" for name, figure in ranking.ndcg5.items()]
    return [
        "## What decisions are served with\n",
        f"`{ranking.served}`: it ranked the candidates of {ranking.persons:,} persons best as of {_day(ranking.at)}.\n",
        "Models were fitted on the time before; own purchases serve unless a model ranks better.\n",
        _table(("candidate", "NDCG@5"), rows),
        f"The best model against own purchases: {_of(ranking.gain)}.\n",
    ]


def _table(head: tuple[str, ...], rows: list[str]) -> str:
    return "\n".join([f"| {' | '.join(head)} |", "|" + " --- |" * len(head), *rows]) + "\n"


def _of(figure: Figure) -> str:
    return f"{figure.value:.4f} ({figure.low:.4f} to {figure.high:.4f})"


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d")
