"""A question about each category: its answers as one gene with cells, and the weights that decisions score with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genom.app.reading import view_of
from genom.app.training.pairs import decision_rows
from genom.app.training.past import open_record
from genom.app.training.predicting import Asking
from genom.decide import FEATURES
from genom.errors import BadConfiguration
from genom.learn import load_questions
from genom.learn.linear import linear_model
from genom.learn.questions import need_of
from tests.app.events import consenting, order
from tests.app.house import DAY, House
from tests.app.learned import filled, learned

GENE = "intent.buys_category.prediction"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("pairs") / "d") as house:
        filled(house)
        learned(house, "buys_category")
        yield house


def test_each_category_has_its_probability(house: House) -> None:
    tea, milk = house.genome("p1", purpose="recommend")[GENE], house.genome("p3", purpose="recommend")[GENE]

    assert tea.keys() == milk.keys() == {"TEA", "MILK"}
    assert tea["TEA"] > 0.5 > tea["MILK"]
    assert milk["MILK"] > 0.5 > milk["TEA"]


def test_a_read_of_the_past_sees_nothing_later(house: House) -> None:
    """Law L9, also for what is read from the journal's rows."""
    node = house.node
    person = node.world.profiles.find("user_id", "p1")
    at = node.world.last_ts - 60 * 86_400_000
    seen = view_of(node, person, purpose="recommend", at=at)
    history = Asking(node, person, seen, node.purposes.bit("recommend")).history()

    assert len(history.ts)
    assert history.ts.max() < at


def test_decisions_go_on_with_own_purchases_where_nothing_ranks_better(house: House) -> None:
    """Here everybody buys what they always buy: own purchases cannot be beaten."""
    ranking = house.node.models.card("buys_category").ranking

    assert ranking is not None
    assert ranking.served == "own_purchases"
    assert ranking.ndcg5["own_purchases"].value == 1.0
    assert house.node.models.pair("buys_category") is None


def test_what_ranks_better_gives_decisions_weights_for_their_features(house: House) -> None:
    node, question = house.node, load_questions()["buys_category"]
    record = open_record(node.data.path, node.settings, now=node.world.last_ts + 1)
    rows = decision_rows(record, record.past(need_of(question, record.purposes.bits)), question)
    assert rows is not None

    pair = linear_model(rows.data, np.zeros(len(rows.own)), within_days=question.within_days).pair

    assert pair is not None
    assert tuple(pair["names"]) == tuple(FEATURES)
    assert np.isfinite(pair["weights"]).all()
    assert pair["weights"][FEATURES.index("own")] > 0
    assert node.models.pair("inactive_30d") is None


def test_a_withdrawn_purpose_withholds_every_cell(house: House) -> None:
    house.consent("p5", "recommend", granted=False)

    assert house.genome("p5", purpose="recommend")[GENE] == "withheld"


def test_a_shop_whose_people_share_no_category_is_told_so(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.source("archive", history=True)
        for number in range(12):
            for days in range(190, 0, -30):
                bought = order(f"p{number}", at=house.clock.now - days * DAY, category=f"C{number}")
                permits = {"recommend": True, "model_training": True}
                house.serve(consenting(bought, **permits), headers={"X-Genom-Source": "archive"})

        with pytest.raises(BadConfiguration) as caught:
            learned(house, "buys_category")

    assert "no category was bought by enough people" in str(caught.value)
