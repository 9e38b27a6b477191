"""The diary: what was decided and what became of it, whole after a kill."""

from __future__ import annotations

from genom_demo.diary import CONTROL, OUTSIDE, POLICY, RECORD, Diary
from genom_demo.world.world import make_world

truth = make_world(7, 50).truth


def entry(visit: int, *, point: str = "shop_voucher", how: int = POLICY, action: str = "voucher_desk"):
    return visit, visit % 50, point, action, how, True


def test_vouchers_are_counted_over_a_restart(tmp_path):
    Diary(tmp_path, truth).write([entry(1), entry(1, point="shop_hero", action="hero_wear"), entry(2)])

    assert Diary(tmp_path, truth).made == 2


def test_a_record_that_a_kill_cut_is_dropped(tmp_path):
    Diary(tmp_path, truth).write([entry(1), entry(2)])
    path = tmp_path / "decisions"
    path.write_bytes(path.read_bytes()[:-3])

    again = Diary(tmp_path, truth)
    again.write([entry(3)])

    assert again.read()["visit"].tolist() == [1, 3]
    assert path.stat().st_size == 2 * RECORD.itemsize


def test_a_few_decisions_are_too_few_for_a_share(tmp_path):
    diary = Diary(tmp_path, truth)
    diary.write([entry(number) for number in range(100)])

    assert diary.share() is None


def test_control_and_what_nobody_saw_do_not_count(tmp_path):
    diary, best = Diary(tmp_path, truth), truth.chance["shop_voucher"].argmax(axis=1)
    names = truth.actions["shop_voucher"]
    diary.write([entry(n, action=names[best[n % 50]]) for n in range(600)])
    diary.write([entry(n, how=how) for n in range(600) for how in (CONTROL, OUTSIDE)])

    share = diary.share()

    assert share is not None
    assert share.decisions == 600
    assert share.value == 1.0
