"""The genome in memory and in state files, the identifiers and the links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.snapshot import forget_in_states
from genom.privacy import Count, Erased, Found, Subject, tallied

__all__ = ["GenomeHolder"]

_EVERYTHING = (1 << 64) - 1  # what a person permits themselves to read


class GenomeHolder:
    """One row a person and purpose."""

    name = "genome"
    files: tuple[str, ...] = ("state/*", "state/*/*", "live/*")

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self, subject: Subject) -> Iterator[Found]:
        """Genomes that hold something, and identifiers that are known."""
        world = self._node.world
        rows = int((~world.matrix.empty(np.array(subject.profiles, np.int64))).sum())
        known = sum(map(world.profiles.exists, subject.profiles))
        return tallied(["genome"] * rows + ["identifier"] * known)

    def count(self, subject: Subject) -> Count:
        """Rows of memory that hold something, and identifiers that are known."""
        world = self._node.world
        rows = ~world.matrix.empty(np.array(subject.profiles, np.int64))
        return Count(records=int(rows.sum()) + sum(map(world.profiles.exists, subject.profiles)))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """Every gene that is known, by purpose."""
        at = max(now_ms(), self._node.world.last_ts + 1)
        for purpose in self._node.gate.purposes if subject.person else ():
            for read in self._node.gate.view(subject.person, purpose=purpose, effective=_EVERYTHING, at=at):
                if read.state == "known":
                    yield {"gene": read.gene.id, "purpose": purpose, "value": read.value, "cells": read.cells}

    def drop(self, subject: Subject) -> None:
        """The row is zeros, the identifiers are unknown, the links are cut; sums over everybody are without them."""
        world = self._node.world
        present = {world.people.person(profile) for profile in subject.profiles if world.profiles.exists(profile)}
        for person in present:
            world.forget(person, self._node.journal, now=now_ms())
            self._node.pipeline.permits.forget(person)

    def erase(self, subject: Subject) -> Erased:
        """Overwrite the rows in every state file, and remove the files; the worker writes a new one."""
        return Erased(records=forget_in_states(self._node.data.path, subject.profiles))
