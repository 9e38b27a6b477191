"""Non-interference through the whole house: all that a purpose was forbidden to use is turned round, and nothing that
serves the purpose notices: genome, model, prediction, segment and decision are equal to the bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from genom.app.training.questions import questions_of
from tests.app.events import Event, consenting, order
from tests.app.house import DAY, House
from tests.app.learned import learned
from tests.app.two_lives import two_lives

PERSONS, DAYS, QUESTION = 240, 190, "inactive_30d"
ALL = {"personalise_onsite": True, "recommend": True, "model_training": True, "price": True, "experiment": True}
NONE = dict.fromkeys((*ALL, "measure_aggregate", "measure_person"), False)
NOT_YET = {"measure_aggregate": False}  # whoever has not agreed yet; a later grant does not widen it
CANARY = "p3"  # permits nothing at all, ever, as every ninth


def history(now: int, *, turned: bool) -> list[Event]:
    """Orders in the order of time; what permits nothing is something else entirely if it is `turned`."""
    rng, events = np.random.default_rng(11), list[tuple[int, Event]]()
    for number in range(PERSONS):
        name, gap = f"p{number}", 12 if number % 2 else 55
        at = now - DAYS * DAY + int(rng.integers(0, gap * DAY))
        agreed = now - DAYS * DAY * rng.uniform(0.7, 1.2)
        while at < now - DAY:
            never, early = number % 9 == 3, at < agreed
            forbidden = never or early
            bought = order(name, 5.0, at=at, category="TEA" if number % 4 < 2 else "MILK")
            if forbidden and turned:
                bought = order(name, 999.0, at=at, category="CANARY WINE", coupon="X")
            bought["messageId"] = f"m{number}-{at}"
            events.append((at, consenting(bought, **(NONE if never else NOT_YET if early else ALL))))
            at += int(gap * DAY * rng.uniform(0.6, 1.4))
    return [event for _, event in sorted(events, key=lambda pair: pair[0])]


def lived(house: House, *, turned: bool) -> None:
    house.source("archive", history=True)
    products = [{"product_id": f"p-{name}", "category_1": "FOOD", "category_2": name} for name in ("TEA", "MILK")]
    products.append({"product_id": "p-CANARY WINE", "category_1": "FOOD", "category_2": "CANARY WINE"})
    house.post("/v1/products", {"products": products}).told  # noqa: B018
    events = history(house.clock.now, turned=turned)
    for start in range(0, len(events), 500):
        house.serve(*events[start : start + 500], headers={"X-Genom-Source": "archive"})


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House]]:
    place = tmp_path_factory.mktemp("twins")
    with two_lives(place, lived) as both:
        yield both


def test_the_turned_events_are_really_others(houses: tuple[House, House]) -> None:
    one, other = houses
    rows = [np.concatenate([block.rows for block in house.node.journal.blocks()]) for house in (one, other)]
    orders = [part[part["kind"] < 200] for part in rows]

    assert len(orders[0]) == len(orders[1])
    changed = orders[0]["amount"] != orders[1]["amount"]
    assert changed.sum() > 400
    bits = one.node.purposes.mask(ALL)
    assert not (orders[0]["mask"][changed] & np.uint64(bits)).any()


def test_the_genome_of_everybody_is_equal_to_the_bit(houses: tuple[House, House]) -> None:
    for purpose in houses[0].node.gate.purposes:
        for person in range(1, houses[0].node.world.profiles.count + 1):
            states = [
                house.node.gate.view(person, purpose=purpose, effective=(1 << 63) - 1, at=2**41).state()
                for house in houses
            ]
            assert states[0].decayed.tobytes() == states[1].decayed.tobytes()
            assert states[0].integers.tobytes() == states[1].integers.tobytes()
            assert states[0].rings == states[1].rings


def test_the_model_and_its_predictions_are_equal(houses: tuple[House, House]) -> None:
    question = questions_of(houses[0].path)[QUESTION]
    assert question.purpose in ALL

    stored = [learned(house, QUESTION) for house in houses]

    assert stored[0].model == stored[1].model
    assert stored[0].version == stored[1].version
    for name in ("p0", "p1", "p2", "p8", "p17"):
        genomes = [house.genome(name, purpose=question.purpose) for house in houses]
        assert genomes[0] == genomes[1]
        assert any(QUESTION in gene for gene in genomes[0])


def test_decisions_are_equal_with_their_reasons(houses: tuple[House, House]) -> None:
    def told(house: House, name: str, point: str) -> dict[str, Any]:
        record = house.decide(name, point=point)
        return {key: value for key, value in record.items() if key not in {"sequence", "at"}}

    for point in ("next_product", "next_offer"):
        for name in ("p0", "p1", "p2", "p4", "p6", CANARY):
            one, other = (told(house, name, point) for house in houses)
            assert one == other


def test_the_canary_appears_nowhere(houses: tuple[House, House]) -> None:
    """A person who permits nothing: no gene is known, no category of theirs is counted, no decision is personal."""
    one, other = houses
    for house in houses:
        for purpose in house.node.gate.purposes:
            values = house.genome(CANARY, purpose=purpose)
            assert not {value for name, value in values.items() if name != "as_of"} - {"withheld", "unknown"}
        assert house.decide(CANARY)["evidence"] is None
    code = other.node.world.terms[2].find("CANARY WINE")
    assert code > 1
    assert other.node.world.matrix.popularity(other.clock.now)[code] == 0
    assert one.node.world.matrix.popularity(one.clock.now).sum() > 0
