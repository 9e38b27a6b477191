"""The closed loop over real HTTP: Genom recovers what the simulation knows to be true.

2,000 people and three points here; `make soak` runs the shop as it ships, with 5,000 people and all five points.
Whatever draws has a seed: the people their own, arms the data directory's keys, arrivals a fixed hour.  So each
run measures the same experiments, but for the last few visits, and what holds for them holds in every run.
"""

from __future__ import annotations

import http.cookiejar
import json
import re
import time
import urllib.request

import pytest

from genom_demo.world.truth import BANNER_LIFT
from tests import node as nodes
from tests.demo.driving import drive, told

WINDOW = 3  # seconds within which an outcome counts
USUAL = ("--pace", "9999", "--decisions", "20000", "--reward-seconds", str(WINDOW), "--hour", "19.5")
KEYS = {"message": 16, "identity": 16, "item": 16, "public": 16, "vault": 32, "seed": 16}  # bytes of each secret
SIZES = [
    pytest.param(("--people", "2000", "--points", "shop_voucher,shop_banner,shop_aa"), id="small"),
    pytest.param((), id="as it ships", marks=pytest.mark.soak),
]


@pytest.fixture(scope="module", params=SIZES)
def driven(request, tmp_path_factory):
    node = nodes.start(with_fixed_keys(tmp_path_factory.mktemp("living") / "data"))
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


def test_the_test_of_two_equal_arms_shows_no_winner(driven):
    effect = driven.get("/v1/points/shop_aa/effect")

    print(effect["sentence"]["en"])
    assert effect["low"] <= 0 <= effect["high"]
    assert effect["verdict"] == "no_difference_yet"
    assert verdict_on_page(driven, "shop_aa") == ("no_difference_yet", effect["sentence"]["en"])


def test_the_interval_of_the_known_lift_contains_it_and_excludes_zero(driven):
    effect = driven.get("/v1/points/shop_banner/effect")

    print(effect["sentence"]["en"])
    assert effect["arms"][0]["arm"] == "banner_vivid"
    assert effect["low"] <= BANNER_LIFT <= effect["high"]
    assert effect["low"] > 0
    assert verdict_on_page(driven, "shop_banner") == ("better", effect["sentence"]["en"])


def with_fixed_keys(data):
    """A data directory whose keys are known: who gets which arm follows from them."""
    (data / "keys").mkdir(mode=0o700, parents=True)
    keys = {name: bytes([number] * size).hex() for number, (name, size) in enumerate(KEYS.items(), 1)}
    (data / "keys" / "secrets.json").write_text(json.dumps(keys))
    return data


def verdict_on_page(node, point):
    """The sentence under which a marketer sees an experiment."""
    jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    jar.open(node.url + node.post("/v1/console-links", {})["url"], timeout=60).read()
    page = jar.open(f"{node.url}/decisions/{point}", timeout=60).read().decode()
    (kind, sentence), *others = re.findall(r'<p class="verdict (\w+)">.*?<span>(.*?)</span></p>', page)
    assert not others
    return kind, sentence
