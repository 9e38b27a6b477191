"""The worker's part of deliveries: take what is due, send it, say what came of it; a thread for each destination."""

from __future__ import annotations

import logging
import time
from threading import Thread
from typing import Final

import msgspec

from genom.activate import Answer, Outcome, Webhook
from genom.app.activating.delivering import Job, Work
from genom.app.commit import now_ms
from genom.app.sample.client import NodeClient
from genom.errors import GenomError
from genom.typed import from_json

__all__ = ["deliver", "deliver_next"]

log = logging.getLogger("genom.courier")

_EVERY: Final = 5.0  # seconds between two looks


class _Listed(msgspec.Struct):
    id: str


class _Shown(msgspec.Struct):
    destination: _Listed


class _Destinations(msgspec.Struct):
    destinations: list[_Shown]


def deliver(url: str, server_key: str) -> None:
    """Deliver until the process ends; a recipient that is slow keeps no other waiting."""
    client, running = NodeClient(url, server_key), dict[str, Thread]()
    while True:
        try:
            told = from_json(client.call("GET", "/v1/destinations"), _Destinations)
        except GenomError as error:
            log.warning("deliveries wait", extra={"why": str(error)})
            told = _Destinations([])
        for name in (one.destination.id for one in told.destinations):
            if name not in running or not running[name].is_alive():
                running[name] = Thread(target=_empty, args=(client, name), daemon=True)
                running[name].start()
        time.sleep(_EVERY)


def _empty(client: NodeClient, destination: str) -> None:
    try:
        while deliver_next(client, destination):
            pass
    except GenomError as error:
        log.warning("deliveries wait", extra={"destination": destination, "why": str(error)})
    except Exception:
        log.exception("a delivery failed; it is tried again", extra={"destination": destination})


def deliver_next(client: NodeClient, destination: str) -> bool:
    """Send what is due next at a destination; whether there was something."""
    asked = msgspec.json.encode({"destination": destination})
    job = from_json(client.call("POST", "/v1/outbox:claim", asked), Work).job
    if job is None:
        return False
    answer = _done(job) if now_ms() < job.until else Answer(Outcome.FAILED, why="it was claimed too long ago")
    told = {"destination": destination, "rounds": job.rounds, **msgspec.to_builtins(answer)}
    client.call("POST", "/v1/outbox:report", msgspec.json.encode(told))
    return True


def _done(job: Job) -> Answer:
    platform = Webhook(bytes.fromhex(job.secret))
    return platform.send(job.batch) if job.batch else platform.ask(job.url, job.job)
