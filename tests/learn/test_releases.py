"""Which version serves: a new one only if it is not worse or approved, the one before again on demand."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from genom.errors import BadRequest, NotFound
from genom.learn import Stored, approve, known_versions, load_current, roll_back, save, train
from genom.learn.dataset import DAY
from genom.learn.quality import Figure
from genom.learn.training import Trained
from tests.learn.making import MANIFEST, question, table

NAME = "inactive_30d"
AT = {"now": 5, "most_days": 30}
FIRST = train(question(), table(300, seed=1), MANIFEST, now=1, threads=1)


def made(
    number: int,
    *,
    gain: tuple[float, float, float] = (0.1, 0.05, 0.15),
    policy: str = "automatic",
    beats: bool = True,
) -> Trained:
    """A trained model whose bytes and card are its own."""
    asked = FIRST.card.question | {"release": policy}
    card = msgspec.structs.replace(
        FIRST.card, question=asked, gain=Figure(*gain), beats_base_rate=beats, trained_at=number
    )
    return Trained(FIRST.model | {"question": asked, "context": {"number": number}}, card)


def served(directory: Path) -> str | None:
    stored, _ = load_current(directory, NAME, **AT)
    return None if stored is None else stored.version


def states(directory: Path) -> dict[str, str]:
    return {one.version: one.state for one in known_versions(directory, NAME, **AT)}


@pytest.mark.parametrize(
    ("new", "serves", "why"),
    [
        ({}, True, "not_worse"),
        ({"gain": (0.08, 0.05, 0.11)}, True, "not_worse"),
        ({"gain": (0.05, 0.02, 0.09)}, False, "worse"),
        ({"beats": False}, False, "no_signal"),
        ({"policy": "approval", "gain": (0.9, 0.8, 1.0)}, False, "needs_approval"),
    ],
)
def test_a_new_version_serves_if_it_is_not_worse_within_its_interval(
    tmp_path: Path, new: dict[str, object], serves: bool, why: str
) -> None:
    old = save(tmp_path, made(1)).version
    stored = save(tmp_path, made(2, **new))

    assert served(tmp_path) == (stored.version if serves else old)
    newest = known_versions(tmp_path, NAME, **AT)[0]
    assert (newest.version, newest.releases[0].why) == (stored.version, why)
    assert states(tmp_path) == {stored.version: "serves" if serves else "waits", old: "before" if serves else "serves"}


def test_the_first_serves_at_once_unless_its_question_wants_approval(tmp_path: Path) -> None:
    stored = save(tmp_path / "a", made(1)).version
    waiting = save(tmp_path / "b", made(1, policy="approval")).version

    assert served(tmp_path / "a") == stored
    assert load_current(tmp_path / "b", NAME, **AT) == (None, [])
    assert approve(tmp_path / "b", NAME, None, by="ada", **AT) == (waiting, "")
    assert served(tmp_path / "b") == waiting


def test_going_back_and_approving_again(tmp_path: Path) -> None:
    old, new = save(tmp_path, made(1)).version, save(tmp_path, made(2)).version

    assert roll_back(tmp_path, NAME, by="ada", **AT) == (old, new)
    assert served(tmp_path) == old
    with pytest.raises(BadRequest, match="no version to go back to"):
        roll_back(tmp_path, NAME, by="ada", **AT)
    assert approve(tmp_path, NAME, new, by="ada", **AT) == (new, old)
    assert served(tmp_path) == new
    told = known_versions(tmp_path, NAME, **AT)[0].releases
    assert [(one.why, one.by) for one in told] == [("approved", "ada"), ("not_worse", "training")]


def test_a_damaged_version_is_refused_in_words_and_what_serves_stays(tmp_path: Path) -> None:
    old, new = save(tmp_path, made(1)).version, save(tmp_path, made(2)).version
    (tmp_path / NAME / old / "model.json").write_bytes(b"{}")

    with pytest.raises(BadRequest) as refused:
        roll_back(tmp_path, NAME, by="ada", **AT)

    assert refused.value.code == "model.unusable"
    assert "checksum" in refused.value.why
    assert "genom learn" in refused.value.fix
    assert served(tmp_path) == new


def test_a_version_of_old_data_is_refused(tmp_path: Path) -> None:
    for number in (1, 2):
        save(tmp_path, made(number))

    with pytest.raises(BadRequest) as refused:
        roll_back(tmp_path, NAME, by="ada", now=MANIFEST.at + 31 * DAY, most_days=30)

    assert "30 days are allowed" in refused.value.why


def test_one_that_waits_never_stands_in_for_a_damaged_one(tmp_path: Path) -> None:
    old = save(tmp_path, made(1)).version
    waiting = save(tmp_path, made(2, beats=False))
    (tmp_path / NAME / old / "card.json").unlink()

    stored, problems = load_current(tmp_path, NAME, **AT)

    assert isinstance(waiting, Stored)
    assert stored is None
    assert [problem.name for problem in problems] == [NAME]


def test_unknown_models_and_versions_are_not_found(tmp_path: Path) -> None:
    save(tmp_path, made(1))

    with pytest.raises(NotFound):
        approve(tmp_path, "nothing", None, by="ada", **AT)
    with pytest.raises(NotFound, match="no version 'x'"):
        approve(tmp_path, NAME, "x", by="ada", **AT)
    with pytest.raises(BadRequest, match="waits for approval"):
        approve(tmp_path, NAME, None, by="ada", **AT)


def test_what_serves_and_what_served_before_outlast_many_trainings(tmp_path: Path) -> None:
    old, new = save(tmp_path, made(1)).version, save(tmp_path, made(2)).version
    for number in range(3, 9):
        save(tmp_path, made(number, beats=False))

    assert served(tmp_path) == new
    assert roll_back(tmp_path, NAME, by="ada", **AT) == (old, new)
    assert len(states(tmp_path)) <= 4


def test_a_registry_of_before_there_was_a_history_goes_on(tmp_path: Path) -> None:
    old = save(tmp_path, made(1)).version
    (tmp_path / NAME / "releases.json").unlink()

    new = save(tmp_path, made(2)).version

    assert served(tmp_path) == new
    assert roll_back(tmp_path, NAME, by="ada", **AT) == (old, new)
