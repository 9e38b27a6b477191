"""Requests of people about their data: the inbox by date, and one request up to its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.visit import Visit
from genom.errors import GenomError

__all__ = ["InboxView", "Listed", "RequestDesk", "RequestView", "Step", "requests_page"]

_FORM = ("reason", "proof", "field", "value", "kind", "type", "region", "note")

Options = Sequence[tuple[str, str]]
"""Code and words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A request in the inbox."""

    id: str
    kind: str  # in words
    state: str  # in words
    person: str  # public id; "" = erased
    asked_at: int  # unix ms
    due_at: int  # unix ms
    days: int  # whole days until the date, negative once it has passed
    tone: str  # overdue, urgent, open or closed


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxView:
    """The inbox, next due first."""

    rows: Sequence[Listed]
    kinds: Options
    states: Options
    types: Options  # of identifiers, by which somebody is named
    regions: Options
    proofs: Options
    overdue: int
    urgent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that was done with the request."""

    at: int  # unix ms
    action: str  # in words
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """One request."""

    listed: Listed
    code: str  # of the kind
    does: str  # what carrying it out means, a sentence
    note: str
    via: str  # in words
    proof: str  # in words; "" = none
    law: str
    extended: str  # why it takes longer
    answer: str  # why it was refused
    receipt: str
    open: bool
    extendable: bool
    restricted: bool  # the person's data are stored and nothing else, because of this request
    needs_proof: bool
    proofs: Options
    fields: Options  # what can be corrected
    steps: Sequence[Step]
    held: Sequence[tuple[str, int]] = ()  # of an open erasure: what a store is called, and how many records it has


class RequestDesk(Protocol):
    """What the pages need from the node; what changes raises GenomError."""

    async def inbox(self, *, kind: str, state: str, language: str) -> InboxView:
        """Requests of a kind and in a state; "" = all, `open` = what must be answered."""

    async def one(self, request: str, *, language: str) -> RequestView:
        """One request; raises NotFound."""

    async def file(self, given: Mapping[str, str], *, by: str) -> str:
        """File what somebody asked for by phone or letter; returns the request's id."""

    async def act(self, request: str, act: str, given: Mapping[str, str], *, by: str) -> None:
        """Let it go on."""

    async def copy(self, request: str, *, proof: str, language: str, by: str) -> bytes:
        """Hand out the copy that it asks for, a ZIP file."""

    def refusal(self, error: GenomError, language: str) -> str:
        """Why nothing was done, in the reader's words."""


def requests_page(desk: RequestDesk) -> Page:
    """The inbox, one request, and a form for each step."""

    async def inbox(visit: Visit, *, status: int = 200, refused: str = "", given: Any = None) -> Response:
        kind, state = visit.asked("kind"), visit.asked("state", "open")
        view = await desk.inbox(kind=kind, state="" if state == "all" else state, language=visit.language)
        return visit.render(
            "requests.html",
            status=status,
            view=view,
            kind=kind,
            state=state,
            refused=refused,
            given=given or dict.fromkeys(_FORM, ""),
        )

    async def listed(visit: Visit) -> Response:
        return await inbox(visit)

    async def filed(visit: Visit) -> Response:
        form = await visit.form()
        given = {name: form.get(name, "") for name in _FORM}
        try:
            name = await desk.file(given, by=f"console:{visit.subject}")
        except GenomError as error:
            refused = desk.refusal(error, visit.language)
            return await inbox(visit, status=error.status, refused=refused, given=given)
        return visit.go(f"/requests/{name}?done=file")

    async def shown(visit: Visit, *, status: int = 200, refused: str = "", given: Any = None) -> Response:
        view = await desk.one(visit.part("request"), language=visit.language)
        done = "" if refused else visit.asked("done")
        return visit.render(
            "request.html",
            status=status,
            view=view,
            refused=refused,
            given=given or dict.fromkeys(_FORM, ""),
            done=done,
        )

    async def one(visit: Visit) -> Response:
        return await shown(visit)

    async def act(visit: Visit) -> Response:
        form, name = await visit.form(), visit.part("request")
        given = {field: form.get(field, "") for field in _FORM}
        deed = form.get("act", "")
        if deed == "erase" and form.get("sure") != "yes":
            deed = ""
        try:
            await desk.act(name, "do" if deed == "erase" else deed, given, by=f"console:{visit.subject}")
        except GenomError as error:
            return await shown(visit, status=error.status, refused=desk.refusal(error, visit.language), given=given)
        return visit.go(f"/requests/{name}?done={deed}")

    async def copy(visit: Visit) -> Response:
        form, name = await visit.form(), visit.part("request")
        by = f"console:{visit.subject}"
        try:
            packed = await desk.copy(name, proof=form.get("proof", ""), language=visit.language, by=by)
        except GenomError as error:
            return await shown(visit, status=error.status, refused=desk.refusal(error, visit.language))
        headers = {"content-disposition": f'attachment; filename="{name}.zip"', "cache-control": "no-store"}
        return Response(packed, media_type="application/zip", headers=headers)

    return Page(
        right="requests.read",
        routes=(
            Route(path="/requests", handler=listed),
            Route(path="/requests", handler=filed, method="POST", right="requests.write"),
            Route(path="/requests/{request}", handler=one),
            Route(path="/requests/{request}", handler=act, method="POST", right="requests.write"),
            Route(path="/requests/{request}/copy", handler=copy, method="POST", right="requests.write"),
        ),
        entry=Entry(group="Govern", label="Requests", icon="check", path="/requests"),
    )
