"""The models' pages on a whole node: an empty list, a card in two languages, a damaged file in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from genom.app.pages.feature_names import feature_label
from genom.app.pages.models import shown_card
from genom.learn.card import Card, Manifest, Span
from genom.learn.leaks import Leak
from genom.learn.quality import Bin, Figure
from genom.learn.ranking import Ranking
from tests.app.events import order
from tests.app.house import DAY, START, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        yield house


def card(*, beats: bool = True) -> Card:
    figure = Figure(0.8714, 0.854, 0.886)
    span = Span(START - 30 * DAY, START, 9_614, 2_400, 1_565)
    return Card(
        name="inactive_30d",
        label={"en": "Stays away for 30 days", "de": "Bleibt 30 Tage lang fern"},
        family="lifecycle",
        question={
            "id": "inactive_30d",
            "purpose": "personalise_onsite",
            "who": {"event": "Order Completed", "within_days": 180},
            "what": {"event": "", "inactive": True},
            "within_days": 30,
        },
        model="boosted",
        trained_at=START,
        train=span,
        valid=span,
        test=span,
        base_rate=0.157,
        quality={"auc": figure, "log_loss": Figure(0.3, 0.28, 0.33)},
        compared={"base_rate": {"log_loss": Figure(0.43, 0.4, 0.5), "auc": Figure(0.5, 0.5, 0.5)}},
        gain=Figure(0.13, 0.11, 0.15),
        beats_base_rate=beats,
        calibration="platt",
        reliability=[Bin(0.008, 0.004, 242), Bin(0.55, 0.58, 241)],
        alone=[Leak("rhythm.orders.count.30d", 0.876)],
        features=[("rhythm.events.count.30d", 0.294), ("pair.lines.30d", 0.1), ("taste.told.liked", 0.0)],
        manifest=Manifest(
            question="inactive_30d",
            purposes=("personalise_onsite", "model_training"),
            mask=16_400,
            persons=2_469,
            rows=24_103,
            events=1_636_315,
            left_out=12,
            position=1_639_124,
            at=START,
            genes="g",
            data="6200f237fa03161d",
        ),
        version="e2d853e03cc94bda",
    )


def page(house: House, path: str, language: str = "en") -> str:
    answer = house.browse(path, cookie=house.sign_in(), language=language)
    assert answer.status == 200, answer.body[:500]
    return answer.body.decode()


def test_without_a_model_the_page_says_what_one_needs(house: House) -> None:
    assert "No model is trained yet" in page(house, "/models")
    assert "Noch ist kein Modell trainiert" in page(house, "/models", "de")


def test_an_unknown_model_is_not_found(house: House) -> None:
    assert house.browse("/models/nope", cookie=house.sign_in()).status == 404


def test_a_damaged_model_is_told_in_words_and_nothing_fails(house: House) -> None:
    folder = house.path / "models" / "inactive_30d"
    (folder / "broken").mkdir(parents=True)
    (folder / "current").write_text("broken\n", "utf-8")
    (folder / "broken" / "model.json").write_text("{", "utf-8")
    house.node.models.refresh(now=house.clock.now)

    assert 'role="alert"' in page(house, "/models")
    shown = page(house, "/models/inactive_30d")

    assert "What to do:" in shown
    assert "Until then decisions go on without it" in shown
    german = page(house, "/models/inactive_30d", language="de")
    assert "<strong>Das Modell inactive_30d ist nicht verwendbar</strong>" in german
    assert str(house.path) not in german
    assert "Es fehlt die Datei checksums.json." in german
    assert "Trainieren Sie es neu: genom learn --only inactive_30d" in german


def test_a_card_is_told_in_the_readers_language(house: House) -> None:
    english, german = (shown_card(house.node, card(), language=language) for language in ("en", "de"))

    assert english.question == "Asks of people with “Order Completed”: will they do nothing of their own for 30 days?"
    assert german.question.startswith("Fragt bei Personen mit „Einkauf abgeschlossen“")
    assert german.row.sentence.startswith("Auf späterer Zeit besser")
    assert german.purposes == ("Personalisierung in Shop und App", "Training von Modellen")
    assert [feature.label for feature in english.features] == ["Events, last months", "Own lines of it, last months"]
    assert [part.name for part in german.parts] == ["Anpassung", "Auswahl und Kalibrierung", "Messung"]


def test_every_figure_has_its_interval_and_its_meaning(house: House) -> None:
    shown = shown_card(house.node, card(), language="en")

    assert [(one.name, one.low <= one.value <= one.high) for one in shown.quality] == [
        ("AUC", True),
        ("Log loss", True),
    ]
    assert all(one.help.endswith(".") for one in (*shown.quality, shown.gain))


def test_a_card_tells_what_decisions_rank_by(house: House) -> None:
    ranking = Ranking(
        served="own_purchases", at=START, persons=66, gain=Figure(-0.021, -0.05, 0.01),
        ndcg5={"own_purchases": Figure(0.25, 0.2, 0.3), "boosted": Figure(0.229, 0.18, 0.28)},
    )  # fmt: skip

    english, german = (
        shown_card(house.node, msgspec.structs.replace(card(), ranking=ranking), language=language).ranking
        for language in ("en", "de")
    )

    assert [(way.figure.name, way.serves) for way in english.ways] == [
        ("own purchases, without a model", True), ("boosted trees", False),
    ]  # fmt: skip
    assert [way.figure.name for way in german.ways] == ["eigene Käufe, ohne Modell", "Boosting-Bäume"]
    assert (english.gain.value, german.gain.name) == (-0.021, "Bestes Modell gegenüber eigenen Käufen")
    assert shown_card(house.node, card(), language="en").ranking is None


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("rank.pair.orders.90d", "Rang unter den verfügbaren Gutscheinen: Eigene Einkäufe damit, letzte drei Monate"),
        ("channels.mix.histogram.30d[3]", "Kanalmix, letzte Monate: Kasse"),
        ("nobody.knows", "nobody.knows"),
    ],
)
def test_features_have_words(house: House, name: str, label: str) -> None:
    assert feature_label(house.node, name, "de") == label
