"""A gene that is kept for one purpose is judged by what is known of people for that purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from genom.app.pages.gene_census import FEWEST, Census, censuses_of
from tests.app.events import order
from tests.app.gene_house import write_few
from tests.app.house import House

PEOPLE = FEWEST + 5
FIRST, SECOND = "personalise_onsite", "recommend"
ONE, NEVER = "value.bought.count.lifetime", "value.called.count.lifetime"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Everybody permits both purposes, and has bought."""
    path = tmp_path_factory.mktemp("purposes") / "d"
    write_few(path, _for_the_second)
    with House(path) as house:
        house.put("/v1/sources", {"name": "default", "consent": "required"})
        for n in range(PEOPLE):
            for purpose in (FIRST, SECOND, "measure_aggregate"):
                house.consent(f"u{n}", purpose, granted=True)
            house.take(order(f"u{n}", 4.0))
        yield house


def _for_the_second(said: dict[str, Any]) -> None:
    said["filters"]["called"] = {"channel": "call_center"}
    for name, rows in (("bought", "order"), ("called", "called")):
        gene = {"family": "value", "name": name, "op": "count", "of": rows, "purposes": [SECOND]}
        said["genes"].append(gene | {"unit": "orders", "label": {"en": name, "de": name}})


def never_filled(house: House) -> set[str]:
    told = house.get("/v1/genes:lint").told
    assert told["people"] == PEOPLE
    return {one["gene"] for one in told["findings"] if one["rule"] == "never_filled"}


def census(house: House, purpose: str) -> Census:
    async def taken() -> Census:
        censuses = censuses_of(house.app)
        await censuses.take(purpose, pause=0)
        found = censuses.census(purpose)
        assert found is not None
        return found

    return house.run(taken())


def test_what_is_known_for_the_second_purpose_is_not_called_empty(house: House) -> None:
    assert never_filled(house) & {ONE, NEVER} == {NEVER}


@pytest.mark.parametrize(("purpose", "empty"), [(FIRST, set()), (SECOND, {NEVER})])
def test_a_census_says_nothing_of_genes_that_are_kept_for_another_purpose(
    house: House, purpose: str, empty: set[str]
) -> None:
    found = census(house, purpose)

    assert found.enough
    assert {one.gene for one in found.findings if one.rule == "never_filled"} & {ONE, NEVER} == empty
