"""Lint measures the node's own people and events, for what each permits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from genom.app.genes.lint import used_genes
from genom.app.show.lint import lint_lines
from tests.app.events import order, view
from tests.app.house import House

PEOPLE = 8
SPENT, ORDERS = "value.order_value.sum.lifetime", "rhythm.orders.count.lifetime"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("lint") / "d") as house:
        house.put("/v1/sources", {"name": "default", "consent": "required"})
        for n in range(PEOPLE):
            house.consent(f"u{n}", "personalise_onsite", granted=True)
            house.take(*[order(f"u{n}", 4.0) for _ in range(n + 1)], view(f"u{n}"))
        house.take(*[order("nobody", 4.0) for _ in range(200)])
        yield house


@pytest.fixture
def told(house: House) -> dict[str, Any]:
    answer: dict[str, Any] = house.get("/v1/genes:lint").told
    return answer


def named(told: dict[str, Any], rule: str) -> set[str]:
    return {one["gene"] for one in told["findings"] if one["rule"] == rule}


def test_it_says_what_it_was_measured_on(house: House, told: dict[str, Any]) -> None:
    assert told["genes"] == len(house.node.world.layout.genes)
    assert told["people"] == PEOPLE, "who permits nothing is not looked at"
    assert told["events"] >= 200


def test_what_nobody_has_is_named_and_what_somebody_has_is_not(told: dict[str, Any]) -> None:
    assert "trust.calls.count.lifetime" in named(told, "never_filled")
    assert not {SPENT, ORDERS, "taste.category.histogram.365d"} & named(told, "never_filled")


def test_genes_most_of_whose_events_may_not_count_are_named(told: dict[str, Any]) -> None:
    assert ORDERS in named(told, "masked")
    assert next(one for one in told["findings"] if one["gene"] == ORDERS and one["rule"] == "masked")["why"]["en"]


def test_what_points_and_formulas_read_is_used(house: House, told: dict[str, Any]) -> None:
    used = used_genes(house.node)
    read = {feature.gene for point in house.node.points.values() for feature in point.features}

    assert used >= read & {gene.id for gene in house.node.world.layout.genes}
    assert named(told, "unused") == {gene.id for gene in house.node.world.layout.genes} - used


def test_eight_people_are_too_few_to_say_that_two_genes_go_along(told: dict[str, Any]) -> None:
    assert named(told, "collinear") == set()


def test_it_needs_the_server_key(house: House) -> None:
    assert house.get("/v1/genes:lint", key="").status == 401


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_terminal_tells_each_finding_once(told: dict[str, Any], language: str) -> None:
    lines = list(lint_lines(told, language=language))

    assert sum(line.startswith("  ") for line in lines) == len(told["findings"])
    assert str(told["people"]) in lines[0]
