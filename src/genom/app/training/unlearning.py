"""Who withdraws the training is taken out of the online statistics at once, and back in if they permit it again.

What a person has added is told by the journal: closed decisions about them are whole numbers in sums and are added with
the opposite sign; what is bought after what is folded anew for the few places of the tables that hold the person.
So the statistics are always those of everybody who permits it now.  A link may change that as a choice does: whom
others turn out to be may have refused.
A grant that runs out is no entry of anything: every few minutes who has lapsed is looked for, and taken out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.decisions.following import Followed
from genom.app.training.teaching import companions_of, refuses, teaching_mask
from genom.consent import Entry, Standing
from genom.decide import Companions, decode_record
from genom.words import Flag, Kind

if TYPE_CHECKING:
    from genom.app.decisions.outcomes import Outcomes
    from genom.app.node import Node

__all__ = ["Unlearning"]

_EVENTS: Final = 200  # kinds from here on are facts of Genom's own


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a person's past is in the statistics."""

    decisions: bool
    orders: bool


class Unlearning:
    """Profiles whose person's choices, or whose person, have changed since the statistics last agreed with them."""

    def __init__(self, node: Node, outcomes: Outcomes) -> None:
        self._node, self._outcomes = node, outcomes
        self._before: dict[int, _Part] = {}  # profile → what of it is in the statistics
        self.out: set[int] = set()  # profiles whose past is taken out while it changes
        self.agreed_at = 0  # unix ms; grants that have run out since are still in the statistics
        self._refusals = 0

    def choosing(self, person: int, entry: Entry) -> None:
        """A choice of a person is about to be taken in."""
        if person:
            self.changing(person)
            self._refusals += refuses(entry, self._node.purposes)

    def changing(self, person: int) -> None:
        """A person is about to be linked, parted, or to choose."""
        part = self._part(person)
        for profile in self._node.world.people.members(person):
            self._before.setdefault(profile, part)

    @property
    def waits(self) -> bool:
        """Whether somebody has changed."""
        return bool(self._before)

    def agree(self) -> int:
        """Take out and in what the choices ask for; returns how many refusals the statistics have obeyed by it.

        Where decisions could not be followed because there were too many, nobody knows which were counted: then the
        next start, which hears of refusals that were not obeyed, folds all decisions anew.
        """
        sure = not self._outcomes.lost
        groups = defaultdict[tuple[int, _Part], set[int]](set)
        for profile, before in self._before.items():
            groups[int(self._node.world.people.person_of[profile]), before].add(profile)
        for (person, before), mine in groups.items():
            for profile in mine:
                del self._before[profile]
            now, here = self._part(person), mine - self.out
            if now.decisions != before.decisions and sure:
                self._add_decisions(here, sign=1 if now.decisions else -1)
            if now.orders != before.orders:
                self._add_orders(here, comes=now.orders)
        obeyed, self._refusals = self._refusals, 0
        return obeyed if sure else 0

    def lapsed(self, profiles: Iterable[int], *, now: int) -> list[int]:
        """The profiles of these whose grant of the training has run out since the statistics last agreed."""
        bit = self._node.purposes.bit("model_training")
        return self._node.choices.ended(profiles, bit, after=self.agreed_at, until=now)

    def lapse(self, profiles: Iterable[int], *, now: int) -> None:
        """Time has passed for everybody, and of all profiles these have lapsed; `agree` takes them out."""
        for profile in profiles:
            self.changing(int(self._node.world.people.person_of[profile]))
        self.agreed_at = now

    def changed_since(self, position: int) -> bool:
        """Whether a link or a split after a position of the journal has changed what may be in the statistics."""
        people = self._node.world.people
        for block in self._node.journal.blocks(position + 1):
            rows = block.rows[block.rows["sequence"] > position]
            if (rows["kind"] == Kind.UNLINK).any():
                return True
            links = rows[(rows["kind"] == Kind.LINK) & (rows["flags"] & Flag.PENDING == 0)]
            for profile in {*links["profile"].tolist(), *links["item"].tolist()}:
                if self._part_of([profile]) != self._part(int(people.person_of[profile])):
                    return True
        return False

    def erase(self, person: int) -> None:
        """Take everything out that a person has added; the person's rows are still in the journal, nobody waits."""
        part = self._part(person)
        if part.decisions and not self._outcomes.lost:
            self._add_decisions(self._in(person), sign=-1)
        if part.orders:
            self._add_orders(self._in(person), comes=False)
        self.out.difference_update(self._node.world.people.members(person))
        self._refusals += 1

    def take_out(self, profile: int) -> None:
        """Take out what a profile has added, until `take_in`: its rows are about to change."""
        if profile not in self.out:
            self._add_part(profile, sign=-1)
            self.out.add(profile)

    def take_in(self, profile: int) -> None:
        """Take in what its rows say now; nothing of a profile that was erased meanwhile."""
        if profile in self.out:
            self.out.discard(profile)
            self._add_part(profile, sign=1)

    def _add_part(self, profile: int, *, sign: int) -> None:
        part = self._part(int(self._node.world.people.person_of[profile]))
        if part.decisions and not self._outcomes.lost:
            self._add_decisions({profile}, sign=sign)
        if part.orders:
            self._add_orders({profile}, comes=sign > 0)

    def _in(self, person: int) -> set[int]:
        """The profiles of a person whose past is in the statistics, as far as it is permitted."""
        return {*self._node.world.people.members(person)} - self.out

    def _part(self, person: int) -> _Part:
        return self._part_of(self._node.world.people.members(person) if person else ())

    def _part_of(self, profiles: Iterable[int]) -> _Part:
        standing = self._node.choices.standing(profiles, at=self.agreed_at)
        return _Part(self._trains(standing), self._tells(standing))

    def trains(self, person: int) -> bool:
        """Whether the decisions about a person may be learned from; every grant that is still counted counts."""
        return self._trains(self._standing(person))

    def _trains(self, standing: Standing) -> bool:
        choice, _, law = standing
        permitted = (choice.grant & law.consent_needed) | law.always
        return bool(permitted & ~choice.deny & self._node.purposes.bit("model_training"))

    def tells(self, person: int) -> bool:
        """Whether a person's orders may tell what is bought after what: they do not refuse it.

        Where one region needs no consent, orders may have been collected without; where another needs it, it is asked.
        """
        return self._tells(self._standing(person))

    def _tells(self, standing: Standing) -> bool:
        purposes, (choice, _, law) = self._node.purposes, standing
        missing = law.consent_needed & purposes.differing & ~choice.grant
        return not (choice.deny | missing) & teaching_mask(purposes)

    def _standing(self, person: int) -> Standing:
        members = self._node.world.people.members(person) if person else ()
        return self._node.choices.standing(members, at=self.agreed_at)

    def _add_decisions(self, profiles: Collection[int], *, sign: int) -> None:
        node, outcomes = self._node, self._outcomes
        found = node.journal.rows_of(profiles)
        for index in np.flatnonzero(found.rows["kind"] == Kind.DECISION).tolist():
            row = found.rows[index]
            if int(row["decision"]) in outcomes.open:
                continue  # judged when it is closed
            if not outcomes.told(int(row["known_at"]), now=now_ms()):
                continue  # its outcomes may be overwritten, and what is not known cannot be taken out
            if not (body := node.journal.body(found.places[index])):
                continue  # its key was destroyed, so a fold without it has gone before
            record = decode_record(body)
            decision = outcomes.followed(record, profile=int(row["profile"]), known_at=int(row["known_at"]))
            if decision and decision.trains:
                self._add(decision, int(row["decision"]), sign=sign)

    def _add(self, decision: Followed, number: int, *, sign: int) -> None:
        for row in self._node.journal.rows_of_decision(number).rows:
            if row["kind"] < _EVENTS:
                self._outcomes.pay(decision, row)
        self._outcomes.teach(decision, sign=sign)

    def _add_orders(self, mine: set[int], *, comes: bool) -> None:
        """Fold the places of these profiles anew: who shares a place is in it too."""
        node, companions = self._node, self._outcomes.companions
        places = {companions.place_of(profile) for profile in mine}
        sharing = [p for place in places for p in companions.profiles_of(place, last=node.world.profiles.count)]
        rows = node.journal.rows_of(sharing).rows
        rows = rows[rows["kind"] == Kind.ORDER_COMPLETED]
        profiles, others = rows["profile"].astype(np.int64), [p for p in sharing if p not in mine and self._teaches(p)]
        of_others, of_mine = np.isin(profiles, others), np.isin(profiles, sorted(mine))
        without, whole = self._told(rows[of_others]), self._told(rows[of_others | of_mine])
        gone, come = (without, whole) if comes else (whole, without)
        companions.exchange(gone, come, sorted(places))

    def _teaches(self, profile: int) -> bool:
        if profile in self.out:
            return False
        before = self._before.get(profile)
        return (self._part(int(self._node.world.people.person_of[profile])) if before is None else before).orders

    def _told(self, rows: NDArray[np.void]) -> Companions:
        told = companions_of(self._node.purposes)
        told.take(rows)
        return told
