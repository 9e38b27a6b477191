"""People are erased before, while and after genes change: it goes on, and nothing of them comes back with it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genom.app.genes.changes import GeneChanges
from tests.app.events import identify, order, view
from tests.app.gene_house import LARGE, NEW, OLD, add, ask, few_genes, finished
from tests.app.house import House

Work = Callable[..., Coroutine[Any, Any, Any]]
COFFEE = 30.0  # EUR, of the orders of those who are erased


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with few_genes(tmp_path / "d") as house:
        for n in range(8):
            house.serve(order(f"u{n}", 20.0, category="TEA"), view(f"u{n}"))
            house.consent(f"u{n}", "personalise_onsite", granted=True)
        house.serve(identify("u1", "a-1"), order("u1", COFFEE, category="COFFEE"))
        yield house


async def erase(house: House, value: str) -> None:
    """In memory; the files wait."""
    asked = {"type": "user_id", "value": value, "reason": "asked"}
    assert (await house.ask("POST", "/v1/people:erase", asked)).told["state"] == "effective"


def erased(house: House, value: str) -> None:
    """With all files."""
    house.run(erase(house, value))
    house.run(house.app.erasing.finish())


def after(work: Work, act: Callable[[], Coroutine[Any, Any, None]]) -> Work:
    """The work, and once it is done for the first time something else."""
    left = [act]

    async def both(*given: Any) -> Any:
        told = await work(*given)
        if left:
            await left.pop()()
        return told

    return both


def rolled_back(house: House) -> None:
    house.post("/v1/genes/versions:rollback", {}).told  # noqa: B018 -- it must be good
    change = finished(house)
    assert change.state == "done", change.why


def nobody_is_left(house: House) -> bool:
    """Whether sums over everybody are without those who bought coffee, in memory and after a start."""
    house.run(house.app.erasing.finish())
    sold = house.node.world.matrix.popularity(house.clock.now)[house.node.world.terms[2].find("COFFEE")]
    return bool(np.isclose(sold, 0.0)) and house.verify().equal


def test_genes_are_added_and_taken_back_after_an_erasure(house: House) -> None:
    erased(house, "u1")

    add(house)

    assert (house.genome("u2")[NEW], house.genome("u2")[OLD]) == (1, 1)
    assert nobody_is_left(house)
    rolled_back(house)
    assert house.genome("u2")[OLD] == 1
    assert nobody_is_left(house)


def test_whoever_is_erased_between_the_versions_does_not_come_back_with_a_rollback(house: House) -> None:
    add(house)
    erased(house, "u1")

    rolled_back(house)

    assert nobody_is_left(house)
    house.restart()
    assert nobody_is_left(house)


def test_a_person_whose_files_are_not_overwritten_yet_does_not_come_back(house: House) -> None:
    house.run(erase(house, "u1"))

    add(house)

    assert nobody_is_left(house)


@pytest.mark.parametrize("step", ["_job", "_follow"])
@pytest.mark.parametrize("kind", ["add", "rollback"])
def test_an_erasure_during_the_change(house: House, monkeypatch: pytest.MonkeyPatch, kind: str, step: str) -> None:
    """After the journal was folded, and after the last of it was followed: the state file knows the person."""
    if kind == "rollback":
        add(house)
    monkeypatch.setattr(GeneChanges, step, after(getattr(GeneChanges, step), lambda: erase(house, "u1")))

    rolled_back(house) if kind == "rollback" else add(house)

    assert house.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 404
    assert nobody_is_left(house)
    assert house.genome("u2")[OLD] == 1
    house.restart()
    assert nobody_is_left(house)


def test_who_was_split_off_an_erased_person_keeps_what_is_theirs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state file knows them as one person."""

    async def split_and_erase() -> None:
        await house.ask("POST", "/v1/people:unlink", {"type": "anonymous_id", "value": "a-1"})
        await house.ask("POST", "/v1/batch", {"batch": [order("a-1", 20.0)]})
        await erase(house, "u1")

    monkeypatch.setattr(GeneChanges, "_job", after(GeneChanges._job, split_and_erase))

    add(house)

    assert nobody_is_left(house)
    assert house.orders("a-1", kind="anonymous_id") == 1


def test_the_files_of_an_erasure_wait_until_the_change_is_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken out of the other genome is read in the journal."""
    whole = house.node.journal.rows_of([house.node.world.profiles.find("user_id", "u1")]).rows.copy()
    found = list[Any]()

    async def meanwhile() -> None:
        await erase(house, "u1")
        files = house._runner.get_loop().create_task(house.app.erasing.finish())
        tasks.append(files)

    async def look(self: GeneChanges, *given: Any) -> None:
        found.append(house.node.journal.rows_of([int(whole["profile"][0])]).rows.copy())
        await take_over(self, *given)

    tasks, take_over = list[Any](), GeneChanges._take_over
    monkeypatch.setattr(GeneChanges, "_job", after(GeneChanges._job, meanwhile))
    monkeypatch.setattr(GeneChanges, "_take_over", look)

    add(house)

    assert np.array_equal(found[0], whole)
    assert nobody_is_left(house)


def test_many_erasures_and_consents_during_the_change(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.serve(*[order(f"v{n}", COFFEE, category="COFFEE") for n in range(40)])

    async def meanwhile() -> None:
        for n in range(40):
            await erase(house, f"v{n}")
            choice = {"type": "user_id", "value": f"u{2 + n % 6}", "purpose": "personalise_onsite"}
            await house.ask("POST", "/v1/consent", choice | {"granted": n % 3 > 0})
            await house.ask("POST", "/v1/batch", {"batch": [order(f"u{2 + n % 6}", 20.0)]})
        await erase(house, "u1")

    monkeypatch.setattr(GeneChanges, "_follow", after(GeneChanges._follow, meanwhile))

    add(house)

    assert nobody_is_left(house)
    assert house.genome("u3")[NEW] == 8


def test_a_change_after_the_sample_shop_was_removed(house: House) -> None:
    """Many are erased, and one after the other: none of them is told of any more."""
    for n in range(2, 8):
        erased(house, f"u{n}")

    assert ask(house, LARGE, dry=True).status == 200
    add(house)

    assert house.genome("u0")[NEW] == 1
    assert house.verify().equal
