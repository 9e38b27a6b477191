"""The pages of decision points: what `console.points.Points` asks, answered by a node."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from genom.app.commit import now_ms
from genom.app.decisions.asking import asked_point
from genom.app.decisions.deciding import question_of, simulate_decision
from genom.app.decisions.effects import PointEffect, effect_shown, point_shown
from genom.app.decisions.points import define_points
from genom.app.decisions.shelves import renew_shelf, shelf_of
from genom.app.finding import people_here_last, people_named
from genom.app.pages.labels import Labels
from genom.app.pages.models import model_row
from genom.app.pages.policy_words import (
    feature_words,
    model_words,
    policy_words,
    reward_formats,
    reward_words,
    signed,
)
from genom.app.pages.reasons import numbers, why_of
from genom.app.pages.strips import formats_of
from genom.app.pages.trials import looks_of, tried, versions_view
from genom.app.pages.who import head_of
from genom.app.reading import person_number
from genom.app.server import App
from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.staging import confirmed, history, publish, roll_back, shadow
from genom.app.term_names import names_of
from genom.console.models import ModelRow
from genom.console.person import Head
from genom.console.points import Action, Arm, Effect, PointDetail, PointRow, Simulation, Weighing
from genom.decide import Point

__all__ = ["PointPages"]

_RECENT: Final = 6  # people offered to the simulator
_LISTED: Final = 25  # candidates of a simulation
_ACTIONS: Final = 60  # of a point


class PointPages:
    """Reads points, their traffic and effects; simulates."""

    def __init__(self, app: App, labels: Labels) -> None:
        self._app, self._node, self._labels = app, app.node, labels

    def points(self, *, language: str) -> Sequence[PointRow]:
        """All points, the busiest first."""
        rows = [self._row(point, language) for _, point in sorted((self._node.shadows | self._node.points).items())]
        return sorted(rows, key=lambda row: -row.decisions)

    async def point(self, name: str, *, language: str) -> PointDetail:
        """One point."""
        point = asked_point(self._node, name)
        found = await history(self._node, name)
        shown = point_shown(self._node, point)
        listed = point.candidates == "actions"
        return PointDetail(
            row=self._row(point, language),
            version=point.version,
            browser=point.browser,
            policy=policy_words(point, language, called=lambda arm: self._labels.of(name, arm, language)),
            reward=reward_words(point, language),
            actions=tuple(self._actions(point, shown["actions"], language)) if listed else (),
            candidates=len(self._labels.actions(name)) if listed else len(self._node.world.terms[2].terms) - 2,
            features=feature_words(self._node, point.features, language),
            learned=shown["learned_decisions"],
            versions=versions_view(self._node, self._labels, point, found, language=language),
            card=self._card(point, language),
            trains=point.model == "propensity",
        )

    def _card(self, point: Point, language: str) -> ModelRow | None:
        served = self._node.models
        if point.model != "propensity":
            return None
        name = question_of(point, shelf_of(self._app).of(point))
        return model_row(served.card(name), language) if name in served.names() and served.decides(name) else None

    async def publish(self, name: str, *, confirm: str, reason: str, by: str) -> None:
        """Make the version in shadow live."""
        confirmed(name, confirm)
        await publish(self._node, name, None, by=by, reason=reason)
        await renew_shelf(self._app)

    async def roll_back(self, name: str, *, confirm: str, reason: str, by: str) -> None:
        """Make the version live that was live before."""
        confirmed(name, confirm)
        await roll_back(self._node, name, by=by, reason=reason)
        await renew_shelf(self._app)

    async def end_shadow(self, name: str, *, by: str) -> None:
        """Let no version decide in shadow any more."""
        await shadow(self._node, name, None, by=by)

    async def start_shadow(self, name: str, version: int, *, by: str) -> None:
        """Let a version decide in shadow."""
        await shadow(self._node, name, version, by=by)
        await renew_shelf(self._app)

    async def try_settings(self, name: str, settings: dict[str, float], *, by: str) -> None:
        """Let the live version with other settings decide in shadow."""
        body = tried(asked_point(self._node, name), settings)
        await define_points(self._node, [body], by=by, stage="shadow")

    def simulate(self, name: str, person: str, *, off: frozenset[str], language: str) -> Simulation:
        """What would be decided for a person with some actions off; nothing is written or counted."""
        number, shelf = person_number(self._node, person), shelf_of(self._app)
        began = time.perf_counter()
        record = simulate_decision(self._node, shelf, point=name, person=number, n=1, language=language, without=off)
        ms = (time.perf_counter() - began) * 1000
        decision: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record))
        weighed = self._weighed(decision, language)
        return Simulation(
            head=self._head(number, language),
            why=why_of(self._node, decision, self._labels, language=language, ms=ms),
            candidates=tuple(weighed[:_LISTED]),
            more=max(0, len(weighed) - _LISTED),
            permitted=record.permitted,
            off=tuple((action, self._labels.of(name, action, language)) for action in sorted(off)),
        )

    def found(self, text: str, *, language: str) -> Sequence[Head]:
        """The people whom a text names; without one those who were here last."""
        persons = people_named(self._node, text) if text else people_here_last(self._node, _RECENT)
        return [self._head(person, language) for person in persons]

    def _row(self, point: Point, language: str) -> PointRow:
        shown, effect = point_shown(self._node, point), effect_shown(self._node, point)
        traffic, experiment = shown["traffic"], point.model == "experiment"
        # an experiment has no winner before its verdict
        best = "" if experiment and effect.verdict not in {"better", "worse"} else shown["best_action"]
        return PointRow(
            id=point.id,
            label=self._labels.point(point.id, language),
            purpose=", ".join(names.purpose(name, language) for name in (point.purpose, *point.also)),
            model=model_words(point, language),
            decisions=traffic["decisions"],
            neutral=traffic["neutral"],
            fallback=traffic["fallback_share"],
            p95=traffic["p95_ms"],
            best=self._labels.of(point.id, best, language) if best else "",
            experiment=experiment,
            effect=self._effect(point, effect, language),
        )

    def _effect(self, point: Point, shown: PointEffect, language: str) -> Effect:
        shares = point.shares or {"policy": 1 - point.policy.control, "control": point.policy.control}
        written = self._written(point, language)
        difference, low, high = (
            "" if bound is None else signed(bound, written) for bound in (shown.difference, shown.low, shown.high)
        )
        return Effect(
            verdict=shown.verdict if point.reward else "",
            sentence=shown.sentence[language],
            difference=shown.difference,
            low=shown.low,
            high=shown.high,
            said=(difference, low, high),
            arms=tuple(
                Arm(
                    name=self._labels.arm(point.id, arm.arm, language),
                    n=arm.n,
                    reward=written(arm.reward) if written(1).count("€") else formats_of(language).number(arm.reward),
                    mean=written(arm.mean) if arm.n else "",
                    share=shares.get(arm.arm, 0.0),
                    href=f"/decisions/log?{urlencode({'point': point.id, 'arm': arm.arm})}",
                )
                for arm in shown.arms
            ),
            since=int(datetime.fromisoformat(shown.since).timestamp() * 1000) if shown.since else 0,
            waiting=shown.open,
            looks=looks_of(shown, written),
            money="€" in written(1),
        )

    def _written(self, point: Point, language: str) -> Callable[[float], str]:
        return reward_formats(point, [offered.value for offered in self._labels.actions(point.id)], language)

    def _actions(self, point: Point, counted: dict[str, Any], language: str) -> list[Action]:
        """The first of a point's actions: what runs, what was chosen most."""
        now = now_ms()
        numbers_of = {name: (count["n"], count["mean"]) for name, count in counted.items()}
        found = sorted(
            self._labels.actions(point.id),
            key=lambda offered: (offered.state(now) != "running", -numbers_of.get(offered.id, (0, 0.0))[0], offered.id),
        )
        written, called = self._written(point, language), names_of(self._node.catalogue)
        return [
            Action(
                id=offered.id,
                label=self._labels.of(point.id, offered.id, language),
                about=", ".join(clean(called.get(term, {}).get(language, term), most=40) for term in about),
                value=offered.value,
                state=offered.state(now),
                n=numbers_of.get(offered.id, (0, 0.0))[0],
                mean=written(numbers_of[offered.id][1]) if offered.id in numbers_of else "",
            )
            for offered in found[:_ACTIONS]
            for about in [list(offered.categories)[:3]]
        ]

    def _weighed(self, decision: dict[str, Any], language: str) -> list[Weighing]:
        evidence = decision.get("evidence")
        if not evidence:
            return []
        ids, scores = [*evidence["candidates"]], numbers(evidence["scores"]).tolist()
        first = numbers(evidence["first"]).tolist()
        if len(first) == len(ids) + 1:
            ids, scores = [*ids, "do_nothing"], [*scores, float(decision["policy"]["do_nothing"])]
        point = decision["point"]
        weighed = [
            Weighing(action=name, label=self._labels.of(point, name, language), score=score, probability=probability)
            for name, score, probability in zip(ids, scores, first, strict=True)
        ]
        return sorted(weighed, key=lambda one: (-one.probability, -one.score))

    def _head(self, person: int, language: str) -> Head:
        found = self._node.journal.rows_of(self._node.world.people.members(person))
        return head_of(self._node, person, found, language=language)
