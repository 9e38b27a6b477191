"""Machine code and the readable formulas give the same bits."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.decide import Action, ActionSet, Policy, decide
from genom.decide.kernel import draw_fast
from genom.decide.policy import draw
from genom.decide.reading import read
from genom.decide.scoring import own_purchases_1
from tests.decide.shop import NOW, facts, point

CODES = 12
vectors = st.lists(st.floats() | st.floats(0, 50), max_size=CODES).map(np.array)
categories = st.lists(st.tuples(st.integers(0, CODES - 1), st.floats(0, 1)), max_size=3).map(tuple)
policies = st.builds(
    Policy,
    control=st.floats(0, 0.5),
    epsilon=st.floats(0.001, 1.0),
    temperature=st.floats(0.01, 100),
    do_nothing=st.floats(-5, 5),
)
seeds = st.integers(0, 2**64 - 1)


def candidates_about(many):
    return ActionSet(Action(id=f"a{i}", label="", categories=about) for i, about in enumerate(many)).candidates(NOW)


def weighed(known, candidates, policy, *, n, seed):
    at = point(**{name: getattr(policy, name) for name in policy.__struct_fields__})
    return decide(at, known, candidates, n=n, seed=seed, decision=1).weighed


def bits(values):
    return np.asarray(values, np.float64).view(np.int64).tolist()


@given(st.lists(categories, min_size=1, max_size=8), vectors, vectors, st.none() | vectors, seeds)
def test_what_is_read_and_scored_has_the_bits_of_the_formulas(many, own, popularity, recent, seed):
    candidates = candidates_about(many)
    known = facts(own, popularity=popularity, recent=recent)

    result = weighed(known, candidates, point().policy, n=3, seed=seed)

    reading = read(known, candidates)
    scored = own_purchases_1(reading, candidates)
    codes = candidates.read[0]
    assert (result.basis.values == reading.values[:, codes]).all()
    assert (bits(result.basis.total), result.basis.kinds) == (bits(reading.total), reading.kinds)
    assert bits(result.scores) == bits(scored.total)
    for pick, parts in zip(result.draw.picks, result.contributions, strict=True):
        assert pick == len(many) or bits(parts) == [bits(scored.parts[name][pick]) for name in scored.parts]


@given(st.lists(categories, min_size=1, max_size=30), vectors, policies, st.integers(1, 40), seeds)
def test_what_is_drawn_has_the_bits_of_the_policy(many, own, policy, n, seed):
    scores = weighed(facts(own), candidates_about(many), policy, n=n, seed=seed).scores
    terms = policy.control, policy.epsilon, policy.temperature, policy.do_nothing

    result, drawn = draw_fast(scores, np.uint64(seed), n, terms), draw(scores, policy, n=n, seed=seed)

    assert result.control == drawn.control
    assert bits(result.first) == bits(drawn.first)
    assert result.picks.tolist() == [pick.index for pick in drawn.picks]
    assert bits(result.probabilities) == bits([pick.probability for pick in drawn.picks])
    assert result.greedy.tolist() == [pick.greedy for pick in drawn.picks]


def test_the_candidates_of_a_moment_are_those_of_the_plain_selection():
    actions = ActionSet(
        Action(id=f"a{i}", label="", campaign=i % 3, starts=10 * i, ends=10 * i + 25 + i) for i in range(12)
    )

    for now in range(170):
        for mailed in ({1}, {2}, {1, 2}, {7}, {0}, set()):
            chosen = actions.of_campaigns(mailed, now)
            wanted = actions.take(chosen if len(chosen) else actions.running(now))
            assert actions.candidates(now, mailed).ids == wanted.ids
