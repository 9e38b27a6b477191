"""The worker's part of deliveries: take what is due, send it, say what came of it."""

from __future__ import annotations

import logging
import time
from typing import Final

import msgspec

from genom.activate import Answer, Webhook
from genom.app.activating.delivering import Job, Work
from genom.app.sample.client import NodeClient
from genom.errors import GenomError

__all__ = ["deliver", "deliver_due"]

log = logging.getLogger("genom.courier")

_EVERY: Final = 5.0  # seconds between two looks


def deliver(url: str, server_key: str) -> None:
    """Deliver until the process ends."""
    client = NodeClient(url, server_key)
    while True:
        try:
            while deliver_due(client):
                pass
        except GenomError as error:
            log.warning("deliveries wait", extra={"why": str(error)})
        except Exception:
            log.exception("deliveries failed; they are tried again")
        time.sleep(_EVERY)


def deliver_due(client: NodeClient) -> int:
    """Send what is due now; returns how many jobs that were."""
    work = msgspec.json.decode(client.call("POST", "/v1/outbox:claim", b"{}"), type=Work)
    for job in work.jobs:
        answer = _done(job)
        told = {"destination": job.destination, "rounds": job.rounds, **msgspec.to_builtins(answer)}
        client.call("POST", "/v1/outbox:report", msgspec.json.encode(told))
    return len(work.jobs)


def _done(job: Job) -> Answer:
    platform = Webhook(bytes.fromhex(job.secret))
    return platform.send(job.batch) if job.batch else platform.ask(job.url, job.job)
