"""Offers that are weighed by trees: what a decision reads is what a training reads, and no damage costs a decision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from genom.app.facts import COUPONS, OWN, RECENT
from genom.app.training import pairs
from genom.app.training.coupon_reasons import Reasons
from genom.app.training.pairs import actions_of, facts_at
from genom.app.training.past import open_record
from genom.app.training.questions import MODELS, questions_of
from genom.app.training.things import PERSON, coupon_part, coupons_of
from genom.decide import DecisionRecord, agrees, decode_record
from genom.learn import Manifest, Trained, load_questions, save, train
from genom.learn.dataset import DAY, Dataset
from genom.learn.models import boosted
from genom.learn.pairs import coupon
from genom.learn.questions import need_of
from tests.app.events import order, track
from tests.app.house import House

USERS = ("u1", "u2", "u3")
CATEGORIES = ("TEA", "MILK", "BREAD")
QUESTION = "redeems_coupon"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for user in USERS:
            for purpose in ("recommend", "model_training", "personalise_onsite", "price"):
                house.consent(user, purpose, granted=True)
        offers = [
            {"id": f"spring-{name}", "campaign": "spring", "categories": [name], "products": [f"p-{name}"],
             "point": "next_offer"}
            for name in CATEGORIES
        ]  # fmt: skip
        assert house.post("/v1/actions", {"actions": offers}).status < 300
        for number in range(12):
            house.clock.now += DAY
            house.take(
                order("u1", 3.0 + number, category="TEA"), order("u2", category=CATEGORIES[number % 2]),
                *([track("Campaign Received", user, campaign_id="spring") for user in USERS] if number == 5 else []),
            )  # fmt: skip
        house.take(track("Coupon Redeemed", "u2", coupon_id="MILK"))
        yield house


def stored(house: House, **changes: Any) -> Trained:
    """Trees that learned from made-up pairs: who bought a coupon's products redeems it."""
    rng, columns = np.random.default_rng(4), house.node.world.layout.genes
    names = (*coupon.NAMES, *(gene.id for gene in columns if gene.id in PERSON))
    moments, people = 4, 500
    x = rng.exponential(2.0, size=(moments * people, len(names))).astype(np.float32)
    x[rng.random(x.shape) < 0.1] = np.nan
    z = np.nan_to_num(x[:, names.index("pair.orders.365d")]) - np.nan_to_num(x[:, names.index("coupon.popularity")]) - 1
    data = Dataset(
        names=names, x=x, y=rng.random(len(x)) < 1 / (1 + np.exp(-z)), person=np.tile(np.arange(people), moments),
        at=np.repeat(np.arange(moments) * 58 * DAY, people), thing=np.zeros(len(x), np.int64),
    )  # fmt: skip
    question = load_questions()[QUESTION]
    manifest = Manifest(
        question=QUESTION, purposes=question.purposes, mask=1, persons=people, rows=len(x), events=1, left_out=0,
        position=1, at=house.clock.now, genes="g", data="d",
    )  # fmt: skip
    trained = train(question, data, manifest, now=house.clock.now, threads=1)
    fitted = boosted.fit(x, data.y, settings={"rounds": 30, "num_threads": 1})
    record = open_record(house.path, house.settings, now=house.clock.now)
    context = {name: [float(k + 1) for k in range(3)] for name in coupon.NAMES if name.startswith(("coupon.", "camp"))}
    context = {name: values for name, values in context.items() if not name.startswith("campaign.days")}
    line = trained.early["boosted"].line
    model = trained.model | {
        "model": "boosted", "fitted": {"trees": fitted["trees"]}, "pair": None, "decides": line,
        "context": {"ids": list(coupons_of(record).ids)} | context,
    }  # fmt: skip
    return replace(trained, model=model | changes, card=msgspec.structs.replace(trained.card, model="boosted"))


def served(house: House, **changes: Any) -> Trained:
    trained = stored(house, **changes)
    save(house.path / MODELS, trained)
    assert house.post("/v1/models:refresh", {}).status < 300
    return trained


def decided(house: House, user: str = "u1", language: str = "en") -> DecisionRecord:
    """The record of a decision that was not drawn as a control."""
    while True:
        body = {"point": "next_offer", "person": {"user_id": user}, "n": 3}
        told = house.post("/v1/decide", body, headers={"Accept-Language": language}).told
        found = house.node.journal.rows_of_decision(int(told["decision_id"][1:], 16))
        record = decode_record(house.node.journal.body(found.places[0]))
        if not record.control and record.choices[0].action != "do_nothing":
            return record


@pytest.mark.parametrize("user", USERS)
def test_a_decision_reads_the_same_numbers_as_a_training(house: House, user: str) -> None:
    """Laws L3 and L9: the table of this moment, made from the journal, gives the same log-odds to the last bit."""
    model = served(house).model

    made = decided(house, user)

    record, question = open_record(house.path, house.settings, now=house.clock.now), questions_of(house.path)[QUESTION]
    past = record.past(need_of(question, record.purposes.bits))
    person = int(np.searchsorted(past.persons, house.node.world.profiles.find("user_id", user)))
    names, evidence = coupons_of(record).ids, made.evidence
    assert evidence is not None
    assert evidence.boosted is not None
    pairs = np.full(3, person), np.array([names.index(name) for name in evidence.candidates])
    context = {name: np.asarray(values) for name, values in model["context"].items() if name != "ids"}
    rows = coupon_part(record, past, question, pairs, at=made.at).x
    rows[:, [coupon.NAMES.index(name) for name in context]] = np.stack(list(context.values()), axis=1)[pairs[1]]
    popular = rows[:, coupon.NAMES.index("coupon.popularity")]
    rows[:, coupon.NAMES.index("rank.coupon.popularity")] = (popular[:, None] >= popular).mean(axis=1)
    margins = model["decides"]["slope"] * boosted.margins(model["fitted"], rows) + model["decides"]["offset"]
    assert np.asarray(evidence.boosted.margins).tolist() == margins.tolist()


def test_the_choice_explains_itself_and_repeats(house: House) -> None:
    served(house)

    record = decided(house)

    assert record.model == "propensity"
    assert agrees(record)
    scores = dict(zip(record.evidence.candidates, record.evidence.scores, strict=True))
    assert max(scores, key=scores.__getitem__) == "spring-TEA"
    for choice in record.choices:
        if choice.action != "do_nothing":
            total = choice.start + sum(reason.contribution for reason in choice.reasons)
            assert total == pytest.approx(choice.score, abs=1e-12)
    tea = next(choice for choice in record.choices if choice.action == "spring-TEA")
    assert {("bought before", OWN), ("popularity", None)} <= {(r.label, r.gene) for r in tea.reasons}


def test_who_withdraws_the_price_gets_the_neutral_choice(house: House) -> None:
    served(house)
    house.consent("u1", "price", granted=False)

    told = house.post("/v1/decide", {"point": "next_offer", "person": {"user_id": "u1"}}).told

    assert told["choices"][0]["action"] == "do_nothing"


def test_an_offer_that_is_new_since_is_weighed_too(house: House) -> None:
    served(house)
    new = {"id": "spring-NEW", "campaign": "spring", "categories": ["TEA"], "point": "next_offer"}
    assert house.post("/v1/actions", {"actions": [new]}).status < 300

    assert decided(house).evidence.boosted is not None


@pytest.mark.parametrize(
    "changes", [{"decides": None}, {"decides": {"slope": "much", "offset": 0.0}}, {"names": ["pair.orders.lifetime"]}]
)
def test_without_trees_that_fit_own_purchases_serve(house: House, changes: dict[str, Any]) -> None:
    served(house, **changes)

    record = decided(house)

    assert record.model == "own-products-1"
    assert agrees(record)


def test_a_damaged_file_costs_no_decision(house: House) -> None:
    served(house)
    (file,) = (house.path / MODELS / QUESTION).glob("*/model.json")
    file.write_bytes(file.read_bytes()[:-20])
    house.restart()

    assert decided(house).model == "own-products-1"
    assert [problem.name for problem in house.node.models.problems] == [QUESTION]


def test_every_column_becomes_one_reason_in_both_languages(house: House) -> None:
    layout = house.node.world.layout
    names = (*coupon.NAMES, *(gene.id for gene in layout.genes if gene.id in PERSON))
    reasons = Reasons(layout, names)
    parts = np.random.default_rng(1).normal(size=(3, len(names)))

    for unknown in (np.zeros(len(names), bool), np.arange(len(names)) >= len(coupon.NAMES)):
        grouped = reasons.parts(parts, unknown)
        np.testing.assert_allclose(grouped.sum(axis=1), parts.sum(axis=1))
        assert grouped[:, -1].any() == unknown.any()
    genes = [place for place, (gene, _) in enumerate(reasons.names["en"]) if gene in PERSON]
    assert not grouped[:, genes].any(), "what is not known names no gene"
    assert len(reasons.names["en"]) == len(reasons.names["de"]) == 9 + len(names) - len(coupon.NAMES)
    assert {gene for gene, _ in reasons.names["en"]} >= {OWN, RECENT, COUPONS}


def test_without_a_model_own_purchases_of_the_products_decide(house: House) -> None:
    record = decided(house)

    scores = dict(zip(record.evidence.candidates, record.evidence.scores, strict=True))
    bought = dict(zip(record.evidence.candidates, record.evidence.bought, strict=True))
    assert bought == {"spring-TEA": 12.0, "spring-MILK": 0.0, "spring-BREAD": 0.0}
    assert max(scores, key=scores.__getitem__) == "spring-TEA"
    assert agrees(record)
    tea = next(choice for choice in record.choices if choice.action == "spring-TEA")
    assert sum(reason.contribution for reason in tea.reasons) == pytest.approx(tea.score, abs=1e-12)
    assert {(reason.label, reason.gene) for reason in tea.reasons} >= {("bought before", OWN)}


def test_purchases_that_may_not_set_a_price_are_not_read(house: House) -> None:
    house.consent("u1", "price", granted=False)
    house.take(order("u1", category="BREAD"))
    house.consent("u1", "price", granted=True)

    record = decided(house)

    assert dict(zip(record.evidence.candidates, record.evidence.bought, strict=True))["spring-BREAD"] == 0.0


def test_where_an_offer_names_no_product_its_categories_decide(house: House) -> None:
    new = {"id": "spring-NEW", "campaign": "spring", "categories": ["TEA"], "point": "next_offer"}
    assert house.post("/v1/actions", {"actions": [new]}).status < 300

    assert decided(house).model == "own-purchases-1"


def test_a_training_compares_with_what_a_decision_would_have_scored(house: House) -> None:
    made = decided(house)
    record, question = open_record(house.path, house.settings, now=house.clock.now), questions_of(house.path)[QUESTION]
    past = record.past(need_of(question, record.purposes.bits))
    person = int(np.searchsorted(past.persons, house.node.world.profiles.find("user_id", "u1")))

    (found,) = [facts for _, facts in facts_at(record, past, question, actions_of(record, question),
                                               np.array([person]), at=made.at)]  # fmt: skip

    candidates = actions_of(record, question).candidates(made.at, found.mailed)
    own = dict(
        zip(candidates.ids, pairs.own_score(found, candidates, pairs.lines_of(past, made.at)(person)), strict=True)
    )
    written = dict(zip(made.evidence.candidates, made.evidence.scores, strict=True))
    assert own == pytest.approx(written, rel=1e-6)
