"""The genes' pages on a whole node: the catalogue, a gene, what is measured, and who reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import yaml

from genom.app.pages.gene import spread_of
from genom.app.pages.gene_census import FEWEST, Census, censuses_of
from genom.app.pages.gene_shapes import bins_of
from genom.app.pages.strips import formats_of
from genom.app.pages.wording import words_of
from genom.genome import declare
from genom.segments import Teller
from tests.app.events import order, view
from tests.app.house import House
from tests.app.segment_house import define

PEOPLE, REFUSING = 120, 6
PURPOSE = "personalise_onsite"
SPENT, ORDERS = "value.order_value.sum.lifetime", "rhythm.orders.count.lifetime"
NOBODYS = "trust.calls.count.lifetime"
HEAVY = FEWEST + 20  # people with two orders; the others have one


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("genes") / "d", segment_floor=1) as house:
        house.put("/v1/sources", {"name": "default", "consent": "required"})
        for n in range(PEOPLE):
            house.consent(f"u{n}", PURPOSE, granted=n >= REFUSING)
            category = "TEA" if n % 2 else "MILK" if n % 20 else "SALT"
            bought = [order(f"u{n}", 2.0 + n, category=category) for _ in range(2 if n < HEAVY else 1)]
            house.take(*bought, view(f"u{n}", category))
        house.post("/v1/products", {"products": [], "names": {"TEA": {"en": "TEA", "de": "Tee"}}}).told  # noqa: B018
        define(house, {"gene": ORDERS, "is": ">=", "value": 2})
        house.run(censuses_of(house.app).take(PURPOSE, pause=0))
        yield house


@pytest.fixture
def census(house: House) -> Census:
    found = house.run(_census(house))
    assert found is not None
    return found


async def _census(house: House) -> Census | None:
    return censuses_of(house.app).census(PURPOSE)


def page(house: House, path: str, language: str = "en") -> str:
    answer = house.browse(path, cookie=house.sign_in(), language=language)
    assert answer.status == 200, answer.body[:500]
    return answer.body.decode()


def listed(html: str) -> list[str]:
    return re.findall(r'<tr data-gene="([^"]+)"', html)


def test_everybody_who_permits_it_is_counted_and_nobody_else(census: Census) -> None:
    assert (census.people, census.population) == (PEOPLE - REFUSING, PEOPLE)
    assert census.known[ORDERS] == census.known[SPENT] == PEOPLE - REFUSING
    assert census.known[NOBODYS] == 0, "a count of nothing is nobody's"


def test_values_are_those_that_each_person_has(census: Census) -> None:
    spent = np.sort(census.amounts(SPENT))
    expected = np.sort([(2.0 + n) * (2 if n < HEAVY else 1) for n in range(REFUSING, PEOPLE)])

    assert spent == pytest.approx(expected)


def test_the_catalogue_is_sorted_by_coverage_and_pages_hold_fifty(house: House, census: Census) -> None:
    genes = house.node.world.layout.genes
    every = [gene for n in range(-(-len(genes) // 50)) for gene in listed(page(house, f"/genes?page={n + 1}"))]

    assert sorted(every) == sorted(gene.id for gene in genes)
    assert [census.coverage(gene) for gene in every] == sorted(map(census.coverage, every), reverse=True)


def test_the_catalogue_stays_small(house: House) -> None:
    answer = house.browse("/genes", cookie=house.sign_in())

    assert len(answer.body) <= 150_000


@pytest.mark.parametrize("language", ["en", "de"])
def test_words_are_looked_for_in_label_description_and_id(house: House, language: str) -> None:
    gene = house.node.world.layout.genes[ORDERS]

    for words in (ORDERS, gene.label[language], gene.label[language].upper()):
        assert ORDERS in listed(page(house, f"/genes?{urlencode({'words': words})}", language))
    assert not listed(page(house, "/genes?words=xyzzy", language))


def test_filters_narrow_the_list(house: House, census: Census) -> None:
    genes = {gene.id: gene for gene in house.node.world.layout.genes}

    assert {genes[one].family for one in listed(page(house, "/genes?family=trust"))} == {"trust"}
    assert {genes[one].op for one in listed(page(house, "/genes?op=variance"))} == {"variance"}
    assert NOBODYS in listed(page(house, "/genes?known=nobody&words=calls"))
    assert all(census.coverage(one) >= 0.5 for one in listed(page(house, "/genes?known=most")))
    assert SPENT in listed(page(house, "/genes?made=ORDER_COMPLETED&words=order_value"))
    assert SPENT not in listed(page(house, "/genes?made=PAGE_VIEWED&words=order_value"))


def test_a_finding_leads_to_its_genes_with_the_reason(house: House) -> None:
    assert "?finding=never_filled" in page(house, "/genes")

    html = page(house, "/genes?finding=never_filled&words=calls")

    assert NOBODYS in listed(html)
    assert f"none of {PEOPLE - REFUSING} people has it" in html


@pytest.mark.parametrize(
    "asked", ["page=0", "page=99999", "page=x", "family=none", "purpose=none", "known=none", "op=%3C"]
)
def test_an_odd_question_has_an_answer(house: House, asked: str) -> None:
    assert "<h1>Genes</h1>" in page(house, f"/genes?{asked}")


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_gene_has_a_page_that_says_all_that_it_must(house: House, language: str) -> None:
    """Acceptance: meaning, purpose, owner, freshness, coverage, inputs and used by are not empty."""
    for gene in list(house.node.world.layout.genes)[::40]:
        html = page(house, f"/genes/{gene.id}", language)
        said = dict(re.findall(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", html, re.DOTALL))

        assert re.search(r'<p class="lead">[^<]{10,}</p>', html), gene.id
        assert all(re.sub(r"<[^>]+>", "", text).strip() for text in said.values()), (gene.id, said)
        assert len(said) >= 8, gene.id
        assert 'id="uses-title"' in html
        assert 'id="made-title"' in html


def shares(html: str) -> list[tuple[str, str]]:
    """Label and number of each bin or value, without the sum."""
    table = re.search(r'<table class="shares">.*?</table>', html, re.DOTALL)
    assert table
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td class="num[^"]*"[^>]*>(.*?)</td>', table[0])
    return [(label, number) for label, number in rows]


def test_the_bins_add_up_to_the_coverage(house: House, census: Census) -> None:
    """Acceptance: histogram bins sum to coverage, for every gene that has any."""
    checked = 0
    for gene in house.node.world.layout.genes:
        if len(amounts := census.amounts(gene.id)):
            bins = bins_of(amounts)
            assert bins is not None
            assert sum(bins.counts) == census.known[gene.id]
            checked += 1
        elif gene.id in census.texts:
            assert sum(census.texts[gene.id].values()) == census.known[gene.id]
    assert checked > 100

    two = house.run(_census(house)) and shares(page(house, f"/genes/{ORDERS}"))
    assert [number for _, number in two if number != "0"] == ["50", str(HEAVY - REFUSING)]
    assert [label for label, _ in two][:2] == ["1 order", "2 orders"]


def test_numbers_of_few_people_are_not_told(house: House) -> None:
    html = page(house, f"/genes/{SPENT}")

    counted = [int(number) for _, number in shares(html)]
    assert all(number == 0 or number >= FEWEST for number in counted)
    assert sum(counted) == PEOPLE - REFUSING


def test_with_a_floor_numbers_are_moved_as_those_of_segments_are(house: House, census: Census) -> None:
    gene, words, told = house.node.world.layout.genes[ORDERS], words_of(house.node, "en"), Teller(b"s", floor=FEWEST)
    exact, moved, again = (
        spread_of(gene, census, formats_of("en"), words, teller)
        for teller in (Teller(b"s", floor=1), told, Teller(b"s", floor=FEWEST))
    )

    assert exact is not None
    assert moved is not None
    assert moved == again
    assert [share.label for share in moved.shares] == [share.label for share in exact.shares]
    assert all(share.people in {0, census.people, told.least} or share.people % 10 == 0 for share in moved.shares)
    assert [share.people for share in moved.shares] != [share.people for share in exact.shares]


def test_a_text_is_told_only_where_enough_people_have_it(house: House) -> None:
    html = page(house, "/genes/taste.last_category.last")

    assert shares(html) == [("TEA", "57"), ("other values", "57")]
    assert "SALT" not in html


def test_values_are_called_as_the_catalogue_says(house: House) -> None:
    for gene in ("taste.last_category.last", "taste.category.histogram.365d"):
        assert shares(page(house, f"/genes/{gene}", "de"))[0] == ("Tee", "57")


def test_a_unit_that_is_the_kind_is_said_once(house: House) -> None:
    html = page(house, "/genes/price.discounted_orders.share.365d", "de")

    assert "<dd>Anteil</dd>" in html
    assert "Anteil, Anteil" not in html


def test_segment_and_gene_lead_to_each_other(house: House) -> None:
    """Acceptance: the link to used segments works both ways."""
    assert '<a href="/segments/buyers">buyers</a>' in page(house, f"/genes/{ORDERS}")
    assert f'href="/genes/{ORDERS}"' in page(house, "/segments/buyers")


def test_points_and_their_features_are_named(house: House) -> None:
    read = next(iter(feature.gene for point in house.node.points.values() for feature in point.features), None)
    gene = read or "taste.category.histogram.365d"

    assert 'href="/decisions/' in page(house, f"/genes/{gene}")


def test_the_declaration_declares_the_gene(house: House) -> None:
    genes = house.node.world.layout.genes
    for gene in list(genes)[::60]:
        found = re.search(r'<textarea[^>]*id="code"[^>]*>(.*?)</textarea>', page(house, f"/genes/{gene.id}"), re.DOTALL)
        assert found, gene.id
        said: dict[str, Any] = yaml.safe_load(found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&gt;", ">"))
        whole = {"purposes": genes.purposes, "rings": genes.rings} | said
        whole["filters"] = {"any": {}} | said.get("filters", {})
        if gene.op != "expression" and gene.function != "declared":
            assert gene.id in declare(whole), gene.id


def test_a_formula_leads_to_its_genes_and_they_to_it(house: House) -> None:
    genes = house.node.world.layout.genes
    formula = next(gene for gene in genes if gene.inputs)

    assert f'href="/genes/{formula.inputs[0]}"' in page(house, f"/genes/{formula.id}")
    assert f'href="/genes/{formula.id}"' in page(house, f"/genes/{formula.inputs[0]}")


def test_a_gene_that_there_is_not_is_not_found(house: House) -> None:
    assert house.browse("/genes/value.nothing.sum", cookie=house.sign_in()).status == 404
    assert house.browse("/genes", cookie="").status == 303


def test_few_people_are_measured_at_once(tmp_path: Path) -> None:
    with House(tmp_path / "d") as empty:
        assert "Shares are told from 50 people on" in page(empty, "/genes")


def test_while_many_people_are_measured_the_page_says_so_and_asks_again(tmp_path: Path) -> None:
    with House(tmp_path / "d") as many:
        many.take(*[view(f"u{n}") for n in range(201)])

        html = page(many, "/genes")

        assert "People are being measured" in html
        assert 'hx-select="#genes"' in html
        again = many.browse("/genes", cookie=many.sign_in(), headers={"hx-request": "true"})
        assert again.status == 204
