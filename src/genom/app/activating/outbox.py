"""The outbox: one row for each person at each destination, in the catalogue.

All methods read or write the disk: call them in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from genom.activate import LATE, Answer, Outcome, Pair, State, claimed, corrected, reported, wished
from genom.app.catalogue import Catalogue
from genom.app.tables import outbox

__all__ = ["Outbox", "Row"]

_FIELDS: Final = ("state", "since", "next_at", "told_at", "job", "attempts", "why")
_LEAVES: Final = (State.WRONG, State.LEAVING, State.ASKED)
_PATIENCE: Final = 2  # failures in a row after which a message is halved: one bad member must not keep 499 back
_NO_ADDRESS: Final = Answer(Outcome.FAILED, why="no address that the recipient could know the person by")


@dataclass(frozen=True, slots=True)
class Row:
    """A pair and whose it is."""

    destination: str
    id: str
    person: int  # 0 = erased
    pair: Pair
    round: int


class Outbox:
    """The table."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def settle(
        self,
        destination: str,
        wanted: Collection[int],
        *,
        joins: bool,
        expires: int,
        now: int,
        name_of: Callable[[int], str],
        renamed: bool = False,
    ) -> int:
        """Bring the rows of a destination to the persons who belong there now.  Returns how many changed.

        `joins`: whoever is new there is taken in; `name_of` gives their pseudonym; `expires` as for `wished`.
        `renamed`: names may have changed since; who is there under a former one leaves, and comes under that of now.
        """
        people, changes = frozenset(wanted), list[tuple[Row, Pair | None]]()
        with self._catalogue.begin() as connection:
            rows = self._rows(connection, outbox.c.destination == destination)
            former = {row.id for row in rows if renamed and row.person and row.id != name_of(row.person)}
            for row in rows:
                belongs = row.person in people and row.id not in former
                after = wished(row.pair, wanted=belongs, expires=expires, now=now)
                if after and after.state is State.GONE and (not row.person or row.id in former):  # a last trace
                    after = None
                if after != row.pair:
                    changes.append((row, after))
            new = Pair(state=State.WANTED, since=now, next_at=now)
            strangers = people - {row.person for row in rows if row.id not in former} if joins else ()
            changes += [(Row(destination, name_of(person), person, new, 0), new) for person in strangers]
            for change in changes:
                self._put(connection, *change)
        return len(changes)

    def claim(
        self,
        destination: str,
        *,
        removal: bool,
        now: int,
        most: int,
        allowed: Container[int],
        has_address: Callable[[Row], bool] = lambda _: True,
    ) -> list[Row]:
        """Rows that make one message, removals first; they are in the claimer's hands for two minutes.

        `removal`: members can be removed there.  Of those who are to be sent only the persons `allowed` go, for whom
        there is an address; of the others the recipient never hears.  Rows that failed together often go in halves.
        """
        states = [State.WANTED, State.SENT, *(_LEAVES if removal else ())]
        alike = list[Row]()
        with self._catalogue.begin() as connection:
            for row in self._due(connection, destination, states, now=now, most=most):
                pair = row.pair
                if pair.state is State.WANTED and not pair.job:
                    if row.person not in allowed:
                        continue  # the next look at everybody's wishes takes the row away
                    if not has_address(row):
                        self._put(connection, row, reported(pair, _NO_ADDRESS, now=now))
                        continue
                if not alike or _message(alike[0].pair) == _message(pair):
                    alike.append(row)
            failed = alike[0].pair.attempts if alike else 0
            together = max(1, len(alike) >> max(0, failed - _PATIENCE))
            return [self._put(connection, row, claimed(row.pair, now=now)) for row in alike[:together]]

    def joining(self, destination: str, *, now: int, most: int) -> list[int]:
        """The persons whom the next `claim` would send."""
        with self._catalogue.begin() as connection:
            return [row.person for row in self._due(connection, destination, [State.WANTED], now=now, most=most)]

    def _due(
        self, connection: sa.Connection, destination: str, states: Sequence[State], *, now: int, most: int
    ) -> list[Row]:
        """Rows for whom something is to be done, removals first."""
        where = (outbox.c.destination == destination) & outbox.c.state.in_(states) & (outbox.c.next_at <= now)
        first = outbox.c.state.in_(_LEAVES).desc()
        return self._rows(connection, where, order=(first, outbox.c.next_at, outbox.c.id), most=most)

    def report(self, destination: str, rounds: Mapping[str, int], answer: Answer, *, now: int) -> int:
        """A recipient answered for these rows as they stood then; what changed since waits for its own answer."""
        taken = 0
        with self._catalogue.begin() as connection:
            where = (outbox.c.destination == destination) & outbox.c.id.in_(list(rounds))
            for row in self._rows(connection, where):
                pair = reported(row.pair, answer, now=now)
                if row.round == rounds[row.id]:
                    taken += 1
                    gone = pair.state is State.GONE and not row.person  # an erased person's last trace
                    self._put(connection, row, None if gone else pair)
        return taken

    def counts(self) -> dict[str, dict[str, int]]:
        """Destination → state → people."""
        with self._catalogue.begin() as connection:
            query = sa.select(outbox.c.destination, outbox.c.state, sa.func.count())
            rows = connection.execute(query.group_by(outbox.c.destination, outbox.c.state)).all()
        found: dict[str, dict[str, int]] = {}
        for destination, state, count in rows:
            found.setdefault(destination, {})[state] = count
        return found

    def problems(self) -> dict[str, dict[str, int]]:
        """Destination → why the last attempt failed → people who wait for another one."""
        grouped = outbox.c.destination, outbox.c.why
        query = sa.select(*grouped, sa.func.count()).where(outbox.c.why != "").group_by(*grouped)
        found: dict[str, dict[str, int]] = {}
        with self._catalogue.begin() as connection:
            for destination, why, count in connection.execute(query.order_by(sa.func.count().desc())):
                found.setdefault(destination, {})[why] = count
        return found

    def late(self, expires: Mapping[str, int], *, now: int) -> dict[str, int]:
        """Destination → removals that should have been confirmed by now; `expires` in ms, by destination."""
        found = dict[str, int]()
        with self._catalogue.begin() as connection:
            for destination in connection.scalars(sa.select(outbox.c.destination).distinct()).all():
                limit = now - max(LATE, expires.get(destination, 0))
                where = (outbox.c.destination == destination) & outbox.c.state.in_(_LEAVES) & (outbox.c.since < limit)
                if count := connection.scalar(sa.select(sa.func.count()).where(where)):
                    found[destination] = int(count)
        return found

    def of(self, persons: Collection[int]) -> list[Row]:
        """Where people are, were, or are to be."""
        with self._catalogue.begin() as connection:
            return self._rows(connection, outbox.c.person.in_([one for one in persons if one]))

    def correct(self, destination: str, persons: Collection[int], *, expires: int, now: int) -> int:
        """An address of these people was corrected: whoever is at the destination is sent anew.  Returns how many."""
        changed = 0
        with self._catalogue.begin() as connection:
            mine = (outbox.c.destination == destination) & outbox.c.person.in_([one for one in persons if one])
            for row in self._rows(connection, mine):
                pair = corrected(row.pair, expires=expires, now=now)
                if pair != row.pair:
                    self._put(connection, row, pair)
                    changed += 1
        return changed

    def forget(self, persons: Collection[int], *, now: int) -> int:
        """People are erased: who was never sent is gone, the others are removed under their pseudonyms alone."""
        with self._catalogue.begin() as connection:
            rows = self._rows(connection, outbox.c.person.in_([one for one in persons if one]))
            for row in rows:
                pair = None if row.pair.state is State.GONE else wished(row.pair, wanted=False, expires=0, now=now)
                self._put(connection, replace(row, person=0), pair)
        return len(rows)

    def there(self, destination: str) -> list[int]:
        """The persons who are at a destination, or are to be."""
        mine = (outbox.c.destination == destination) & outbox.c.state.in_(
            [State.WANTED, State.SENT, State.MEMBER, State.WRONG]
        )
        with self._catalogue.begin() as connection:
            return [int(one) for one in connection.scalars(sa.select(outbox.c.person).where(mine)) if one]

    def waiting(self, *, since: int) -> dict[str, int]:
        """Destination → rows that somebody should have claimed before a moment, unix ms."""
        where = outbox.c.state.in_([State.WANTED, State.SENT, State.WRONG, State.ASKED]) & (outbox.c.next_at < since)
        query = sa.select(outbox.c.destination, sa.func.count()).where(where).group_by(outbox.c.destination)
        with self._catalogue.begin() as connection:
            return {destination: int(count) for destination, count in connection.execute(query)}

    @staticmethod
    def _rows(
        connection: sa.Connection, where: sa.ColumnElement[bool], *, order: Iterable[Any] = (), most: int | None = None
    ) -> list[Row]:
        found = connection.execute(sa.select(outbox).where(where).order_by(*order).limit(most)).all()
        return [
            Row(
                one.destination, one.id, one.person,
                Pair(state=State(one.state), **{name: getattr(one, name) for name in _FIELDS[1:]}), one.round,
            )
            for one in found
        ]  # fmt: skip

    @staticmethod
    def _put(connection: sa.Connection, row: Row, pair: Pair | None) -> Row:
        """Write a row's new pair, or take the row away; returns the row as it is now."""
        where = (outbox.c.destination == row.destination) & (outbox.c.id == row.id)
        if pair is None:
            connection.execute(outbox.delete().where(where))
            return row
        now = replace(row, pair=pair, round=row.round + 1)
        values = {field: getattr(pair, field) for field in _FIELDS} | {"state": str(pair.state)}
        named = {"destination": now.destination, "id": now.id, "person": now.person, "round": now.round}
        connection.execute(outbox.insert().prefix_with("OR REPLACE").values(named | values))
        return now


def _message(pair: Pair) -> tuple[State, str, int]:
    """Equal for pairs that one message can be about."""
    return pair.state, pair.job, pair.attempts
