"""A real node, its worker and a recipient on this machine: in, out by withdrawal, out by erasure."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import node as nodes
from tests.app.destination_house import MAIL, name_recipients
from tests.app.segment_house import ORDERS, body
from tests.recipient import Recipient, recipient_at_work

PATIENCE = 60  # seconds


@pytest.fixture
def recipient() -> Iterator[Recipient]:
    with recipient_at_work() as made:
        yield made


@pytest.fixture
def node(tmp_path: Path) -> Iterator[nodes.Node]:
    name_recipients(tmp_path / "d", email=["Mailer Ltd"])
    (tmp_path / "d" / "settings.yaml").write_text("segment_floor: 1\n", "utf-8")
    made = nodes.start(tmp_path / "d")
    yield made
    made.stop()


def until(true: Callable[[], bool]) -> bool:
    ends = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < ends:
        time.sleep(0.2)
    return true()


def test_in_and_out_again(node: nodes.Node, recipient: Recipient) -> None:
    for user in ("ada", "ben"):
        for purpose in ("personalise_onsite", "email"):
            choice = {"type": "user_id", "value": user, "purpose": purpose, "granted": True}
            node.post("/v1/consent", choice)
        event = {"event": "Order Completed", "userId": user, "properties": {"total": 5, "currency": "EUR"}}
        node.post("/v1/track", event | {"messageId": user}, key=node.write_key)
    node.post("/v1/segments", body({"gene": ORDERS, "is": ">=", "value": 1}))
    node.post("/v1/destinations", {"destinations": [MAIL | {"url": recipient.url}]})
    assert until(lambda: len(recipient.members) == 2)

    node.post("/v1/consent", {"type": "user_id", "value": "ada", "purpose": "email", "granted": False})
    assert until(lambda: len(recipient.members) == 1)

    node.post("/v1/people:erase", {"type": "user_id", "value": "ben"})
    assert until(lambda: not recipient.members)
    assert until(lambda: node.get("/v1/destinations")["destinations"][0]["people"] == {"gone": 1})
    assert "error" not in {json.loads(line)["level"] for line in node.log.read_text().splitlines() if line[:1] == "{"}
