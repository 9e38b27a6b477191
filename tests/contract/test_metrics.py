"""`/metrics` is what Prometheus reads, and its numbers are those of the node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import order, view
from tests.app.house import House

# https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4)
LINE = re.compile(
    r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)})? (-?[0-9.e+-]+|NaN|[+-]Inf)'
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def metrics(house: House) -> dict[str, float]:
    """Name with labels → value."""
    answer = house.get("/metrics", key="")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = answer.body.decode()
    assert text.endswith("\n")
    found = {}
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        name, labels, value = LINE.fullmatch(line).groups()  # type: ignore[union-attr]  # no match fails the test
        assert (name, labels) not in found
        found[name if labels is None else f"{name}{{{labels}}}"] = float(value)
    return found


def test_every_line_can_be_read(house: House) -> None:
    house.take(order("u1"))
    house.get("/v1/nothing")
    house.get(f"/v1/people/{house.person('u1')}/genome")

    assert len(metrics(house)) > 10


def test_the_numbers_are_those_of_the_node(house: House) -> None:
    house.take(order("u1"), view("u1"), twice := view("u2"))
    house.take(twice)
    house.send(view("u1") | {"userId": None})
    house.decide("u1")

    told = metrics(house)

    assert told["genom_events"] == 3
    assert told["genom_rows"] == 4
    assert told["genom_duplicate"] == 1
    assert told["genom_rejected"] == told["genom_rejected_since_start"] == 1
    assert told["genom_people"] == told["genom_profiles"] == 2
    assert told["genom_decisions"] == 1


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'{"batch":', b"\x1f\x8b\x08"])
def test_bad_input_is_counted(house: House, body: bytes) -> None:
    house.post("/v1/batch", body, key=house.write_key)

    assert metrics(house)['genom_replies{route="/v1/batch",status="400"}'] == 1


def test_a_path_that_a_stranger_chose_makes_no_series_of_its_own(house: House) -> None:
    for number in range(5):
        house.get(f'/v1/x{number}"\n')

    assert [name for name in metrics(house) if "x1" in name] == []
    assert metrics(house)['genom_replies{route="other",status="404"}'] == 5


def test_nothing_in_it_names_a_person(house: House) -> None:
    house.take(order("erika-muster"))
    person = house.person("erika-muster")
    house.get(f"/v1/people/{person}/genome")

    text = house.get("/metrics", key="").body.decode()

    assert "erika" not in text
    assert person not in text


def test_totals_survive_a_restart(house: House) -> None:
    house.take(order("u1"), view("u1"))
    house.send({"type": "track"})
    before = metrics(house)

    house.restart()

    lasting = ("genom_events", "genom_rows", "genom_people", "genom_profiles", "genom_rejected", "genom_position")
    assert {name: metrics(house)[name] for name in lasting} == {name: before[name] for name in lasting}
