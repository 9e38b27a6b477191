"""The driver: prepare the node, send the past, then let people come at the pace that is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from genom_demo.backfill import backfill
from genom_demo.client import Client, basic, bearer
from genom_demo.diary import Diary
from genom_demo.prepare import HISTORY, LIVE, prepare
from genom_demo.rounds import Lines, Rounds
from genom_demo.state import hold, keep, kept, pace_of
from genom_demo.world.reactions import POINTS
from genom_demo.world.world import World, make_world

__all__ = ["Wishes", "drive"]

_MOST: Final = 64  # visits of a round
_TOLD_EVERY: Final = 1.0  # seconds
_REST: Final = 0.25  # seconds between looks at a pace of zero
_SAMPLE_BEGINS: Final = 120.0  # seconds after which a sample that did not begin to load will not

Show = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a driver shall do."""

    url: str
    server_key: str
    state: Path
    decisions: int | None = None  # about vouchers, after which it ends; None: it goes on
    after_sample: bool = False  # wait until the sample shop is loaded
    reward_seconds: int
    people: int
    history: bool = True
    points: tuple[str, ...] = POINTS  # what is asked in each visit
    hour: float | None = None  # local hour at which everybody comes; None: the clock's


def drive(wishes: Wishes, *, show: Show) -> None:
    """Drive the living shop until enough decisions are made, or for ever; `show` is told how it stands.

    Raises DemoProblem if another driver runs, if the node refuses something, or if it does not answer.
    """
    with hold(wishes.state):
        server = Client(wishes.url, bearer(wishes.server_key))
        if wishes.after_sample:
            _await_sample(server, show)
        keys = prepare(server, wishes.state, reward_seconds=wishes.reward_seconds)
        world = make_world(count=wishes.people)
        _keep_truth(wishes.state, world)
        diary = Diary(wishes.state, world.truth)
        tell = _Teller(wishes.state, diary, show)
        end, source = time.time_ns() // 1_000_000, keys[HISTORY]["name"]
        backfill(server, world, wishes.state, source=source, end=end, show=tell.history, events=wishes.history)
        lines = Lines(
            server=server, browser=Client(wishes.url, basic(keys[LIVE]["write_key"])), source=keys[LIVE]["name"],
            secret=bytes.fromhex(keys[LIVE]["secret"]),
        )  # fmt: skip
        rounds = Rounds(lines, world, wishes.state, diary, points=wishes.points, hour=wishes.hour)
        _present(rounds, wishes, diary, tell)


def _present(rounds: Rounds, wishes: Wishes, diary: Diary, tell: _Teller) -> None:
    """Visits at the pace of the moment."""
    made, owed, last = 0, 0.0, time.monotonic()
    while wishes.decisions is None or made < wishes.decisions:
        now, pace = time.monotonic(), pace_of(wishes.state, diary.made)
        owed, last = min(owed + pace * (now - last), 2.0 * _MOST), now
        if owed < 1:
            time.sleep(min((1 - owed) / pace, _REST) if pace else _REST)
        else:
            count = min(int(owed), _MOST)
            made += rounds.go(count)
            owed -= count
        tell.present(rounds.visits, pace)
    tell.present(rounds.visits, pace_of(wishes.state, diary.made), now=True)


class _Teller:
    """Says now and then how far everything is: in the state directory, and to whoever watches."""

    def __init__(self, state: Path, diary: Diary, show: Show) -> None:
        self._state, self._diary, self._show, self._next = state, diary, show, 0.0

    def history(self, step: str, done: int, total: int) -> None:
        """The past is being sent."""
        self._say({"phase": "history", "step": step, "done": done, "total": total}, now=done >= total)

    def present(self, visits: int, pace: float, *, now: bool = False) -> None:
        """People come."""
        if now or time.monotonic() >= self._next:
            share = self._diary.share()
            told = {"phase": "live", "visits": visits, "decisions": self._diary.made, "pace": pace, "ended": now}
            self._say(told | {"share": asdict(share) if share else None}, now=True)

    def _say(self, status: dict[str, Any], *, now: bool) -> None:
        if now or time.monotonic() >= self._next:
            self._next = time.monotonic() + _TOLD_EVERY
            keep(self._state, "status.json", status)
            self._show(status)


def _await_sample(server: Client, show: Show) -> None:
    """The sample shop is loaded first: it needs the machine for itself; one that never begins is not waited for."""
    begun = time.monotonic()
    while (loaded := server.call("GET", "/v1/sample")["state"]) != "complete":
        if loaded == "none" and time.monotonic() - begun > _SAMPLE_BEGINS:
            return
        show({"phase": "waiting", "for": "the sample shop"})
        time.sleep(1.0)


def _keep_truth(state: Path, world: World) -> None:
    """The truth as a file of numpy arrays, for whoever wants to compare by other means."""
    if kept(state, "world.json", None) is None:
        arrays: dict[str, Any] = {name: getattr(world.people, name) for name in type(world.people).__slots__}
        arrays |= {f"chance_{point}": table for point, table in world.truth.chance.items()}
        np.savez(state / "truth.npz", **arrays)
        actions = {point: list(names) for point, names in world.truth.actions.items()}
        keep(state, "world.json", {"seed": world.seed, "people": len(world.people), "actions": actions})
