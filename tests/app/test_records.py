"""Records of processing: complete, from the configuration, stale as soon as that changes; a start stops at a gap."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from genom.consent import load_purposes
from genom.errors import BadConfiguration
from tests.app.house import House, without_windows

BUILT_IN = Path(__file__).parents[2] / "src/genom/consent/purposes.yaml"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def changed(path: Path, purpose: str, **fields: object) -> Path:
    """A file of purposes with these fields of one changed; None takes a field out."""
    said = yaml.safe_load(BUILT_IN.read_text("utf-8"))
    said["purposes"][purpose] |= fields
    said["purposes"][purpose] = {name: value for name, value in said["purposes"][purpose].items() if value is not None}
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    return path


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_purpose_stands_there_with_all_that_article_30_asks_for(house: House, language: str) -> None:
    text = house.get(f"/v1/privacy/records?language={language}").body.decode()

    for number, purpose in enumerate(house.node.purposes.every, 1):
        begin = text.index(f"## {number}. {purpose.name}\n")
        end = text.find("\n## ", begin + 1)
        part = text[begin:end]
        assert purpose.text[language] in part
        for word in {
            "en": ("Legal basis", "Categories of data", "Recipients", "Stored for", "Used by"),
            "de": ("Rechtsgrundlage", "Datenkategorien", "Empfänger", "Gespeichert für", "Genutzt von"),
        }[language]:
            assert f"| {word} | " in part, (purpose.name, word)
    assert "next_product" in text
    assert "default (development)" in text
    assert ("Art. 32" in text) is True


def test_they_are_marked_stale_when_the_configuration_changes(house: House) -> None:
    assert "Nobody has signed" in house.get("/v1/privacy/records").body.decode()
    signed = house.post("/v1/privacy/records:sign", {}).told
    assert not signed["stale"]
    assert "Signed on 2026-03-02 by key:first" in house.get("/v1/privacy/records").body.decode()

    house.source("another")

    assert house.get("/v1/privacy/records/signature").told["stale"]
    assert "changed since" in house.get("/v1/privacy/records").body.decode()
    assert not house.post("/v1/privacy/records:sign", {}).told["stale"]
    assert house.get("/v1/audit?action=records.signed").told["rows"][0]["who"] == "key:first"


def test_a_language_that_there_is_not_is_refused(house: House) -> None:
    assert house.get("/v1/privacy/records?language=fr").status == 400


@pytest.mark.parametrize("field", ["bit", "text", "basis", "categories"])
def test_a_missing_field_stops_the_start_and_says_what_to_write(tmp_path: Path, field: str) -> None:
    path = changed(tmp_path / "d" / "purposes.yaml", "recommend", **{field: None})

    with pytest.raises(BadConfiguration) as refused:
        load_purposes(path)

    said = str(refused.value)
    assert "'recommend'" in said
    assert repr(field) in said
    assert str(path) in said


@pytest.mark.parametrize(
    ("purpose", "fields", "word"),
    [
        ("recommend", {"categories": ["everything"]}, "everything"),
        ("recommend", {"categories": ["special"]}, "special"),
        ("special_category", {"basis": {"eu": "consent"}}, "explicit_consent"),
        ("ads_measure", {"google": ["ads_all"]}, "ads_all"),
        ("ads_measure", {"storage_window_days": 90}, "longer than it is stored"),
        ("measure_aggregate", {"balancing": None}, "balancing"),
        ("recommend", {"tcf": [12]}, "tcf"),
        ("recommend", {"minors": "some"}, "minors"),
    ],
)
def test_what_contradicts_itself_stops_the_start(
    tmp_path: Path, purpose: str, fields: dict[str, object], word: str
) -> None:
    path = changed(tmp_path / "purposes.yaml", purpose, **fields)

    with pytest.raises(BadConfiguration, match=word):
        load_purposes(path)


def test_a_registry_that_was_stored_before_the_fields_were_is_read(house: House) -> None:
    stored = without_windows()
    for fields in stored["purposes"].values():
        for name in ("categories", "tcf", "google", "gpp", "direct_marketing", "minors", "special_categories"):
            fields.pop(name, None)
    house.node.catalogue.define("purposes", "registry", stored, author="an older Genom", at=1)

    house.restart()

    assert house.node.purposes.every[5].categories


@pytest.mark.parametrize(("language", "words"), [("en", "Nothing is tagged"), ("de", "Nichts ist gekennzeichnet")])
def test_what_is_tagged_as_special_stands_there_and_makes_them_stale(house: House, language: str, words: str) -> None:
    assert words in house.get(f"/v1/privacy/records?language={language}").body.decode()
    house.post("/v1/privacy/records:sign", {}).told  # noqa: B018

    house.put("/v1/art9", {"category_2": ["PILLS"], "products": ["p1", "p2"]}).told  # noqa: B018

    text = house.get(f"/v1/privacy/records?language={language}").body.decode()
    assert words not in text
    assert "PILLS; 2 " in text
    assert "service, security, special_category" in text
    assert house.get("/v1/privacy/records/signature").told["stale"]
