"""Kill -9 while decisions are made and rewarded: each is counted once, with the reward that the journal tells."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from http.client import HTTPException
from pathlib import Path
from typing import Self
from urllib.error import HTTPError

from genom.app.journals import read_journal
from genom.decide import decode_record
from genom.words import Kind
from tests.conftest import StartNode
from tests.crash.witness import eventually
from tests.node import Node

SECONDS = 1  # of the reward window
POINT = {
    "id": "hero",
    "label": {"en": "Hero", "de": "Bühne"},
    "purpose": "personalise_onsite",
    "candidates": "actions",
    "model": "learned",
    "features": [{"gene": "rhythm.events.count.365d"}],
    "reward": {"events": ["Promotion Clicked"], "within_seconds": SECONDS},
}
ACTIONS = [{"id": name, "point": "hero"} for name in ("one", "two", "three")]


def test_no_decision_is_lost_or_counted_twice_by_kills(start_node: StartNode, tmp_path: Path) -> None:
    data, chance = tmp_path / "data", random.Random(3)
    for turn in range(4):
        node = start_node(data)
        if not turn:
            prepare(node)
        with Load(node) as load:
            time.sleep(chance.uniform(0.5, 2.0))
            eventually("a load", lambda load=load: load.made > 50 or load.refused)
            node.kill()
        assert not load.refused
    node = start_node(data)
    eventually("the end of all windows", lambda: node.get("/v1/points/hero/effect")["open"] == 0)
    told = node.get("/v1/points/hero/effect")
    node.stop()

    counted = {arm["arm"]: (arm["n"], arm["reward"]) for arm in told["arms"]}
    assert told["decisions"] > 100  # the load was real; what was not yet durable at a kill is gone
    assert counted == of_the_journal(data)


def prepare(node: Node) -> None:
    node.post("/v1/points", {"points": [POINT]})
    node.post("/v1/actions", {"actions": ACTIONS})
    for user in ("u1", "u2"):
        for purpose in ("personalise_onsite", "model_training"):
            node.post("/v1/consent", {"type": "user_id", "value": user, "purpose": purpose, "granted": True})


class Load:
    """Decides and clicks until the node is gone."""

    def __init__(self, node: Node) -> None:
        self.made = 0  # decisions that were answered
        self.refused: list[HTTPError] = []  # what ended a thread before the kill
        self._threads = [threading.Thread(target=self._work, args=(node, seed)) for seed in range(2)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join()

    def _work(self, node: Node, seed: int) -> None:
        chance = random.Random(seed)
        try:
            while True:
                user = chance.choice(["u1", "u2"])
                told = node.post("/v1/decide", {"point": "hero", "person": {"user_id": user}})
                self.made += 1
                if chance.random() < 0.5:
                    properties = {"decision_id": told["decision_id"]}
                    node.post(
                        "/v1/track",
                        {"event": "Promotion Clicked", "userId": user, "properties": properties},
                        key=node.server_key,
                    )
        except HTTPError as error:
            self.refused.append(error)
        except (OSError, HTTPException, ValueError):  # killed in the middle of an answer
            return


def of_the_journal(data: Path) -> dict[str, tuple[int, float]]:
    """Decisions and rewards of each arm, by the plainest way."""
    journal = read_journal(data)
    made: dict[int, tuple[int, str]] = {}
    rewarded: set[int] = set()
    for block in journal.blocks():
        for index, row in enumerate(block.rows):
            number = int(row["decision"])
            if row["kind"] == Kind.DECISION:
                record = decode_record(block.body(index))
                made[number] = int(row["known_at"]), "control" if record.control else "policy"
            elif row["kind"] == Kind.PROMOTION_CLICKED and row["known_at"] <= made[number][0] + SECONDS * 1000:
                rewarded.add(number)
    journal.close()
    counts = Counter(arm for _, arm in made.values())
    rewards = Counter(made[number][1] for number in rewarded)
    return {arm: (counts[arm], float(rewards[arm])) for arm in counts}
