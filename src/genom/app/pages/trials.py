"""A point's versions for its page: stages, what the one in shadow would do, how the effect came about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from genom.app.commit import now_ms
from genom.app.decisions.effects import PointEffect
from genom.app.decisions.following import learned_signature, measured_signature
from genom.app.decisions.point_store import FILE, Stages, Version, kept_form
from genom.app.decisions.shadows import Compared
from genom.app.node import Node
from genom.app.pages.labels import Labels
from genom.app.pages.policy_words import model_words, signed
from genom.app.pages.strips import formats_of
from genom.app.show import names
from genom.app.show.clean import clean
from genom.console.trials import Carried, Change, Differing, Instead, Look, Shadowed, VersionLine, Versions
from genom.decide import Point

__all__ = ["looks_of", "tried", "versions_view"]

_DAY: Final = 86_400_000  # ms
_BRIEF: Final = 600_000  # ms; what is shorter says nothing of a day
_PAIRS: Final = 8
_NONE: Final = "\N{EN DASH}"
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "label": ("Name", "Name"),
    "purpose": ("Purpose", "Zweck"),
    "also": ("Further purposes", "Weitere Zwecke"),
    "candidates": ("Candidates", "Kandidaten"),
    "browser": ("Open to browsers", "Offen für Browser"),
    "model": ("Model", "Modell"),
    "features": ("Genes that it reads", "Gelesene Merkmale"),
    "reward": ("Reward", "Ertrag"),
    "shares": ("Shares", "Anteile"),
    "control": ("Random control", "Zufallskontrolle"),
    "epsilon": ("Exploration", "Erprobung"),
    "temperature": ("Temperature", "Temperatur"),
    "do_nothing": ("Score of doing nothing", "Punktzahl des Nichtstuns"),
}


def versions_view(
    node: Node, labels: Labels, point: Point, found: tuple[Stages, dict[int, Version]], *, language: str
) -> Versions:
    """The versions of a point in a language."""
    stages, versions = found
    lines = [
        VersionLine(number=number, stage=stages.of(number), author=clean(one.author, most=60), at=one.at)
        for number, one in sorted(versions.items(), reverse=True)
    ]
    tried, live = node.shadows.get(point.id), node.points.get(point.id)
    before = None if stages.previous is None else _version(node, point.id, stages.previous, versions)
    policy = msgspec.to_builtins(point.policy)
    return Versions(
        live=stages.live,
        previous=stages.previous,
        lines=tuple(lines),
        shadow=None if tried is None else _shadowed(node, labels, tried, language),
        a_day=_a_day(node, point.id),
        settings=() if point.model == "experiment" else tuple((name, float(value)) for name, value in policy.items()),
        published=_carried(node, live, tried),
        gone_back=_carried(node, live, before),
    )


def _version(node: Node, name: str, number: int, versions: dict[int, Version]) -> Point | None:
    return node.file_points.get(name) if number == FILE else versions[number].point


def _carried(node: Node, live: Point | None, coming: Point | None) -> Carried | None:
    if live is None or coming is None:
        return None
    measured, learned = node.outcomes.held_of(coming)
    return Carried(
        measured=_becomes(measured_signature(live), measured_signature(coming), held=measured),
        learned=_becomes(learned_signature(live), learned_signature(coming), held=learned),
    )


def _becomes(old: str, new: str, *, held: bool) -> str:
    if old == new:
        return "kept" if new else ""
    if not new:
        return "none"
    return "resumed" if held else "anew"


def tried(point: Point, settings: dict[str, float]) -> dict[str, Any]:
    """The definition of a point with other settings, as it is posted."""
    body: dict[str, Any] = msgspec.to_builtins(point)
    del body["version"]
    return body | {"policy": settings}


def looks_of(shown: PointEffect, written: Callable[[float], str]) -> tuple[Look, ...]:
    """How the effect stood, and how it stands now."""
    return tuple(
        Look(
            at=int(datetime.fromisoformat(look.at).timestamp() * 1000),
            decisions=look.decisions,
            early=look.early,
            value=look.difference,
            low=look.low,
            high=look.high,
            said=(signed(look.difference, written), signed(look.low, written), signed(look.high, written)),
        )
        for look in shown.looks
    )


def _shadowed(node: Node, labels: Labels, point: Point, language: str) -> Shadowed:
    found = node.compared.of(point) or Compared(point.version, 0)
    live = node.points.get(point.id)

    def called(action: str) -> str:
        if action == "do_nothing":
            return clean(names.action(action, language), most=80)
        return labels.of(point.id, action, language)

    pairs = [(shown, instead, n) for shown, others in found.pairs.items() for instead, n in others.items()]
    pairs.sort(key=lambda pair: (-pair[2], pair[0], pair[1]))
    return Shadowed(
        version=point.version,
        changes=() if live is None else tuple(_changes(live, point, language)),
        decisions=found.decisions,
        since=found.since,
        compared=found.compared,
        agreed=found.agreed,
        pairs=tuple(Instead(shown=called(a), instead=called(b), times=n) for a, b, n in pairs[:_PAIRS]),
        recent=tuple(
            Differing(decision=d.decision, live=d.live, shown=called(d.shown), instead=called(d.instead), at=d.at)
            for d in found.recent[:_PAIRS]
        ),
    )


def _changes(live: Point, tried: Point, language: str) -> list[Change]:
    old, new = _flat(live), _flat(tried)
    return [
        Change(
            label=_FIELDS[name][language == "de"],
            old=_said(live, name, old[name], language),
            new=_said(tried, name, new[name], language),
        )
        for name in _FIELDS
        if old.get(name) != new.get(name)
    ]


def _flat(point: Point) -> dict[str, Any]:
    form = kept_form(point) | {"also": list(point.also)}
    policy: dict[str, Any] = form.pop("policy")
    return form | policy


def _said(point: Point, name: str, value: Any, language: str) -> str:
    formats = formats_of(language)
    if name == "model":
        return model_words(point, language)
    if name in {"purpose", "also"}:
        told = [value] if isinstance(value, str) else value
        return ", ".join(names.purpose(one, language) for one in told) or _NONE
    if name in {"control", "epsilon"}:
        return formats.percent(value, 1)
    if name in {"features", "shares"}:
        return formats.number(len(value))
    if isinstance(value, bool):
        return (("no", "nein"), ("yes", "ja"))[value][language == "de"]
    if isinstance(value, int | float):
        return formats.number(value, 2)
    return clean(str(value.get(language, "…") if isinstance(value, dict) else value or _NONE), most=60)


def _a_day(node: Node, name: str) -> int | None:
    """Decisions a day, as of the time since the node's start."""
    traffic, passed = node.outcomes.traffic.get(name), now_ms() - node.started
    if traffic is None or passed < _BRIEF:
        return None
    return round(traffic.decisions * _DAY / passed)
