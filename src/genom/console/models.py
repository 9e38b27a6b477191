"""Models: what each predicts, how good it was on later time, and what it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.releases import Releasing, release_routes
from genom.console.visit import Visit
from genom.errors import NotFound

__all__ = [
    "Alarm",
    "Feature",
    "Interval",
    "ModelCard",
    "ModelRow",
    "Models",
    "Part",
    "Ranked",
    "RankingView",
    "TrainingStep",
    "TrainingView",
    "models_page",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its 95 % interval."""

    name: str
    help: str  # what it means, in a sentence
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A model that cannot be served, in words."""

    name: str
    what: str
    why: tuple[str, bool]  # words, and whether they are in the reader's language
    fix: tuple[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model in the list."""

    name: str
    label: str
    sentence: str  # the verdict
    beats: bool  # the base rate, on later time
    purpose: str
    kind: str  # in words
    trained_at: int  # unix ms
    base_rate: float
    auc: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows of one part of the time."""

    name: str
    first: int  # unix ms
    last: int
    rows: int
    persons: int
    yes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """Something that a model looks at."""

    label: str
    name: str
    share: float  # of the importance, or the AUC alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A way to rank what people could choose from, and its NDCG@5 on later time."""

    figure: Interval
    serves: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingView:
    """How decisions rank, and how well each way did."""

    at: int  # unix ms: rankings are as of this moment, what came of them lies after it
    persons: int  # of whom something came
    ways: tuple[Ranked, ...]  # the best first
    gain: Interval  # of the best model against own purchases, person by person


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """All of a model's page."""

    row: ModelRow
    question: str  # in a sentence
    quality: tuple[Interval, ...]
    gain: Interval
    compared: tuple[tuple[str, float, float], ...]  # candidate, log loss, AUC
    ranking: RankingView | None  # None: decisions do not rank by this question
    calibration: str
    reliability: tuple[tuple[float, float, int], ...]  # said, came true, rows
    alone: tuple[Feature, ...]
    features: tuple[Feature, ...]
    parts: tuple[Part, ...]
    purposes: tuple[str, ...]  # that every row carries
    rows: int
    persons: int
    events: int
    left_out: int
    position: int
    data: str  # hash
    version: str
    used_by: tuple[tuple[str, str], ...] = ()  # segments that ask about its answers: id and label


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStep:
    """A question that is trained, or waits for it."""

    label: str
    state: str  # waiting, training, served or refused
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingView:
    """The newest training."""

    state: str  # running, ended or stopped
    began: int  # unix ms
    changed: int  # unix ms
    steps: tuple[TrainingStep, ...]


class Models(Releasing, Protocol):
    """What the pages need from the node."""

    def models(self, *, language: str) -> tuple[Sequence[ModelRow], Sequence[Alarm]]:
        """All models that are served, and what is wrong with any."""

    def training(self, *, language: str) -> TrainingView | None:
        """The newest training, None before the first."""

    def card(self, name: str, *, language: str) -> ModelCard:
        """A model's card; raises NotFound."""


def models_page(models: Models) -> Page:
    """The list and the cards."""

    async def listed(visit: Visit) -> Response:
        training = models.training(language=visit.language)
        if visit.partial:
            return visit.render("models_training.html", training=training)
        rows, alarms = models.models(language=visit.language)
        return visit.render("models.html", models=rows, alarms=alarms, training=training)

    async def card(visit: Visit) -> Response:
        return await shown_card(visit)

    async def shown_card(visit: Visit, *, status: int = 200, **values: Any) -> Response:
        name = visit.part("model")
        alarms = [alarm for alarm in models.models(language=visit.language)[1] if alarm.name == name]
        try:
            shown = models.card(name, language=visit.language)
        except NotFound:
            if not alarms:
                raise
            return visit.render("model_broken.html", name=name, alarms=alarms)
        releases = await models.releases(name, language=visit.language)
        told = {"asked": visit.asked("ask"), "done": visit.asked("done")} | values
        return visit.render("model.html", status=status, card=shown, alarms=alarms, releases=releases, **told)

    return Page(
        right="models.read",
        routes=(
            Route(path="/models", handler=listed),
            Route(path="/models/{model}", handler=card),
            *release_routes(models, shown_card),
        ),
        entry=Entry(group="Improve", label="Models", icon="model", path="/models"),
    )
