"""The shop's application asked without a network, with the cookies that it gives."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx


class ShopClient:
    """A visitor who follows no redirects; `cookies` are those that the shop gave."""

    def __init__(self, app: Any, address: str) -> None:
        self._app, self._address, self.cookies = app, address, httpx.Cookies()

    def get(self, path: str, **how: Any) -> httpx.Response:
        """A page."""
        return asyncio.run(self._ask("GET", path, **how))

    def post(self, path: str, **how: Any) -> httpx.Response:
        """A form."""
        return asyncio.run(self._ask("POST", path, **how))

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._app)
        async with httpx.AsyncClient(transport=transport, base_url=self._address, cookies=self.cookies) as client:
            response = await client.request(method, path, **how)
            self.cookies = httpx.Cookies(client.cookies)
        return response
