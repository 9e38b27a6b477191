"""The pages of requests: rows in words, steps by the ways of the API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.holders import subject_of_identifier
from genom.app.pages import request_words as words
from genom.app.pages.deed_words import action_words, actor_words, name_words
from genom.app.reading import find_person
from genom.app.rights.acting import Deed, act, hand_out
from genom.app.rights.asked import FOUND, NEED_PROOF, Asked
from genom.app.rights.correcting import DIRECT
from genom.app.rights.deadlines import DAY
from genom.app.rights.filing import filed
from genom.app.server import App
from genom.console.requests import InboxView, Listed, RequestView, Step
from genom.errors import GenomError

__all__ = ["RequestPages"]

_STEPS: Final = 50
_DIRECT: Final[words.Words] = {
    "name": ("Name", "Name"),
    "first_name": ("First name", "Vorname"),
    "last_name": ("Last name", "Nachname"),
    "email": ("E-mail address", "E-Mail-Adresse"),
    "phone": ("Phone number", "Telefonnummer"),
    "address": ("Address", "Anschrift"),
}


class RequestPages:
    """Reads the table; every step goes through `acting`."""

    def __init__(self, app: App) -> None:
        self._app, self._store = app, app.requests

    async def inbox(self, *, kind: str, state: str, language: str) -> InboxView:
        """Requests of a kind and in a state."""
        found = await asyncio.to_thread(self._store.listed, kind=kind, state=state)
        rows = [self._listed(one, language) for one in found]
        waiting = await asyncio.to_thread(self._store.listed, state="open")
        tones = [self._listed(one, language).tone for one in waiting]
        regions = [(name, of.law.get(language, name)) for name, of in self._store.deadlines.regions.items()]
        return InboxView(
            rows=rows,
            kinds=words.options(words.KINDS, language),
            states=words.options(words.STATES, language),
            types=words.options(words.TYPES, language),
            regions=regions,
            proofs=_sayable(language),
            overdue=tones.count("overdue"),
            urgent=tones.count("urgent"),
        )

    async def one(self, request: str, *, language: str) -> RequestView:
        """One request; raises NotFound."""
        asked = await asyncio.to_thread(self._store.get, request)
        rows = await asyncio.to_thread(audit.rows, self._app.node.catalogue, name=request, limit=_STEPS)
        region = self._store.deadlines.regions.get(asked.region)
        more = region is not None and asked.kind not in region.kinds
        return RequestView(
            listed=self._listed(asked, language),
            code=asked.kind,
            does=words.say(words.DOES, asked.kind, language),
            note=asked.note,
            via=words.say(words.VIA, asked.via, language),
            proof=_proof(asked, language),
            law=region.law.get(language, asked.region) if region else asked.region,
            extended=asked.extended,
            answer=asked.answer,
            receipt=asked.receipt,
            open=asked.open,
            extendable=asked.open and more and not asked.extended and now_ms() <= asked.due_at,
            restricted=asked.kind == "restriction" and asked.state == "done" and self._is_restricted(asked),
            needs_proof=asked.kind in NEED_PROOF and not asked.proof,
            proofs=_sayable(language),
            fields=self._fields(language) if asked.kind == "rectification" else (),
            steps=[
                Step(at=row.at, action=action_words(row.action, language), by=_by(row.who, language))
                for row in reversed(rows)
            ],
            held=await self._held(asked, language) if asked.kind == "erasure" and asked.open else (),
        )

    async def file(self, given: Mapping[str, str], *, by: str) -> str:
        """File what somebody asked for by phone or letter; returns the request's id."""
        asked = await filed(
            self._app, given["kind"], given["type"], given["value"].strip(), via="console", who=by,
            region=given["region"], note=given["note"], proof=given["proof"],
        )  # fmt: skip
        return asked.id

    async def act(self, request: str, act_: str, given: Mapping[str, str], *, by: str) -> None:
        """Let it go on."""
        field, _, value = given["field"].partition("=")  # answers to a question are chosen with it
        deed = Deed(
            act=act_, reason=given["reason"], proof=given["proof"], field=field, value=value or given["value"]
        )  # fmt: skip
        await act(self._app, request, deed, who=by)

    async def copy(self, request: str, *, proof: str, language: str, by: str) -> bytes:
        """Hand out the copy that it asks for, a ZIP file."""
        return await hand_out(self._app, request, who=by, language=language, proof=proof)

    def refusal(self, error: GenomError, language: str) -> str:
        """Why nothing was done, in the reader's words."""
        return words.refusal(error, language)

    def _listed(self, asked: Asked, language: str) -> Listed:
        now = now_ms()
        late, near = now > asked.due_at, self._store.deadlines.urgent(asked.due_at, now)
        return Listed(
            id=asked.id,
            kind=words.say(words.KINDS, asked.kind, language),
            state=words.say(words.STATES, asked.state, language),
            person=asked.subject,
            asked_at=asked.asked_at,
            due_at=asked.due_at,
            days=(asked.due_at - now) // DAY + late,
            tone="closed" if not asked.open else "overdue" if late else "urgent" if near else "open",
        )

    async def _held(self, asked: Asked, language: str) -> Sequence[tuple[str, int]]:
        """What an erasure will reach, store by store, without its content."""

        def found() -> list[tuple[str, int]]:
            subject = subject_of_identifier(self._app.node, "person", asked.subject)
            stores = [(one.name, sum(of.records for of in one.find(subject))) for one in self._app.erasing.holders]
            return [(words.say(words.STORES, name, language), records) for name, records in stores if records]

        return await asyncio.to_thread(found)

    def _is_restricted(self, asked: Asked) -> bool:
        node = self._app.node
        person = find_person(node, {"person": asked.subject})
        return bool(person) and node.effective(person, now_ms()) == 0

    def _fields(self, language: str) -> list[tuple[str, str]]:
        """What names the person, then every answer to a question."""
        attributes = self._app.node.world.layout.genes.attributes
        return [(name, words.say(_DIRECT, name, language)) for name in DIRECT] + [
            (f"{name}={value}", f"{attributes[name].label[language]}: {of.label[language]}")
            for name in attributes
            for value, of in attributes[name].values.items()
        ]


def _sayable(language: str) -> list[tuple[str, str]]:
    """Proofs that staff may name; the others Genom finds by itself."""
    return [(code, text) for code, text in words.options(words.PROOFS, language) if code not in FOUND]


def _proof(asked: Asked, language: str) -> str:
    if not asked.proof:
        return ""
    how = words.say(words.FOUND, "yes" if asked.checked_at else "no", language)
    return f"{words.say(words.PROOFS, asked.proof, language)} ({how})"


def _by(who: str, language: str) -> str:
    kind, _, name = who.partition(":")
    return name_words(kind, name, language) or actor_words(kind, language)
