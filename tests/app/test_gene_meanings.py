"""A gene id means one thing for ever: a file that changes it is refused at the start, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from genom.errors import BadConfiguration, GenomError
from genom.genome import load_genes
from tests.app.events import order, track
from tests.app.house import House

STANDARD = Path(load_genes.__code__.co_filename).with_name("standard.yaml")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "d"
    path.mkdir(mode=0o700)
    write(path, lambda _: None)
    with House(path) as house:
        house.consent("u1", "personalise_onsite", granted=True)
        house.take(order("u1", 4))
        yield house


def write(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """The standard genome as one's own file, after a change."""
    content = yaml.safe_load(STANDARD.read_text("utf-8"))
    del content["axes"], content["crosses"]
    content["genes"] = [gene for gene in content["genes"] if gene["op"] != "expression"]  # they read what is changed
    change(content)
    (path / "genes.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


def line(content: dict[str, Any], name: str) -> dict[str, Any]:
    return next(gene for gene in content["genes"] if gene["name"] == name)


def reopened(house: House, change: Callable[[dict[str, Any]], Any]) -> None:
    house.close()
    write(house.path, change)
    try:
        house.open()
    except GenomError:
        write(house.path, lambda _: None)
        house.open()
        raise


def test_a_changed_meaning_is_refused_and_the_old_file_goes_on(house: House) -> None:
    with pytest.raises(BadConfiguration) as caught:
        reopened(house, lambda c: line(c, "order_value").update(property="discount"))

    assert "value.order_value.sum.1h means something else" in str(caught.value)
    assert "new name or version" in caught.value.fix
    assert house.genome("u1")["value.order_value.sum.lifetime"] == 4.0


def test_the_next_version_is_another_gene_beside_what_was(house: House) -> None:
    reopened(house, lambda c: line(c, "order_value").update(property="discount", version=2))

    genome = house.genome("u1")
    assert genome["value.order_value.sum.lifetime.v2"] == 0.0
    assert "value.order_value.sum.lifetime" not in genome


def test_an_id_that_was_gone_may_not_come_back_with_another_meaning(house: House) -> None:
    def without(content: dict[str, Any]) -> None:
        content["genes"].remove(line(content, "wishes"))

    reopened(house, without)

    with pytest.raises(BadConfiguration, match=r"intent\.wishes"):
        reopened(house, lambda c: line(c, "wishes").update(of="cart"))


def test_words_owner_and_new_half_lives_are_free(house: House) -> None:
    label = {"en": "Turnover", "de": "Umsatz"}
    reopened(house, lambda c: line(c, "order_value").update(label=label, owner="shop", over=["36h", "lifetime"]))

    assert house.genome("u1")["value.order_value.sum.36h"] == pytest.approx(4.0, abs=1e-3)


def test_a_purpose_that_does_not_exist_is_named(house: House) -> None:
    with pytest.raises(GenomError, match="recomend"):
        reopened(house, lambda c: c.update(purposes=["personalise_onsite", "recomend"]))


def numbered(**numbers: int | None) -> Callable[[dict[str, Any]], None]:
    """Sizes with these numbers; None takes one away."""

    def change(content: dict[str, Any]) -> None:
        values = content["attributes"]["size"]["values"]
        for name, number in numbers.items():
            if number is None:
                del values[name]
            else:
                values[name] = {"number": number, "label": {"en": name, "de": name}}

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (numbered(M=4, L=3), "size=L"),
        (numbered(M=3, L=40), "size=L"),
        (numbered(M=None, XXL=3), "size=XXL"),
        (lambda c: c["attributes"]["size"].update(number=900), "size="),
    ],
)
def test_what_somebody_said_is_never_read_as_something_else(
    house: House, change: Callable[[dict[str, Any]], Any], said: str
) -> None:
    """The journal holds the numbers of attributes and of their values."""
    house.take(track("Attribute Declared", "u1", attribute="size", value="M"))
    assert house.genome("u1")["taste.size.declared"] == "M"

    with pytest.raises(BadConfiguration) as caught:
        reopened(house, change)

    assert f"{said!r} has the number" in str(caught.value)
    assert house.genome("u1")["taste.size.declared"] == "M"


def test_a_number_that_was_gone_is_never_given_again(house: House) -> None:
    reopened(house, numbered(XL=None))

    with pytest.raises(BadConfiguration, match="size=XXL"):
        reopened(house, numbered(XL=None, XXL=5))
    reopened(house, numbered())


def test_new_values_and_words_of_attributes_are_free(house: House) -> None:
    house.take(track("Attribute Declared", "u1", attribute="size", value="M"))

    reopened(house, numbered(XXL=77))
    reopened(house, lambda c: c["attributes"]["size"]["values"]["M"]["label"].update(en="Medium"))

    assert house.genome("u1")["taste.size.declared"] == "M"
