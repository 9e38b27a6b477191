"""While genes are added or taken back, decisions are answered: by the old version of the genes, then by the new."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.app.genes import changes as gene_changes
from genom.app.genes.changes import GeneChanges
from genom.app.genes.successor import LAST_ROWS, Successor
from tests.app.events import order, view
from tests.app.gene_house import LARGE, NEW, OLD, add, few_genes, finished
from tests.app.house import House

TIMES = 15
KINDS = ["add", "rollback"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with few_genes(tmp_path / "d") as house:
        for n in range(4):
            house.consent(f"u{n}", "personalise_onsite", granted=True)
            house.take(order(f"u{n}", 20.0), view(f"u{n}"))
        yield house


async def begin(house: House, kind: str) -> None:
    """Ask for the change; the answer comes before its work is done."""
    path, body = ("/v1/genes/versions:rollback", {}) if kind == "rollback" else ("/v1/genes/versions", None)
    assert (await house.ask("POST", path, body or {"file": "large.yaml", "text": LARGE})).status == 200


async def decide(house: House) -> str:
    """The gene set that a decision read, which must be a whole one."""
    asked = {"point": "next_product", "person": {"user_id": "u1"}, "n": 1}
    answer = await house.ask("POST", "/v1/decide", asked)
    assert answer.status == 200, answer.body
    record = await house.ask("GET", f"/v1/decisions/{answer.json['decision_id']}")
    return str(record.told["genes"])


def running(house: House) -> bool:
    newest = house.app.gene_changes.newest
    return newest is not None and newest.state == "running"


class Held:
    """Work that is not done before it is let go."""

    def __init__(self) -> None:
        self.reached, self._go = threading.Event(), threading.Event()

    def __call__(self, does: Callable[..., Any]) -> Callable[..., Any]:
        def waits(*given: Any, **how: Any) -> Any:
            self.reached.set()
            assert self._go.wait(300), "it was never let go"
            return does(*given, **how)

        return waits

    def let_go(self) -> None:
        self._go.set()


@pytest.mark.parametrize("kind", KINDS)
def test_decisions_wait_neither_for_the_process_that_folds_nor_for_a_step_in_a_thread(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Each of them stands still in its turn, and everything is answered as before."""
    if kind == "rollback":
        add(house)
    old, jobs = house.node.world.layout.version, list[asyncio.subprocess.Process]()
    start = asyncio.create_subprocess_exec

    async def stopped(*command: str, **how: Any) -> asyncio.subprocess.Process:
        jobs.append(await start(*command, **how))
        jobs[-1].send_signal(signal.SIGSTOP)
        return jobs[-1]

    loading, following, recording = (Held() for _ in range(3))
    monkeypatch.setattr(gene_changes.asyncio, "create_subprocess_exec", stopped)
    monkeypatch.setattr(gene_changes, "successor_of", loading(gene_changes.successor_of))
    monkeypatch.setattr(Successor, "follow_journal", following(Successor.follow_journal))
    monkeypatch.setattr(GeneChanges, "_activate", recording(GeneChanges._activate))

    async def meanwhile() -> list[str]:
        await begin(house, kind)
        while not jobs:
            await asyncio.sleep(0.001)
        told = [await decide(house) for _ in range(TIMES)]
        assert jobs[0].returncode is None
        jobs[0].send_signal(signal.SIGCONT)
        for held in (loading, following, recording):
            while not held.reached.is_set():
                await asyncio.sleep(0.001)
                assert running(house)
            told += [await decide(house) for _ in range(TIMES)]
            held.let_go()
        return told

    assert house.run(meanwhile()) == [old] * 4 * TIMES
    assert finished(house).state == "done"
    assert house.node.world.layout.version != old


@pytest.mark.parametrize("kind", KINDS)
def test_all_are_answered_and_the_loop_folds_no_more_than_the_last_rows(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Whatever comes meanwhile; so a decision waits for a millisecond of the other version's folding, if at all."""
    if kind == "rollback":
        add(house)
    old, folded, fold = house.node.world.layout.version, list[tuple[int, int]](), Successor.fold

    def watched(self: Successor, rows: Any, *, now: int) -> None:
        folded.append((threading.get_ident(), len(rows)))
        fold(self, rows, now=now)

    monkeypatch.setattr(Successor, "fold", watched)

    async def through() -> tuple[list[str], int]:
        told, sent = [await decide(house)], 0
        await begin(house, kind)
        while running(house):
            body = {"batch": [order("u0", 20.0) for _ in range(100)]}
            assert (await house.ask("POST", "/v1/batch", body)).status == 200
            told.append(await decide(house))
            sent += len(body["batch"])
        return [*told, await decide(house)], sent

    told, sent = house.run(through())

    new = house.node.world.layout.version
    assert told == sorted(told, key=[old, new].index)
    assert (told[0], told[-1], len(told) > TIMES) == (old, new, True)
    assert sum(rows for thread, rows in folded if thread == threading.get_ident()) <= LAST_ROWS
    assert house.genome("u0")[OLD] == 1 + sent
    assert house.genome("u0").get(NEW, 1 + sent) == 1 + sent
