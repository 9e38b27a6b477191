"""Genes and rules about special categories of data are refused in words, for purposes that may not know these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from genom.app.special.refusing import special_genes
from genom.genome import load_genes
from tests.app.art9_house import stocked, tag
from tests.app.gene_house import ask, few_genes
from tests.app.house import House
from tests.app.segment_house import body

GENES = """
filters:
  pills: {kinds: [ORDER_COMPLETED], lines: true, where: {category_2: [PILLS]}}
genes:
  - {family: taste, name: pills, op: count, of: pills, unit: lines, label: {en: Pills, de: Pillen}}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with few_genes(tmp_path_factory.mktemp("special") / "d") as house:
        stocked(house)
        yield house


def test_a_gene_about_something_tagged_is_not_added(house: House) -> None:
    answer = ask(house, GENES, dry=True)

    assert answer.status == 400
    assert "taste.pills.count.lifetime is about a special category of data" in answer.json["message"]
    assert (
        answer.json["why"] == "PILLS is tagged art9, and personalise_onsite, recommend may not know of it (Art. 9 GDPR)"
    )
    assert "explicit consent" in answer.json["fix"]


def test_a_gene_about_something_else_is_added(house: House) -> None:
    assert ask(house, GENES.replace("PILLS", "MILK"), dry=True).status == 200


def test_the_lint_names_crosses_of_a_department_that_is_tagged_later(house: House) -> None:
    standard, of_purposes = load_genes(), house.node.purposes
    department = next(name for gene in standard for _, name in sorted(gene.rows.names))
    assert special_genes(standard, house.node.desk.tags, of_purposes) == {}

    tag(house, category_1=["DRUGS", department])
    found = special_genes(standard, house.node.desk.tags, of_purposes)
    tag(house, category_1=["DRUGS"])

    assert set(found.values()) == {department}
    assert found.keys() == {g.id for g in standard if department in {n for _, n in g.rows.names | g.base_rows.names}}


@pytest.mark.parametrize(
    "rule",
    [
        {"event": "Order Completed", "days": 30, "at_least": 1, "where": {"category": "PILLS"}},
        {"event": "Order Completed", "days": 30, "at_least": 1, "where": {"item": "p-PILLS"}},
        {"not": {"gene": "taste.category.histogram.365d", "cell": "PILLS", "is": ">", "value": 0.2}},
        {"gene": "intent.viewed_category.last", "is": "in", "value": ["TEA", "TESTS"]},
    ],
)
def test_a_segment_about_something_tagged_is_refused(house: House, rule: dict[str, Any]) -> None:
    answer = house.post("/v1/segments", body(rule))

    assert (answer.status, answer.json["code"]) == (400, "segments.special"), answer.body
    assert "special category of data" in answer.json["message"]
    assert "personalise_onsite may not know of it" in answer.json["why"]


def test_a_segment_about_something_else_is_defined(house: House) -> None:
    rule = {"event": "Order Completed", "days": 30, "at_least": 1, "where": {"category": "TEA"}}

    assert house.post("/v1/segments", body(rule)).status == 200
