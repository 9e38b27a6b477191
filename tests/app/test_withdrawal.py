"""Withdrawal under load: of decisions that begin after its acknowledgement none uses the purpose."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from tests.app.events import order
from tests.app.house import House

PEOPLE = [f"u{number}" for number in range(8)]
DECISIONS = 1_500


def test_no_decision_that_begins_after_the_acknowledgement_uses_the_purpose(tmp_path: Path) -> None:
    chance, withdrawn, wrong, counted = Random(3), set[str](), list[dict[str, Any]](), [0, 0]

    async def choose(house: House, person: str) -> None:
        granted = person in withdrawn
        withdrawn.discard(person)  # what begins from here on may be after the grant
        body = {"type": "user_id", "value": person, "purpose": "recommend", "granted": granted}
        assert (await house.ask("POST", "/v1/consent", body)).status == 200
        if not granted:
            withdrawn.add(person)

    async def decide(house: House, person: str) -> None:
        before = person in withdrawn
        body = {"point": "next_product", "person": {"user_id": person}, "n": 1}
        told = (await house.ask("POST", "/v1/decide", body)).told
        record = (await house.ask("GET", f"/v1/decisions/{told['decision_id']}")).told
        counted[before] += 1
        if before and record["evidence"] is not None:
            wrong.append(record)

    async def load(house: House) -> None:
        async def one(number: int) -> None:
            await asyncio.sleep(0)
            await decide(house, chance.choice(PEOPLE))

        for start in range(0, DECISIONS, 25):
            person = chance.choice(PEOPLE)
            await asyncio.gather(*(one(n) for n in range(start, start + 12)), choose(house, person))
            await asyncio.gather(*(one(n) for n in range(start + 12, start + 25)))

    with House(tmp_path / "d") as house:
        house.serve(*(order(person) for person in PEOPLE))
        for person in PEOPLE:
            house.consent(person, "recommend", granted=True)
        house.run(load(house))

    assert wrong == []
    assert min(counted) > 200  # there were enough of both to find one
