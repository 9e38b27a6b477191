"""The closed loop over real HTTP: Genom recovers what the simulation knows to be true.

2,000 people and three points here; `make soak` runs the shop as it ships, with 5,000 people and all five points.
"""

from __future__ import annotations

import time

import pytest

from genom_demo.world.truth import BANNER_LIFT
from tests import node as nodes
from tests.demo.driving import drive, told

TWICE = 2.0  # an interval misses the truth once in a few hundred runs, twice its width once in a hundred million
WINNER = {"better", "worse"}
WINDOW = 3  # seconds within which an outcome counts
USUAL = ("--pace", "9999", "--decisions", "20000", "--reward-seconds", str(WINDOW))
SIZES = [
    pytest.param(("--people", "2000", "--points", "shop_voucher,shop_banner,shop_aa"), id="small"),
    pytest.param((), id="as it ships", marks=pytest.mark.soak),
]


@pytest.fixture(scope="module", params=SIZES)
def driven(request, tmp_path_factory):
    node = nodes.start(tmp_path_factory.mktemp("living") / "data")
    drive(node, *USUAL, *request.param, seconds=600)
    time.sleep(WINDOW + 1)  # the last decisions' windows pass
    yield node
    node.stop()


def test_after_twenty_thousand_decisions_the_policy_has_three_fifths_of_the_oracles_gain(driven):
    share = told(driven, "status.json")["share"]

    print(f"share of the oracle's gain: {share}")
    assert share["low"] >= 0.60


def test_the_learned_policy_passes_the_control(driven):
    effect = driven.get("/v1/points/shop_voucher/effect")

    assert effect["verdict"] == "better"
    assert effect["low"] > 0


def test_two_equal_arms_differ_by_no_more_than_chance(driven):
    effect = driven.get("/v1/points/shop_aa/effect")

    assert misses(effect, 0.0) < TWICE
    assert effect["verdict"] in ({"no_difference_yet", "too_early"} if effect["low"] <= 0 <= effect["high"] else WINNER)


def test_the_known_lift_is_found_and_is_more_than_chance(driven):
    effect = driven.get("/v1/points/shop_banner/effect")

    assert effect["arms"][0]["arm"] == "banner_vivid"
    assert misses(effect, BANNER_LIFT) < TWICE
    assert effect["low"] > 0


def misses(effect, truth):
    """How far the difference lies from the truth, in half widths of its interval."""
    return 2 * abs(effect["difference"] - truth) / (effect["high"] - effect["low"])
