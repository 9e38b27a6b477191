"""What the evaluations on the sample shop share: the protocol's file, the record as of a cut, the frozen way to fit."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from genom.app.training.past import Past, Record
from genom.learn.dataset import Dataset, few_without_yes, joined, split_by_time
from genom.learn.models import MODELS
from genom.learn.questions import Question, need_of

PROTOCOL = Path(__file__).resolve().parents[2] / "shared" / "protocols" / "sample_shop.py"
HOUSEHOLDS = 2_500  # their cards are numbers up to here


def protocol() -> Any:
    """A fresh copy of the protocol's module: its cut may be moved."""
    spec = importlib.util.spec_from_file_location("sample_shop_protocol", PROTOCOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def moment(record: Record, day: Any) -> int:
    """A time of the source (pandas Timestamp) in the record's time, unix ms."""
    return int(day.value // 1_000_000) + shift(record.directory)


def shift(directory: Path) -> int:
    """How many ms later than in the source the sample happens."""
    with sqlite3.connect(f"file:{directory / 'catalogue.sqlite'}?mode=ro", uri=True) as connection:
        (value,) = connection.execute("SELECT value FROM meta WHERE key = 'sample'").fetchone()
    return int(json.loads(value)["shift_ms"])


def need(record: Record, question: Question) -> int:
    """The purpose bits that a row must have."""
    return need_of(question, record.purposes.bits)


def persons(record: Record, past: Past) -> dict[str, int]:
    """Household → person, from 0."""
    found, world = {number: place for place, number in enumerate(past.persons.tolist())}, record.world
    answer = {}
    for household in range(1, HOUSEHOLDS + 1):
        person = world.people.person(world.profiles.find("card", str(household)) or 0)
        if person in found:
            answer[str(household)] = found[person]
    return answer


def fit(data: Dataset, question: Question, more: Dataset | None = None) -> dict[str, Any]:
    """As `train` does: rounds on later time, then once more on all of the time."""
    parts = split_by_time(data, within_days=question.within_days)
    boosted = MODELS["boosted"]
    early, later = few_without_yes(parts.train), few_without_yes(parts.valid)
    chosen = boosted.fit(early.x, early.y, later=(later.x, later.y), settings={})
    everything = few_without_yes(data if more is None else joined([data, more]))
    say(f"{question.id}: {chosen['settings']}, {len(everything):,} rows")
    return boosted.fit(everything.x, everything.y, later=None, settings=chosen["settings"])


def margins(fitted: dict[str, Any], rows: Dataset) -> np.ndarray[Any, Any]:
    """Log-odds of the rows."""
    return MODELS["boosted"].margins(fitted, rows.x)


def loaded(directory: Path) -> Path:
    """A directory with the sample, everything permitted."""
    command = [sys.executable, "-m", "genom", "up", "--data", str(directory), "--sample-only"]
    subprocess.run([*command, "--sample-consents", "all", "--port", "9149"], check=True, stdout=sys.stderr)
    return directory


def say(text: str) -> None:
    """Progress; results alone go to the output."""
    print(text, file=sys.stderr, flush=True)
