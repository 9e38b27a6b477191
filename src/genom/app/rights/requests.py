"""The requests of people, in the catalogue; each step and its row of the audit log are durable together.

All methods read or write the disk: call them in a thread.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from genom.app import audit
from genom.app.catalogue import Catalogue
from genom.app.rights.asked import OPEN, Asked, checked, prove
from genom.app.rights.deadlines import Deadlines
from genom.app.tables import requests
from genom.errors import BadRequest, NotFound

__all__ = ["Requests", "requests_of"]

_MOST: Final = 500  # in one answer
_OPEN_OF_ONE: Final = 20  # open requests of one person
_BY_DATE: Final = (requests.c.done_at > 0, requests.c.due_at, requests.c.id)


class Requests:
    """The table."""

    def __init__(self, catalogue: Catalogue, deadlines: Deadlines) -> None:
        self._catalogue, self.deadlines = catalogue, deadlines

    def file(
        self,
        kind: str,
        *,
        subject: str,
        via: str,
        who: str,
        now: int,
        region: str = "",
        note: str = "",
        proof: str = "",
        checked_at: int = 0,
    ) -> Asked:
        """A new request; one of the kind that the person has open already comes back instead.

        If Genom has found who asks (`checked_at`), that one is proved by it.

        Corrections are filed each for itself.  Raises BadRequest.
        """
        region = region or next(iter(self.deadlines.regions))
        asked = Asked(
            id=f"r{secrets.token_hex(8)}", kind=checked(kind, note=note, proof=proof, checked_at=checked_at),
            state="received", subject=subject, region=region, asked_at=now,
            due_at=self.deadlines.due(kind, region, now), note=note.strip(), via=via, proof=proof,
            checked_at=checked_at,
        )  # fmt: skip
        with self._catalogue.begin() as connection:
            query = sa.select(requests).where(requests.c.subject == subject, requests.c.state.in_(OPEN))
            known = [_asked(row) for row in connection.execute(query)]
            same = next((one for one in known if one.kind == kind != "rectification"), None)
            if same is None:
                _few_enough(known)
                connection.execute(requests.insert().values(**msgspec.structs.asdict(asked)))
                self._note(connection, "request.filed", asked, who=who, now=now)
            elif checked_at and not same.checked_at:
                same = self._put(connection, prove(same, proof=proof, now=checked_at))
                self._note(connection, "request.proved", same, who=who, now=now)
        return same or asked

    def get(self, name: str) -> Asked:
        """The request with this id; raises NotFound."""
        with self._catalogue.begin() as connection:
            return self._get(connection, name)

    def change(self, name: str, step: Callable[[Asked], Asked], action: str, *, who: str, now: int) -> Asked:
        """Let a request go a step; raises NotFound and what the step refuses."""
        with self._catalogue.begin() as connection:
            asked = self._put(connection, step(self._get(connection, name)))
            self._note(connection, action, asked, who=who, now=now)
        return asked

    def listed(self, *, kind: str = "", state: str = "") -> list[Asked]:
        """Requests, those that are due first on top, closed ones last; `state` may be `open`."""
        query = sa.select(requests).order_by(*_BY_DATE).limit(_MOST)
        if kind:
            query = query.where(requests.c.kind == kind)
        if state:
            query = query.where(requests.c.state.in_(OPEN) if state == "open" else requests.c.state == state)
        with self._catalogue.begin() as connection:
            return [_asked(row) for row in connection.execute(query)]

    def of(self, subjects: Sequence[str]) -> list[Asked]:
        """All requests of a person, under any of their public ids, in the same order."""
        return requests_of(self._catalogue, subjects)

    def cut(self, subjects: Sequence[str], *, now: int) -> int:
        """The person is erased: their requests name nobody any more, and what was open is answered by that."""
        mine = requests.c.subject.in_(subjects)
        with self._catalogue.begin() as connection:
            names = list(connection.scalars(sa.select(requests.c.id).where(mine)))
            audit.redact(connection, texts_of=names, who="node", at=now)
            connection.execute(
                requests.update().where(mine, requests.c.state.in_(OPEN)).values(state="done", done_at=now)
            )
            cut = requests.update().where(mine).values(subject="", note="", extended="", answer="")
            return connection.execute(cut).rowcount

    @staticmethod
    def _put(connection: sa.Connection, asked: Asked) -> Asked:
        connection.execute(requests.update().where(requests.c.id == asked.id).values(**msgspec.structs.asdict(asked)))
        return asked

    def _get(self, connection: sa.Connection, name: str) -> Asked:
        row = connection.execute(sa.select(requests).where(requests.c.id == name)).first()
        if row is None:
            raise NotFound(
                "There is no such request.",
                why=f"none has the id {name[:40]!r}",
                fix="see GET /v1/requests",
                code="request.not-found",
            )
        return _asked(row)

    @staticmethod
    def _note(connection: sa.Connection, action: str, asked: Asked, *, who: str, now: int) -> None:
        """The row of the audit log, without whose request it is: words for the person may tell of them."""
        details: dict[str, audit.Detail] = {"request": asked.kind}
        if asked.proof:
            details |= {"proof": asked.proof, "checked": asked.checked_at > 0}
        audit.append(connection, action, who=who, kind="request", name=asked.id, at=now, details=details)


def requests_of(catalogue: Catalogue, subjects: Sequence[str]) -> list[Asked]:
    """All requests of a person, under any of their public ids: open ones first, by their dates."""
    query = sa.select(requests).where(requests.c.subject.in_(subjects)).order_by(*_BY_DATE)
    with catalogue.begin() as connection:
        return [_asked(row) for row in connection.execute(query)]


def _few_enough(known: Sequence[Asked]) -> None:
    if len(known) >= _OPEN_OF_ONE:
        raise BadRequest(
            "There are too many open requests of this person.",
            why=f"{len(known)} are not answered yet",
            fix="answer them first",
            code="request.too-many",
        )


def _asked(row: sa.Row[Any]) -> Asked:
    return Asked(**dict(zip(Asked.__struct_fields__, row, strict=True)))
