"""Sends the past to the node: choices, then events, then withdrawals; a kill costs the piece that was under way."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from genom_demo.client import Client
from genom_demo.problems import DemoProblem
from genom_demo.state import keep, kept
from genom_demo.world.history import Past, choices_of, history_of, local_days, withdrawals_of
from genom_demo.world.world import World

__all__ = ["backfill"]

_PEOPLE: Final = 20  # of a piece
_ITEMS: Final = 1_000  # of a request
_IN_FLIGHT: Final = 2  # requests
_KEPT_EVERY: Final = 10  # pieces

Show = Callable[[str, int, int], None]
Piece = Iterator[tuple[str, bytes]]
"""Paths and bodies of the requests for some people."""


def backfill(
    client: Client, world: World, state: Path, *, source: str, end: int, show: Show, events: bool = True
) -> None:
    """Send what is not sent yet of a history that ends at `end` (unix ms); `show` is told step, done and total.

    Without `events` only the choices are sent: nobody did anything before.
    """
    progress = kept(state, "history.json", {"end": end, "step": 0, "people": 0})
    keep(state, "history.json", progress)  # the end is decided once: it is part of every event
    past = Past(seed=world.seed, days=local_days(progress["end"]), end=progress["end"])
    steps: list[tuple[str, Callable[[int], Piece]]] = [
        ("choices", lambda at: _consents(world, at, choices_of)),
        ("events", lambda at: _events(world, at, past)),
        ("withdrawals", lambda at: _consents(world, at, withdrawals_of)),
    ]
    for number, (name, piece) in enumerate(steps):
        if number < progress["step"] or (name == "events" and not events):
            continue
        begin = progress["people"] if number == progress["step"] else 0
        for done in _sent(client, piece, range(begin, len(world.people), _PEOPLE), source):
            show(name, done, len(world.people))
            if done // _PEOPLE % _KEPT_EVERY == 0:
                keep(state, "history.json", progress | {"step": number, "people": done})
        keep(state, "history.json", progress | {"step": number + 1, "people": 0})


def _sent(client: Client, piece: Callable[[int], Piece], begins: range, source: str) -> Iterator[int]:
    """Send pieces, a few requests at a time; yields, in order, how many people are done."""
    waiting: deque[tuple[int, list[Future[None]]]] = deque()
    with ThreadPoolExecutor(_IN_FLIGHT, "backfill") as pool:
        for begin in begins:
            sent = [pool.submit(_post, client, path, body, source) for path, body in piece(begin)]
            waiting.append((begin + _PEOPLE, sent))
            while len(waiting) > _IN_FLIGHT:
                yield _taken(*waiting.popleft())
        while waiting:
            yield _taken(*waiting.popleft())


def _taken(done: int, requests: list[Future[None]]) -> int:
    for request in requests:
        request.result()
    return done


def _post(client: Client, path: str, body: bytes, source: str) -> None:
    answer = client.call("POST", path, body, source=source)
    if answer.get("rejected"):
        raise DemoProblem(
            f"The node rejected {len(answer['rejected'])} events of the demo.",
            why=f"the first one: {answer['rejected'][0]}",
            fix="this is a fault of Genom: please report it with this message",
        )


def _people(world: World, begin: int) -> range:
    return range(begin, min(begin + _PEOPLE, len(world.people)))


def _consents(world: World, begin: int, of: Callable[..., list[dict[str, Any]]]) -> Piece:
    given = [json.dumps(choice) for person in _people(world, begin) for choice in of(world.people, person)]
    for at in range(0, len(given), _ITEMS):
        yield "/v1/consent", f'{{"consents":[{",".join(given[at : at + _ITEMS])}]}}'.encode()


def _events(world: World, begin: int, past: Past) -> Piece:
    events = [event for person in _people(world, begin) for event in history_of(world.people, person, past)]
    for at in range(0, len(events), _ITEMS):
        yield "/v1/batch", f'{{"batch":[{",".join(events[at : at + _ITEMS])}]}}'.encode()
