"""A shop whose people permit nothing: every page and every decision still works, and nothing is personal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from genom.app.training.learning import learn
from genom.app.training.past import open_record
from genom.app.training.questions import questions_of
from genom.errors import BadConfiguration
from tests.app.events import order, view
from tests.app.house import House
from tests.app.portal import PATHS, visit

PURPOSES: Final = ("personalise_onsite", "recommend", "price", "experiment", "model_training", "measure_person")
REWARD: Final = {"events": ["Order Completed"], "value": "count", "within_seconds": 1}
POINTS: Final[list[dict[str, Any]]] = [
    {
        "id": "none_learned", "label": {"en": "Learned", "de": "Gelernt"}, "purpose": "personalise_onsite",
        "candidates": "actions", "model": "learned", "reward": REWARD,
        "features": [{"gene": "price.discounted_orders.count.365d", "form": "log"}],
    },
    {
        "id": "none_experiment", "label": {"en": "Experiment", "de": "Experiment"}, "purpose": "experiment",
        "candidates": "actions", "model": "experiment", "reward": REWARD, "shares": {"none_a": 0.5, "none_b": 0.5},
    },
]  # fmt: skip
ACTIONS: Final = [("none_x", "none_learned"), ("none_y", "none_learned"), ("none_a", "none_experiment"),
                  ("none_b", "none_experiment")]  # fmt: skip
ASKED: Final = ("next_product", "next_offer", "none_learned", "none_experiment")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A node with shoppers who refused all that can be refused, and points of every kind."""
    with House(tmp_path_factory.mktemp("none") / "d") as house:
        house.put("/v1/sources", {"name": "default", "consent": "required"}).told  # noqa: B018
        for user in ("u1", "u2"):
            for purpose in PURPOSES:
                house.consent(user, purpose, granted=False)
        house.take(*(order(user, category=name) for user in ("u1", "u2") for name in ("TEA", "MILK")))
        house.take(view("u1"))
        house.post("/v1/points", {"points": POINTS}).told  # noqa: B018
        labelled = [{"id": name, "point": point, "label": {"en": name, "de": name}} for name, point in ACTIONS]
        house.post("/v1/actions", {"actions": labelled}).told  # noqa: B018
        yield house


@pytest.mark.parametrize("point", ASKED)
def test_a_decision_is_neutral(house: House, point: str) -> None:
    decided = house.post("/v1/decide", {"point": point, "person": {"user_id": "u1"}, "n": 3}).told

    assert [choice["action"] for choice in decided["choices"]] == ["do_nothing"]
    assert all(reason["gene"] is None for choice in decided["choices"] for reason in choice["reasons"])


def test_no_value_of_any_gene_is_read(house: House) -> None:
    states = {name: state for name, state in house.genome("u1", purpose="personalise_onsite").items() if "." in name}

    assert set(states.values()) == {"withheld"}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/people", "/people?permits=any", "/events/live", "/decisions", "/decisions/log", "/models", "/genes"),
        *("/genes/value.order_value.sum.30d", "/segments", "/segments/_builder", "/requests", "/audit", "/access"),
        *(f"/decisions/{p}" for p in ASKED),
    ],
)
def test_a_page_of_the_console_works(house: House, path: str, language: str) -> None:
    assert house.browse(path, cookie=house.sign_in(), language=language).status == 200


@pytest.mark.parametrize("point", ASKED)
def test_the_simulator_says_that_nothing_may_be_read(house: House, point: str) -> None:
    shown = house.browse(f"/decisions/{point}?person={house.person('u1')}", cookie=house.sign_in())

    assert shown.status == 200
    assert "has not permitted the purpose" in shown.body.decode()


@pytest.mark.parametrize("name", ["inactive_30d", "buys_category", "redeems_coupon"])
def test_nothing_is_learned_and_that_is_said_in_words(house: House, name: str) -> None:
    record = open_record(house.path, house.settings, now=house.clock.now)

    with pytest.raises(BadConfiguration) as refused:
        learn(record, questions_of(house.path)[name], now=house.clock.now, threads=1)

    assert refused.value.why
    assert refused.value.fix


@pytest.mark.parametrize("part", ["", "/identity", "/decisions"])
def test_a_person_page_works_and_holds_no_value(house: House, part: str) -> None:
    shown = house.browse(f"/people/{house.person('u1')}{part}", cookie=house.sign_in())

    assert shown.status == 200
    if not part:
        assert "no consent" in shown.body.decode()


@pytest.mark.parametrize("path", PATHS)
def test_the_own_pages_work(house: House, path: str) -> None:
    assert visit(house, "u1").text(path)
