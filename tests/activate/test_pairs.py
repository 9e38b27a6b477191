"""A pair's way: nobody is lost, nothing is given up, and who was never sent is never mentioned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.activate import LATE, OPEN, Answer, Outcome, Pair, State, claimed, corrected, is_late, reported, wished

DAY = 86_400_000
AT = 1_772_452_800_000
NEW = Pair(state=State.WANTED, since=0, next_at=0)
DONE, PENDING, FAILED = Answer(Outcome.DONE), Answer(Outcome.PENDING, job="j"), Answer(Outcome.FAILED, why="status 500")


def test_in_and_out_again() -> None:
    there = reported(claimed(NEW, now=1), DONE, now=2)
    assert (there.state, there.told_at) == (State.MEMBER, 1)

    leaving = wished(there, wanted=False, expires=0, now=3)
    assert leaving is not None
    asked = reported(claimed(leaving, now=4), PENDING, now=5)
    assert (asked.state, asked.job, asked.since) == (State.ASKED, "j", 3)
    assert reported(asked, DONE, now=6).state is State.GONE


def test_a_failure_is_tried_again_ever_later_and_never_given_up() -> None:
    pair, pauses = claimed(NEW, now=0), list[int]()
    for _ in range(40):
        pair = reported(pair, FAILED, now=1_000)
        pauses.append(pair.next_at - 1_000)

    assert pair.state is State.WANTED
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (60_000, 6 * 3_600_000)
    assert pair.why == "status 500"


@pytest.mark.parametrize("state", [State.LEAVING, State.ASKED])
def test_a_removal_that_takes_longer_than_a_day_is_late(state: State) -> None:
    pair = Pair(state=state, since=0, next_at=0, told_at=1)

    assert not is_late(pair, expires=0, now=LATE)
    assert is_late(pair, expires=0, now=LATE + 1)
    assert not is_late(pair, expires=30 * DAY, now=LATE + 1)
    assert not is_late(NEW, expires=0, now=LATE + 1)


def test_where_nobody_can_be_removed_a_member_is_sent_again_in_time_and_forgotten_in_time() -> None:
    there = reported(claimed(NEW, now=AT), DONE, now=AT)
    assert wished(there, wanted=True, expires=20 * DAY, now=AT + 9 * DAY) == there
    again = wished(there, wanted=True, expires=20 * DAY, now=AT + 10 * DAY)
    assert again is not None
    assert again.state is State.WANTED

    out = wished(there, wanted=False, expires=20 * DAY, now=AT + DAY)
    assert out is not None
    still = wished(out, wanted=False, expires=20 * DAY, now=AT + 19 * DAY)
    assert still is not None
    assert still.state is State.LEAVING
    gone = wished(out, wanted=False, expires=20 * DAY, now=AT + 20 * DAY)
    assert gone is not None
    assert gone.state is State.GONE


def test_what_was_wrong_is_removed_by_a_job_before_what_is_right_is_sent() -> None:
    wrong = corrected(reported(claimed(NEW, now=1), DONE, now=2), expires=0, now=3)
    failed = reported(claimed(wrong, now=4), FAILED, now=5)
    assert (wrong.state, failed.state) == (State.WRONG, State.WRONG)
    asked = reported(claimed(failed, now=6), PENDING, now=7)

    again = wished(asked, wanted=True, expires=0, now=8)
    assert again is not None
    assert (again.state, again.job) == (State.WANTED, "j")
    assert reported(again, DONE, now=9).job == ""  # now it is sent


def test_what_was_never_sent_or_leaves_needs_no_correction() -> None:
    leaving = wished(reported(claimed(NEW, now=1), DONE, now=2), wanted=False, expires=0, now=3)
    assert leaving is not None

    assert corrected(NEW, expires=0, now=4) == NEW
    assert corrected(leaving, expires=0, now=4) == leaving


STEPS = st.lists(st.sampled_from(["in", "out", "correct", "claim", "done", "pending", "failed"]), max_size=30)


@given(STEPS)
def test_whoever_may_have_been_heard_of_is_followed_until_they_are_gone(steps: list[str]) -> None:
    pair: Pair | None = NEW
    told = False
    answers = {"done": DONE, "pending": PENDING, "failed": FAILED}
    for now, step in enumerate(steps, 1):
        if pair is None:
            assert not told
            return
        if step in {"in", "out"}:
            pair = wished(pair, wanted=step == "in", expires=0, now=now)
        elif step == "correct":
            pair = corrected(pair, expires=0, now=now)
        elif step == "claim":
            told = told or pair.state is State.WANTED
            pair = claimed(pair, now=now)
        elif pair.state in OPEN and (told or step == "failed"):
            pair = reported(pair, answers[step], now=now)
    last = pair and wished(pair, wanted=False, expires=0, now=99)
    if told:
        assert last is not None
        assert last.state in {State.LEAVING, State.ASKED, State.GONE}
