"""`genom source snippet`: what a shop puts into its pages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from genom.app.cli import main
from genom.app.pages.live import LiveEvents
from genom.collect import browser_tag
from tests.app.house import House

SETTINGS = """public_url: https://genom.example.org/
people_max: 500
segment_bytes: 1048576
dedupe_entries: 100000
"""
Ran = tuple[str, str]  # output, errors


@pytest.fixture
def genom(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Ran]:
    """Runs `genom source snippet` on a directory that no node serves."""

    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["genom", "source", "snippet", *words, "--data", str(tmp_path / "d")])
        with suppress(SystemExit):
            main()
        return capsys.readouterr()

    return run


def begun(tmp_path: Path, *sources: str) -> House:
    (tmp_path / "d").mkdir(mode=0o700)
    (tmp_path / "d" / "settings.yaml").write_text(
        "public_url: https://genom.example.org/\npeople_max: 500\nsegment_bytes: 1048576\ndedupe_entries: 100000\n",
        "utf-8",
    )
    with House(tmp_path / "d", public_url="https://genom.example.org/") as house:
        for name in sources:
            house.source(name)
    return house


def test_the_first_source_is_named_with_its_key_and_the_public_address(
    genom: Callable[..., Ran], tmp_path: Path
) -> None:
    house = begun(tmp_path)

    out, errors = genom("default")

    assert f'<script src="https://genom.example.org/genom.{browser_tag().hash}.js" integrity="sha384-' in out
    assert f'genom.load("{house.write_key}", {{host: "https://genom.example.org"}})' in out
    assert errors == ""


def test_a_key_of_which_only_the_hash_is_kept_is_to_be_put_in_or_given(
    genom: Callable[..., Ran], tmp_path: Path
) -> None:
    house = begun(tmp_path, "shop")

    out, errors = genom("shop")

    assert 'genom.load("WRITE_KEY", ' in out
    assert house.write_key not in out
    assert "`genom source add shop`" in errors
    assert 'genom.load("wk_mine", ' in genom("shop", "--write-key", "wk_mine")[0]


def test_a_source_that_nobody_knows_has_no_snippet(genom: Callable[..., Ran], tmp_path: Path) -> None:
    begun(tmp_path, "shop")

    out, errors = genom("shp")

    assert out == ""
    assert "did you mean 'shop'?" in errors


def test_the_console_shows_the_same_lines(genom: Callable[..., Ran], tmp_path: Path) -> None:
    begun(tmp_path)
    printed = genom("default")[0]

    with House(tmp_path / "d", public_url="https://genom.example.org/") as house:
        assert LiveEvents(house.app).snippet() == printed.rstrip("\n")
