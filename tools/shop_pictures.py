"""Photographs the living shop into docs/pictures: English light, German dark, and German at 390 px.

python tools/shop_pictures.py [--shop URL]

Without an address it starts a node and a shop of its own; with one it takes the shop as it is.
The visitor accepts, looks at things for the garden, and comes back to the first page.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from screenshots import LOOKS, PICTURES, save  # noqa: E402 -- a neighbour, which is no package

from tests import node as nodes  # noqa: E402 -- the tests' helpers are no package of the interpreter
from tests.browser import shop_process  # noqa: E402

LOOKED_AT = ("seeds-basil", "watering-can", "pot-terracotta", "seeds-meadow")
CALM = 1200  # ms until a page's slots are filled


def main() -> None:
    """Photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", help="such as http://127.0.0.1:8766")
    given = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, site(given.shop) as url:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for look in LOOKS:
            visit(browser, url, look)
        browser.close()


@contextmanager
def site(url: str | None) -> Iterator[str]:
    """The shop's address."""
    if url:
        yield url.rstrip("/")
        return
    source = {"PYTHONPATH": os.environ["PYTHONPATH"]} if os.environ.get("PYTHONPATH") else {}
    with tempfile.TemporaryDirectory() as folder:
        node = nodes.start(Path(folder) / "data", env=source)
        try:
            shop = shop_process.start(node, Path(folder) / "state", env=source)
            yield shop.url
            shop.stop()
        finally:
            node.stop()


def visit(browser: Browser, url: str, look: str) -> None:
    """One visitor's way, with a picture of each page."""
    language, theme, viewport = LOOKS[look]
    context = browser.new_context(
        viewport=viewport, locale={"en": "en-GB", "de": "de-DE"}[language], color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    show(page, f"{url}/shop", f"shop-banner-{look}")
    page.locator('button[value="all"]').click()
    for product in LOOKED_AT:
        show(page, f"{url}/shop/p/{product}", "")
    show(page, f"{url}/shop/p/{LOOKED_AT[-1]}", f"shop-product-{look}")
    show(page, f"{url}/shop", f"shop-home-{look}")
    context.close()


def show(page: Page, address: str, name: str) -> None:
    """Open a page; with a name, photograph it."""
    page.goto(address, wait_until="load")
    page.wait_for_timeout(CALM)
    if name:
        save(page, PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
