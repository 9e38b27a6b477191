"""`genom rejected` on a directory that no node serves; through a node it asks the same addresses."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from genom.app.cli import main
from genom.app.show.refusals import _HELP, _REASONS
from tests.app.events import Event, order, track
from tests.app.house import House

Ran = tuple[int, str, str]  # exit status, output, errors
SETTINGS = "people_max: 500\nsegment_bytes: 1048576\ndedupe_entries: 100000\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "d"
    path.mkdir(mode=0o700)
    (path / "settings.yaml").write_text(SETTINGS, "utf-8")
    return path


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    """Where small events alone were taken; the settings of the file allow larger ones."""
    with House(home, event_bytes=1_000) as house:
        yield house


@pytest.fixture
def genom(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the program."""

    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["genom", *words, "--data", str(home)])
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        else:
            status = 0
        return status, *capsys.readouterr()

    return run


def long(user: str) -> Event:
    return order(user, note="x" * 2_000)


def test_they_are_listed_shown_counted_and_tried_again(house: House, genom: Callable[..., Ran]) -> None:
    house.send(long("u1"), long("u2"), track("", "u3"))
    house.close()

    status, listed, _ = genom("rejected", "list", "--code", "collect.too-large")
    assert (status, len(listed.splitlines())) == (0, 2)
    row = listed.split()[0]
    _, shown, beside = genom("rejected", "show", row, "--reason", "case 7")
    assert json.loads(shown)["userId"] == "u2"
    assert "code: collect.too-large" in beside
    _, counted, _ = genom("rejected", "counts", "--language", "de")
    assert "2  default  collect.too-large  event_bytes" in counted
    assert counted.endswith("3 events\n")

    _, tried, _ = genom("rejected", "replay", "--all", "--dry-run")
    assert tried.splitlines()[:2] == ["2 of 3 events would be taken now.", "1 would be refused as before:"]
    _, tried, _ = genom("rejected", "replay", row)
    assert tried == "1 of 1 event was taken.\n"
    _, tried, _ = genom("rejected", "replay", "--source", "default")
    assert tried.splitlines()[0] == "1 of 2 events were taken."
    house.open()
    assert [house.orders(user) for user in ("u1", "u2")] == [1, 1]


def test_progress_is_told_call_after_call(
    house: House, genom: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.send(*(long(f"u{n}") for n in range(5)))
    house.close()
    monkeypatch.setattr("genom.app.rejected_cli._CALL", 2)

    _, told, beside = genom("rejected", "replay", "--all")

    assert told == "5 of 5 events were taken.\n"
    assert beside.splitlines() == ["2 tried, 2 taken …", "4 tried, 4 taken …"]
    house.open()


def test_where_there_is_none_it_says_what_would_stand_there(house: House, genom: Callable[..., Ran]) -> None:
    house.close()
    for words in (["list"], ["counts"], ["replay", "--all"]):
        status, told, _ = genom("rejected", *words)
        assert status == 0
        assert told.startswith("No refused event fits."), words
    house.open()


def test_what_cannot_be_is_refused_in_words(house: House, genom: Callable[..., Ran]) -> None:
    house.close()
    for words, said in (
        (["replay"], "name some of them, or say --all"),
        (["show", "5-0-00000000"], "There is no refused event '5-0-00000000'."),
        (["list", "--day", "today"], "'today' is no day."),
        (["counts", "--language", "fr"], "There is no language 'fr'."),
    ):
        status, _, beside = genom("rejected", *words)
        assert status != 0
        assert said in beside
    house.open()


def test_every_reason_has_help_in_both_languages() -> None:
    assert _HELP.keys() == _REASONS.keys()
    assert all(len(set(words)) == 2 for words in _HELP.values())
