"""Forgetting: windows of purposes in a whole node, over days and years."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from genom.app.forgetting import outlived, windows_of
from genom.app.reading import view_of
from genom.consent import load_purposes
from tests.app.events import order, view
from tests.app.house import DAY, HOUR, START, House, without_windows
from tests.app.portal import visit

WINDOW = 90
TONGUES = ("en", "de")
COUNT, RING = "rhythm.orders.count.lifetime", "rhythm.order_gap.gap_mean.lifetime"


def house_in(path: Path, days: int | None = WINDOW, **how: Any) -> House:
    """A house whose purpose `recommend` alone has a read window."""
    said = without_windows(path)
    if days is not None:
        said["purposes"]["recommend"]["read_window_days"] = days
    (path / "purposes.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    return House(path, **how)


def permit(house: House, *users: str) -> None:
    """Choices of their own: what development mode assumes would end after seven days, with a refold."""
    assert house.put("/v1/sources", {"name": "default", "consent": "required"}).told["consent"] == "required"
    for user in users:
        for purpose in ("recommend", "personalise_onsite"):
            house.consent(user, purpose, granted=True)


def sweep(house: House) -> None:
    house.run(house.node.forgetting.tend(rest=lambda _: 0.0))


def number(house: House, user: str) -> int:
    return int(house.node.world.people.person(house.node.world.profiles.find("user_id", user)))


def recommended(house: House, user: str) -> Any:
    return house.orders(user, purpose="recommend")


def counted(house: House, user: str) -> tuple[Any, Any]:
    """Orders known for the purpose with the window, and for the one without."""
    return recommended(house, user), house.orders(user, purpose="personalise_onsite")


def test_the_windows_are_those_of_the_registry() -> None:
    windows, purposes = windows_of(load_purposes()), load_purposes()
    longest = {purposes.names_of(bit)[0]: days for bit, days in windows.days.items()}

    assert longest.keys() == {*purposes.names}
    assert longest["personalise_onsite"] == longest["recommend"] == longest["price"] == 730
    assert (longest["ads_retarget"], longest["service"]) == (90, 3650)
    assert {purposes.names_of(bit)[0] for bit in windows.by_kind} == {"service"}


def test_what_is_past_the_window_is_withheld_until_the_sweep_and_then_gone(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        permit(house, "u1")
        house.take(order("u1", at=START - 60 * DAY), order("u1"))
        assert counted(house, "u1") == (2, 2)

        house.clock.now += 30 * DAY
        assert counted(house, "u1") == ("withheld", 2)
        sweep(house)

        assert counted(house, "u1") == (1, 2)
        assert (house.node.forgetting.refolded, house.node.forgetting.dropped) == (1, 0)
        assert house.verify().equal


def test_the_pages_say_that_what_is_withheld_is_too_old(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        permit(house, "u1")
        house.consent("u1", "personalise_onsite", granted=False)
        house.take(order("u1"))
        path = f"/people/{house.person('u1')}?purpose=recommend&family=rhythm"
        english, german = "older than 90 days", "älter als 90 Tage"
        assert english not in house.browse(path, cookie=house.sign_in()).body.decode()

        house.clock.now += 90 * DAY
        cookie = house.sign_in()
        told = {language: house.browse(path, cookie=cookie, language=language).body.decode() for language in TONGUES}
        own = {language: visit(house, "u1", language=language).text() for language in TONGUES}

        assert f"{english}: may no longer be read for this purpose" in told["en"]
        assert f"{german}: darf für diesen Zweck nicht mehr gelesen werden" in told["de"]
        assert english in own["en"]
        assert german in own["de"]
        sweep(house)
        assert english not in house.browse(path, cookie=cookie).body.decode()


def test_the_day_ends_the_window_and_the_hour_does_not(tmp_path: Path) -> None:
    with house_in(tmp_path / "d", days=1) as house:
        permit(house, "u1")
        house.take(order("u1"))

        house.clock.now += 11 * HOUR + HOUR - 1
        assert recommended(house, "u1") == 1
        house.clock.now += 1  # midnight
        assert recommended(house, "u1") == "withheld"


def test_an_old_event_that_comes_late_serves_only_where_it_may(tmp_path: Path) -> None:
    """Nobody is withheld for what was imported."""
    with house_in(tmp_path / "d") as house:
        permit(house, "u1")
        house.take(order("u1"))
        house.take(order("u1", at=START - 200 * DAY))

        assert counted(house, "u1") == (1, 2)
        assert house.verify().equal


def test_the_past_shows_what_may_be_read_today(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        permit(house, "u1")
        house.take(order("u1"))
        then = "2026-03-02T13:00:00Z"
        house.clock.now += 2 * HOUR
        assert house.orders("u1", purpose="recommend", at=then) == 1

        house.clock.now += WINDOW * DAY

        assert house.orders("u1", purpose="recommend", at=then) == "unknown"
        assert house.orders("u1", purpose="personalise_onsite", at=then) == 1


def test_who_has_faded_takes_no_memory_resolves_and_comes_back(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        permit(house)
        house.consent("u1", "recommend", granted=True)
        house.take(order("u1"))
        who, row = house.person("u1"), number(house, "u1")
        assert not house.node.world.matrix.empty(np.array([row]))[0]

        house.clock.now += WINDOW * DAY
        sweep(house)

        assert house.node.forgetting.dropped == 1
        assert not any(part[row].any() for name, part in house.node.world.matrix.dump(row).items() if "pop" not in name)
        assert house.person("u1") == who
        assert recommended(house, "u1") == "unknown"
        house.take(order("u1"))
        assert recommended(house, "u1") == 1
        assert house.verify().equal


def test_who_has_faded_from_the_standard_genome_is_dropped_and_comes_back(tmp_path: Path) -> None:
    """With nothing but what comes with Genom: two years are no end for anybody who is still there."""
    with House(tmp_path / "d") as house:
        permit(house, "gone", "here")
        house.take(order("gone"), view("gone"), order("here"))
        house.clock.now += 729 * DAY
        permit(house, "gone", "here")  # grants count for twelve months
        house.take(order("here"))
        sweep(house)
        assert (counted(house, "gone"), counted(house, "here")) == ((1, 1), (2, 2))
        row, identity = number(house, "gone"), house.person("gone")

        house.clock.now += DAY
        assert (counted(house, "gone"), counted(house, "here")) == (("withheld",) * 2, ("withheld",) * 2)
        sweep(house)

        assert (counted(house, "gone"), counted(house, "here")) == (("unknown",) * 2, (1, 1))
        assert house.node.world.matrix.empty(np.array([row]))[0]
        assert house.node.forgetting.dropped == 1
        house.take(order("gone"))
        assert (counted(house, "gone"), house.person("gone")) == ((1, 1), identity)
        assert house.verify().equal


def test_a_state_file_holds_nothing_that_is_past_a_window(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        permit(house, "u1", "u2")
        house.take(order("u1"), order("u2"))
        house.write_state()
        house.clock.now += WINDOW * DAY

        state = house.write_state()
        house.restart()

        assert outlived(house.node.world, at=house.clock.now).tolist() == []
        assert counted(house, "u1") == ("unknown", 1)
        assert house.verify(state).equal


def test_a_restart_from_an_old_state_file_withholds_until_its_first_sweep(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        permit(house, "u1")
        house.take(order("u1"))
        house.write_state()
        house.clock.now += WINDOW * DAY

        house.restart()

        assert counted(house, "u1") == ("withheld", 1)
        sweep(house)
        assert counted(house, "u1") == ("unknown", 1)


def test_another_window_takes_effect_at_the_next_start(tmp_path: Path) -> None:
    """A longer one shows again what a shorter one had forgotten: the journal has it."""
    with house_in(tmp_path / "d", days=10) as house:
        permit(house, "u1")
        house.take(order("u1"))
        house.clock.now += 20 * DAY
        sweep(house)
        assert recommended(house, "u1") == "unknown"
        house.write_state()

        house.close()
        house_in(tmp_path / "d", days=30)
        house.open()

        assert recommended(house, "u1") == 1


def test_a_sweep_that_is_cut_short_goes_on_after_the_restart(tmp_path: Path) -> None:
    users = [f"u{i}" for i in range(6)]
    with house_in(tmp_path / "d") as house:
        permit(house, *users)
        house.take(*(order(user) for user in users))
        house.write_state()
        house.clock.now += WINDOW * DAY
        broken = house.node.world.refold

        def fails(person: int, *given: Any, **how: Any) -> None:
            if person == number(house, "u3"):
                raise OSError("the disk")
            broken(person, *given, **how)

        house.node.world.refold = fails  # type: ignore[method-assign]  # the process dies here
        with pytest.raises(OSError, match="disk"):
            sweep(house)
        assert {recommended(house, user) for user in users} == {"unknown", "withheld"}

        house.restart()
        sweep(house)

        assert {counted(house, user) for user in users} == {("unknown", 1)}
        assert house.node.forgetting.waiting == 0
        assert house.verify().equal


def test_a_sweep_happens_once_a_day(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        sweep(house)
        assert not house.node.forgetting.due
        house.clock.now += DAY
        assert house.node.forgetting.due


def test_without_windows_nothing_is_ever_due(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        house.node.world.layout.windows.days.clear()  # type: ignore[attr-defined]  # as if none were declared

        assert not house.node.forgetting.due


def test_metrics_say_how_far_forgetting_is(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        permit(house, "u1")
        house.take(order("u1"))
        house.clock.now += WINDOW * DAY
        sweep(house)
        told = house.get("/metrics").body.decode()

    assert "genom_people_refolded 1\n" in told
    assert "genom_people_past_window 0\n" in told
    assert f"genom_last_sweep {START + WINDOW * DAY}\n" in told


def test_a_segment_takes_what_is_withheld_for_a_window_as_withheld(tmp_path: Path) -> None:
    with house_in(tmp_path / "d") as house:
        permit(house, "u1")
        house.take(order("u1"))
        columns, who = house.node.segments.awake(now=house.clock.now).columns, np.array([number(house, "u1")])
        bit, other = (house.node.purposes.bit(name) for name in ("recommend", "personalise_onsite"))
        seen = []
        for days, swept in ((0, False), (WINDOW, False), (0, True)):
            house.clock.now += days * DAY
            if swept:
                sweep(house)
            columns.permissions(who, now=house.clock.now)
            seen.append([bool(int(columns.columns.may[who[0]]) & one) for one in (bit, other)])

    assert seen == [[True, True], [False, True], [True, True]]


LIVES = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["u1", "u2"]), st.integers(0, 120), st.booleans()),
    min_size=1, max_size=12,
)  # fmt: skip
"""Days that pass, whose event, how old it is when it comes, and whether the node restarts."""


@settings(max_examples=8)
@given(lives=LIVES)
@example(lives=[(0, "u1", 0, False), (60, "u1", 40, True), (60, "u2", 0, False), (45, "u1", 0, True)])
def test_over_years_the_genome_is_the_fold_of_what_is_inside_the_window(
    lives: list[tuple[int, str, int, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At any time after a sweep, for the purpose with the window; the other one forgets nothing."""
    happened: dict[str, list[int]] = {"u1": [], "u2": []}
    with house_in(tmp_path_factory.mktemp("years") / "d", days=30) as house:
        permit(house, "u1", "u2")
        for days, user, age, restarts in lives:
            house.clock.now += days * DAY + 1
            permit(house, "u1", "u2")  # the last consent may have run out
            happened[user].append(house.clock.now - age * DAY)
            house.take(order(user, at=happened[user][-1]), view(user, at=happened[user][-1]))
            if restarts:
                house.write_state()
                house.restart()
            sweep(house)
            now = house.clock.now
            for someone, times in happened.items():
                inside = sum(now // DAY - ts // DAY < 30 for ts in times)
                held = counted(house, someone) if times else ("unknown", "unknown")
                assert held == (inside or "unknown", len(times) or "unknown")
                _same_as_a_refold(house, someone)
        assert house.verify().equal


def _same_as_a_refold(house: House, user: str) -> None:
    """What the node holds is what it would hold if it began anew (law L3)."""
    person = number(house, user)
    live = {purpose: _state(house, person, purpose) for purpose in house.node.gate.purposes}
    house.node.world.refold(person, house.node.journal, now=house.clock.now)
    for purpose, (decayed, integers, rings) in live.items():
        again = _state(house, person, purpose)
        assert np.allclose(decayed, again[0], rtol=2e-5, atol=1e-6)
        assert integers.tolist() == again[1].tolist()
        assert rings == again[2]


def _state(house: House, person: int, purpose: str) -> tuple[Any, Any, bytes]:
    state = view_of(house.node, person, purpose=purpose).state()
    return state.decayed, state.integers, state.rings
