"""The history of an effect: one look a step, in bounded memory, the same whatever came between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genom.measure import Look, Looks, Tally, effect_of, look_at
from genom.measure.looks import HOUR, MOST

SHARES = {"policy": 0.9, "control": 0.1}


def look(at):
    return Look(at=at, decisions=at // HOUR, arm="a", value=0.5, low=-1.0, high=1.0, early=False)


def counted(policy, control):
    tallies = {"policy": Tally(), "control": Tally()}
    for arm, rewards in (("policy", policy), ("control", control)):
        for person, reward in enumerate(rewards):
            tallies[arm].add(person % 128, 1024 * reward)
    return tallies


def test_a_look_is_the_effect_as_it_is_told():
    tallies = counted([1, 0, 1, 1] * 300, [0, 0, 1, 0] * 60)
    effect = effect_of(tallies, SHARES, base="control")

    stood = look_at(tallies, SHARES, base="control", at=5 * HOUR)

    assert stood == Look(
        at=5 * HOUR, decisions=1440, arm="policy", early=False,
        value=effect.difference.value, low=effect.difference.low, high=effect.difference.high,
    )  # fmt: skip


def test_before_its_time_a_look_is_early_and_without_a_control_there_is_none():
    early = look_at(counted([1, 0] * 100, [0] * 199), SHARES, base="control", at=HOUR)
    none = look_at(counted([1, 0] * 100, []), SHARES, base="control", at=HOUR)

    assert early is not None
    assert early.early
    assert none is None


def test_quiet_hours_leave_no_look():
    looks = Looks()
    for hour in (3, 3, 4, 9):
        looks.before(hour * HOUR + 5, look)

    assert [one.at // HOUR for one in looks.kept] == [4, 5]


def test_years_fit_into_bounded_memory_and_keep_their_ends():
    looks = Looks()
    for hour in range(20_000):
        looks.before(hour * HOUR, look)

    assert len(looks.kept) <= MOST
    assert looks.kept[0].at < 400 * HOUR
    assert looks.kept[-1].at > 19_500 * HOUR
    assert [one.at for one in looks.kept] == sorted({one.at for one in looks.kept})


@given(st.lists(st.integers(0, 2_000), max_size=400), st.integers(0, 400))
def test_a_restart_at_any_moment_changes_no_look(hours, cut):
    whole, saved = Looks(), Looks()
    for number, hour in enumerate(sorted(hours)):
        whole.before(hour * HOUR, look)
        if number == cut:
            saved = Looks.load(saved.dump())
        saved.before(hour * HOUR, look)

    assert saved == whole
