"""Clients that remember what was acknowledged, and a reader that compares it with what the node still has."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.contract.http.black_box import Door, Event, basic
from tests.node import Node

PEOPLE = 40
BATCH = 20
PRICE = 2.5  # of every order: sums stay exact in binary
PATIENCE = 300  # seconds after which something that should have happened has not


def eventually(what: str, happened: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE} s"
        time.sleep(0.05)


def order(user: str, message: str) -> Event:
    """One order; its message id is what the witness remembers."""
    line = {"product_id": "p1", "category": "TEA", "price": PRICE, "quantity": 1}
    properties = {"order_id": message, "total": PRICE, "currency": "EUR", "products": [line]}
    return {"type": "track", "event": "Order Completed", "userId": user, "messageId": message, "properties": properties}


class Witness:
    """What was sent and what was acknowledged, by message id."""

    def __init__(self) -> None:
        run = uuid.uuid4().hex[:8]
        self.people = [f"crash-{run}-{i}" for i in range(PEOPLE)]
        self.sent: dict[str, str] = {}  # message → user
        self.acknowledged: set[str] = set()
        self.statuses: Counter[int] = Counter()
        self.retry_after: list[str | None] = []  # of answers with status 503
        self.lock = threading.Lock()

    def post(self, connection: http.client.HTTPConnection, key: str, messages: list[str]) -> int:
        """Send these messages as one batch; remember them if all were acknowledged. Returns the status."""
        body = json.dumps({"batch": [order(self.sent[message], message) for message in messages]})
        connection.request("POST", "/v1/batch", body, basic(key) | {"Content-Type": "application/json"})
        reply = connection.getresponse()
        content = reply.read()
        with self.lock:
            self.statuses[reply.status] += 1
            if reply.status == 200:
                assert json.loads(content)["accepted"] == len(messages)
                self.acknowledged.update(messages)
            elif reply.status == 503:
                self.retry_after.append(reply.getheader("Retry-After"))
        return reply.status

    def new_messages(self, chance: random.Random) -> list[str]:
        """Fresh message ids, each for one of the people."""
        fresh = {uuid.uuid4().hex: chance.choice(self.people) for _ in range(BATCH)}
        with self.lock:
            self.sent.update(fresh)
        return list(fresh)

    def keep_posting(self, node: Node, over: threading.Event, seed: int) -> None:
        """One client: batch after batch until told to end or the node is gone."""
        chance, at = random.Random(seed), urlsplit(node.url)
        connection = http.client.HTTPConnection("127.0.0.1", at.port or 0, timeout=30)
        while not over.is_set():
            try:
                if self.post(connection, node.write_key, self.new_messages(chance)) != 200:
                    time.sleep(0.02)
            except (OSError, http.client.HTTPException):
                connection.close()
                time.sleep(0.02)
        connection.close()

    @contextmanager
    def load(self, node: Node, *, clients: int = 4) -> Iterator[None]:
        """Several clients at work."""
        over = threading.Event()
        threads = [threading.Thread(target=self.keep_posting, args=(node, over, seed)) for seed in range(clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def retry_everything(self, node: Node) -> None:
        """Send all that was ever sent once more, as a client does that saw no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(node.url).port or 0, timeout=30)
        messages = list(self.sent)
        for start in range(0, len(messages), BATCH):
            assert self.post(connection, node.write_key, messages[start : start + BATCH]) == 200
        connection.close()

    def check(self, node: Node) -> None:
        """Nothing acknowledged is lost, nothing is there twice, and the genome says the same as the journal."""
        present: Counter[str] = Counter()
        with Door(node) as door:
            counts, sums = door.counting_genes()
            assert counts
            assert sums
            for user in sorted({self.sent[message] for message in self.acknowledged}):
                person = door.person(user)
                stored = [event["messageId"] for event in door.events(person)]
                values = door.values(person)
                assert {values[name] for name in counts} == {len(stored)}, user
                assert {values[name] for name in sums} == {len(stored) * PRICE}, user
                present.update(stored)
        doubled = [message for message, times in present.items() if times > 1]
        lost = self.acknowledged - set(present)
        assert (doubled, lost) == ([], set())


def prepared(data: Path, **settings: int) -> Path:
    """A directory with settings of its own."""
    data.mkdir(mode=0o700)
    (data / "settings.yaml").write_text("".join(f"{name}: {value}\n" for name, value in settings.items()), "utf-8")
    return data


def children(pid: int) -> list[int]:
    """The processes below one, all generations."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("ascii").split():
            found += [int(child), *children(int(child))]
    return found


def kill_all(node: Node) -> None:
    """SIGKILL to the node and its worker, as the machine's end would."""
    below = children(node.process.pid)
    node.kill()
    for pid in below:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # it ended with its parent
