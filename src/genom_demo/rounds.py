"""The present, round by round: some visits are claimed, begun, decided for, answered, and kept.

A visit's number is claimed together with what it begins with, before anything of it is sent, and never used again; what
follows a decision is kept before it is sent.  After a kill both are sent again, and the node counts each event once: at
most the decisions of one round are lost, nobody's choice or log-in is, and nothing is doubled.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from genom_demo.client import Client
from genom_demo.diary import CONTROL, OUTSIDE, POLICY, Diary, Entry
from genom_demo.problems import DemoProblem
from genom_demo.state import keep, kept
from genom_demo.world.events import Json
from genom_demo.world.live import Memory, Now, Visit, asked, plan
from genom_demo.world.reactions import POINTS, react
from genom_demo.world.world import World

__all__ = ["Lines", "Rounds"]

_ZONE: Final = ZoneInfo("Europe/Berlin")

Sent = list[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The ways to the node."""

    server: Client  # with the server key
    browser: Client  # with the shop's write key
    source: str
    secret: bytes


class Rounds:
    """The state of the present: which visits were made and what they changed."""

    def __init__(
        self, lines: Lines, world: World, state: Path, diary: Diary, *, points: tuple[str, ...] = POINTS,
        hour: float | None = None,
    ) -> None:  # fmt: skip
        self._lines, self._world, self._state, self._diary = lines, world, state, diary
        self._points, self._hour = points, hour
        told = kept(state, "present.json", {"visits": 0, "logins": [], "changed": {}})
        self.visits: int = told["visits"]
        changed = {int(person): grants for person, grants in told["changed"].items()}
        self.memory = Memory(set(told["logins"]), changed)
        self._begin(told.get("begins", {"consents": [], "browser": [], "server": []}))
        self._send(kept(state, "outbox.json", None))

    def go(self, count: int) -> int:
        """Make so many visits; returns how many decisions about vouchers they brought."""
        visits = self._planned(count)
        begins: dict[str, list[Any]] = {
            "consents": [choice for visit in visits for choice in visit.consents],
            "browser": [event for visit in visits for event in visit.browser],
            "server": [event for visit in visits for event in visit.server],
        }
        self._keep(begins)
        self._begin(begins)
        entries, browser = self._answered(visits)
        self._diary.write(entries)
        outbox = {"browser": browser, "server": []}
        keep(self._state, "outbox.json", outbox)
        self._send(outbox)
        return sum(entry[2] == "shop_voucher" for entry in entries)

    def _planned(self, count: int) -> list[Visit]:
        now = time.time_ns() // 1_000_000
        local = datetime.fromtimestamp(now / 1000, _ZONE)
        hour = local.hour + local.minute / 60 if self._hour is None else self._hour
        arrivals = self._world.arrivals(hour).tolist()
        moment = Now(at=now, arrivals=arrivals, secret=self._lines.secret)
        numbers = range(self.visits, self.visits + count)
        self.visits += count
        return [plan(self._world, self.memory, number, now=moment) for number in numbers]

    def _keep(self, begins: dict[str, list[Any]]) -> None:
        """Claim the visits, with what they begin with: it is what the memory of people and devices rests on."""
        memory = {"logins": sorted(self.memory.logins), "changed": self.memory.changed}
        keep(self._state, "present.json", {"visits": self.visits, **memory, "begins": begins})

    def _begin(self, begins: dict[str, list[Any]]) -> None:
        """Choices first, then what happened before the decisions."""
        if consents := begins["consents"]:
            self._lines.server.call("POST", "/v1/consent", {"consents": consents})
        self._send(begins)

    def _answered(self, visits: list[Visit]) -> tuple[list[Entry], Sent]:
        """Decide for everybody, and let them react."""
        answers = self._decided(visits)
        entries: list[Entry] = []
        browser: Sent = []
        for number, visit in enumerate(visits, self.visits - len(visits)):
            if (told := answers.get(number)) is None:
                continue
            person = visit.someone.person
            events, reactions = react(self._world.truth, visit.someone, visit.dice, visit.scene, answers=told)
            browser += [] if self.memory.silent(self._world, person) else events
            entries += [
                (number, person, one.point, one.action, _how(visit, told[one.point]), one.success) for one in reactions
            ]
        return entries, browser

    def _decided(self, visits: list[Visit]) -> dict[int, dict[str, Any]]:
        """The decisions of each visit, by its number and the point."""
        answers: dict[int, dict[str, Any]] = {}
        numbered = [(n, v) for n, v in enumerate(visits, self.visits - len(visits)) if v.asks]
        for client, some in (
            (self._lines.server, [pair for pair in numbered if not pair[1].by_browser]),
            (self._lines.browser, [pair for pair in numbered if pair[1].by_browser]),
        ):
            told = client.ask_all("/v1/decide", [ask for _, visit in some for ask in asked(visit, self._points)])
            for place, (number, _) in enumerate(some):
                row = told[place * len(self._points) : (place + 1) * len(self._points)]
                answers[number] = dict(zip(self._points, row, strict=True))
        return answers

    def _send(self, outbox: dict[str, list[Any]] | None) -> None:
        """Send events; what was sent before counts once, because the ids are the same."""
        for name, client, source in (
            ("browser", self._lines.browser, ""),
            ("server", self._lines.server, self._lines.source),
        ):
            if outbox and (events := outbox[name]):
                body = f'{{"batch":[{",".join(events)}]}}'.encode()
                answer = client.call("POST", "/v1/batch", body, source=source)
                if answer.get("rejected"):
                    raise DemoProblem(
                        f"The node rejected {len(answer['rejected'])} events of the demo.",
                        why=f"the first one: {answer['rejected'][0]}",
                        fix="this is a fault of Genom: please report it with this message",
                    )


def _how(visit: Visit, answer: dict[str, Any]) -> int:
    """Who chose; a browser is not told."""
    if visit.by_browser or not visit.evaluated:
        return OUTSIDE
    return CONTROL if answer["control"] else POLICY
