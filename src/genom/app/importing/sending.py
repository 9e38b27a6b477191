"""Parcels on their way to the node: several at a time, taken back in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from genom.app.importing.parcels import Parcel
from genom.app.sample.client import NodeClient
from genom.errors import BadRequest, GenomError, Gone

__all__ = ["Delivered", "delivered"]

IN_FLIGHT: Final = 3  # parcels at a time
_ABOUT_ONE: Final = {BadRequest.status, Gone.status}  # somebody in a request is to blame for such an answer
_PATHS: Final = {"products": "/v1/products", "consents": "/v1/consent", "batch": "/v1/batch"}
"""Products and choices go before the events that they are about: what an event may serve is settled as it comes."""


@dataclass(slots=True)
class Delivered:
    """What the node said to a parcel."""

    parcel: Parcel
    refused: dict[int, str] = field(default_factory=dict)  # place of a thing in the parcel → why
    sent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_PATHS, 0))
    erased: int = 0


def delivered(client: NodeClient, source: str, parcels: Iterable[Parcel]) -> Iterator[Delivered]:
    """Send parcels, and tell in their order what became of them.

    A parcel with choices travels alone: of two choices of one person the later one must come last.
    """
    waiting: deque[Future[Delivered]] = deque()
    pool = ThreadPoolExecutor(IN_FLIGHT, "import")
    try:
        for parcel in parcels:
            alone = any(said.to == "consents" for thing in parcel.things for said in thing.said)
            while waiting and (alone or len(waiting) >= IN_FLIGHT):
                yield waiting.popleft().result()
            waiting.append(pool.submit(_deliver, client, source, parcel))
            if alone:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _deliver(client: NodeClient, source: str, parcel: Parcel) -> Delivered:
    told = Delivered(parcel)
    for name in _PATHS:
        things = [
            (place, body)
            for place, thing in enumerate(parcel.things)
            if place not in told.refused
            for said, body in zip(thing.said, thing.bodies, strict=True)
            if said.to == name
        ]
        if things:
            _post(client, source, name, told, things=things)
    return told


def _post(client: NodeClient, source: str, name: str, told: Delivered, *, things: Sequence[tuple[int, bytes]]) -> None:
    """Send a list; one that is refused as a whole is sent in halves, until who is to blame stands alone."""
    body = b'{"%s":[%s]}' % (name.encode(), b",".join([one for _, one in things]))
    try:
        answer: Any = msgspec.json.decode(client.call("POST", _PATHS[name], body, X_Genom_Source=source))
    except GenomError as error:
        if error.status not in _ABOUT_ONE:
            raise
        if len(things) == 1:
            told.refused[things[0][0]] = ": ".join(part for part in (error.what, error.why) if part)
            return
        half = len(things) // 2
        _post(client, source, name, told, things=things[:half])
        _post(client, source, name, told, things=things[half:])
        return
    refused = answer.get("rejected", []) if name == "batch" else []
    for one in refused:
        told.refused[things[one["index"]][0]] = one["message"]
    told.sent[name] += len(things) - len(refused)
    told.erased += answer.get("erased", 0)
