"""kill -9 in the middle of an erasure: the next start does it to the end, and no byte stays."""

from __future__ import annotations

import http.client
import json
import subprocess
import urllib.error
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from genom.app.journals import open_bad_rows
from genom.app.scanning import opened_contents
from genom.privacy import scan
from genom.settings import load_settings
from tests.conftest import StartNode
from tests.crash.witness import eventually
from tests.node import Node, genom_command

CANARIES = ["canary-user", "a-canary-device", "Canary Thing"]
HERE = Path(__file__).parent
SURE = 5  # writes that an erasure makes at least
REJECTED = 7  # of them that the file of a day with rejected events takes
OTHERS = ["u2", "u3"]


def happened(name: str, **who: str) -> dict[str, Any]:
    products = [{"product_id": "p", "category": "TEA", "price": 2, "quantity": 1}]
    return {"type": "track", "event": name, "properties": {"total": 2, "currency": "EUR", "products": products}} | who


def lived(node: Node) -> None:
    """A person with a device, a decision, a choice and a rejected event, and others beside them."""
    events = [happened("Order Completed", userId=user) for user in ("canary-user", *OTHERS) for _ in range(3)]
    events.append({"type": "identify", "userId": "canary-user", "anonymousId": "a-canary-device"})
    events.append(happened("Canary Thing", userId="canary-user"))
    node.post("/v1/batch", {"batch": events})
    node.post("/v1/batch", {"batch": [{"type": "track", "userId": user} for user in ("canary-user", *OTHERS)]})
    choice = {"type": "user_id", "value": "canary-user", "purpose": "recommend", "granted": True}
    node.post("/v1/consent", choice)
    node.post("/v1/decide", {"point": "next_product", "person": {"user_id": "canary-user"}, "n": 1})


@pytest.mark.parametrize("at", [1, 3, 5, *(pytest.param(n, marks=pytest.mark.soak) for n in (2, 4, *range(6, 20)))])
def test_whichever_write_was_the_last_the_next_start_erases_to_the_end(
    start_node: StartNode, tmp_path: Path, at: int
) -> None:
    dies_and_ends(start_node, tmp_path, at)


@pytest.mark.parametrize("at", [4, 6, *(pytest.param(n, marks=pytest.mark.soak) for n in (1, 2, 3, 5, 7))])
def test_whenever_it_dies_over_rejected_events_those_of_others_stay(
    start_node: StartNode, tmp_path: Path, at: int
) -> None:
    dies_and_ends(start_node, tmp_path, at, within="/badrows")


def dies_and_ends(start_node: StartNode, tmp_path: Path, at: int, *, within: str = "") -> None:
    """A node dies at a write of an erasure, and the next one does it to the end."""
    trigger, data = tmp_path / "die", tmp_path / "data"
    dying = {"DEATH_AT": str(at), "DEATH_TRIGGER": str(trigger), "DEATH_IN": within}
    node = start_node(data, env=dying | {"PYTHONPATH": str(HERE / "deaths")})
    lived(node)
    trigger.touch()
    with suppress(urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError):
        node.post("/v1/people:erase", {"type": "user_id", "value": "canary-user"})
    eventually("its death, or the end of the erasure", lambda: node.process.poll() is not None or ended(node))
    assert at > (REJECTED if within else SURE) or node.process.poll() is not None, "it did not die"
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
    assert rejected(data) == OTHERS
    assert sorted(path.suffix for path in (data / "badrows").iterdir()) == [".jsonl"]
    verified = subprocess.run(
        [genom_command(), "verify", "--data", str(data)], capture_output=True, text=True, check=False, timeout=120
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr


def rejected(data: Path) -> list[str]:
    """Whom the rejected events are about."""
    store = open_bad_rows(data, load_settings(data))
    return [json.loads(row.raw)["userId"] for day in store.days() for row in store.read(day)]


def ended(node: Node) -> bool:
    with suppress(urllib.error.URLError, http.client.HTTPException, ConnectionError, json.JSONDecodeError):
        found = node.get("/v1/erasures")["erasures"]
        return bool(found) and all(one["state"] == "done" for one in found)
    return False
