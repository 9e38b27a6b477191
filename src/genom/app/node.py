"""A node: the data directory opened, the journal folded, everything in its place."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from genom.app.activating.delivering import Deliveries
from genom.app.catalogue import Catalogue, digest_of
from genom.app.commit import now_ms
from genom.app.decisions.outcomes import Outcomes
from genom.app.decisions.point_store import staged_points
from genom.app.decisions.shadows import Shadows
from genom.app.desk import Desk
from genom.app.directory import DataDirectory
from genom.app.forgetting import Forgetting, windows_of
from genom.app.genes.meanings import agree_genes
from genom.app.genes.sets import added_genes
from genom.app.journals import open_bad_rows, open_journal, open_slots
from genom.app.kept_purposes import keep_purposes
from genom.app.ledgers import ledger_proven, open_ledger
from genom.app.permitting import holder_of, identifier_keys
from genom.app.pipeline import Pipeline
from genom.app.restore import restored
from genom.app.retention import Retention
from genom.app.segmenting.live import Segments
from genom.app.special.settling import narrowed_tags
from genom.app.training.models import Models
from genom.app.training.teaching import refuses
from genom.app.world import World
from genom.collect import Lexicon
from genom.collect.currencies import currency_number
from genom.consent import Choices, Entry, Purposes, check_successor, effective, fold, load_purposes
from genom.decide import check_purposes, load_points
from genom.genome import Gate, compile_genes, load_genes
from genom.identity import PublicIds, Vault
from genom.keys import DayKeys, SigningKey, write_private
from genom.settings import Settings
from genom.tables import Hasher
from genom.words import ConsentMode, Source

__all__ = ["Node", "file_or_default"]


def file_or_default(directory: Path, name: str) -> Path | None:
    """A YAML file that the operator put into the data directory, else None for the built-in one."""
    path = directory / name
    return path if path.exists() else None


class Node:
    """Everything a running node holds; the parts are public, because reading and deciding are functions over them."""

    def __init__(
        self,
        data: DataDirectory,
        settings: Settings,
        *,
        now: int,
        progress: Callable[[str, int, int], None] = lambda *_: None,
    ) -> None:
        self.data, self.settings, self.started = data, settings, now
        self.catalogue = Catalogue(data.path / "catalogue.sqlite")
        self.purposes = self._agree_purposes(now)
        self.file_points = load_points(file_or_default(data.path, "points.yaml"))
        self.points, self.shadows = staged_points(self.file_points, self.catalogue)
        check_purposes(self.points, self.purposes.bits)
        check_purposes(self.shadows, self.purposes.bits)
        self.public, self.vault = PublicIds(data.secrets.public), Vault(data.path / "vault.sqlite", data.secrets.vault)
        self.signing = SigningKey(data.path / "keys" / "signing.key")
        self.day_keys = DayKeys(data.path / "keys")
        self.bad_rows = open_bad_rows(data.path, settings, self.day_keys)
        self.ledger = open_ledger(data.path, self.catalogue)
        self.slots = open_slots(data.path, settings)
        self.journal = open_journal(data.path, self.slots, settings, now=now)
        items = Hasher(data.secrets.item)
        tags = narrowed_tags(
            data.path, self.catalogue, self.journal, items, kept=self.purposes.of_special, progress=progress
        )
        genes = added_genes(data.path) or load_genes(file_or_default(data.path, "genes.yaml"))
        bits = {name: self.purposes.bit(name) for name in genes.every_purpose}
        layout = compile_genes(genes, bits, windows_of(self.purposes))
        agree_genes(self.catalogue, genes, now=now)
        self.world = World(layout, data.secrets, settings, popularity_bit=self.purposes.bit("measure_aggregate"))
        self.choosing = asyncio.Lock()  # held while a choice is in the ledger and not in memory yet, but for commits
        self.unfolded: set[int] = set()  # profiles whose rows in the journal have changed since they were folded
        self.sources: dict[int, Source] = {}
        self.refresh_sources()
        restored(self.world, self.journal, data.path / "state", now=now, progress=progress)
        self.choices = self._fold_ledger()
        ledger_proven(self.ledger, self.catalogue)
        for token, at in self.choices.erased.items():
            self.world.erased.add(identifier_keys([token]), at=at)
        self.desk = Desk(
            self.purposes,
            self.choices,
            items,
            currency_number(settings.currency, settings.currency),
            tags=tags,
        )
        self.desk.products = {item: (one, two) for item, one, two in self.catalogue.products()}
        self.lexicon = Lexicon(
            message=self.world.dedupe.hasher, identity=self.world.profiles.hasher, item=self.desk.items
        )
        self.pipeline = Pipeline(self.world, self.desk)
        self.gate = Gate(self.world.matrix, purpose_bit=self.purposes.bit, term=self.world.term)
        self.outcomes = Outcomes(self)
        self.pipeline.permits.choosing = self.outcomes.unlearning.choosing
        self.pipeline.permits.changing = self.outcomes.unlearning.changing
        self.models = Models(self)
        self.segments = Segments(self, now=now)
        self.deliveries = Deliveries(self)
        self.compared = Shadows(self)
        self.forgetting = Forgetting(self, clock=now_ms)
        self.retention = Retention(self, clock=now_ms)

    def _agree_purposes(self, now: int) -> Purposes:
        keep_purposes(self.data.path, self.catalogue, now=now)
        given = load_purposes(file_or_default(self.data.path, "purposes.yaml"))
        if (stored := self.catalogue.defined("purposes", "registry")) is not None:
            check_successor(Purposes.from_definition(stored), given)
        self.catalogue.define("purposes", "registry", given.as_definition(), author="purposes.yaml", at=now)
        return given

    def _fold_ledger(self) -> Choices:
        profile_of = partial(holder_of, self.world)
        return fold(self._noted(self.ledger.replay()), purposes=self.purposes, profile_of=profile_of)

    def _noted(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """The entries, and in passing how many of them refuse the statistics."""
        self.refusals = 0
        for entry in entries:
            self.refusals += refuses(entry, self.purposes)
            yield entry

    def refresh_sources(self) -> None:
        """Take in what the catalogue says of the sources."""
        self.sources = {source.number: source for source in self.catalogue.sources()}
        self.world.assumptions.set_sources(list(self.sources.values()))

    def first_keys(self) -> dict[str, str] | None:
        """At the very first start, make the default source and the first two keys; they are returned this once."""
        if self.catalogue.get("first_keys"):
            return None
        if (source := next((s for s in self.sources.values() if s.name == "default"), None)) is None:
            source, write_key = self.catalogue.add_source("default", consent=ConsentMode.DEVELOPMENT)
        else:  # a crash took the keys of the very first start
            write_key = self.catalogue.add_key("write", name=source.name, source=source.number)
        server_key = self.catalogue.add_key("server", name="first", source=source.number, purpose="personalise_onsite")
        keys = {"write_key": write_key, "server_key": server_key}
        write_private(self.data.path / "keys.json", msgspec.json.encode(keys))
        self.catalogue.put("first_keys", True)  # after a crash before this, new ones are made
        self.refresh_sources()
        return keys

    def effective(self, person: int, now: int) -> int:
        """The purposes that a person permits now; a person that nobody knows permits what needs no consent.

        A grant that has run out by `now` (unix ms) permits nothing any more.
        The person's row holds only what may count now when this returns.
        """
        self._freshen(person, now)
        purposes = self.purposes
        assumed = purposes.assumable if person and self.world.assumptions.active(person, now) else 0
        choice, _, law = self.pipeline.permits.standing_of(person, now)
        return effective(
            choice, always=law.always, consent_needed=law.consent_needed, fixed=purposes.fixed, assumed=assumed
        )

    def _freshen(self, person: int, now: int) -> None:
        """Refold a person whose row holds events that may not count any more; a commit may be half folded."""
        if self.world.assumptions.stale(person, now):
            self.world.refold(person, self.journal, now=now, until=self.world.position)
        if self.unfolded:
            self.fold_waiting(person, now=now)

    def fold_waiting(self, person: int, *, now: int) -> bool:
        """Fold a person anew whose rows in the journal have changed; whether that had not been done yet."""
        members = self.world.people.members(person) if person else ()
        if self.unfolded.isdisjoint(members):
            return False
        self.world.refold(person, self.journal, now=now, until=self.world.position)
        self.unfolded.difference_update(members)
        return True

    def key(self, offered: str) -> str:
        """The digest under which an offered key would be stored."""
        return digest_of(offered)

    def seed(self) -> int:
        """Sixty-four random bits, for a decision."""
        return secrets.randbits(64)

    def close(self) -> None:
        """Save what is known of outcomes, which are folded up to the journal's end, and release all files."""
        self.outcomes.save(self.outcomes.kept(position=self.journal.last))
        self.segments.close()
        self.compared.save()
        for part in (self.journal, self.ledger, self.vault, self.catalogue, self.data):
            part.close()
