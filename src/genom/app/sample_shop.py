"""Loads the sample shop into a running node, over the HTTP interface that every source uses.

The node keeps how far it is, so that loading goes on after a kill; what is sent twice counts once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
from msgspec.structs import replace

from genom.app.sample.client import NodeClient
from genom.app.sample.consents import check_consents
from genom.app.sample.progress import Show, shown, unseen
from genom.app.sample.source import ORIGIN, expected_totals, find_source, read_shop
from genom.app.sample.steps import Step, steps_from
from genom.app.sample.text import bodies
from genom.app.sample.times import shift_ms
from genom.errors import GenomError
from genom.typed import from_json

__all__ = ["ORIGIN", "NodeClient", "SampleState", "expected_totals", "load_sample", "shown"]

IN_FLIGHT: Final = 3  # requests at a time
KEPT_EVERY: Final = 8  # requests after which the node is told how far it is


class SampleState(msgspec.Struct, frozen=True):
    """How far the sample is loaded; the node keeps it."""

    state: str = "none"  # none, loading, complete
    lines: int = 0  # receipt lines taken
    shift_ms: int | None = None  # added to every time; decided once
    step: str = ""
    done: int = 0  # items of the step that were taken
    consents: str = ""  # decided once, too


def load_sample(
    client: NodeClient,
    *,
    now_ms: int,
    consents: str = "simulated",
    progress: Show = unseen,
    folder: Path | None = None,
) -> SampleState:
    """Loads what is not loaded yet and returns how far it is; once complete, a call loads nothing.

    `now_ms` (unix ms) decides at the first call by how many weeks the times are moved; `folder` holds the Parquet
    files, by default those of the installed package.
    Raises BadConfiguration if the data are not installed, GenomError if the node refuses something.
    """
    check_consents(consents)
    state = from_json(client.call("GET", "/v1/sample"), SampleState)
    if state.state == "complete":
        return state
    shop = read_shop(folder or find_source())
    if state.state == "none" or state.shift_ms is None:
        shift = shift_ms(shop.last_ts, now_ms)
        state = _kept(client, SampleState(state="loading", shift_ms=shift, consents=consents))
    for step in steps_from(state.step, shop, shift=state.shift_ms or 0, consents=state.consents):
        state = _loaded(client, step, state=state, progress=progress)
    pa.default_memory_pool().release_unused()  # the worker lives on; this is some 80 MB
    return _kept(client, replace(state, state="complete"))


def _loaded(client: NodeClient, step: Step, *, state: SampleState, progress: Show) -> SampleState:
    """Sends the rest of a step, and keeps now and then how far it is."""
    done = state.done if state.step == step.name else 0
    for number, count in enumerate(_sent(client, step, done), 1):
        done += count
        progress(step.name, done, step.total)
        if number % KEPT_EVERY == 0 or done == step.total:
            state = _kept(client, replace(state, step=step.name, done=done, lines=step.lines(done)))
    return state


def _sent(client: NodeClient, step: Step, done: int) -> Iterator[int]:
    """Sends what comes after the first `done` items; yields, in order, how many items each request brought."""
    waiting: deque[tuple[int, Future[None]]] = deque()
    pool = ThreadPoolExecutor(IN_FLIGHT, "sample")
    try:
        for items in step.slices(done):
            for count, body in bodies(items, name=step.field):
                waiting.append((count, pool.submit(_post, client, step.path, body)))
                if len(waiting) > IN_FLIGHT:
                    yield _taken(*waiting.popleft())
        while waiting:
            yield _taken(*waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _taken(count: int, request: Future[None]) -> int:
    request.result()
    return count


def _post(client: NodeClient, path: str, body: bytes) -> None:
    answer = msgspec.json.decode(client.call("POST", path, body, X_Genom_Source="sample"))
    if isinstance(answer, dict) and answer.get("rejected"):
        raise GenomError(
            f"The node rejected {len(answer['rejected'])} items of the sample shop.",
            why=f"the first one: {answer['rejected'][0]}",
            fix="this is a fault of Genom: please report it with this message",
            code="sample.rejected",
        )


def _kept(client: NodeClient, state: SampleState) -> SampleState:
    client.call("PUT", "/v1/sample", msgspec.json.encode(state))
    return state
