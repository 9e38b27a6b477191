"""The driver as a process: it can be killed at any moment, and nobody visits twice."""

from __future__ import annotations

import time

import numpy as np
import pytest

from genom_demo.world.history import Past, history_of, local_days
from genom_demo.world.world import make_world
from tests.demo.driving import SECONDS, diary, drive, driver, put, refused, state_of, told, until

SMALL = ("--people", "400", "--reward-seconds", "2", "--pace", "9999")
FEW = ("--people", "50", "--reward-seconds", "2", "--no-history")


def test_a_driver_killed_in_the_past_goes_on_and_doubles_nothing(node):
    for people in (40, 200):
        with driver(node, *SMALL, "--decisions", "1"):
            until(lambda least=people: (told(node, "status.json") or {}).get("done", 0) >= least)
    drive(node, *SMALL, "--decisions", "0")

    world, end = make_world(count=400), told(node, "history.json")["end"]
    past = Past(seed=world.seed, days=local_days(end), end=end)
    assert node.get("/v1/stats")["events"] == sum(len(history_of(world.people, p, past)) for p in range(400))


def test_a_driver_killed_in_the_present_goes_on_and_doubles_nothing(node):
    for more in (100, 300, 500):
        with driver(node, *SMALL, "--no-history"):
            until(lambda least=more: len(diary(node)) >= least)
            time.sleep(0.02 * (more % 7))
    drive(node, *SMALL, "--no-history", "--decisions", "200")

    rows = diary(node)
    assert len(np.unique(rows[["visit", "point"]])) == len(rows)
    found = node.get("/v1/points/shop_voucher/effect")
    decided = int(((rows["point"] == 0) & (rows["how"] != 2)).sum())
    assert decided <= found["decisions"] + found["open"]


def test_what_followed_the_decisions_is_sent_after_a_kill(node):
    drive(node, *SMALL, "--no-history", "--decisions", "50")
    before = node.get("/v1/stats")["events"]

    drive(node, *SMALL, "--no-history", "--decisions", "0")  # the outbox is sent again

    assert node.get("/v1/stats")["events"] == before
    assert node.get("/v1/stats")["duplicate"] > 0


def test_a_second_driver_is_refused_in_words(shared_node):
    with driver(shared_node, *FEW, "--pace", "1") as first:
        until(lambda: told(shared_node, "status.json") is not None)
        printed = refused(shared_node, *FEW)

    assert "The living shop is driven already." in printed
    assert f"process {first.pid} holds" in printed


def test_a_running_driver_takes_another_pace(shared_node):
    with driver(shared_node, *FEW, "--pace", "0"):
        until(lambda: (told(shared_node, "status.json") or {}).get("pace") == 0)
        paused = told(shared_node, "status.json")["visits"]
        time.sleep(0.5)
        waited = told(shared_node, "status.json")["visits"]
        printed = drive(shared_node, "--pace", "50", "--decisions", "20", command="steer")

    assert waited == paused
    assert told(shared_node, "status.json")["visits"] >= paused + 20
    assert "vouchers decided" in printed


def test_a_driver_ends_with_the_process_that_started_it(shared_node):
    with driver(shared_node, *FEW, "--parent", "1") as process:
        process.communicate(timeout=SECONDS)

    assert process.returncode == 0


def test_nothing_of_the_truth_lies_in_the_data_directory(shared_node):
    drive(shared_node, *FEW, "--decisions", "10")

    assert (state_of(shared_node) / "truth.npz").exists()
    assert not list(shared_node.data.rglob("truth*"))


def test_a_lost_directory_is_explained(node):
    drive(node, *SMALL, "--no-history", "--decisions", "0")
    (state_of(node) / "keys.json").unlink()

    assert "does not know its key" in refused(node, *SMALL, "--no-history")


def test_a_source_whose_key_a_kill_lost_gets_a_successor(node):
    node.post("/v1/sources", {"name": "living-shop"})
    state_of(node).mkdir()
    (state_of(node) / "making").write_text('"living-shop"')

    drive(node, *SMALL, "--no-history", "--decisions", "5")

    assert told(node, "keys.json")["living-shop"]["name"] == "living-shop-2"


@pytest.mark.parametrize("pace", ["-1", "99999"])
def test_an_unusable_pace_is_refused(shared_node, pace):
    assert "cannot be used" in refused(shared_node, *FEW, "--pace", pace)


def test_people_wait_until_the_sample_is_loaded(node):
    put(node, "/v1/sample", {"state": "loading"})
    with driver(node, *FEW, "--after-sample", "--pace", "50") as process:
        time.sleep(3)
        early = told(node, "history.json")
        put(node, "/v1/sample", {"state": "complete"})
        until(lambda: (told(node, "status.json") or {}).get("phase") == "live")
        process.kill()
        printed, _ = process.communicate()

    assert early is None
    assert "waits for the sample shop" in printed
