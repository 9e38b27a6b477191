"""`genom up`: everything that a start says and does."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console

from genom.app.commit import now_ms
from genom.app.decisions.deciding import check_genes
from genom.app.demo import supervise_demo
from genom.app.directory import open_directory
from genom.app.logs import log_as_json
from genom.app.node import Node
from genom.app.routes.admin import sample_state
from genom.app.routes.links import CONSOLE_MINUTES
from genom.app.routes.status import development_notice
from genom.app.sample.consents import check_consents
from genom.app.server import App
from genom.app.serving import serve
from genom.app.supervise import supervise_worker, worker_command
from genom.app.totals import totals_of
from genom.app.warm import warm
from genom.settings import load_settings
from genom.words import ConsentMode

__all__ = ["SAMPLE", "run_node"]

SAMPLE: Final = "sample"  # name of the sample shop's source


def run_node(
    directory: Path,
    *,
    port: int | None,
    sample: bool,
    sample_only: bool,
    consents: str,
    console: Console,
    demo: bool = False,
) -> None:
    """Serve until a signal comes; with `sample_only` load the sample, print its totals and end.

    `demo`: the living shop is served on the next port.
    """
    log_as_json()
    check_consents(consents)
    data = open_directory(directory)
    settings = load_settings(directory)
    if port is not None:
        settings = replace(settings, port=port)
    warm(console.print)
    keys: dict[str, str] = {}

    def prepare(node: Node) -> None:
        check_genes(node.world.layout.genes)
        keys.update(node.first_keys() or {})
        if sample and SAMPLE not in {source.name for source in node.sources.values()}:
            node.catalogue.add_source(SAMPLE, consent=ConsentMode.REQUIRED, history=True)
            node.refresh_sources()

    async def started(app: App) -> None:
        url = f"http://{settings.host}:{settings.port}"
        data.announce(url=url)
        _greet(console, app, url, keys)
        command = worker_command(app, sample=sample, consents=consents)
        worker = asyncio.create_task(supervise_worker(command, lives=3 if sample_only else math.inf))
        loaded = asyncio.create_task(_until_loaded(app, console)) if sample_only else worker
        shop = asyncio.create_task(supervise_demo(app, console, after_sample=sample)) if demo else worker
        try:
            done, _ = await asyncio.wait({worker, loaded}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            worker.cancel()
            loaded.cancel()
            shop.cancel()
            await asyncio.gather(worker, loaded, shop, return_exceptions=True)

    tenths = {0}

    def progress(step: str, at: int, of: int) -> None:
        if (tenth := 10 * at // max(of, 1)) not in tenths:
            tenths.add(tenth)
            console.print(f"{step}: {10 * tenth} % of {of:,} rows")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(data, settings, started=started, prepare=prepare, progress=progress))


async def _until_loaded(app: App, console: Console) -> None:
    while sample_state(app).state != "complete":
        await asyncio.sleep(0.1)
    console.file.write(json.dumps(totals_of(app.node)) + "\n")
    console.file.flush()


def _greet(console: Console, app: App, url: str, keys: dict[str, str]) -> None:
    node = app.node
    console.print(f"Genom serves on {url}", highlight=False)
    token = app.sessions.make_link("console", "admin", now=now_ms(), minutes=CONSOLE_MINUTES)
    console.print(f"  log in      {node.settings.url}/login?token={token}", highlight=False)
    console.print(
        f"  The link works once and for {CONSOLE_MINUTES} minutes; `genom login` prints another.", highlight=False
    )
    if keys:
        console.print(f"  write key   {keys['write_key']}", highlight=False)
        console.print(f"  server key  {keys['server_key']}", highlight=False)
        console.print(
            f"  They are shown this once; {node.data.path / 'keys.json'} keeps them, readable by you alone.",
            highlight=False,
        )
    if node.journal.cut_bytes:
        console.print(
            f"  The last run ended in the middle of a write; {node.journal.cut_bytes:,} unfinished bytes were cut."
        )
    if notice := development_notice(app):
        console.print(f"  {notice}", highlight=False)
