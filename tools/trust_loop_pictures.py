"""Takes the pictures of docs/how-to/your-data.md: a person turns a switch, and what everybody then sees.

python tools/trust_loop_pictures.py

Starts a node of its own in a scratch directory, with invented people, and a headless Chromium.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
DAY = 86_400  # seconds
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
GOODS = {"Pour-over coffee": 24.9, "Linen": 39.0, "Herb planters": 12.5, "Notebooks": 9.8, "Teapots": 31.0}


class Node:
    """A node on a scratch directory."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "genom", "up", "--data", str(directory), "--port", str(port), "--no-sample"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        self.url = f"http://127.0.0.1:{port}"
        self._wait()
        self._key = json.loads((directory / "keys.json").read_text("utf-8"))["server_key"]

    def _wait(self) -> None:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{self.url}/ready", timeout=5):  # noqa: S310 -- our own node
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise TimeoutError("the node did not become ready")

    def post(self, path: str, body: object) -> Any:
        """The JSON answer to a POST with the server key."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return json.loads(reply.read())

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def invent(node: Node) -> str:
    """Mara and a few others with half a year behind them; returns Mara's public id."""
    for person in ("mara", "tilo", "ines"):
        for purpose in ("personalise_onsite", "recommend", "price", "measure_person", "email", "model_training"):
            choice = {"type": "user_id", "value": person, "purpose": purpose, "granted": True, "mechanism": "banner"}
            node.post("/v1/consent", choice)
    node.post("/v1/batch", {"batch": [*_mara(), *(event for n in range(24) for event in _others(n))]})
    for _ in range(6):
        node.post("/v1/decide", {"point": "next_product", "person": {"user_id": "mara"}, "n": 2})
    return str(node.post("/v1/people:lookup", {"type": "user_id", "value": "mara"})["person"])


def _mara() -> list[dict[str, Any]]:
    traits = {"email": "mara@lindner.example", "name": "Mara Lindner"}
    known = {"type": "identify", "userId": "mara", "anonymousId": "phone-mara", "traits": traits, **_at(200)}
    events = [known | {"messageId": "identify", "context": {"channel": "web", "simulated": True}}]
    wants = ["Pour-over coffee", "Linen", "Pour-over coffee", "Herb planters", "Pour-over coffee", "Linen", "Notebooks"]
    for n, category in enumerate(wants):
        events.append(_order("mara", category, 190 - 29 * n, "pos" if n < 3 else "web"))
    for n, category in enumerate(("Linen", "Teapots", "Herb planters", "Pour-over coffee")):
        events.append(_track("Product Viewed", "mara", 2 + n / 50, "web", {"category": category, "price": 1}))
    mail = [_track("Campaign Received", "mara", 20 + n, "email", {"campaign_id": f"letter-{n}"}) for n in range(3)]
    return [*events, *mail]


def _others(n: int) -> list[dict[str, Any]]:
    goods = list(GOODS)
    return [_order(f"someone-{n}", goods[(n * n + k) % len(goods)], 3 + 7 * k + n, "pos") for k in range(3)]


def _order(person: str, category: str, days: float, channel: str) -> dict[str, Any]:
    line = {"product_id": f"p-{category}", "category": category, "price": GOODS[category], "quantity": 1}
    paid = {"total": GOODS[category], "currency": "EUR", "products": [line]}
    return _track("Order Completed", person, days, channel, paid | ({"discount": 2.5} if days % 2 < 1 else {}))


def _track(event: str, person: str, days: float, channel: str, properties: dict[str, Any]) -> dict[str, Any]:
    context = {"channel": channel, "timezone": "Europe/Berlin", "simulated": True}
    name = f"{person}-{event}-{days}"
    call = {"type": "track", "event": event, "userId": person, "messageId": name[:100], "context": context}
    return call | {"properties": properties, **_at(days)}


def _at(days: float) -> dict[str, str]:
    return {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * DAY - 5 * 3600))}


def open_page(browser: Browser, url: str, *, language: str, size: dict[str, int], dark: bool = False) -> Page:
    """A page in a browser of its own."""
    scheme = "dark" if dark else "light"
    context = browser.new_context(viewport=size, locale=language, color_scheme=scheme, device_scale_factor=1)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    return page


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep what a page shows now."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)


def sequence(browser: Browser, node: Node, person: str) -> None:
    """The loop, picture by picture."""
    marketer = open_page(browser, node.url + node.post("/v1/console-links", {})["url"], language="en-GB", size=WIDE)
    marketer.goto(f"{node.url}/people/{person}?family=price")
    marketer.wait_for_timeout(2_500)  # the figures of comparison are worked out
    marketer.reload()
    shoot(marketer, "trust-1-before")
    own = open_page(browser, _link(node), language="en-GB", size={"width": 1000, "height": 900})
    shoot(own, "trust-2-what-we-know", whole=True)
    own.goto(f"{node.url}/me/choices")
    own.locator("#purpose-price").get_by_role("button", name="Off").click()
    own.locator("#purpose-price [role=status]").wait_for()
    shoot(own, "trust-3-switch-off")
    shoot(marketer, "trust-4-two-seconds-later")
    own.goto(f"{node.url}/me")
    own.locator("section.off").scroll_into_view_if_needed()
    own.mouse.wheel(0, 120)
    shoot(own, "trust-5-withheld")
    own.goto(f"{node.url}/me/tell")
    own.get_by_role("button", name="Not interested in Linen").click()
    own.get_by_role("status").wait_for()
    shoot(own, "trust-6-tell-us")
    node.post("/v1/decide", {"point": "next_product", "person": {"user_id": "mara"}, "n": 2})
    own.goto(f"{node.url}/me/why")
    shoot(own, "trust-7-why")


def others(browser: Browser, node: Node) -> None:
    """German, on a phone, in the dark."""
    phone = open_page(browser, _link(node), language="de-DE", size=NARROW, dark=True)
    for path, name in (("/me", "know"), ("/me/why", "why"), ("/me/choices", "choices"), ("/me/tell", "tell")):
        phone.goto(node.url + path)
        shoot(phone, f"portal-phone-{name}")


def _link(node: Node) -> str:
    return node.url + str(node.post("/v1/portal-links", {"type": "user_id", "value": "mara"})["url"])


def main() -> int:
    """Take them all."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("There is no Chromium on this machine.\n  fix: apt-get install chromium")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TZ", "Europe/Berlin")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        node = Node(Path(scratch) / "data")
        try:
            person = invent(node)
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            sequence(browser, node, person)
            others(browser, node)
            browser.close()
        finally:
            node.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
