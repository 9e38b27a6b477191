"""What may not change the genes of a running node is refused in words, and the old version goes on serving."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.events import order
from tests.app.gene_house import FADING, LARGE, NEW, OLD, add, ask, few_genes, finished
from tests.app.house import Answer, House
from tests.app.segment_house import define

HERO: dict[str, Any] = {
    "id": "hero",
    "label": {"en": "Hero", "de": "Bühne"},
    "purpose": "personalise_onsite",
    "candidates": "actions",
    "model": "learned",
    "features": [{"gene": FADING, "form": "log"}],
    "reward": {"events": ["Promotion Clicked"], "value": "count", "within_seconds": 60},
}
INFINITE = """
filters: {a: {where: {amount: {from: .inf}}}}
genes: [{family: value, name: x, op: count, of: a, unit: orders, label: {en: x, de: x}}]
"""
LINE = "family: value, name: x, op: count, of: order, unit: orders, label: {en: x, de: x}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with few_genes(tmp_path_factory.mktemp("refusals") / "d") as house:
        house.consent("u1", "personalise_onsite", granted=True)
        house.take(*[order("u1", 20.0) for _ in range(3)])
        yield house


def refused(answer: Answer) -> str:
    assert answer.status == 400, answer.body
    told = answer.json
    return f"{told['message']} {told['why']}. {told['fix']}"


def undone(house: House) -> None:
    """Back to the genes of the file."""
    while house.app.gene_changes.active:
        house.post("/v1/genes/versions:rollback", {}).told  # noqa: B018
        finished(house)


BAD: dict[str, tuple[str, str]] = {
    "no YAML": ("{", "cannot be read"),
    "a list": ("- a", "begin with `genes:`"),
    "a text nested too deep": ("- " * 100_000, "nested more than 32 deep"),
    "an infinite amount": (INFINITE, "amount from inf"),
    "an amount that is no number": (INFINITE.replace("{from: .inf}", "[.nan]"), "amount nan"),
    "a name in capitals": (f"genes: [{{{LINE.replace('name: x', 'name: Coffee')}}}]", "such as 'coffee'"),
    "no gene": ("filters: {}", "adds no gene"),
    "an unknown part": (f"gens: [{{{LINE}}}]", "did you mean 'genes'?"),
    "what concerns all": (f"purposes: [x]\ngenes: [{{{LINE}}}]", "edit genes.yaml and restart"),
    "an unknown filter": (f"genes: [{{{LINE.replace('order,', 'ordr,')}}}]", "did you mean 'order'?"),
    "an unknown op": (f"genes: [{{{LINE.replace('count', 'cuont')}}}]", "did you mean 'count'?"),
    "an unknown property": (
        f"genes: [{{{LINE.replace('op: count', 'op: sum, property: amuont')}}}]", "did you mean 'amount'?",
    ),
    "an unknown purpose": (f"genes: [{{{LINE}, purposes: [recomend]}}]", "did you mean 'recommend'?"),
    "a half-life of 300 centuries": (f"genes: [{{{LINE}, over: [30000y]}}]", "at most 300 years"),
    "a circle": (
        f"genes: [{{{LINE.replace('op: count, of: order', 'op: expression, formula: value.x.expression + 1')}}}]",
        "computed from itself",
    ),
    "another filter of a name": (
        f"filters: {{order: {{kinds: [PRODUCT_VIEWED]}}}}\ngenes: [{{{LINE}}}]", "changes the filter 'order'",
    ),
    "a gene that there is": (
        f"genes: [{{{LINE.replace('family: value, name: x', 'family: rhythm, name: orders')}}}]", "exists already",
    ),
    "nothing but a number": ("genes: [7]", "mine.yaml: gene 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_used_is_refused_with_its_place(house: House, name: str) -> None:
    text, said = BAD[name]

    words = refused(ask(house, text, file="mine.yaml"))

    assert said in words
    assert house.app.gene_changes.newest is None or house.app.gene_changes.newest.state != "running"


def test_an_id_never_comes_back_with_another_meaning(house: House) -> None:
    add(house)
    undone(house)

    words = refused(ask(house, LARGE.replace("from: 10", "from: 15")))

    assert "value.large.count.30d means something else than before" in words
    assert "`version: 2`" in words


def test_a_second_change_waits_for_the_first(house: House) -> None:
    async def both() -> list[Answer]:
        body = {"file": "large.yaml", "text": LARGE}
        return [await house.ask("POST", "/v1/genes/versions", body) for _ in range(2)]

    first, second = house.run(both())

    assert first.status == 200
    assert "key:first began the adding of version" in refused(second)
    assert finished(house).state == "done"
    undone(house)


def test_there_is_nothing_before_the_first(house: House) -> None:
    assert "no gene was added" in refused(house.post("/v1/genes/versions:rollback", {}))


def test_only_server_keys_change_genes(house: House) -> None:
    body = {"file": "large.yaml", "text": LARGE}

    assert house.post("/v1/genes/versions", body, key=house.write_key).status == 403
    assert house.get("/v1/genes/versions", key="").status == 401


def test_a_gene_that_a_decision_point_learns_from_stays(house: House) -> None:
    add(house)
    house.post("/v1/points", {"points": [HERO]}).told  # noqa: B018

    words = refused(house.post("/v1/genes/versions:rollback", {}))

    assert "The gene value.large.count.30d cannot go" in words
    assert "decision point hero" in words
    assert NEW in house.genome("u1")
    house.post("/v1/points", {"points": [HERO | {"features": [{"gene": OLD, "form": "log"}]}]}).told  # noqa: B018
    undone(house)


def test_a_gene_that_a_segment_asks_about_stays(house: House) -> None:
    add(house)
    define(house, {"gene": NEW, "is": ">=", "value": 2}, "large_buyers")
    house.take(order("u2", 20.0))

    words = refused(house.post("/v1/genes/versions:rollback", {}))

    assert "segment large_buyers" in words
    assert house.run(house.ask("DELETE", "/v1/segments/large_buyers")).status == 200
    undone(house)


def test_a_fold_that_fails_leaves_the_old_version_and_says_why(house: House) -> None:
    more = LARGE.replace("large", "huge")
    active, states = house.app.gene_changes.active, house.path / "state"
    kept = states.rename(states.with_name("state.kept"))
    states.write_text("a file where a directory should be")

    ask(house, more).told  # noqa: B018
    change = finished(house)

    states.unlink()
    kept.rename(states)
    assert change.state == "failed"
    assert str(states) in change.why
    assert house.app.gene_changes.active == active
    assert house.genome("u1")[OLD] == 3
    told = house.get("/v1/genes/versions").told["change"]
    assert (told["state"], told["why"]) == ("failed", change.why)


def test_a_change_that_ended_a_node_three_times_is_given_up(house: House) -> None:
    add(house)
    undone(house)
    change = house.app.gene_changes.newest
    assert change is not None
    change.state, change.tries, change.version, change.why = "running", 3, 99, ""

    house.app.gene_changes.resume()

    assert (change.state, change.why) == ("failed", "the node ended 3 times while it ran")
