"""kill -9 in the middle of an erasure: the next start does it to the end, and no byte stays."""

from __future__ import annotations

import json
import subprocess
import urllib.error
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from genom.app.scanning import opened_contents
from genom.privacy import scan
from tests.conftest import StartNode
from tests.crash.witness import eventually
from tests.node import Node, genom_command

CANARIES = ["canary-user", "a-canary-device", "Canary Thing"]
HERE = Path(__file__).parent
SURE = 5  # writes that an erasure makes at least


def happened(name: str, **who: str) -> dict[str, Any]:
    products = [{"product_id": "p", "category": "TEA", "price": 2, "quantity": 1}]
    return {"type": "track", "event": name, "properties": {"total": 2, "currency": "EUR", "products": products}} | who


def lived(node: Node) -> None:
    """A person with a device, a decision and a choice, and others beside them."""
    events = [happened("Order Completed", userId=user) for user in ("canary-user", "u2", "u3") for _ in range(3)]
    events.append({"type": "identify", "userId": "canary-user", "anonymousId": "a-canary-device"})
    events.append(happened("Canary Thing", userId="canary-user"))
    node.post("/v1/batch", {"batch": events})
    choice = {"type": "user_id", "value": "canary-user", "purpose": "recommend", "granted": True}
    node.post("/v1/consent", choice)
    node.post("/v1/decide", {"point": "next_product", "person": {"user_id": "canary-user"}, "n": 1})


@pytest.mark.parametrize("at", [1, 3, 5, *(pytest.param(n, marks=pytest.mark.soak) for n in (2, 4, *range(6, 20)))])
def test_whichever_write_was_the_last_the_next_start_erases_to_the_end(
    start_node: StartNode, tmp_path: Path, at: int
) -> None:
    trigger, data = tmp_path / "die", tmp_path / "data"
    node = start_node(
        data, env={"DEATH_AT": str(at), "DEATH_TRIGGER": str(trigger), "PYTHONPATH": str(HERE / "deaths")}
    )
    lived(node)
    trigger.touch()
    with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
        node.post("/v1/people:erase", {"type": "user_id", "value": "canary-user"})
    eventually("its death, or the end of the erasure", lambda: node.process.poll() is not None or ended(node))
    assert at > SURE or node.process.poll() is not None, "it did not die"
    node.kill()
    trigger.unlink()

    again = start_node(data)

    if not again.get("/v1/erasures")[
        "erasures"
    ]:  # it died before the intent was durable: nothing has happened, and nobody was told otherwise
        again.post("/v1/people:erase", {"type": "user_id", "value": "canary-user"})
    eventually("the end of the erasure", lambda: ended(again))
    with pytest.raises(urllib.error.HTTPError):
        again.post("/v1/people:lookup", {"type": "user_id", "value": "canary-user"})
    assert again.post("/v1/people:lookup", {"type": "user_id", "value": "u2"})
    assert list(scan(data, CANARIES, opened=opened_contents(data))) == []
    assert again.stop() == 0
    verified = subprocess.run(
        [genom_command(), "verify", "--data", str(data)], capture_output=True, text=True, check=False, timeout=120
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr


def ended(node: Node) -> bool:
    with suppress(urllib.error.URLError, ConnectionError, json.JSONDecodeError):
        found = node.get("/v1/erasures")["erasures"]
        return bool(found) and all(one["state"] == "done" for one in found)
    return False
