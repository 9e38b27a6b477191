"""How long does the node take for each page of the console, over the sample shop, one after the other?

The time is from the request to the last byte, on one kept connection, compressed as a browser asks for it.
Nothing else runs, and between two readings of a page what it keeps for two seconds grows old.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import time
from typing import Any

import runner
from node import Node, scratch, started
from runner import Reach
from sample_load import all_visible

REACH = (Reach("slowest_page_p95_ms", "<=", 50, "ms"),)
OPTIONS: dict[str, float | int | str] = {"turns": 20, "decisions": 60, "limit_seconds": 900.0}
POINT = "next_product"
KEPT_SECONDS = 2.2


def sign_in(node: Node) -> str:
    """A session of the console; its cookies."""
    link = node.api().post("/v1/console-links", {})["url"]
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
    connection.request("GET", link)
    answer = connection.getresponse()
    answer.read()
    session = (answer.getheader("Set-Cookie") or "").split(";")[0]
    if not session:
        raise RuntimeError(f"{link.split('?')[0]} answered {answer.status} and opened no session")
    return f"{session}; genom_language=de"


def pages(node: Node, asked: argparse.Namespace) -> dict[str, str]:
    """Name → path; somebody about whom much was decided."""
    api = node.api()
    card = {"type": "card", "value": "1"}
    person = api.post("/v1/people:lookup", card)["person"]
    wished = {"point": POINT, "person": {"card": "1"}, "n": 3}
    decisions = [api.post("/v1/decide", wished)["decision_id"] for _ in range(asked.decisions)]
    return {
        "home": "/",
        "live": "/events/live",
        "people": "/people",
        "person": f"/people/{person}",
        "person, all genes": f"/people/{person}?family=all",
        "identity": f"/people/{person}/identity",
        "decisions about a person": f"/people/{person}/decisions",
        "decision points": "/decisions",
        "decision point": f"/decisions/{POINT}",
        "simulator": f"/decisions/{POINT}?person={person}",
        "decision log": "/decisions/log",
        "decision": f"/decisions/log/{decisions[0]}",
        "models": "/models",
        "genes": "/genes",
        "gene": "/genes/value.order_value.sum.30d",
        "segments": "/segments",
        "who permits": "/people?permits=any",
        "requests": "/requests",
        "audit": "/audit",
    }


def ask(connection: http.client.HTTPConnection, path: str, cookies: str) -> float:
    """Milliseconds until the last byte; anything but 200 is an error."""
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookies, "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    taken = (time.perf_counter() - begun) * 1000
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return taken


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on a fresh node, when the sample is loaded and the models are trained."""
    with scratch() as data, started(data, "--no-demo") as node:
        deadline = time.monotonic() + asked.limit_seconds
        all_visible(node.api(), node, deadline)
        while time.monotonic() < deadline and node.api().get("/v1/models").get("training", {}).get("state") != "ended":
            time.sleep(1)
        cookies, found = sign_in(node), pages(node, asked)
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)
        times: dict[str, list[float]] = {name: [] for name in found}
        for turn in range(asked.turns + 1):
            begun = time.monotonic()
            for name, path in found.items():
                taken = ask(connection, path, cookies)
                if turn:  # the first turn reads the templates
                    times[name].append(taken)
            time.sleep(max(0.0, KEPT_SECONDS - (time.monotonic() - begun)))
    told = {
        name: {
            "median_ms": round(statistics.median(each), 2),
            "p95_ms": round(statistics.quantiles(each, n=20, method="inclusive")[18], 2),
        }
        for name, each in times.items()
    }
    return {"pages": told, "slowest_page_p95_ms": max(each["p95_ms"] for each in told.values())}


if __name__ == "__main__":
    runner.main("pages", measure, REACH, OPTIONS)
