"""Files and pictures of the shop, kept by browsers for as long as they do not change."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from genom_demo.shop.pictures import hero_picture, product_picture

__all__ = ["Files", "picture", "still_life"]

_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_A_DAY: Final = "public, max-age=86400"


class Files:
    """The static files, under an address that changes with them."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in _TYPES}
        self.prefix = "/shop/files/" + hashlib.sha256(b"".join(self._files.values())).hexdigest()[:12]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file."""
        name = scope["path"].rpartition("/")[2]
        if name in self._files:
            kind = _TYPES[Path(name).suffix]
            response = Response(self._files[name], media_type=kind, headers={"cache-control": _FOR_EVER})
        else:
            response = PlainTextResponse("There is no such file.\n", 404)
        await response(scope, receive, send)


async def picture(request: Request) -> Response:
    """A product's picture."""
    try:
        return _svg(product_picture(request.path_params["product"]))
    except KeyError:
        return PlainTextResponse("There is no such picture.\n", 404)


async def still_life(request: Request) -> Response:
    """A department's still life."""
    try:
        return _svg(hero_picture(request.path_params["department"]))
    except KeyError:
        return PlainTextResponse("There is no such picture.\n", 404)


def _svg(body: bytes) -> Response:
    return Response(body, media_type="image/svg+xml", headers={"cache-control": _A_DAY})
