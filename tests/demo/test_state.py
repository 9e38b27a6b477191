"""The demo's own directory: one driver at a time, a pace that can change, files that are whole."""

from __future__ import annotations

import pytest

from genom_demo.problems import DemoProblem
from genom_demo.state import FAST, SLOW, hold, is_running, keep, kept, pace_of, set_pace


def test_a_second_driver_is_refused_in_words(tmp_path):
    with hold(tmp_path), pytest.raises(DemoProblem) as refused, hold(tmp_path):
        pass

    assert "driven already" in str(refused.value)
    assert "genom demo --pace" in str(refused.value)


def test_the_directory_is_free_again_afterwards(tmp_path):
    with hold(tmp_path):
        assert is_running(tmp_path)

    assert not is_running(tmp_path)
    with hold(tmp_path):
        pass


def test_nobody_drives_where_there_is_no_directory(tmp_path):
    assert not is_running(tmp_path / "none")


def test_it_goes_slower_once_the_policies_have_learned(tmp_path):
    assert pace_of(tmp_path, 0) == FAST
    assert pace_of(tmp_path, 20_000) == SLOW


def test_a_pace_that_was_set_counts(tmp_path):
    set_pace(tmp_path, 30)

    assert pace_of(tmp_path, 0) == pace_of(tmp_path, 50_000) == 30


@pytest.mark.parametrize("pace", [-1, 1e9, float("nan")])
def test_an_unusable_pace_is_refused(tmp_path, pace):
    with pytest.raises(DemoProblem, match="cannot be used"):
        set_pace(tmp_path, pace)


def test_what_was_kept_is_readable_by_its_owner_alone(tmp_path):
    keep(tmp_path, "keys.json", {"a": 1})

    assert kept(tmp_path, "keys.json", None) == {"a": 1}
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert kept(tmp_path, "other", 7) == 7
