"""A damaged model is never served, never silent, and never an exception."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import msgspec
import pytest

from genom.learn import load_current, model_names, save, train
from genom.learn.dataset import DAY
from tests.learn.making import MANIFEST, question, table

NAME = "inactive_30d"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A registry with an older and a served version."""
    directory, before = tmp_path_factory.mktemp("registry"), msgspec.structs.replace(MANIFEST, data="c")
    old = save(directory, train(question(), table(300, seed=1), before, now=1, threads=1))
    new = save(directory, train(question(), table(300, seed=2), MANIFEST, now=2, threads=1))
    return directory, old.version, new.version


@pytest.fixture
def two(trained: tuple[Path, str, str], tmp_path: Path) -> tuple[Path, str, str]:
    """The same, free to be harmed."""
    directory, old, new = trained
    shutil.copytree(directory, tmp_path, dirs_exist_ok=True)
    return tmp_path, old, new


def test_the_version_is_the_hash_of_what_was_learned(two: tuple[Path, str, str]) -> None:
    again = save(two[0], train(question(), table(300, seed=2), MANIFEST, now=99, threads=1))

    assert again.version == two[2] != two[1]
    assert model_names(two[0]) == [NAME]


@pytest.mark.parametrize("file", ["model.json", "card.json", "manifest.json", "checksums.json"])
@pytest.mark.parametrize("harm", ["missing", "cut", "other", "empty", "list", "number", "object", "folder", "older"])
def test_an_older_whole_version_is_served_instead(two: tuple[Path, str, str], file: str, harm: str) -> None:
    directory, old, new = two
    path = directory / NAME / new / file
    content = path.read_bytes()
    harms = {
        "cut": content[:100], "other": content.replace(b"1", b"2", 1)[:-1] + b" }", "empty": b"", "list": b"[{}]",
        "number": b"1", "object": b"{}", "older": (directory / NAME / old / file).read_bytes(),
    }  # fmt: skip
    path.unlink()
    if harm == "folder":
        path.mkdir()
    elif harm != "missing":
        path.write_bytes(harms[harm])

    stored, problems = load_current(directory, NAME, now=0, most_days=30)

    assert stored is not None
    assert stored.version == old
    assert problems[0].name == NAME
    assert "genom learn" in problems[0].fix


@pytest.mark.parametrize(
    "change",
    [
        {"quality": {}},
        {"compared": {"logistic": {}}},
        {"question": {}},
        {"label": {}},
        {"name": "buys_category"},
        {"version": "0"},
        {"manifest": {}},
    ],
)
def test_a_card_that_lacks_something_is_not_served_even_with_the_right_checksum(
    two: tuple[Path, str, str], change: dict[str, object]
) -> None:
    directory, old, new = two
    folder = directory / NAME / new
    card = json.dumps(json.loads((folder / "card.json").read_bytes()) | change).encode()
    sums = json.loads((folder / "checksums.json").read_bytes())
    (folder / "card.json").write_bytes(card)
    (folder / "checksums.json").write_text(json.dumps(sums | {"card.json": hashlib.sha256(card).hexdigest()}))

    stored, problems = load_current(directory, NAME, now=0, most_days=30)

    assert stored is not None
    assert (stored.version, len(problems)) == (old, 1)


def test_if_none_is_whole_none_is_served(two: tuple[Path, str, str]) -> None:
    for path in (two[0] / NAME).glob("*/model.json"):
        path.write_bytes(b"{}")

    stored, problems = load_current(two[0], NAME, now=0, most_days=30)

    assert stored is None
    assert len(problems) == 2


@pytest.mark.parametrize("named", ["", "../../etc", "0000", "\x00"])
def test_a_wrong_name_of_the_served_version_leads_nowhere(two: tuple[Path, str, str], named: str) -> None:
    (two[0] / NAME / "current").write_text(named)

    stored, _ = load_current(two[0], NAME, now=0, most_days=30)

    assert stored is not None


def test_a_model_of_old_data_is_not_served(two: tuple[Path, str, str]) -> None:
    """Persons who were erased since must leave it (P33)."""
    stored, problems = load_current(two[0], NAME, now=31 * DAY, most_days=30)

    assert stored is None
    assert "too old" in problems[0].what


def test_only_the_newest_versions_stay(two: tuple[Path, str, str]) -> None:
    for seed in range(3, 7):
        save(two[0], train(question(), table(300, seed=seed), MANIFEST, now=seed, threads=1))

    assert len([p for p in (two[0] / NAME).iterdir() if p.is_dir()]) == 3
