"""The commands of segments, on a directory that no node serves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from genom.app.cli import cli
from genom.errors import BadConfiguration, BadRequest, GenomError
from tests.app.events import order
from tests.app.house import House
from tests.app.segment_house import BUYERS, body, permitted

Command = Callable[..., str]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory with two people, one of whom ordered twice."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.yaml").write_text("people_max: 500\nsegment_floor: 1\n", "utf-8")
    with House(tmp_path / "data", segment_floor=1) as house:
        house.serve(*(permitted(order("ada")) for _ in range(2)), permitted(order("ben")))
    return tmp_path / "data"


@pytest.fixture
def genom(data: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command on the directory; returns what it printed."""

    def run(*words: str) -> str:
        cli([*words, "--data", str(data)], standalone_mode=False)
        return capsys.readouterr().out

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "segments.yaml"
    path.write_text(yaml.safe_dump({"segments": [body(BUYERS)]}), "utf-8")
    return path


def test_a_rule_is_tried_defined_listed_shown_and_removed(genom, file):
    assert genom("segment", "preview", str(file)).startswith("1 of 2 people: Orders, ever is at least 2\n")
    assert "can be reached: email < 1, sms < 1" in genom("segment", "preview", str(file))
    assert genom("segment", "list") == ""

    assert genom("segment", "add", str(file)) == "Segment buyers, version 1.\n"
    assert genom("segment", "list", "--language", "de") == "buyers v1: 1  Bestellungen, insgesamt ist mindestens 2\n"
    shown = genom("segment", "show", "buyers")
    assert "buyers (buyers, version 1)\n1 people for personalise_onsite" in shown
    assert yaml.safe_load(shown[shown.index("rule:") : shown.index("\n", shown.index("value:"))]) == {"rule": BUYERS}

    assert genom("segment", "remove", "buyers") == "Segment buyers removed.\n"
    assert genom("segment", "list") == ""


def test_what_a_node_refuses_is_told_in_its_words(genom, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text('{"id": "x", "label": {"en": "x", "de": "x"}, "purpose": "personalise_onsite", "rule": {"al": []}}')

    with pytest.raises(GenomError, match=r"\$\.rule has the unknown key 'al'"):
        genom("segment", "add", str(path))


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "nothing"])
def test_a_file_without_segments_is_refused(genom, tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text)

    with pytest.raises(BadRequest):
        genom("segment", "add", str(path))


def test_an_export_needs_a_running_node(genom, tmp_path):
    with pytest.raises(BadConfiguration, match="No node serves"):
        genom("genome", "export", "--segment", "a", "--genes", "b", "--reason", "c", "--out", str(tmp_path / "x.arrow"))
