"""What an event may serve: its person's recorded choices and the event's own consent, frozen with the event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from genom.app.batch import Batch
from genom.app.countries import Unsaid, said_country
from genom.app.desk import Desk
from genom.app.hearing import Flickers, denied_by, heard
from genom.app.proof import proven
from genom.app.world import World
from genom.consent import CHOICE, ENDED, NEVER, NO_CHOICE, REGION, UNKNOWN, Choice, Entry, Regions, Standing, event_mask
from genom.consent.signals import Said, all_said
from genom.identity.canonical import canonical_all
from genom.words import Event

__all__ = ["Permits", "holder_of", "identifier_keys", "names_of", "subject_of", "subjects_of"]

_CACHED = 500_000  # persons
_KINDS = 65_536  # different masks
_ASKED = frozenset({"Consent Preference Updated", "Segment Consent Preference Updated"})
"""Names of events that are a choice themselves; every other event repeats one that may be old."""


def subject_of(world: World, profile: int) -> str:
    """The ledger's name for a profile: the keyed hash of its identifier, in hexadecimal digits."""
    low, high = world.profiles.hash_of(profile)
    return f"{high:016x}{low:016x}"


def subjects_of(world: World, person: int) -> tuple[str, ...]:
    """The ledger's names for all profiles of a person."""
    return tuple(subject_of(world, profile) for profile in world.people.members(person))


def names_of(world: World, identifiers: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The ledger's names for identifiers (type and value), also of those that nobody has."""
    keys = world.profiles.hasher.digest(canonical_all(identifiers))
    return tuple(f"{high:016x}{low:016x}" for low, high in keys.tolist())


def holder_of(world: World, subject: str) -> int | None:
    """The profile that has the identifier with this name of the ledger, if there is one."""
    return world.profiles.of_hash(int(subject[16:], 16), int(subject[:16], 16)) or None


def identifier_keys(subjects: Sequence[str]) -> NDArray[np.uint64]:
    """The hashes that the ledger's names stand for, shape (n, 2): low and high word.

    >>> identifier_keys(["000000000000000a" "000000000000000b"]).tolist()
    [[11, 10]]
    """
    return np.array([(int(one[16:], 16), int(one[:16], 16)) for one in subjects], np.uint64).reshape(-1, 2)


class Permits:
    """Masks of events; remembers the choices of recent persons."""

    def __init__(self, world: World, desk: Desk) -> None:
        self._world, self._desk = world, desk
        self._nobody = Standing(NO_CHOICE, NEVER, desk.purposes.law)
        self._known: dict[int, Standing] = {}
        people = len(world.people.person_of)  # development → person → which of the masks, 0 = not judged yet
        self._which = {mode: np.zeros(people, np.uint16) for mode in (False, True)}
        self._until = np.full(people, NEVER, np.int64)  # person → unix ms until which the masks are the person's
        self._masks = np.zeros((_KINDS, 2), np.uint64)  # for good, assumed; people make few different choices
        self._numbers: dict[tuple[int, int], int] = {}
        self.choosing: Callable[[int, Entry], None] = lambda _person, _entry: None  # told before a choice is taken in
        self.changing: Callable[[int], None] = lambda _person: None  # told before a person is linked
        self._flickers = Flickers()
        self.damaged = 0  # signals that were damaged in part or as a whole, since the start
        self.entries: list[Entry] = []  # choices that events brought; the ledger keeps them before the events

    def forget(self, person: int) -> None:
        """The person's choices or profiles have changed."""
        self._known.pop(person, None)
        self._until[person] = NEVER
        for which in self._which.values():
            which[person] = 0

    def choice_of(self, person: int, now: int) -> Choice:
        """The recorded choice of a person as it counts at a moment, unix ms."""
        return self.standing_of(person, now).choice

    def standing_of(self, person: int, now: int) -> Standing:
        """The recorded choice of a person as it counts at a moment, unix ms, and the law that counts for them."""
        standing = self._known.get(person)
        return standing if standing is not None and now < standing.until else self._standing(person, now)

    def refused(self, person: int) -> int:
        """What the person has refused for good, as a mask: see `Choices.refused`."""
        return self._desk.choices.refused(self._world.people.members(person))

    def _standing(self, person: int, now: int) -> Standing:
        standing = self._known.get(person)
        if standing is None or now >= standing.until:
            if len(self._known) > _CACHED:
                self._known.clear()
            members = self._world.people.members(person) if person else ()
            standing = self._desk.choices.standing(members, at=now) if person else self._nobody
            self._known[person] = standing
        return standing

    def of(self, event: Event, batch: Batch, profile: int, *, now: int) -> tuple[int, int]:
        """The purposes that an event serves for good, and those that development mode assumes."""
        person = int(self._world.people.person_of[profile])
        if batch.server and (regions := self._desk.purposes.regions) is not None:
            self._place(event, batch, regions, person=person, now=now)
        if event.signals is not None:
            said = all_said(event.signals, self._desk.purposes)
            consent = self._hear(event, batch, profile, said, person=person, now=now)
            return self._judge(consent, batch.development, person, now)
        if event.consent is not None:
            asked = event.name in _ASKED
            self._record(event.consent, batch, self._speaks(event, batch, profile), person=person, now=now, asked=asked)
            return self._judge(event.consent, batch.development, person, now)
        if self._until.item(person) <= now:
            self.forget(person)
        number = self._which[batch.development].item(person) or self._learn(person, batch.development, now)
        mask, assumed = self._masks[number].tolist()
        return mask, assumed

    def of_all(self, persons: NDArray[np.int64], *, development: bool, now: int) -> NDArray[np.uint64]:
        """The same for events of these persons that say nothing of consent, shape (n, 2)."""
        which = self._which[development]
        for person in persons[self._until[persons] <= now].tolist():
            self.forget(person)
        while len(unknown := persons[which[persons] == 0]):
            for person in unknown.tolist():
                if not which[person]:
                    self._learn(person, development, now)
        return self._masks[which[persons]]

    def _learn(self, person: int, development: bool, now: int) -> int:
        """The number of the masks of a person's events without consent, good until the next grant runs out."""
        masks = self._judge(None, development, person, now)
        number = self._numbers.get(masks)
        if number is None:
            if len(self._numbers) == _KINDS - 1:
                self._numbers.clear()
                for which in self._which.values():
                    which[:] = 0
            number = self._numbers[masks] = len(self._numbers) + 1
            self._masks[number] = masks
        self._which[development][person] = number
        self._until[person] = self._standing(person, now).until
        return number

    def _judge(self, consent: Mapping[str, bool] | None, development: bool, person: int, now: int) -> tuple[int, int]:
        standing = self.standing_of(person, now)
        return event_mask(
            standing.choice, law=standing.law, purposes=self._desk.purposes, event_consent=consent,
            development=development,
        )  # fmt: skip

    def _place(self, event: Event, batch: Batch, regions: Regions, *, person: int, now: int) -> None:
        """Keep in which region a server says that a person is, if that is news; what it leaves open is none."""
        if (country := said_country(event, regions.field)) is Unsaid:
            return
        members, region = self._world.people.members(person), regions.region_of(country)
        grounds, at = self._desk.choices.grounds, min(event.ts, now)
        if grounds.places(members, region, at=at) and (region != UNKNOWN or grounds.regions(members) or country):
            entry = Entry(
                at=at, subjects=subjects_of(self._world, person), purpose="", granted=False, text="", mechanism="event",
                source=batch.source.name, actor="server", act=REGION, region=region,
            )  # fmt: skip
            self.choosing(person, entry)
            grounds.place(members, region, at=at)
            self.entries.append(entry)
            self.forget(person)

    def _speaks(self, event: Event, batch: Batch, profile: int) -> bool:
        """Whether the sender may speak for this person; what is tried again may be older than their choices."""
        return not batch.first_at and (
            batch.server
            or batch.source.trusts_links
            or not self._world.profiles.known(profile)
            or proven(event, batch.source)
        )

    def _record(
        self, consent: Mapping[str, bool], batch: Batch, speaks: bool, *, person: int, now: int, asked: bool
    ) -> None:
        """Keep what an event says of consent: refusals always; grants if the sender may speak for this person.

        A grant that ran out is not renewed by what browsers repeat, but only if the event is the choice itself.
        """
        choice, bits = self.choice_of(person, now), self._desk.purposes.bits
        held, refused = choice.grant | choice.deny | (0 if asked else choice.lapsed), self.refused(person)
        for purpose, granted in consent.items():
            bit = bits.get(purpose, 0)
            if not bit or (granted and (not speaks or held & bit)) or (not granted and refused & bit):
                continue
            if self._chose_since(person, bit, batch):
                continue
            self._keep(person, self._entry(purpose, granted, batch, person, now))
        self.forget(person)

    def _hear(
        self, event: Event, batch: Batch, profile: int, said: Mapping[str, Said], *, person: int, now: int
    ) -> dict[str, bool]:
        """Keep what event and signals say; returns what this very event may serve and may not, as they say."""
        denied, own, speaks = denied_by(said), event.consent or {}, self._speaks(event, batch, profile)
        undenied = {purpose: granted for purpose, granted in own.items() if not granted or purpose not in denied}
        self._record(undenied, batch, speaks, person=person, now=now, asked=event.name in _ASKED)
        may_grant = speaks and not self._flickers.too_many(person, now=now)
        choice, bits = self.choice_of(person, now), self._desk.purposes.bits
        members = self._world.people.members(person)
        consent, news = heard(
            said, own, choice, bits=bits, may_grant=may_grant, liftable=choice.deny & ~self.refused(person),
            undenied=self._desk.choices.grounds.undenied(members),
            since=lambda bit: self._desk.choices.when(members, bit),
        )  # fmt: skip
        for one in news:
            if self._chose_since(person, bits[one.purpose], batch):
                continue
            self._keep(
                person,
                self._entry(
                    one.purpose, one.granted, batch, person, min(one.at or now, now), mechanism=one.mechanism,
                    evidence=one.evidence, act=one.act,
                ),
            )  # fmt: skip
        if any(one.act == ENDED for one in news):
            self._flickers.ended(person, now=now)
        self.damaged += sum(bool(one.damaged) for one in said.values())
        self.forget(person)
        return consent

    def _chose_since(self, person: int, bit: int, batch: Batch) -> bool:
        """Whether the person has chosen for a purpose since events that are tried again came first."""
        if not batch.first_at:
            return False
        return self._desk.choices.when(self._world.people.members(person), bit) >= batch.first_at

    def _keep(self, person: int, entry: Entry) -> None:
        """Take in a choice that an event brought; the ledger keeps it before the event."""
        members, bit = self._world.people.members(person), self._desk.purposes.bit(entry.purpose)
        self.choosing(person, entry)
        if entry.act == ENDED:
            self._desk.choices.end(members, bit)
        else:
            self._desk.choices.record(members, bit, entry.granted, at=entry.at)
        self.entries.append(entry)

    def refuse_sale(self, persons: Iterable[int], batch: Batch, *, now: int) -> None:
        """The browser of these people objects by a header to sale, sharing and foreign ads.

        It is recorded once, and again only if somebody has granted one of these purposes since.
        """
        purposes = self._desk.purposes
        for person in persons:
            missing = purposes.gpc & ~self.refused(person) if person else 0
            for purpose in purposes.names_of(missing):
                if self._chose_since(person, purposes.bit(purpose), batch):
                    continue
                by = "dnt" if batch.objection.startswith("DNT") else "gpc"
                entry = self._entry(purpose, False, batch, person, now, mechanism=by, evidence=batch.objection)
                self._keep(person, entry)
            if missing:
                self.forget(person)

    def _entry(
        self, purpose: str, granted: bool, batch: Batch, person: int, at: int, *, mechanism: str = "event",
        evidence: str = "", act: str = CHOICE,
    ) -> Entry:  # fmt: skip
        return Entry(
            at=at,
            subjects=subjects_of(self._world, person),
            purpose=purpose,
            granted=granted,
            text=self._desk.purposes.text_hash(purpose),
            mechanism=mechanism,
            evidence=evidence,
            source=batch.source.name,
            actor="server" if batch.server else "client",
            act=act,
        )
