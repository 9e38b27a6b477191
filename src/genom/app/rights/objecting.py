"""Objection to direct marketing, profiling included: absolute, at once, without a reason."""

from __future__ import annotations

from genom.app.consenting import Chosen, record_choices
from genom.app.server import App
from genom.consent import OBJECTION

__all__ = ["object_to_marketing"]


async def object_to_marketing(app: App, person: int, *, actor: str, mechanism: str = "request") -> None:
    """Refuse every purpose of direct marketing; it acts on every read that begins after this returns."""
    chosen = [
        Chosen(person=person, purpose=purpose.name, granted=False, mechanism=mechanism, act=OBJECTION)
        for purpose in app.node.purposes.every
        if purpose.direct_marketing
    ]
    await record_choices(app, chosen, actor=actor)
