"""What a person has asked us for on their own pages, and asking for more."""

from __future__ import annotations

import asyncio
from typing import Final

from genom.app.commit import now_ms
from genom.app.pages.me.people import person_of
from genom.app.pages.me.words import Words, say
from genom.app.rights.acting import Deed, act
from genom.app.rights.asked import needs_proof
from genom.app.rights.filing import filed
from genom.app.server import App
from genom.portal import Asking, Request

__all__ = ["ask", "asking_of"]

_KINDS: Final[Words] = {
    "access": ("Send me a copy of everything you know about me", "Eine Kopie von allem, was Sie über mich wissen"),
    "portability": (
        "A copy that I can take along to another shop",
        "Eine Kopie, die ich zu einem anderen Shop mitnehme",
    ),
    "rectification": ("Something about me is wrong: correct it", "Etwas über mich stimmt nicht: bitte berichtigen"),
    "restriction": ("Keep my data, but do not use them", "Meine Daten aufbewahren, aber nicht nutzen"),
    "objection": ("No more advertising", "Keine Werbung mehr"),
    "erasure": ("Delete everything about me", "Alles über mich löschen"),
}
_STATES: Final[Words] = {
    "received": ("We have it", "Bei uns eingegangen"),
    "proof_asked": ("We have to be sure that it is you", "Wir müssen sicher sein, dass Sie es sind"),
    "in_work": ("We work on it", "Wir arbeiten daran"),
    "done": ("Done", "Erledigt"),
    "refused": ("Refused", "Abgelehnt"),
}


async def asking_of(app: App, public: str, *, fresh: bool, language: str) -> Asking:
    """The page "your requests"."""
    members = app.node.world.people.members(person_of(app.node, public))
    names = [app.node.public.name(profile) for profile in members]
    found = await asyncio.to_thread(app.requests.of, names)
    return Asking(
        fresh=fresh,
        kinds=tuple((kind, say(_KINDS, kind, language)) for kind in _KINDS),
        requests=tuple(
            Request(
                what=say(_KINDS, one.kind, language), state=say(_STATES, one.state, language), asked_at=one.asked_at,
                due_at=one.due_at if one.open else 0, note=one.note, longer=one.extended, refused=one.answer,
                unproved=one.kind if needs_proof(one) else "",
            )
            for one in sorted(found, key=lambda one: -one.asked_at)
        ),
    )  # fmt: skip


async def ask(app: App, public: str, kind: str, *, note: str, fresh: bool, confirmed: str, actor: str) -> bool:
    """File a request; a session that has just begun proves who asks, and an objection acts at once.

    Returns whether a fresh log-in is asked for: the time runs, but nothing is handed out or erased before.
    Raises BadRequest for what cannot be filed.
    """
    person_of(app.node, public)
    own = fresh and actor == "person"
    proof, checked_at = (confirmed or "session", now_ms()) if own else ("", 0)
    asked = await filed(
        app, kind, "person", public, via="portal", who=actor, note=note, proof=proof, checked_at=checked_at
    )
    if waits := actor == "person" and needs_proof(asked):
        await act(app, asked.id, Deed(act="ask_proof"), who="node")
    if asked.kind == "objection":
        await act(app, asked.id, Deed(act="do"), who=actor)
    return waits
