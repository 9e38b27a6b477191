"""Real pages in a real browser: Debian's Chromium, a node of its own and the shop's process.

`node` is a node without data, one for all browser tests; `browser`, `context` and `page` are Playwright's.
`open_shop` starts the living shop beside a node.  Use own identifiers in each test.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import node as nodes
from tests.browser import shop_process
from tests.browser.shop_process import Shop
from tests.node import Node

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SOURCE = {"PYTHONPATH": os.environ["PYTHONPATH"]} if os.environ.get("PYTHONPATH") else {}  # a developer's own run
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}  # CSS pixels
SOON = 60_000  # ms after which something that should have shown has not, also on a machine that is slow today
TIMES = os.environ.get("GENOM_TIMES")  # a file of `benchmarks/browser.py`; without it nothing is measured
TRIES = 5  # of what is measured
expect.set_options(timeout=SOON)


def timed(mark: str, act: Callable[[int], object], *, before: Callable[[int], object] = lambda _: None) -> None:
    """Do what must be fast; a benchmark measures a few tries of it, and a test asserts no time."""
    for number in range(TRIES if TIMES else 1):
        before(number)
        began = time.perf_counter()
        act(number)
        note(mark, time.perf_counter() - began)


def note(mark: str, seconds: float) -> None:
    """Write down how long something took, for the benchmark that asked."""
    if TIMES:
        with Path(TIMES).open("a", encoding="utf-8") as out:
            out.write(json.dumps({"mark": mark, "seconds": seconds}) + "\n")


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node without data, one for all browser tests."""
    running = nodes.start(tmp_path_factory.mktemp("browser") / "data", env=SOURCE)
    yield running
    assert running.stop() == 0, running.log.read_text("utf-8")[-4000:]


@pytest.fixture
def own_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node of the test's own, which it may stop."""
    running = nodes.start(tmp_path_factory.mktemp("own") / "data", env=SOURCE)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; of a module and not of the session, because its loop keeps other tests from having one."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile without cookies or storage."""
    context = browser.new_context(viewport=WIDE, locale="en-GB")
    context.set_default_timeout(SOON)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page; the test fails if one of its scripts threw an error or the page broke its own content policy."""
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert not problems, problems


@pytest.fixture(scope="session")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Node], Shop]]:
    """Starts the living shop beside a node; a second call for the same node gives the same shop."""
    shops: dict[str, Shop] = {}

    def start(node: Node) -> Shop:
        if node.url not in shops:
            state: Path = tmp_path_factory.mktemp("living") / "state"
            shops[node.url] = shop_process.start(node, state, env=SOURCE)
        return shops[node.url]

    yield start
    for shop in shops.values():
        shop.stop()
