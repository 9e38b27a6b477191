"""`genom` without its gate, to measure what the gate costs: nothing here is a part of Genom, and nobody may serve so.

Every event serves what an event of somebody without a choice serves in development mode, so that the same cells change
as with the gate; no choice, window or assumption is looked up, and a read never asks what the person permits.
What stays are the masks' 16 bytes in a row, the compiled AND of row and purpose, and the choice of a purpose's column.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from genom.app import world
from genom.app.cli import main
from genom.app.folding import Admitted
from genom.app.node import Node
from genom.app.permitting import Permits
from genom.compiled import compiled

_EVERYTHING = (1 << 62) - 1


class Ungated:
    """What stands in the place of `Permits`."""

    def __init__(self) -> None:
        self._mask = 0

    def mask(self, permits: Permits) -> int:
        """What an event of nobody in particular may serve."""
        if not self._mask:
            mask, assumed = permits._judge(None, True, 0, 0)  # noqa: SLF001
            self._mask = mask | assumed
        return self._mask


_UNGATED = Ungated()


def _of(permits: Permits, *_: Any, **__: Any) -> tuple[int, int]:
    return _UNGATED.mask(permits), 0


def _of_all(permits: Permits, persons: Any, **_: Any) -> Any:
    return np.broadcast_to(np.array([_UNGATED.mask(permits), 0], np.uint64), (len(persons), 2))


@compiled
def _pass(rows: Any, person_of: Any, targets: Any) -> tuple[int, int, int]:
    counted, events, newest = 0, 0, 0
    for i in range(len(rows)):
        row = rows[i]
        targets[i] = person_of[row.profile]
        if row.kind < 200:
            counted += 1
            events += 1 if row.line == 0 else 0
            newest = max(newest, row.known_at)
    return counted, events, newest


def _admit(rows: Any, person_of: Any, *_: Any, **__: Any) -> Admitted:
    targets = np.empty(len(rows), np.int64)
    counted, events, known = _pass(rows, person_of, targets)
    return Admitted(np.ascontiguousarray(rows["mask"]), targets, counted, events, known)


if __name__ == "__main__":
    changes: tuple[tuple[Any, str, Any], ...] = (
        (Permits, "of", _of),
        (Permits, "of_all", _of_all),
        (world, "admit", _admit),
        (Node, "effective", lambda *_: _EVERYTHING),
    )
    for owner, name, instead in changes:
        if not hasattr(owner, name):
            raise SystemExit(f"The gate of this version has no {name}: this benchmark would measure nothing.")
        setattr(owner, name, instead)
    main()
