"""Experiments: exact shares, arms that stick, records that repeat."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide import Action, ActionSet, Reward, agrees, decide, decode_record, encode_record, record_of
from genom.decide.experiment import arm_of
from tests.decide.shop import facts, point

SHARES = {"plain": 0.7, "vivid": 0.2, "loud": 0.1}
ARMS = ActionSet(Action(id=name, label="") for name in SHARES).candidates(1)
seeds = st.integers(0, 2**64 - 1)


def experiment(shares=SHARES):
    return msgspec.structs.replace(
        point("next_offer"), model="experiment", shares=shares, reward=Reward(events=("Order Completed",))
    )


def drawn(seed, candidates=ARMS, **known):
    return decide(experiment(), facts(**known), candidates, n=1, seed=seed, decision=1)


@given(seeds)
def test_the_same_seed_gives_the_same_arm_and_its_record_repeats(seed):
    known = facts()
    outcome = drawn(seed)
    record = record_of(outcome, point=experiment(), facts=known, person="p", mask=1, basis="consent")

    assert drawn(seed).decision.choices == outcome.decision.choices
    assert agrees(decode_record(encode_record(record)))
    assert outcome.decision.choices[0].probability == pytest.approx(SHARES[outcome.decision.choices[0].action])
    assert outcome.decision.choices[0].reasons[0].label == "experiment"


def test_each_arm_gets_its_share():
    seeds = np.random.default_rng(1).integers(0, 2**63, 20_000).tolist()
    shares = np.array(list(SHARES.values()))
    arms = [arm_of(shares, seed) for seed in seeds]

    for arm, share in enumerate(shares.tolist()):
        assert arms.count(arm) / len(seeds) == pytest.approx(share, abs=0.012)  # four standard deviations


def test_without_permission_nobody_is_in_an_experiment():
    assert drawn(1, permitted=False).decision.choices[0].action == "do_nothing"


def test_an_arm_that_does_not_run_is_not_shown():
    others = ActionSet([Action(id="other", label="")]).candidates(1)

    outcome = drawn(1, others)

    assert (outcome.decision.choices[0].action, outcome.weighed) == ("do_nothing", None)
