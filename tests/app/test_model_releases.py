"""Versions of a model on a whole node: approved, rolled back, refused, on record, in effect at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app import audit
from genom.app.show.releases import release_lines
from genom.learn import save
from tests.app.house import House
from tests.learn.test_releases import NAME, made


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d", model_days=100_000) as house:
        yield house


def train(house: House, number: int, **how: object) -> str:
    """As the worker does: into the registry, then the node takes it in."""
    version = save(house.path / "models", made(number, **how)).version
    house.post("/v1/models:refresh", {}).told  # noqa: B018
    return version


def states(house: House) -> dict[str, str]:
    told = house.get(f"/v1/models/{NAME}/versions").told
    return {one["version"]: one["state"] for one in told["versions"]}


def deeds(house: House) -> list[tuple[str, str, str, str]]:
    return [(row.action, row.name, row.who, row.reason) for row in audit.rows(house.node.catalogue)]


def test_one_that_waits_is_approved_and_on_record_once(house: House) -> None:
    old, new = train(house, 1), train(house, 2, gain=(0.01, 0.0, 0.02))
    assert states(house) == {new: "waits", old: "serves"}

    told = house.post(f"/v1/models/{NAME}/approve", {"reason": "fairer"}).told

    assert [one["state"] for one in told["versions"]] == ["serves", "before"]
    assert release_lines(told)[0] == f"{new}  serves  (approved; key:first)"
    assert deeds(house) == [("model.approved", NAME, "key:first", "fairer")]


def test_going_back_is_at_once_and_a_damaged_version_is_refused(house: House) -> None:
    old, new = train(house, 1), train(house, 2)
    house.post(f"/v1/models/{NAME}/rollback", {"reason": "odd"}).told  # noqa: B018
    assert states(house) == {new: "", old: "serves"}
    house.post(f"/v1/models/{NAME}/approve", {"version": new}).told  # noqa: B018
    (house.path / "models" / NAME / old / "card.json").write_bytes(b"{}")

    refused = house.post(f"/v1/models/{NAME}/rollback", {})

    assert (refused.status, refused.json["code"]) == (400, "model.unusable")
    assert "checksum" in refused.json["why"]
    assert states(house)[new] == "serves"
    assert [deed[0] for deed in deeds(house)] == ["model.approved", "model.rolled_back"]


def test_an_unknown_model_has_no_versions(house: House) -> None:
    assert house.get("/v1/models/nothing/versions").status == 404
    assert house.post("/v1/models/nothing/approve", {}).status == 404
