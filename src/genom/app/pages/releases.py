"""A model's versions and drift for its page."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Final

from genom.app.node import Node
from genom.app.pages.feature_names import feature_label
from genom.app.show.clean import clean
from genom.app.training.drifting import newest_drift
from genom.app.training.releasing import release, versions_of_model
from genom.console.releases import DriftView, Moved, ReleaseLine, Releases
from genom.learn import Known
from genom.learn.drift import Drift, level

__all__ = ["ModelReleases"]

_LISTED: Final = 8
_WHY: Final[Mapping[str, tuple[str, str]]] = {
    "first": ("the first one", "die erste"),
    "not_worse": ("not worse than the one before", "nicht schlechter als die vorige"),
    "approved": ("approved", "freigegeben"),
    "rolled_back": ("gone back to", "zurückgeholt"),
    "needs_approval": ("its question wants approval", "die Frage verlangt eine Freigabe"),
    "worse": ("worse than the one that serves", "schlechter als die Version im Einsatz"),
    "no_signal": ("no better than the base rate", "nicht besser als die Grundrate"),
}
_TRAINING: Final = ("the training", "das Training")
_SCORE: Final = ("The probabilities that it gives", "Die Wahrscheinlichkeiten, die es nennt")


class ModelReleases:
    """Reads and decides which version serves."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def releases(self, name: str, *, language: str) -> Releases:
        """A model's versions and drift; raises NotFound."""
        known = await versions_of_model(self._node, name)
        serving = next((one.version for one in known if one.state == "serves"), "")
        found = await asyncio.to_thread(newest_drift, self._node.data.path, name, serving)
        coupons = any(one.card is not None and one.card.question.get("each") == "coupon" for one in known)
        return Releases(
            lines=tuple(_line(one, language) for one in known),
            waiting=next((one.version for one in known if one.state == "waits"), ""),
            back=next((one.version for one in known if one.state == "before"), ""),
            drift=None if found is None else self._drift(found, language),
            coupons=coupons,
        )

    async def approve(self, name: str, *, reason: str, by: str) -> None:
        """Make the version that waits serve."""
        await release(self._node, name, by=by, reason=reason)

    async def roll_back(self, name: str, *, reason: str, by: str) -> None:
        """Make the version before serve."""
        await release(self._node, name, by=by, reason=reason, back=True)

    def _drift(self, found: Drift, language: str) -> DriftView:
        moved = [
            Moved(
                label=feature_label(self._node, shift.name, language),
                name=clean(shift.name, most=100),
                psi=shift.psi,
                level=level(shift.psi),
            )
            for shift in found.inputs
        ]
        levels = Counter(one.level for one in moved)
        score = None
        if found.score is not None:
            score = Moved(label=_SCORE[language == "de"], name="", psi=found.score, level=level(found.score))
        furthest = max([one.psi for one in moved] + ([found.score] if found.score is not None else []), default=0.0)
        return DriftView(
            at=found.at,
            people=found.people,
            level=level(furthest),
            score=score,
            inputs=tuple(moved[:_LISTED]),
            counts=(levels["unchanged"], levels["shifts"], levels["changed"]),
        )


def _line(one: Known, language: str) -> ReleaseLine:
    newest = one.releases[0] if one.releases else None
    german = language == "de"
    return ReleaseLine(
        version=clean(one.version, most=40),
        state=one.state,
        why=_WHY[newest.why][german] if newest and newest.why in _WHY else "",
        by="" if newest is None else _TRAINING[german] if newest.by == "training" else clean(newest.by, most=60),
        at=newest.at if newest else one.card.trained_at if one.card else 0,
        gain=one.card.gain.value if one.card else None,
        problem=clean(one.problem, most=200),
    )
