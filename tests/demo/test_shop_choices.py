"""The banner of the living shop and the node's ledger: an answer renews, and widens nothing that was withdrawn."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from genom_demo.shop import build_app
from genom_demo.shop.words import PURPOSES
from tests.demo.shop_client import ShopClient
from tests.node import Node

ANONYMOUS = "0123456789abcdef" * 2


def stands(node: Node) -> dict[str, dict[str, Any]]:
    told = node.post("/v1/consent:state", {"type": "anonymous_id", "value": ANONYMOUS})["purposes"]
    return {one["purpose"]: one for one in told}


def test_a_new_answer_renews_what_counts_and_leaves_what_was_withdrawn_elsewhere(node: Node, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"living-shop": node.post("/v1/sources", {"name": "living-shop"})}))
    address = "http://127.0.0.1:9121"
    app = build_app(url=node.url, server_key=node.server_key, state=tmp_path)
    client = ShopClient(app, address)

    def answer(word: str, purposes: list[str]) -> None:
        form = {"answer": word, "anonymous": ANONYMOUS, "purpose": purposes}
        assert client.post("/shop/choices", data=form, headers={"origin": address}).status_code == 303

    answer("all", [])
    first = stands(node)
    assert {first[purpose]["state"] for purpose in PURPOSES} == {"granted"}
    withdrawn = {"type": "anonymous_id", "value": ANONYMOUS, "purpose": "price", "granted": False}
    node.post("/v1/consent", withdrawn)
    time.sleep(0.01)

    answer("some", [purpose for purpose in PURPOSES if purpose != "email"])

    now = stands(node)
    assert now["recommend"]["since"] > first["recommend"]["since"]
    assert (now["price"]["state"], now["email"]["state"]) == ("refused", "refused")
    assert not now["email"]["may_ask"]
    asyncio.run(ended(app))


async def ended(app: Starlette) -> None:
    async with app.router.lifespan_context(app):
        pass
