"""Choices that are made while a person is erased: what the ledger says afterwards is what memory holds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, wait
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from genom.app.node import Node
from genom.app.permitting import holder_of
from genom.consent import CHOICE, ERASURE, Choices, Entry, fold
from genom.errors import Busy
from tests.app.events import consenting, identify, order
from tests.app.house import DAY, START, Answer, House
from tests.app.test_erasing import begin_again

_PATIENCE = 0.3  # seconds in which something else may come between, if nothing keeps it out


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), identify("u1", "a-1"), order("u2"))
        house.consent("u1", "recommend", granted=False)
        yield house


def told(choices: Choices) -> dict[str, Any]:
    """All that choices hold, but for holders that hold nothing."""
    return {
        "of": {holder: held for holder, held in choices._of.items() if held[0] | held[1]},
        "banner": choices._banner, "restricted": choices._restricted, "minors": choices._minors,
        "erased": choices.erased,
    }  # fmt: skip


def folded(node: Node) -> dict[str, Any]:
    return told(fold(node.ledger.replay(), purposes=node.purposes, profile_of=partial(holder_of, node.world)))


def between(
    house: House, monkeypatch: pytest.MonkeyPatch, *, act: str, before: bool, path: str, body: Any
) -> list[Future[Answer]]:
    """Something is asked for as the ledger writes an entry of this act for the first time, before or after it does."""
    append, asked = house.node.ledger.append, list[Future[Answer]]()
    loop = house._runner.get_loop()

    def ask(entries: list[Entry]) -> None:
        if not asked and any(one.act == act for one in entries):
            asked.append(asyncio.run_coroutine_threadsafe(house.ask("POST", path, body), loop))
            wait(asked, timeout=_PATIENCE)

    def appended(entries: list[Entry]) -> list[Entry]:
        if before:
            ask(entries)
        done = append(entries)
        if not before:
            ask(entries)
        return done

    monkeypatch.setattr(house.node.ledger, "append", appended)
    return asked


def answers(house: House, first: Answer, asked: list[Future[Answer]]) -> list[Answer]:
    async def other() -> Answer:
        return await asyncio.wrap_future(asked[0])

    return [first, house.run(other())]


GRANT = {"type": "user_id", "value": "u1", "purpose": "email", "granted": True}
ERASE = {"type": "user_id", "value": "u1", "reason": "asked"}


def same_after_a_start(house: House) -> None:
    assert told(house.node.choices) == folded(house.node)
    house.run(house.app.erasing.finish())
    assert told(house.node.choices) == folded(house.node)
    before = told(house.node.choices)
    begin_again(house)
    assert told(house.node.choices) == before
    assert house.verify().equal


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("how", ["api", "event"])
def test_a_grant_beside_an_erasure_is_before_it_or_after(
    house: House, monkeypatch: pytest.MonkeyPatch, how: str, before: bool
) -> None:
    path, body = ("/v1/consent", GRANT) if how == "api" else ("/v1/track", consenting(order("u1"), email=True))
    asked = between(house, monkeypatch, act=ERASURE, before=before, path=path, body=body)

    found = answers(house, house.post("/v1/people:erase", ERASE), asked)

    assert [one.status for one in found] == [200, 200]
    same_after_a_start(house)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("how", ["api", "event", "minor"])
def test_an_erasure_beside_a_choice_is_before_it_or_after(
    house: House, monkeypatch: pytest.MonkeyPatch, how: str, before: bool
) -> None:
    act = "minor" if how == "minor" else CHOICE
    asked = between(house, monkeypatch, act=act, before=before, path="/v1/people:erase", body=ERASE)

    if how == "api":
        first = house.post("/v1/consent", GRANT)
    elif how == "minor":
        first = house.post("/v1/consent/minor", {"type": "user_id", "value": "u1", "minor": True})
    else:
        first = house.post("/v1/track", consenting(order("u1"), email=True))
    found = answers(house, first, asked)

    assert [one.status for one in found] == [200, 200]
    same_after_a_start(house)
    house.clock.now += DAY
    house.serve(order("u1", at=house.clock.now))
    profile = house.node.world.profiles.find("user_id", "u1")
    assert house.node.choices.of([profile], at=house.clock.now).grant == 0


def test_a_grant_that_waits_for_room_in_the_ledger_comes_before_the_erasure(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = house.node.ledger.append

    def full(_: list[Entry]) -> list[Entry]:
        raise Busy("There is no room.", why="a test fills it", fix="wait")

    monkeypatch.setattr(house.node.ledger, "append", full)
    assert house.post("/v1/track", consenting(order("u1"), email=True)).status == 503
    monkeypatch.setattr(house.node.ledger, "append", append)

    house.post("/v1/people:erase", ERASE).told  # noqa: B018
    house.serve(consenting(order("u2"), email=True))

    same_after_a_start(house)


def test_whoever_was_erased_before_a_choice_is_written_hears_so(house: House) -> None:
    """The choice waits behind the erasure, and its person is nobody then."""

    async def both() -> tuple[Answer, Answer]:
        async with house.node.choosing:
            erased = asyncio.ensure_future(house.ask("POST", "/v1/people:erase", ERASE))
            while not house.node.choosing._waiters:
                await asyncio.sleep(0)
            chose = asyncio.ensure_future(
                house.ask("POST", "/v1/consent/minor", {"type": "user_id", "value": "u1", "minor": True})
            )
            while len(house.node.choosing._waiters) < 2:
                await asyncio.sleep(0)
        return await erased, await chose

    erased, chose = house.run(both())

    assert (erased.status, chose.status, chose.json["code"]) == (200, 410, "person.erased")
    same_after_a_start(house)


def test_more_identifiers_may_be_erased_than_people_have_room(tmp_path: Path) -> None:
    """As after a restore: the newer ledger names people whom the journal of before never knew."""
    with House(tmp_path / "d", people_max=40) as house:
        many = tuple(f"{number:032x}" for number in range(1, 1_501))
        house.node.ledger.append([Entry(at=START, subjects=many, purpose="", granted=False, text="", act=ERASURE)])
        begin_again(house)
        house.serve(order("u1", at=START), order("u2"))

        house.post("/v1/people:erase", ERASE).told  # noqa: B018

        assert len(house.node.world.erased) == len(many) + 1
        assert house.send(order("u1", at=START)).told["erased"] == 1
        same_after_a_start(house)
