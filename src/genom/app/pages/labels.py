"""What actions are called and about: the catalogue's definitions, read again when they have changed."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from genom.app.decisions.following import CONTROL, POLICY
from genom.app.server import App
from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.tables import actions
from genom.app.term_names import names_of
from genom.decide import FOREVER
from genom.typed import json_decoder

__all__ = ["Labels", "Offered"]


class Offered(msgspec.Struct, frozen=True):
    """What pages show of an action; its products are many and are skipped."""

    id: str
    point: str
    label: dict[str, str] = {}
    categories: dict[str, float] = {}
    value: float = 1.0  # EUR
    enabled: bool = True
    starts: int = 0  # unix ms
    ends: int = FOREVER

    def state(self, now: int) -> str:
        """Running, waiting, ended or off."""
        if not self.enabled:
            return "off"
        return "waiting" if self.starts > now else "ended" if self.ends <= now else "running"


_ARMS: Final = {POLICY: ("Policy", "Strategie"), CONTROL: ("Random control", "Zufallskontrolle")}
_DECODER: Final = json_decoder(Offered)


class Labels:
    """Actions and their labels by decision point."""

    def __init__(self, app: App) -> None:
        self._app, self._node = app, app.node
        self._shelf: object = self  # the compiled actions at the last reading; whoever changes actions drops them
        self._found: dict[tuple[str, str], Offered] = {}

    def actions(self, point: str) -> list[Offered]:
        """The actions of a point."""
        return [offered for (of, _), offered in self._fresh().items() if of == point]

    def of(self, point: str, action: str, language: str) -> str:
        """The label of an action; a category is called as the catalogue says, else by its own name."""
        offered = self._fresh().get((point, action))
        label = offered.label if offered else names_of(self._node.catalogue).get(action, {})
        return clean(label.get(language) or label.get("en") or names.action(action, language), most=80)

    def arm(self, point: str, arm: str, language: str) -> str:
        """The label of one side of a point's comparison: policy, control or an action."""
        told = _ARMS.get(arm)
        return told[language == "de"] if told else self.of(point, arm, language)

    def point(self, point: str, language: str) -> str:
        """The label of a decision point, its own name if it is gone."""
        known = self._node.points.get(point) or self._node.shadows.get(point)
        return clean(getattr(known.label, language), most=80) if known else clean(point, most=80)

    def _fresh(self) -> dict[tuple[str, str], Offered]:
        shelf = self._app.cache.get("shelf")
        if shelf is not self._shelf:
            with self._node.catalogue.begin() as connection:
                bodies = connection.scalars(sa.select(actions.c.body).order_by(actions.c.id)).all()
            found = [_DECODER.decode(body) for body in bodies]
            self._found = {(offered.point, offered.id): offered for offered in found}
            self._shelf = shelf
        return self._found
