"""Which law counts is told: to the person in plain words, on the console, with decisions, in copies and records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import order
from tests.app.house import House
from tests.app.portal import plain, visit
from tests.app.test_own_copy import data_of
from tests.app.test_person_page import page, person
from tests.app.test_regions import move, purposes_with, required


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    purposes_with(tmp_path / "d")
    with House(tmp_path / "d") as house:
        required(house).serve(order("u1"), order("u2"))
        move(house, "US")
        yield house


SAID = {
    "en": ("For you the rules of this region apply: United States.", "We do not know in which region you live"),
    "de": ("Für Sie gelten die Regeln dieser Region: Vereinigte Staaten.", "Wir wissen nicht, in welcher Region Sie"),
}


@pytest.mark.parametrize("language", ["en", "de"])
def test_people_read_which_rules_apply_to_them(house: House, language: str) -> None:
    known, unknown = SAID[language]

    assert known in visit(house, "u1", language=language).text("/me/choices")
    assert unknown in visit(house, "u2", language=language).text("/me/choices")


def test_what_is_on_by_law_says_so_and_can_be_switched_off(house: House) -> None:
    own = visit(house, "u1")
    assert own.text("/me/choices").count("This is on where the law allows it until you switch it off.") > 2

    own.turn("recommend", on=False)

    assert house.decide("u1")["basis"] == "denied"
    own.turn("recommend", on=True)
    assert house.decide("u1")["permitted"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Region whose law counts: United States.", "Legal basis: opt-out.", "Legal basis: double opt-in.")),
        ("de", ("Region, deren Recht gilt: Vereinigte Staaten.", "Rechtsgrundlage: Widerspruchsrecht (Opt-out).")),
    ],
)
def test_the_page_of_a_person_names_region_and_bases(house: House, language: str, words: tuple[str, ...]) -> None:
    shown = plain(person(house, language=language))

    assert all(word in shown for word in words)
    assert "Region: " in shown  # the timeline tells of the move


def test_the_page_says_that_no_region_is_known(house: House) -> None:
    assert "The person's region is not known" in plain(person(house, "u2"))
    assert "Die Region der Person ist nicht bekannt" in plain(person(house, "u2", language="de"))
    move(house, "Atlantis")
    assert "Region not known" in plain(person(house))


def test_the_page_of_a_decision_names_basis_and_region(house: House) -> None:
    decided = house.decide("u1")["decision_id"]

    assert "Legal basis: opt-out (United States)." in plain(page(house, f"/decisions/log/{decided}"))
    assert "Rechtsgrundlage: Widerspruchsrecht (Opt-out) (Vereinigte Staaten)." in plain(
        page(house, f"/decisions/log/{decided}", "de")
    )
    nowhere = house.decide("u2")["decision_id"]
    assert "Legal basis: consent (region not known)." in plain(page(house, f"/decisions/log/{nowhere}"))


def test_a_copy_tells_it(house: House) -> None:
    held = data_of(house, "u1")

    assert held["regions"] == ["us"]
    assert [choice["region"] for choice in held["choices"] if choice["act"] == "region"] == ["us"]
    bases = {one["purpose"]: one["basis"] for one in held["kept_for"]}
    assert (bases["recommend"], bases["email"]) == ("opt_out", "double_opt_in")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_records_of_processing_name_the_table_and_each_basis(house: House, language: str) -> None:
    text = house.get(f"/v1/privacy/records?language={language}").body.decode()

    assert "`traits.country`" in text
    assert "us → us" in text
    part = text[text.index(". email\n") :]
    assert {"en": "us: consent, double opt-in", "de": "us: Einwilligung, Double-Opt-in"}[language] in part


def test_without_a_table_no_page_speaks_of_regions(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"))
        told = plain(person(house)) + visit(house, "u1").text("/me/choices")
        told += house.get("/v1/privacy/records").body.decode()

        assert "egion" not in told
        assert "Legal basis:" not in told
