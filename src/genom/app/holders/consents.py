"""The consent ledger and the choices that it folds to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from genom.app.node import Node
from genom.app.permitting import identifier_keys
from genom.consent import choices_about
from genom.privacy import Count, Erased, Found, Subject, tallied

__all__ = ["ConsentHolder"]


class ConsentHolder:
    """Entries stay as the proof of what was permitted and refused; they name keyed hashes and nothing else."""

    name = "consents"
    files: tuple[str, ...] = ("ledger/*",)

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self, subject: Subject) -> Iterator[Found]:
        """Choices that still count, each by what it is."""
        entries = choices_about(self._node.ledger.replay(), subject.tokens)
        return tallied(entry.act or "choice" for entry in entries)

    def count(self, subject: Subject) -> Count:
        """Choices that still count: an erased person's grants do not."""
        return Count(records=len(choices_about(self._node.ledger.replay(), subject.tokens)))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """The entries since the last erasure."""
        for entry in choices_about(self._node.ledger.replay(), subject.tokens):
            yield msgspec.to_builtins(entry)

    def drop(self, subject: Subject) -> None:
        """Grants end; refusals wait under the hashes, for whoever comes with these identifiers again."""
        choices, world = self._node.choices, self._node.world
        at = max(self._node.choices.erased.get(one, 0) for one in subject.tokens)
        for profile, token in zip(subject.profiles, subject.tokens, strict=True):
            choices.erase(token, profile, at=at)
            choices.retire(profile, token)
            self._node.pipeline.permits.forget(world.people.person(profile))
        world.erased.add(identifier_keys(subject.tokens), at=at)

    def erase(self, subject: Subject) -> Erased:
        """Nothing of the ledger is overwritten."""
        return Erased(
            records=0,
            kept="what was permitted and refused, under keyed hashes: the proof of consent (Art. 17(3)(e) GDPR), "
            "and so that refusals count for whoever comes with these identifiers again",
        )
