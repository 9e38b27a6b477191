"""What the shop's server tells and asks the node; without an answer the shop goes on."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin

from genom_demo.client import Client, bearer
from genom_demo.problems import DemoProblem, LogInFirst, NodeGone

__all__ = ["Node"]

log = logging.getLogger("genom_demo.shop")
_PATIENCE: Final = 4.0  # seconds that a visitor waits for the node


class Node:
    """The node, with the source that the shop's events belong to."""

    def __init__(self, url: str, server_key: str, *, source: Mapping[str, Any]) -> None:
        self.url = url.rstrip("/")
        self.write_key: str = source["write_key"]
        self.secret = bytes.fromhex(source["secret"])
        self._name: str = source["name"]
        self._client = Client(url, bearer(server_key), patience=_PATIENCE)

    def proof(self, user: str) -> str:
        """What lets a browser speak for its user: HMAC-SHA256 under the source's secret."""
        return hmac.new(self.secret, user.encode(), hashlib.sha256).hexdigest()

    async def identify(self, user: str, anonymous: str, choices: Mapping[str, bool] | None) -> bool:
        """Confirm a log-in, so that what the browser did before belongs to the user."""
        context: dict[str, Any] = {"simulated": True, "channel": "web"}
        if choices is not None:
            context["consent"] = {"categoryPreferences": dict(choices)}
        event = {"type": "identify", "userId": user, "messageId": secrets.token_hex(16), "context": context}
        if anonymous:
            event["anonymousId"] = anonymous
        return await self._call("/v1/identify", event) is not None

    async def record(self, identifiers: Mapping[str, str], choices: Mapping[str, bool]) -> bool:
        """Put a choice on record for everything that names the visitor."""
        consents = [
            {"type": kind, "value": value, "purpose": purpose, "granted": granted, "mechanism": "shop banner"}
            for kind, value in identifiers.items()
            for purpose, granted in choices.items()
        ]
        return await self._call("/v1/consent", {"consents": consents}) is not None

    async def renewable(self, identifiers: Mapping[str, str]) -> set[str]:
        """Purposes that the visitor permits at the node or did until it ran out; none if the node does not answer."""
        kind, value = next(iter(identifiers.items()))
        told = await self._call("/v1/consent:state", {"type": kind, "value": value})
        every = told["purposes"] if told else []
        return {str(one["purpose"]) for one in every if one["state"] in {"granted", "expired"}}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    async def portal_link(self, kind: str, value: str) -> str:
        """The address of the visitor's own page at the node, "" if it knows nothing of them.

        Raises NodeGone if the node does not answer, and LogInFirst.
        """
        told = await self._call("/v1/portal-links", {"type": kind, "value": value}, needed=True)
        return urljoin(self.url, str(told["url"])) if told else ""

    async def _call(self, path: str, body: object, *, needed: bool = False) -> Any:
        try:
            return await asyncio.to_thread(self._client.call, "POST", path, body, source=self._name)
        except NodeGone:
            if needed:
                raise
            log.warning("%s: the node does not answer", path)
        except DemoProblem as problem:
            if problem.code == "portal.log-in":
                raise LogInFirst("This browser has an account.", why=str(problem), fix="log in") from problem
            log.warning("%s: %s", path, problem)
        return None
