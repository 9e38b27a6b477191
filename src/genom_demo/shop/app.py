"""The shop as a web application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from genom_demo.catalogue import catalogue
from genom_demo.prepare import LIVE
from genom_demo.problems import DemoProblem
from genom_demo.shop import browsing, checkout, own
from genom_demo.shop.control import Control
from genom_demo.shop.files import Files, picture, still_life
from genom_demo.shop.guard import Guard
from genom_demo.shop.node import Node
from genom_demo.shop.proof import Proof
from genom_demo.shop.visit import Desk, Visit
from genom_demo.state import kept

__all__ = ["build_app"]

_HERE: Final = Path(__file__).parent
Page = Callable[[Visit], Awaitable[Response]]


def build_app(*, url: str, server_key: str, state: Path) -> Starlette:
    """The shop beside the node at `url`; the demo's directory `state` holds the keys of its source.

    Raises DemoProblem if the directory does not have them.
    """
    source = kept(state, "keys.json", {}).get(LIVE)
    if source is None:
        raise DemoProblem(
            f"There are no keys of the shop in {state}.", why="the node was not prepared", fix="prepare it first"
        )
    files = Files(_HERE / "static")
    desk = Desk(shop=catalogue(), node=Node(url, server_key, source=source), pages=_templates(), static=files.prefix)
    routes = [
        *_routes(desk, Control(state)),
        Route("/shop/proof/{asked}", Proof(server_key).show),
        Route("/shop/picture/{product}.svg", picture),
        Route("/shop/still/{department}.svg", still_life),
        Mount(files.prefix, files),
        Route("/", _to_shop),
    ]

    @asynccontextmanager
    async def open_for_a_while(_: Starlette) -> AsyncIterator[None]:
        yield
        desk.node.close()

    return Starlette(
        lifespan=open_for_a_while,
        routes=routes,
        middleware=[Middleware(Guard, node=desk.node.url), Middleware(GZipMiddleware, minimum_size=1500)],
        exception_handlers={404: _page(desk, browsing.not_found), 405: _page(desk, browsing.not_found)},
    )


def _routes(desk: Desk, control: Control) -> list[Route]:
    pages: list[tuple[str, str, Page]] = [
        ("GET", "", browsing.home),
        ("GET", "/d/{department}", browsing.department),
        ("GET", "/c/{category}", browsing.category),
        ("GET", "/p/{product}", browsing.product),
        ("GET", "/row", browsing.row),
        ("GET", "/help", browsing.help_page),
        ("GET", "/cart", checkout.cart),
        ("POST", "/cart", checkout.add),
        ("POST", "/cart/remove", checkout.remove),
        ("POST", "/voucher", checkout.use_voucher),
        ("POST", "/order", checkout.order),
        ("GET", "/thanks", checkout.thanks),
        ("POST", "/language", own.set_language),
        ("GET", "/choices", own.ask_choices),
        ("POST", "/choices", own.take_choices),
        ("GET", "/login", own.ask_login),
        ("POST", "/login", own.log_in),
        ("POST", "/logout", own.log_out),
        ("POST", "/about-you", own.about_you),
        ("GET", "/control", control.show),
        ("POST", "/control", control.take),
    ]
    return [Route(f"/shop{path}", _endpoint(desk, page), methods=[method]) for method, path, page in pages]


def _endpoint(desk: Desk, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await page(Visit(desk, request))

    return answer


def _page(desk: Desk, page: Page) -> Any:
    async def answer(request: Request, problem: Exception) -> Response:  # noqa: ARG001 -- Starlette's signature
        return await page(Visit(desk, request))

    return answer


async def _to_shop(request: Request) -> Response:  # noqa: ARG001 -- Starlette's signature
    return RedirectResponse("/shop")


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals |= {"here": "", "asks": False}
    return environment
