"""Genes are added to a node that serves: filled for everybody with their whole past, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.app.genes import changes as gene_changes
from genom.app.genes.changes import Change, GeneChanges
from genom.app.genes.successor import LAST_ROWS, Successor
from tests.app.events import order, view
from tests.app.gene_house import FADING, LARGE, NEW, OLD, add, ask, few_genes, finished
from tests.app.house import House
from tests.app.learned import QUESTION, filled, learned
from tests.app.segment_house import define, tend

PEOPLE = 12


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with few_genes(tmp_path / "d") as house:
        for n in range(PEOPLE):
            house.consent(f"u{n}", "personalise_onsite", granted=True)
            house.take(order(f"u{n}", 4.0), *[order(f"u{n}", 20.0) for _ in range(n)], view(f"u{n}"))
        yield house


def predictions(house: House) -> list[Any]:
    return [house.genome(f"p{n}")[f"lifecycle.{QUESTION}.prediction"] for n in range(10)]


def versions(house: House) -> Any:
    return house.get("/v1/genes/versions").told


def test_the_answer_says_what_will_change(house: House) -> None:
    before = len(house.node.world.layout.genes)
    bytes_before = house.node.world.layout.row_bytes

    plan = ask(house, dry=True).told

    assert plan["added"] == [FADING, NEW]
    assert plan["removed"] == []
    assert (plan["genes_before"], plan["genes_after"]) == (before, before + 2)
    assert plan["rows"] == house.node.journal.last
    assert versions(house)["change"] is None
    add(house)
    assert (plan["row_bytes_before"], plan["row_bytes_after"]) == (bytes_before, house.node.world.layout.row_bytes)


def test_a_new_gene_is_filled_for_everybody_with_their_whole_past(house: House) -> None:
    add(house)

    assert [house.genome(f"u{n}")[NEW] for n in range(PEOPLE)] == list(range(PEOPLE))
    assert house.genome("u5")[FADING] == pytest.approx(5.0, rel=1e-4)
    assert house.genome("u5")[OLD] == 6
    assert house.verify().equal


def test_events_during_the_change_count_once_and_are_seen_at_once(house: House) -> None:
    async def meanwhile() -> int:
        sent = 0
        assert (await house.ask("POST", "/v1/genes/versions", {"file": "f", "text": LARGE})).status == 200
        while house.app.gene_changes.newest and house.app.gene_changes.newest.state == "running":
            body = {"batch": [order("u0", 20.0)]}
            assert (await house.ask("POST", "/v1/batch", body, key=house.write_key)).status == 200
            sent += 1
            asked = {"point": "next_product", "person": {"user_id": "u0"}, "n": 1}
            assert (await house.ask("POST", "/v1/decide", asked)).status == 200
            await asyncio.sleep(0.01)
        return sent

    sent = house.run(meanwhile())

    assert finished(house).state == "done"
    assert sent > 5
    assert (house.genome("u0")[NEW], house.genome("u0")[OLD]) == (sent, sent + 1)
    house.take(order("u0", 30.0))
    assert house.genome("u0")[NEW] == sent + 1
    assert house.verify().equal


def test_links_splits_and_new_people_during_the_change_are_followed(house: House) -> None:
    async def meanwhile() -> None:
        await house.ask("POST", "/v1/genes/versions", {"file": "f", "text": LARGE})
        while (newest := house.app.gene_changes.newest) and newest.step != "write" and newest.state == "running":
            await asyncio.sleep(0.001)
        for n in range(40):
            linked = order(f"new{n}", 20.0) | {"anonymousId": f"device{n}"}
            await house.ask("POST", "/v1/batch", {"batch": [order(f"u{n % PEOPLE}", 20.0), linked]})
            await house.ask("POST", "/v1/people:unlink", {"type": "user_id", "value": f"new{n}"})

    house.run(meanwhile())

    assert finished(house).state == "done"
    assert house.verify().equal


def test_categories_that_filters_name_are_known_to_the_new_genes(house: House) -> None:
    text = """
filters: {coffee: {lines: true, where: {category_2: [Coffee, Later]}}}
genes: [{family: taste, name: coffee, op: count, of: coffee, unit: lines, label: {en: Coffee, de: Kaffee}}]
"""
    house.take(order("u1", 4.0, category="Coffee"))

    add(house, text)
    house.take(order("u1", 4.0, category="Later"))

    assert house.genome("u1")["taste.coffee.count.lifetime"] == 2
    assert house.verify().equal


def test_a_restart_serves_the_version_that_was_active(house: House) -> None:
    add(house)

    house.restart()

    assert house.genome("u3")[NEW] == 3
    assert versions(house)["active"] == 1
    assert house.verify().equal


def test_a_rollback_takes_the_genes_back_and_nothing_else(house: House) -> None:
    add(house)
    house.take(order("u3", 20.0))

    plan = house.post("/v1/genes/versions:rollback", {"reason": "not needed"}).told

    assert (plan["removed"], plan["version"]) == ([FADING, NEW], 0)
    assert finished(house).state == "done"
    genome = house.genome("u3")
    assert NEW not in genome
    assert genome[OLD] == 5
    assert house.verify().equal
    house.restart()
    assert NEW not in house.genome("u3")


def test_genes_that_were_taken_back_may_come_again(house: House) -> None:
    add(house)
    house.post("/v1/genes/versions:rollback", {}).told  # noqa: B018
    finished(house)

    assert add(house).version == 1

    assert house.genome("u3")[NEW] == 3


def test_files_add_up_and_each_rollback_takes_one(house: House) -> None:
    more = LARGE.replace("large", "huge").replace("from: 10", "from: 100")
    add(house)
    assert add(house, more).version == 2
    assert house.genome("u3")["value.huge.count.lifetime"] == 0

    house.post("/v1/genes/versions:rollback", {}).told  # noqa: B018
    finished(house)

    assert versions(house)["active"] == 1
    assert house.genome("u3")[NEW] == 3
    assert "value.huge.count.lifetime" not in house.genome("u3")


def test_what_happened_is_on_record(house: House) -> None:
    add(house)
    house.post("/v1/genes/versions:rollback", {"reason": "nobody reads them"}).told  # noqa: B018
    finished(house)

    rows = house.get("/v1/audit?limit=10").told["rows"]

    deeds = [(row["action"], row["name"], row["reason"]) for row in rows if row["kind"] == "genes"]
    assert deeds == [("genes.rolled_back", "version 0", "nobody reads them"), ("genes.added", "version 1", "")]


def test_the_loop_folds_no_more_than_the_last_rows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[tuple[int, int]] = []
    fold = Successor.fold

    def watched(self: Successor, rows: Any, *, now: int) -> None:
        folded.append((threading.get_ident(), len(rows)))
        fold(self, rows, now=now)

    monkeypatch.setattr(Successor, "fold", watched)

    async def meanwhile() -> None:
        await house.ask("POST", "/v1/genes/versions", {"file": "f", "text": LARGE})
        while (newest := house.app.gene_changes.newest) and newest.step != "write" and newest.state == "running":
            await asyncio.sleep(0.001)
        for _ in range(60):
            await house.ask("POST", "/v1/batch", {"batch": [order("u0", 20.0) for _ in range(100)]})

    house.run(meanwhile())

    assert finished(house).state == "done"
    mine = sum(rows for thread, rows in folded if thread == threading.get_ident())
    assert mine <= LAST_ROWS
    assert sum(rows for _, rows in folded) > LAST_ROWS
    assert house.genome("u0")[NEW] == 6_000


def test_decisions_are_answered_all_the_while_and_none_waits_for_more_than_the_last_rows(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked one after the other: what the loop itself folds between any two answers is bounded, whatever there is."""
    loop, steps, waited, folded, fold = threading.get_ident(), list[str](), list[int](), [0, 0], Successor.fold

    def watched(self: Successor, rows: Any, *, now: int) -> None:
        folded[threading.get_ident() == loop] += len(rows)
        fold(self, rows, now=now)

    async def decisions(change: Change) -> None:
        asked = {"point": "next_product", "person": {"user_id": "u0"}, "n": 1}
        before = folded[1]
        while change.state == "running":
            assert (await house.ask("POST", "/v1/decide", asked)).status == 200
            steps.append(change.step)
            waited.append(folded[1] - before)
            before = folded[1]
            await asyncio.sleep(0)

    async def meanwhile() -> None:
        await house.ask("POST", "/v1/genes/versions", {"file": "f", "text": LARGE})
        change = house.app.gene_changes.newest
        assert change is not None
        beside = asyncio.create_task(decisions(change))
        while change.step in {"compile", "fold"}:
            await asyncio.sleep(0.001)
        for _ in range(40):
            await house.ask("POST", "/v1/batch", {"batch": [order("u0", 20.0) for _ in range(100)]})
        await beside

    monkeypatch.setattr(Successor, "fold", watched)

    house.run(meanwhile())

    assert finished(house).state == "done"
    assert {"compile", "follow"} <= set(steps)
    assert max(waited) <= LAST_ROWS
    assert folded[0] > LAST_ROWS


def test_segments_and_learned_models_go_on(tmp_path: Path) -> None:
    with few_genes(tmp_path / "d", people_max=2_000) as house:
        filled(house)
        learned(house)
        define(house, {"gene": OLD, "is": ">=", "value": 10})
        before = predictions(house)
        buyers = house.node.segments.shown("buyers").count

        add(house)

        tend(house)
        assert predictions(house) == before
        assert house.node.segments.shown("buyers").count == buyers
        define(house, {"gene": NEW, "is": ">=", "value": 1}, "large")
        house.take(order("p1", 20.0))
        assert [one["id"] for one in house.get(f"/v1/people/{house.person('p1')}/segments").told["segments"]][-1:] == [
            "large"
        ]

        learned(house)
        assert NEW in house.node.models.genes(QUESTION)
        house.run(house.ask("DELETE", "/v1/segments/large"))
        told = house.post("/v1/genes/versions:rollback", {})
        assert (told.status, f"model {QUESTION}" in told.json["why"]) == (400, True)


def test_a_crash_before_the_take_over_starts_with_the_recorded_version(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    async def until_recorded() -> None:
        await house.ask("POST", "/v1/genes/versions", {"file": "f", "text": LARGE})
        while house.app.gene_changes.active != 1:
            await asyncio.sleep(0.01)

    monkeypatch.setattr(GeneChanges, "_take_over", never)
    house.run(until_recorded())
    assert NEW not in house.genome("u3")

    house.restart()  # nobody tells the change that the node ends

    house.app.gene_changes.resume()
    assert house.genome("u3")[NEW] == 3
    change = house.app.gene_changes.newest
    assert change is not None
    assert change.state == "done"
    assert house.verify().equal


def test_a_take_over_that_cannot_be_leaves_the_old_version(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("memory is full")

    monkeypatch.setattr(gene_changes, "take_over", fails)
    ask(house).told  # noqa: B018

    change = finished(house)

    assert (change.state, "memory is full" in change.why) == ("failed", True)
    assert versions(house)["active"] == 0
    assert NEW not in house.genome("u3")
    house.restart()
    assert NEW not in house.genome("u3")
    assert house.verify().equal


def test_a_decision_records_the_gene_set_that_it_read(house: House) -> None:
    def genes(decision: Any) -> Any:
        return house.get(f"/v1/decisions/{decision['decision_id']}").told["genes"]

    old = house.node.world.layout.version
    before = house.decide("u3")
    add(house)
    after = house.decide("u3")

    assert (genes(before), genes(after)) == (old, house.node.world.layout.version)
    assert genes(before) != genes(after)
