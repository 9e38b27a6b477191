"""A decision can be repeated from its record, to the last bit."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide import (
    Action,
    ActionSet,
    Policy,
    agrees,
    category_actions,
    decide,
    decode_record,
    encode_record,
    record_of,
    reevaluate,
)
from genom.errors import Corrupt, UnknownFormat
from tests.decide.shop import all_categories, facts, point

CODES = 12
vectors = st.lists(st.floats(width=32) | st.floats(0, 50), max_size=CODES).map(np.array)
categories = st.lists(st.tuples(st.integers(0, CODES - 1), st.floats(0, 1)), max_size=3).map(tuple)
policies = st.builds(
    Policy,
    control=st.floats(0, 0.5),
    epsilon=st.floats(0.001, 1.0),
    temperature=st.floats(0.01, 10),
    do_nothing=st.floats(-5, 5),
)


def recorded(known, candidates, at=None, *, n=3, seed=1):
    at = at or point()
    outcome = decide(at, known, candidates, n=n, seed=seed, decision=7)
    return outcome, record_of(outcome, point=at, facts=known, person="p1", mask=5, basis="consent")


@given(st.data())
def test_a_record_read_back_gives_the_same_choice_scores_and_probabilities(data):
    """Law L8: bit for bit, from the bytes of the record alone."""
    many = data.draw(st.lists(categories, max_size=8)) * data.draw(st.sampled_from([1, 40]))  # few, or packed
    actions = ActionSet(Action(id=f"a{i}", label="", categories=about) for i, about in enumerate(many))
    recent, permitted = data.draw(st.none() | vectors), data.draw(st.booleans())
    known = facts(data.draw(vectors), popularity=data.draw(vectors), recent=recent, permitted=permitted)
    at = msgspec.structs.replace(point(), policy=data.draw(policies))
    n, seed = data.draw(st.integers(1, 6)), data.draw(st.integers(0, 2**64 - 1))

    outcome, record = recorded(known, actions.take(actions.running(1_000)), at, n=n, seed=seed)
    read_back = decode_record(encode_record(record))
    repeated = reevaluate(read_back)

    choices = outcome.decision.choices
    assert read_back == record
    assert repeated.actions == tuple(choice.action for choice in choices)
    assert repeated.scores == tuple(choice.score for choice in choices)
    assert repeated.probabilities == tuple(choice.probability for choice in choices)
    assert agrees(read_back)


def test_a_record_names_what_was_weighed_and_on_what_ground():
    _, record = recorded(facts([0, 2.5, 0, 0, 0]), all_categories())

    body = msgspec.json.decode(encode_record(record))

    wanted = {"point": "next_product", "person": "p1", "at": 1_000, "position": 42, "purpose": "recommend", "n": 3}
    assert wanted.items() <= body.items()
    assert (body["mask"], body["basis"], body["seed"], body["point_version"]) == (5, "consent", 1, 2)
    assert body["policy"] == {"control": 0.1, "epsilon": 0.05, "temperature": 0.25, "do_nothing": 0.0}
    assert body["evidence"]["candidates"] == ["TEA", "MILK", "BREAD", "WINE"]
    assert body["evidence"]["own"] == {"codes": [1], "values": [2.5]}
    assert len(body["evidence"]["scores"]) == 4
    assert sum(body["evidence"]["first"]) == pytest.approx(1.0)  # the four and doing nothing


def test_a_record_of_many_candidates_stays_small():
    actions = category_actions([""] + [f"C{code}" for code in range(1, 2_001)])
    rng = np.random.default_rng(1)

    _, record = recorded(facts(rng.random(2_001), popularity=rng.random(2_001)), actions.take(actions.running(0)))

    assert len(encode_record(record)) < 2_000 * 110
    assert agrees(decode_record(encode_record(record)))


def test_only_values_of_the_candidates_are_recorded():
    tea = ActionSet([Action(id="tea", label="", categories=((1, 1.0),))])

    _, record = recorded(facts([0, 2.0, 3.0, 4.0]), tea.take(tea.running(0)))

    assert record.evidence.own.codes == [1]
    assert record.evidence.popularity.codes == [1]


def test_a_neutral_record_holds_no_gene_value():
    _, record = recorded(facts([0, 9, 0, 0, 0], permitted=False), all_categories())

    assert record.evidence is None
    assert reevaluate(record).actions == ("do_nothing",)
    assert agrees(record)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: msgspec.structs.replace(r, seed=r.seed + 1),
        lambda r: msgspec.structs.replace(r, policy=msgspec.structs.replace(r.policy, temperature=0.26)),
        lambda r: msgspec.structs.replace(r, choices=r.choices[:-1]),
        lambda r: msgspec.structs.replace(r, control=not r.control),
        lambda r: msgspec.structs.replace(r, evidence=msgspec.structs.replace(r.evidence, popularity_kinds=5)),
    ],
)
def test_a_record_that_was_changed_no_longer_agrees(change):
    known, at = facts([0, 2.5, 1.0, 0, 0]), point(do_nothing=-9.0)
    _, record = recorded(known, all_categories(), at)

    assert agrees(record)
    assert not agrees(change(record))


def test_a_record_written_by_the_first_version_agrees_for_ever():
    """The file was written once; if this fails, a changed formula needs a model name of its own."""
    record = decode_record(Path(__file__).with_name("record_1.json").read_bytes())

    assert agrees(record)
    assert reevaluate(record).actions == ("TEA", "BREAD")


def test_a_model_of_a_newer_genom_is_refused():
    _, record = recorded(facts(), all_categories())

    with pytest.raises(UnknownFormat, match="own-purchases-9"):
        reevaluate(msgspec.structs.replace(record, model="own-purchases-9"))


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff"])
def test_bytes_that_hold_no_record_are_refused(data):
    with pytest.raises(Corrupt):
        decode_record(data)
