"""The start page's adapter: counts, effects and concerns, gathered at most once in two seconds."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from genom.app.clock import days_behind
from genom.app.commit import now_ms
from genom.app.decisions.deciding import question_of
from genom.app.decisions.effects import PointEffect, effect_shown, problems_of
from genom.app.decisions.shelves import shelf_of
from genom.app.erasing import FAILED, LATE
from genom.app.pages.labels import Labels
from genom.app.pages.pulse import figures_of, pulse_of
from genom.app.routes.admin import sample_state
from genom.app.server import App
from genom.app.show.clean import clean
from genom.console.home import Arm, Concern, Effect, HomeView, Pulse
from genom.web import LANGUAGES, Formats

__all__ = ["HomeFacts"]

_FRESH: Final = 2_000  # ms that a view is used
_LITTLE: Final = 2.0  # GB
_MODELS: Final = 5  # damaged models that are named


class HomeFacts:
    """How things stand."""

    def __init__(self, app: App, labels: Labels) -> None:
        self._app, self._labels = app, labels
        pulse_of(app)  # notes the counters from now on
        self._formats = {language: Formats(language) for language in LANGUAGES}
        self._kept: dict[str, tuple[int, HomeView]] = {}

    async def home(self, language: str) -> HomeView:
        """The view in a language, at most two seconds old."""
        at, view = self._kept.get(language, (-_FRESH, None))
        if view is None or not 0 <= now_ms() - at < _FRESH:
            view = await self._view(language)
            self._kept[language] = now_ms(), view
        return view

    async def _view(self, language: str) -> HomeView:
        pulse = self._pulse()
        effects = [self._effect(shown, language) for shown in await self._measured()]
        return HomeView(
            pulse=pulse,
            effects=tuple(effects),
            concerns=tuple(self._concerns(language)),
            shop=str(self._app.cache.get("shop_url") or ""),
            done=frozenset(self._done(pulse, effects)),
            empty=not self._app.node.world.counts["events"],
        )

    async def _measured(self) -> list[PointEffect]:
        """The points that were asked, the busiest first."""
        found: list[PointEffect] = []
        for point in list(self._app.node.points.values()):
            shown = effect_shown(self._app.node, point)
            if shown.decisions or shown.open:
                found.append(shown)
            await asyncio.sleep(0)  # others have their turn between two points
        return sorted(found, key=lambda shown: -(shown.decisions + shown.open))

    def _pulse(self) -> Pulse:
        found = figures_of(self._app)
        return Pulse(
            events_minute=found.events_minute,
            people=found.people,
            decisions_hour=found.decisions_hour,
            consent=found.personalised,
            consent_sample=found.permitting.people,
            refused=found.refused,
            minutes=pulse_of(self._app).minutes(),
        )

    def _effect(self, shown: PointEffect, language: str) -> Effect:
        return Effect(
            point=shown.point,
            label=self._labels.point(shown.point, language),
            verdict=shown.verdict,
            sentence=shown.sentence[language],
            difference=shown.difference,
            low=shown.low,
            high=shown.high,
            arms=tuple(
                Arm(
                    name=self._labels.arm(shown.point, arm.arm, language),
                    decisions=arm.n,
                    mean=self._reward(100 * arm.mean, shown.unit, language) if arm.n else "",
                )
                for arm in shown.arms
            ),
        )

    def _trouble(self, name: str, language: str) -> Concern:
        if name not in self._app.node.points:
            return Concern(kind="outcomes", path="/decisions")
        return Concern(
            kind="point", values={"name": self._labels.point(name, language)}, path=f"/decisions/{quote(name, safe='')}"
        )

    def _question(self, name: str) -> str:
        """The model that a point answers by; empty if that is no point."""
        point, shelf = self._app.node.points.get(name), shelf_of(self._app)
        return "" if point is None else question_of(point, shelf.of(point))

    def _reward(self, value: float, unit: str, language: str) -> str:
        formats = self._formats[language]
        return formats.money(value, unit) if unit == "EUR" else formats.number(value, 1)

    def _concerns(self, language: str) -> Iterator[Concern]:
        node, say = self._app.node, self._formats[language].number
        sample = sample_state(self._app)
        if sample.state not in {"none", "complete"}:
            yield Concern(kind="sample", values={"lines": say(sample.lines)})
        for problem in node.models.problems[:_MODELS]:
            yield Concern(kind="model", values={"name": clean(problem.name, most=60)}, path="/models")
        broken = {problem.name for problem in node.models.problems}  # told above: no training is waited for
        points = [problem.name for problem in problems_of(node) if self._question(problem.name) not in broken]
        yield from (self._trouble(name, language) for name in points)
        free = shutil.disk_usage(node.data.path).free / 1e9
        if free < _LITTLE:
            yield Concern(kind="disk", values={"free": say(free, 1)})
        if days := days_behind(node.world, now=now_ms()):
            yield Concern(kind="clock", number=days)
        if (waits := self._app.erasing.oldest_waits(now=now_ms())) > LATE:
            kind = "erasure_failed" if waits > FAILED else "erasure"
            values = {"days": say(waits // 86_400_000)}
            yield Concern(kind=kind, number=len(self._app.erasing.waiting), values=values, path="/requests")
        for name, late in node.deliveries.late_now.items():
            yield Concern(kind="removal", number=late, values={"name": clean(name, most=60)})
        for name, waits in node.deliveries.waiting_now.items():
            yield Concern(kind="courier", number=waits, values={"name": clean(name, most=60)})
        if refused := node.bad_rows.count():
            values = {"days": say(node.settings.bad_row_days)}
            yield Concern(kind="refused", number=refused, values=values, path="/events/live?state=refused")
        if names := [source.name for source in node.sources.values() if source.consent]:
            yield Concern(kind="development", values={"names": ", ".join(names)})

    def _done(self, pulse: Pulse, effects: list[Effect]) -> Iterator[str]:
        world = self._app.node.world
        if world.counts["events"]:
            yield "events"
        if world.profiles.count > pulse.people:
            yield "people"
        if pulse.consent:
            yield "consent"
        if effects:
            yield "decisions"
        if any(effect.verdict not in {"too_early", "no_control"} for effect in effects):
            yield "effect"
