"""What is tagged late: events of before lose the purposes that may not know them, and so does all that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from genom.app.genes.changes import Change
from genom.errors import Busy
from genom.journal import Journal
from tests.app.art9_house import permitting, rows_of, served_by, special, stocked, tag
from tests.app.events import Event, order, view
from tests.app.house import HOUR, House
from tests.app.learned import QUESTION, filled, learned
from tests.app.segment_house import ORDERS, define, members, pass_time, people
from tests.app.test_art9 import basket

EVENTS = [("u1", "PILLS"), ("u1", "TEA"), ("u2", "MILK"), ("u3", "TESTS")]


def history(now: int) -> list[Event]:
    """Four orders and a mixed basket, an hour apart."""
    events = [order(user, 3.0, at=now - HOUR * (9 - n), category=name) for n, (user, name) in enumerate(EVENTS)]
    return [permitting(event) for event in [*events, basket("u2", "TEA", "PILLS")]]


def narrow(house: House) -> None:
    """What a node does beside its work, to the end."""
    assert house.run(house.app.tagger.finish())
    assert not house.node.unfolded


def genomes(house: House) -> list[object]:
    return [
        house.genome(user, purpose=purpose)
        for user in ("u1", "u2", "u3")
        for purpose in ("recommend", "personalise_onsite")
    ]


@pytest.mark.parametrize("restarts", [True, False])
def test_a_late_tag_leaves_what_an_early_one_would_have(tmp_path: Path, *, restarts: bool) -> None:
    """Whether the node goes on, and narrows beside its work, or is started anew."""
    told = []
    for name, early in (("early", True), ("late", False)):
        with House(tmp_path / name) as house:
            stocked(house, tagged=early)
            house.serve(*history(house.clock.now))
            if not early:
                assert house.orders("u3") == 1
                assert tag(house, category_1=["DRUGS"])["state"] == "waiting"
                house.write_state()
            if restarts:
                house.restart()
            else:
                narrow(house)
            assert house.get("/v1/art9").told["state"] == "done"
            masks = [(row["mask"].item(), row["flags"].item(), row["amount"].item()) for row in rows_of(house)]
            popularity = house.node.world.matrix.popularity(house.clock.now)
            told.append((masks, genomes(house), popularity.round(9).tolist()))
            assert house.verify().equal

    assert told[0] == told[1]


def test_only_events_about_it_are_narrowed(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        stocked(house, tagged=False)
        house.serve(*history(house.clock.now))
        tag(house, products=["p-TESTS"])
        house.restart()

        assert special(rows_of(house)) == [False] * 6 + [True] * 2 + [False] * 3
        assert served_by(house, rows_of(house)[6]) == ["service", "security"]
        assert house.orders("u3") in ("unknown", 0)


def test_a_tag_that_is_taken_back_gives_nothing_back(tmp_path: Path) -> None:
    """What was not permitted once stays so; what comes from then on is as it is permitted."""
    with House(tmp_path / "d") as house:
        stocked(house)
        house.serve(permitting(view("u1", "PILLS")))
        tag(house)
        house.restart()
        house.serve(permitting(view("u1", "PILLS")))

        assert special(rows_of(house)) == [True, False]


@pytest.mark.parametrize("many", [1, 1000])
def test_a_start_that_dies_in_the_middle_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    with House(tmp_path / "d") as house:
        stocked(house, tagged=False)
        house.serve(*history(house.clock.now))
        house.write_state()
        tag(house, category_1=["DRUGS"])
        house.close()

        class Killed(Exception):
            pass

        narrow = Journal.narrow_rows

        def dies(journal: Journal, wanted: NDArray[np.uint64], **how: Any) -> int:
            narrow(journal, wanted[:many], **how)
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(Journal, "narrow_rows", dies)
            with pytest.raises(Killed):
                house.open()
        house.open()

        assert house.orders("u3") in ("unknown", 0)
        assert house.get("/v1/art9").told["state"] == "done"
        assert house.verify().equal


def test_a_model_of_before_is_not_served_until_it_is_trained_again(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        filled(house)
        house.serve(permitting(order("p1", category="PILLS")))
        learned(house)
        assert QUESTION in house.node.models.names()
        tag(house, category_2=["PILLS"])
        house.restart()

        (problem,) = (one for one in house.node.models.problems if one.name == QUESTION)
        assert "tagged as special categories" in problem.why
        assert QUESTION not in house.node.models.names()
        learned(house)
        assert QUESTION in house.node.models.names()


def test_who_is_read_before_their_turn_is_folded_then(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        stocked(house, tagged=False)
        house.serve(*history(house.clock.now))
        tag(house, category_1=["DRUGS"])
        folded = []

        async def nobody_has_a_turn(profiles: Sequence[int]) -> None:
            folded.extend(profiles)

        house.app.tagger._fold_anew = nobody_has_a_turn  # type: ignore[method-assign]
        assert house.run(house.app.tagger.finish())

        assert len(folded) == len(house.node.unfolded) == 3
        assert house.orders("u3") in ("unknown", 0)
        assert house.decide("u1")["evidence"] is not None
        assert len(house.node.unfolded) == 1


def test_a_segment_loses_whom_only_something_tagged_had_brought_in(tmp_path: Path) -> None:
    with House(tmp_path / "d", segment_floor=1) as house:
        stocked(house, tagged=False)
        house.serve(*history(house.clock.now))
        define(house, {"gene": ORDERS, "is": ">=", "value": 1})
        assert members(house) == people(house, "u1", "u2", "u3")
        tag(house, category_1=["DRUGS"])
        narrow(house)
        pass_time(house, 1000)

        assert members(house) == people(house, "u1", "u2")


def test_a_full_disk_leaves_it_to_another_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with House(tmp_path / "d") as house:
        stocked(house, tagged=False)
        house.serve(*history(house.clock.now))
        tag(house, category_1=["DRUGS"])
        narrow_rows = Journal.narrow_rows

        def full(journal: Journal, wanted: NDArray[np.uint64], **how: Any) -> int:
            narrow_rows(journal, wanted[:1], **how)
            raise Busy("There is no room.")

        with monkeypatch.context() as patch:
            patch.setattr(Journal, "narrow_rows", full)
            with pytest.raises(Busy):
                house.run(house.app.tagger.finish())
        assert house.get("/v1/art9").told["state"] == "waiting"
        assert house.orders("u3") == 1
        narrow(house)

        assert house.orders("u3") in ("unknown", 0)
        assert house.get("/v1/art9").told["state"] == "done"


def test_it_waits_while_the_genome_is_replaced(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        stocked(house, tagged=False)
        house.serve(*history(house.clock.now))
        tag(house, category_1=["DRUGS"])
        house.app.gene_changes.newest = Change(kind="add", version=1, before=0, by="test", at=0)

        assert not house.run(house.app.tagger.finish())

        assert house.orders("u3") == 1
        house.app.gene_changes.newest.state = "done"
        narrow(house)
        assert house.orders("u3") in ("unknown", 0)
