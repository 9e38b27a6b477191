"""Does a decision that begins after a withdrawal was acknowledged ever use the purpose?

Several connections decide without a pause for people at random, while another withdraws the purpose of one person
after the other and grants it again.  A decision counts if it began after the acknowledgement of a withdrawal and ended
before the next grant was sent; it is wrong if it read anything of the person.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
import uuid
from typing import Any

import runner
from node import Api, Node, scratch, started
from runner import Reach

REACH = (Reach("wrong", "<=", 0, "decisions"), Reach("decisions", ">=", 100_000, "decisions"))
OPTIONS: dict[str, float | int | str] = {
    "decisions": 100_000, "people": 200, "connections": 6, "point": "next_product", "purpose": "recommend",
}  # fmt: skip


class Watch:
    """When each person's withdrawal was acknowledged; 0 while the purpose is granted or may be."""

    def __init__(self, people: list[str]) -> None:
        self.since = dict.fromkeys(people, 0.0)
        self.left = 0
        self.counted = self.wrong = self.personal = self.withdrawals = 0
        self.lock = threading.Lock()

    def took(self) -> bool:
        """Whether there is another decision to make."""
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def note(self, *, counts: bool, personal: bool) -> None:
        """A decision was answered."""
        with self.lock:
            self.counted += counts
            self.wrong += counts and personal
            self.personal += personal


def filled(node: Node, people: list[str]) -> None:
    """Everybody has bought something and permits the purpose."""
    collect = Api(node.port, node.keys["write_key"])
    line = {"product_id": "p", "category": "Tea", "price": 4.0, "quantity": 1}
    order = {"total": 4.0, "currency": "EUR", "products": [line]}
    for person in people:
        event = {"type": "track", "event": "Order Completed", "messageId": str(uuid.uuid4()), "userId": person}
        collect.post("/v1/batch", {"batch": [event | {"properties": order}]})


def choose(api: Api, person: str, asked: argparse.Namespace, *, granted: bool) -> None:
    """Record a choice; it is acknowledged when this returns."""
    api.post("/v1/consent", {"type": "user_id", "value": person, "purpose": asked.purpose, "granted": granted})


def deciding(node: Node, watch: Watch, people: list[str], asked: argparse.Namespace, seed: int) -> None:
    """One connection's decisions."""
    api, chance = node.api(), random.Random(seed)
    while watch.took():
        person = chance.choice(people)
        before = watch.since[person]
        answer = api.post("/v1/decide", {"point": asked.point, "person": {"user_id": person}, "context": {}, "n": 1})
        personal = f"no permission for {asked.purpose}" not in str(answer)
        watch.note(counts=before > 0 and watch.since[person] == before, personal=personal)


def withdrawing(node: Node, watch: Watch, people: list[str], asked: argparse.Namespace) -> None:
    """Withdraw and grant, person after person, as long as decisions are made."""
    api, chance = node.api(), random.Random(1)
    while watch.left > 0:
        person = chance.choice(people)
        if watch.since[person]:
            watch.since[person] = 0.0  # what begins from here on may be after the grant
            choose(api, person, asked, granted=True)
        else:
            choose(api, person, asked, granted=False)
            watch.since[person] = time.monotonic()
            watch.withdrawals += 1


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on a fresh node."""
    people = [f"u{i:04d}" for i in range(asked.people)]
    watch = Watch(people)
    with scratch() as data, started(data) as node:
        filled(node, people)
        api = node.api()
        for person in people:
            choose(api, person, asked, granted=True)
        watch.left, begun = asked.decisions, time.monotonic()
        threads = [
            threading.Thread(target=deciding, args=(node, watch, people, asked, seed))
            for seed in range(asked.connections)
        ]
        threads.append(threading.Thread(target=withdrawing, args=(node, watch, people, asked)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return {
        "decisions": asked.decisions,
        "after_a_withdrawal": watch.counted,
        "wrong": watch.wrong,
        "personal": watch.personal,
        "withdrawals": watch.withdrawals,
        "decisions_per_second": round(asked.decisions / (time.monotonic() - begun)),
    }


if __name__ == "__main__":
    runner.main("withdrawal", measure, REACH, OPTIONS)
