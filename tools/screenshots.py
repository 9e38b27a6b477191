"""Photographs every page into docs/pictures: English light, German dark, and German at 390 px.

python tools/screenshots.py [--url URL --data DIR] [--only NAME …]

Without an address it starts a node of its own on a small data set that is the same each time.  With one it takes the
node as it is, so that the pages show what lives there; DIR is its data directory, for the keys.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import struct
import sys
import tempfile
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests import node as nodes  # noqa: E402 -- the tests' helpers are no package of the interpreter
from tests.browser.pages import PAGES, Ids, Listed, define_segments, fill  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
MOST = 150_000  # bytes of a picture
PIXELS = """async (png) => {
const image = new Image(); image.src = "data:image/png;base64," + png; await image.decode();
const pen = new OffscreenCanvas(image.width, image.height).getContext("2d"); pen.drawImage(image, 0, 0);
const bytes = pen.getImageData(0, 0, image.width, image.height).data; let text = "";
for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
return [image.width, image.height, btoa(text)]; }"""
UNSEEN = {
    "builder-wrong",
    "segment-removal",
    "kit",
    "nobody",
    "no-genes",
    "no-requests",
    "no-rejected",
    "rejected-again",
    "source-added",
    "not-found",
}  # photographed only if they are named
LOOKS = {
    "en": ("en", "light", {"width": 1440, "height": 1000}),
    "de-dark": ("de", "dark", {"width": 1440, "height": 1000}),
    "de-390": ("de", "light", {"width": 390, "height": 844}),
}


@dataclass(frozen=True, slots=True)
class Known:
    """A node that runs already."""

    url: str
    data: Path

    def post(self, path: str, body: object) -> Any:
        """The JSON answer with the server key."""
        key = json.loads((self.data / "keys.json").read_bytes())["server_key"]
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)  # noqa: S310 -- ours
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return json.load(reply)


def main() -> None:
    """Photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url")
    parser.add_argument("--data", type=Path, default=Path("genom-data"))
    parser.add_argument("--user", default="living-00001", help="whose page is opened in a node that runs already")
    parser.add_argument("--only", nargs="*", default=[])
    given = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, site(given) as (node, ids):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for listed in PAGES:
            if listed.name in given.only or not (given.only or listed.name in UNSEEN):
                for look in LOOKS:
                    photograph(browser, node, ids, listed, look)
        browser.close()


@contextmanager
def site(given: argparse.Namespace) -> Iterator[tuple[Any, Ids]]:
    """A node with something to show."""
    if given.url:
        known = Known(given.url, given.data)
        yield known, ids_of(known, given.user)
        return
    with tempfile.TemporaryDirectory() as folder:
        source = {"PYTHONPATH": os.environ["PYTHONPATH"]} if os.environ.get("PYTHONPATH") else {}
        node = nodes.start(Path(folder) / "data", env=source)
        try:
            yield node, fill(node)
        finally:
            node.stop()


def ids_of(node: Known, user: str) -> Ids:
    """A person of a node that runs already, and a decision about that person."""
    person = node.post("/v1/people:lookup", {"type": "user_id", "value": user})["person"]
    define_segments(node)
    asked = {"point": "next_product", "person": {"user_id": user}, "n": 3}
    return Ids(person=person, decision=node.post("/v1/decide", asked)["decision_id"])


def photograph(browser: Browser, node: Any, ids: Ids, listed: Listed, look: str) -> None:
    """One picture."""
    language, theme, viewport = LOOKS[look]
    context = browser.new_context(viewport=viewport, locale="en-GB", reduced_motion="reduce")
    choices = {"genom_language": language, "genom_theme": theme}
    context.add_cookies([{"name": name, "value": value, "url": node.url} for name, value in choices.items()])
    if listed.stranger:
        link = "/login"
    elif listed.portal:
        link = node.post("/v1/portal-links", {"type": "person", "value": ids.person})["url"]
    else:
        link = node.post("/v1/console-links", {})["url"]
    context.request.get(node.url + link)
    page = context.new_page()
    page.goto(node.url + listed.path(ids), wait_until="load")
    page.wait_for_timeout(700)
    save(page, PICTURES / f"{listed.name}-{look}.png")
    context.close()


def save(page: Page, path: Path) -> None:
    """A picture of the whole page while that is small, else of its first screen; in 256 colours."""
    for whole in (True, False):
        path.write_bytes(in_few_colours(page.context.browser, page.screenshot(full_page=whole)))
        if path.stat().st_size <= MOST:
            break
    print(f"{path.name}  {path.stat().st_size // 1000} KB")


def in_few_colours(browser: Browser | None, png: bytes) -> bytes:
    """The picture with a palette: pages have few colours, and nobody sees the rest of an edge's shades."""
    assert browser is not None
    page = browser.new_page()
    width, height, pixels = page.evaluate(PIXELS, base64.b64encode(png).decode())
    page.close()
    rgb = np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height * width, 4)[:, :3].astype(np.int32)
    for bits in (0, 1, 2, 3, 4):  # as many shades as a palette holds
        code = ((rgb >> bits) @ np.array([1 << 16, 1 << 8, 1])).astype(np.int64)
        colours, index = np.unique(code, return_inverse=True)
        if len(colours) <= 256:
            break
    else:
        return png
    sums = np.stack([np.bincount(index, rgb[:, channel]) for channel in range(3)], 1)
    palette = np.round(sums / np.bincount(index)[:, None]).astype(np.uint8)
    rows = index.astype(np.uint8).reshape(height, width)
    data = zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes(), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        map(chunk, (b"IHDR", b"PLTE", b"IDAT", b"IEND"), (head, palette.tobytes(), data, b""))
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    main()
