"""Crosses: a template stands for a gene of each member of an axis, and the whole is an ordinary declaration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from genom.errors import BadConfiguration
from genom.genome import declare, load_genes
from genom.genome.crossing import crossed
from genom.words import Kind

STANDARD = Path(load_genes.__code__.co_filename).with_name("standard.yaml")


def declaration() -> dict[str, Any]:
    """Two channels crossed with two events."""
    return {
        "purposes": ["recommend"],
        "rings": {"events": 32, "items": 32, "messages": 16, "declared": 16},
        "filters": {"any": {}},
        "axes": {
            "channel": {
                "pos": {"label": {"en": "at the till", "de": "an der Kasse"}},
                "web": {"label": {"en": "on the website", "de": "auf der Website"}},
            },
            "event": {
                "orders": {"kinds": ["ORDER_COMPLETED"], "over": ["7d"], "label": {"en": "orders", "de": "Einkäufe"}},
                "views": {"kinds": ["PRODUCT_VIEWED"], "over": ["1d", "7d"], "label": {"en": "views", "de": "Blicke"}},
            },
        },
        "crosses": [
            {
                "each": ["event", "channel"],
                "filters": {"<event>_<channel>": {"kinds": "<event.kinds>", "channel": "<channel>"}},
                "genes": [
                    {
                        "family": "channels", "name": "<event>_<channel>", "op": "count", "of": "<event>_<channel>",
                        "over": "<event.over>", "unit": "events",
                        "label": {"en": "<event> <channel>", "de": "<event> <channel>"},
                    }
                ],
            }
        ],
        "genes": [],
    }  # fmt: skip


def test_each_pair_of_members_has_its_genes_in_the_order_of_the_axes() -> None:
    genes = declare(declaration())

    assert [gene.id for gene in genes] == [
        "channels.orders_pos.count.7d",
        "channels.orders_web.count.7d",
        "channels.views_pos.count.1d",
        "channels.views_pos.count.7d",
        "channels.views_web.count.1d",
        "channels.views_web.count.7d",
    ]
    assert genes["channels.orders_pos.count.7d"].filter.channel == "pos"
    assert genes["channels.orders_pos.count.7d"].filter.kinds == ("ORDER_COMPLETED",)


def test_in_words_a_member_is_called_by_its_label_in_the_language() -> None:
    gene = declare(declaration())["channels.views_web.count.7d"]

    assert gene.label == {"en": "Views on the website, last weeks", "de": "Blicke auf der Website, letzte Wochen"}


def test_a_text_may_list_all_members_of_an_axis() -> None:
    said = declaration()
    most = {
        "family": "channels", "name": "most", "op": "expression", "unit": "times",
        "formula": "max(<each channel: channels.orders_*.count.7d>)", "label": {"en": "Most", "de": "Meiste"},
    }  # fmt: skip
    said["crosses"].append({"each": [], "genes": [most]})

    gene = declare(said)["channels.most.expression"]

    assert gene.inputs == ("channels.orders_pos.count.7d", "channels.orders_web.count.7d")


def test_a_declaration_without_crosses_is_left_as_it_is() -> None:
    said = {"purposes": ["recommend"], "genes": [{"name": "<channel>"}]}

    assert crossed(said, "mine.yaml") is said
    assert crossed(None, "mine.yaml") is None


@pytest.mark.parametrize(
    ("change", "what", "fix"),
    [
        (lambda c: c["crosses"][0].update(each=["chanel"]), "unknown axis 'chanel'", "'channel'"),
        (lambda c: c["crosses"][0]["genes"][0].update(of="<each chanel: *>"), "unknown axis 'chanel'", "'channel'"),
        (lambda c: c["crosses"][0]["genes"][0].update(of="<chanel>"), "<chanel>", "'channel'"),
        (lambda c: c["crosses"][0]["genes"][0].update(over="<event.ovr>"), "<event.ovr>", "'over'"),
        (lambda c: c["axes"]["channel"]["pos"].pop("label"), "<channel.label>", "label"),
    ],
)
def test_what_is_not_there_is_named_with_the_nearest_that_is(
    change: Callable[[dict[str, Any]], Any], what: str, fix: str
) -> None:
    said = declaration()
    change(said)

    with pytest.raises(BadConfiguration, match=r"mine\.yaml: cross 1") as caught:
        declare(said, "mine.yaml")

    assert what in caught.value.what
    assert fix in caught.value.fix


@pytest.mark.parametrize("change", [{"axes": []}, {"crosses": [{"eech": ["channel"]}]}, {"crosses": "all"}])
def test_what_cannot_be_read_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadConfiguration, match=r"mine\.yaml cannot be read"):
        declare(declaration() | change, "mine.yaml")


def test_the_standard_genome_is_the_same_every_time() -> None:
    said = yaml.safe_load(STANDARD.read_text("utf-8"))

    assert crossed(said, "x") == crossed(said, "x")
    assert [gene.id for gene in load_genes()] == [gene.id for gene in declare(said, "standard.yaml")]


def test_every_event_of_the_tracking_plan_has_genes_of_its_own() -> None:
    counted = {kind for gene in load_genes() for term in gene.rows.terms for kind in term.kinds or ()}
    told = range(Kind.PREFERENCE_LIKED, Kind.ATTRIBUTE_DECLARED + 1)  # functions of the ring of declarations
    plan = {int(kind) for kind in Kind if 0 < kind < 200} - set(told)

    assert {Kind(kind).name for kind in plan - counted} == {"GROUPED", "ALIASED"}, "they are about identifiers"
