"""A file of genes that cannot be used is refused by an error that names the gene, the field and the nearest name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from genom.errors import BadConfiguration, UnknownName
from genom.genome import GENE_ID, Genes, load_genes
from genom.genome.filters import Filter, rows_of

SMALL = Path(__file__).with_name("small.yaml")
Change = Callable[[dict[str, Any]], Any]


def loaded(directory: Path, change: Change) -> Genes:
    """The genes of the tests' own file after one change."""
    content = yaml.safe_load(SMALL.read_text("utf-8"))
    change(content)
    path = directory / "mine.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return load_genes(path)


def gene(content: dict[str, Any], family: str, name: str, op: str = "") -> dict[str, Any]:
    """A line of the file."""
    found: list[dict[str, Any]] = [g for g in content["genes"] if (g["family"], g["name"]) == (family, name)]
    return next(g for g in found if not op or g["op"] == op)


def spent(**changes: Any) -> Change:
    return lambda content: gene(content, "value", "spent").update(changes)


def visits(**changes: Any) -> Change:
    return lambda content: gene(content, "rhythm", "visits").update(changes)


def events(**changes: Any) -> Change:
    return lambda content: gene(content, "rhythm", "events").update(changes)


def ratio(**changes: Any) -> Change:
    return lambda content: gene(content, "intent", "buys").update(changes)


def chosen(**changes: Any) -> Change:
    return lambda content: content["filters"]["discounted_weekend"].update(changes)


def nested(count: int) -> dict[str, Any]:
    """So many filters, each of which names the one before twice."""
    return {f"n{n}": {"all": [f"n{n - 1}"] * 2} if n > 1 else {"bits": ["coupon"]} for n in range(1, count + 1)}


def _pair(n: int) -> tuple[str, str]:
    return f"value.c{n}.expression", f"value.c{n}_b.expression"


def chained(count: int, formula: str = "{0} + 1") -> list[dict[str, Any]]:
    """So many pairs of genes, each of which reads the pair before."""
    said = {"family": "value", "op": "expression", "unit": "EUR", "label": {"en": "Chained", "de": "Verkettet"}}
    return [
        said | {"name": f"c{n}{end}", "formula": formula.format(*_pair(n - 1)) if n > 1 else "1"}
        for n in range(1, count + 1)
        for end in ("", "_b")
    ]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (spent(op="sun"), ["value.spent", "op 'sun'", "did you mean 'sum'?"]),
        (spent(op="total"), ["value.spent", "op 'total'", "known are count, declared"]),
        (spent(family="values"), ["values.spent", "family 'values'", "did you mean 'value'?"]),
        (spent(of="ordr"), ["value.spent", "filter 'ordr'", "did you mean 'order'?"]),
        (spent(property="amuont"), ["value.spent", "property 'amuont'", "did you mean 'amount'?"]),
        (spent(property=""), ["value.spent", "property ''", "amount, discount, quantity"]),
        (spent(property="channel"), ["value.spent", "property 'channel'"]),
        (spent(over=["30"]), ["value.spent", "half-life '30'", "did you mean '30d'?"]),
        (spent(half_live="30d"), ["value.spent", "field 'half_live'"]),
        (spent(lable={}), ["value.spent", "field 'lable'", "did you mean 'label'?"]),
        (spent(label={"en": "Spent"}), ["value.spent", "'de'"]),
        (spent(label={"en": "", "de": "Ausgegeben"}), ["value.spent", "'en'"]),
        (spent(over=7), ["value.spent", "$.over"]),
        (spent(function="gap_mean"), ["value.spent", "function 'gap_mean'", "takes no function"]),
        (events(property="amount"), ["rhythm.events", "property 'amount'", "takes no property"]),
        (visits(function="session"), ["rhythm.visits", "function 'session'", "did you mean 'sessions'?"]),
        (visits(function=""), ["rhythm.visits", "function ''"]),
        (visits(of="order"), ["rhythm.visits", "filter 'order'"]),
        (visits(over=["7d"]), ["rhythm.visits", "over '7d'"]),
        (visits(length=0), ["rhythm.visits", "length 0"]),
        (lambda c: gene(c, "rhythm", "event").update(over=["7d"]), ["rhythm.event", "over '7d'", "recency"]),
        (lambda c: gene(c, "channels", "mix").update(over=["lifetime"]), ["channels.mix", "over 'lifetime'"]),
        (chosen(kinds=["ORDER_COMPLETE"]), ["discounted_weekend", "kind 'ORDER_COMPLETE'", "'ORDER_COMPLETED'"]),
        (chosen(kinds=["DECISION"]), ["discounted_weekend", "kind 'DECISION'"]),
        (chosen(bits=["weekends"]), ["discounted_weekend", "bit 'weekends'", "did you mean 'weekend'?"]),
        (chosen(channel="wbe"), ["discounted_weekend", "channel 'wbe'", "did you mean 'web'?"]),
        (chosen(chanel="web"), ["chanel", "filters"]),
        (lambda c: c["rings"].update(events=24), ["ring 'events'", "24", "power of two"]),
        (lambda c: c["rings"].update(events=0), ["ring 'events'", "0"]),
        (lambda c: c["rings"].update(events=2048), ["ring 'events'", "2048"]),
        (lambda c: c["rings"].update(events=-8), ["ring 'events'", "-8"]),
        (lambda c: c["rings"].update(events="many"), ["rings"]),
        (lambda c: c["rings"].pop("items"), ["ring 'items'"]),
        (lambda c: c["also"].update(prise="three"), ["also", "family 'prise'", "did you mean 'price'?"]),
        (lambda c: c["also"].update(taste="three"), ["taste.lines", "reads a ring", "'three'"]),
        (lambda c: c.update(also={f: f for f in range(20)}), ["also"]),
        (lambda c: gene(c, "taste", "size").update(attribute="sise"), ["attribute 'sise'", "did you mean 'size'?"]),
        (lambda c: gene(c, "taste", "size").pop("attribute"), ["taste.size", "attribute ''"]),
        (lambda c: gene(c, "taste", "lines").update(attribute="size"), ["attribute 'size'", "takes no attribute"]),
        (lambda c: c["attributes"]["shoe"].update(number=1), ["attributes", "shoe", "number 1"]),
        (lambda c: c["attributes"]["size"]["values"]["L"].update(number=3), ["size", "number 3"]),
        (lambda c: c["attributes"]["size"]["values"]["L"].update(number=70_000), ["size", "number 70000"]),
        (lambda c: c["attributes"]["size"].update(label={"en": "Size"}), ["size", "no label"]),
        (lambda c: c["rings"].update(evnets=8), ["ring 'evnets'", "did you mean 'events'?"]),
        (lambda c: c.pop("rings"), ["rings"]),
        (lambda c: c.pop("purposes"), ["purposes"]),
        (lambda c: c.update(purposes=[]), ["0 purposes"]),
        (lambda c: c.update(purposes=["a", "b", "c", "d", "e"]), ["5 purposes"]),
        (lambda c: c.update(purposes=["a", "a"]), ["twice"]),
        (lambda c: c.update(gens=[]), ["gens"]),
        (lambda c: c["genes"].append(dict(c["genes"][0])), ["rhythm.events.count.", "twice"]),
        (lambda c: c["genes"].append({"family": "value"}), ["value", "name"]),
        (lambda c: c["genes"].append("rhythm"), ["gene 103", "str"]),
        (spent(over=["0d"]), ["value.spent", "half-life '0d'", "one second", "300 years"]),
        (spent(over=["301y"]), ["value.spent", "half-life '301y'", "300 years"]),
        (spent(over=["400y"]), ["value.spent", "half-life '400y'"]),
        (spent(over=["1.5d"]), ["value.spent", "half-life '1.5d'", "36h"]),
        (spent(over=["-1d"]), ["value.spent", "half-life '-1d'"]),
        (spent(over=["99999999999999d"]), ["value.spent", "half-life '99999999999999d'"]),
        (spent(over=[f"{n}d" for n in range(1, 50)]), ["different half-lives", "40"]),
        (spent(purposes=["onne"]), ["value.spent", "purpose 'onne'", "did you mean 'one'?"]),
        (spent(version=0), ["value.spent", "version 0"]),
        (spent(description={"en": "All."}), ["value.spent", "description", "'de'"]),
        (spent(buckets=64), ["value.spent", "64 buckets", "remove `buckets`"]),
        (spent(to="order"), ["value.spent", "filter `to` 'order'"]),
        (spent(formula="1"), ["value.spent", "formula '1'"]),
        (ratio(to="ordr"), ["intent.buys", "filter `to` 'ordr'", "did you mean 'order'?"]),
        (ratio(to=""), ["intent.buys", "filter `to` ''"]),
        (ratio(within="order"), ["intent.buys", "filter `within` 'order'"]),
        (ratio(property="channel"), ["intent.buys", "property 'channel'"]),
        (ratio(to_property="item"), ["intent.buys", "property `to_property` 'item'"]),
        (lambda c: gene(c, "channels", "near").update(within="line"), ["channels.near", "'near' within 'line'"]),
        (lambda c: gene(c, "taste", "narrow", "distinct").update(buckets=48), ["taste.narrow", "48 buckets", "power"]),
        (lambda c: gene(c, "taste", "narrow", "distinct").update(buckets=8192), ["8192 buckets"]),
        (lambda c: gene(c, "taste", "narrow", "distinct").update(over=["0h"]), ["taste.narrow", "window '0h'"]),
        (lambda c: gene(c, "value", "each").update(unit=""), ["value.each", "no unit"]),
        (lambda c: gene(c, "value", "each").update(of="order"), ["value.each", "filter 'order'", "genes, not events"]),
        (lambda c: gene(c, "value", "each").update(over=["7d"]), ["value.each", "over '7d'"]),
        (lambda c: gene(c, "intent", "late").pop("of"), ["intent.late", "no filter", "add `of`"]),
        (lambda c: gene(c, "intent", "late").update(of="line"), ["intent.late", "order lines"]),
        (lambda c: gene(c, "intent", "late").update(of="discounted_weekend"), ["intent.late", "discounted"]),
        (lambda c: gene(c, "intent", "late").update(of="sourced"), ["intent.late", "source"]),
        (lambda c: c["filters"]["opened"].update(kinds=["CAMPAIGN_OPENED", "CART_VIEWED"]), ["opened", "messages"]),
        (lambda c: gene(c, "intent", "late", "ring").update(ring="order"), ["intent.late", "did you mean 'orders'?"]),
        (lambda c: gene(c, "rhythm", "views").update(ring="orders"), ["rhythm.views", "other events"]),
        (lambda c: gene(c, "rhythm", "visits").update(ring="orders"), ["rhythm.visits", "other events"]),
        (lambda c: c["rings"].pop("orders"), ["the ring 'orders'", "not kept", "add orders: 16"]),
        (lambda c: c["rings"].update(orders=12), ["the ring 'orders'", "power of two"]),
        (chosen(where={"device": ["phnoe"]}), ["discounted_weekend", "device 'phnoe'", "did you mean 'phone'?"]),
        (chosen(where={"amuont": [1]}), ["discounted_weekend", "property 'amuont'", "did you mean 'amount'?"]),
        (chosen(where={"amount": {"from": 5, "below": 5}}), ["discounted_weekend", "no number lies there"]),
        (chosen(where={"amount": {"from": "5"}}), ["filters", "where"]),
        (chosen(where={"amount": {"form": 5}}), ["filters", "form"]),
        (chosen(where={"amount": ["much"]}), ["discounted_weekend", "amount 'much'", "a number"]),
        (chosen(where={"channel": {"from": 1}}), ["discounted_weekend", "range of channel"]),
        (chosen(where={"channel": ["wbe"]}), ["discounted_weekend", "channel 'wbe'", "did you mean 'web'?"]),
        (chosen(where={"weekday": ["Mo"]}), ["discounted_weekend", "weekday 'Mo'", "did you mean 'Mon'?"]),
        (chosen(where={"source": []}), ["discounted_weekend", "no value of source"]),
        (chosen(any=["ordr"]), ["discounted_weekend", "filter 'ordr'", "did you mean 'order'?"]),
        (chosen(all=["line"]), ["discounted_weekend", "'line' at order lines"]),
        (chosen(**{"not": ["order"]}), ["lets no row through"]),
        (chosen(all=["discounted_weekend"]), ["discounted_weekend → discounted_weekend"]),
        (lambda c: c["filters"].update(a={"any": ["b"]}, b={"not": ["a"]}), ["filter a", "a → b → a"]),
        (lambda c: c["filters"].update(a={"any": ["b"]}, b={"not": ["ordr"]}), ["filter b", "did you mean 'order'?"]),
        (lambda c: c["filters"].update(nested(65)), ["more than 64 deep"]),
        (lambda c: c["filters"].update(reversed(nested(1_200).items())), ["more than 64 deep"]),
        (lambda c: c["genes"].extend(chained(65)), ["value.c65.expression", "more than 64"]),
        (lambda c: c["genes"].extend(chained(1_200)[::-1]), ["value.c", "more than 64"]),
        (lambda c: c["genes"].extend(chained(16, "{0} + {1}")), ["value.c9", "more than 500"]),
        (spent(name="Coffee"), ["value.Coffee", "a to z", "'coffee'"]),
        (spent(name="Große Käufe"), ["value.Große Käufe", "a to z", "'grosse_kaeufe'"]),
        (spent(name="a.b"), ["value.a.b", "a to z", "'a_b'"]),
        (spent(name=""), ["value.", "a to z"]),
        (spent(name="x" * 65), ["at most 64"]),
        (chosen(where={"amount": {"from": float("inf")}}), ["discounted_weekend", "amount from inf"]),
        (chosen(where={"amount": {"below": float("-inf")}}), ["discounted_weekend", "amount below -inf"]),
        (chosen(where={"amount": {"from": float("nan")}}), ["discounted_weekend", "amount from nan"]),
        (chosen(where={"amount": {"from": 1e30}}), ["discounted_weekend", "amount from 1e+30", "9,223,372,036,853"]),
        (chosen(where={"discount": {"from": -1e30}}), ["discounted_weekend", "discount from -1e+30"]),
        (chosen(where={"amount": {"from": 10**400}}), ["filters", "where", "from"]),
        (chosen(where={"amount": {"from": 1e-9, "below": 2e-9}}), ["discounted_weekend", "no number lies there"]),
        (chosen(where={"amount": [float("nan")]}), ["discounted_weekend", "amount nan"]),
        (chosen(where={"quantity": [1, float("inf")]}), ["discounted_weekend", "quantity inf"]),
        (chosen(where={"quantity": [10**400]}), ["discounted_weekend", "quantity"]),
        (chosen(where={"hour_of_day": [25]}), ["discounted_weekend", "hour_of_day 25", "0 to 23"]),
        (chosen(where={"hour_of_day": [7.5]}), ["discounted_weekend", "hour_of_day 7.5", "whole number"]),
        (chosen(where={"hour_of_day": {"from": 9, "below": 25}}), ["hour_of_day below 25", "1 to 24"]),
        (chosen(where={"hour_of_week": {"from": 168}}), ["discounted_weekend", "hour_of_week from 168", "0 to 167"]),
        (chosen(where={"source": [-1]}), ["discounted_weekend", "source -1", "0 to 65535"]),
        (chosen(where={"category_1": [""]}), ["discounted_weekend", "category_1 ''"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(tmp_path: Path, change: Change, names: list[str]) -> None:
    with pytest.raises(BadConfiguration) as caught:
        loaded(tmp_path, change)

    said = str(caught.value)
    assert all(name in said for name in ["mine.yaml", *names]), said
    assert caught.value.why
    assert caught.value.fix


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "genes: [",
        "genes: {a: 1}",
        "just words",
        "\t- x",
        "[" * 500_000,
        "a: 1" + "0" * 5_000,
        "a: 2024-13-45",
    ],
)
def test_a_file_that_is_no_list_of_genes_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(BadConfiguration, match=r"mine\.yaml"):
        load_genes(path)


def test_filters_and_formulas_may_be_nested_64_deep(tmp_path: Path) -> None:
    """Each filter names the one before twice: read again each time, the last would be read 2^63 times."""

    def deep(content: dict[str, Any]) -> None:
        content["filters"].update(nested(64))
        content["genes"] += [{**chained(1)[0], "op": "count", "of": "n64", "name": "deep", "formula": ""}, *chained(64)]

    genes = loaded(tmp_path, deep)

    assert genes["value.deep.count.lifetime"].rows == rows_of("n1", {"n1": Filter(bits=("coupon",))})
    assert genes.families(genes["value.c64.expression"]) == {"value"}


def test_every_name_of_the_standard_genome_is_found_in_a_text() -> None:
    assert all(GENE_ID.findall(f"({gene.id} > 1)") == [gene.id] for gene in load_genes())


def test_the_same_half_life_twice_is_the_same_gene_twice(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"rhythm\.events\.count\.7d twice"):
        loaded(tmp_path, events(over=["7d", "7d"]))


def test_the_file_itself_is_accepted_and_a_line_is_a_gene_for_each_span(tmp_path: Path) -> None:
    genes = loaded(tmp_path, lambda _: None)

    spans = [g.half_life for g in genes if (g.family, g.filter_name, g.op) == ("rhythm", "any", "count")]
    assert spans == ["1h", "1d", "7d", "30d", "365d", "lifetime"]
    assert genes["value.spent.sum.7d"].label == {"en": "Spent, last weeks", "de": "Ausgegeben, letzte Wochen"}


def test_an_unknown_gene_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match=r"value\.spent\.sum\.30d") as caught:
        load_genes(SMALL)["value.spent.sum.30"]

    assert caught.value.code == "genome.unknown-gene"
