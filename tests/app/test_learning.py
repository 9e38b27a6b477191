"""From the journal to a served model: who may be learned from, what is shown, and what happens when files break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from genom.app.reading import view_of
from genom.app.training.data import asked
from genom.app.training.learning import manifest_of, table_of
from genom.app.training.past import Past
from genom.app.training.questions import questions_of
from genom.genome import Columns, numeric_genes
from genom.learn import load_questions
from genom.learn.questions import need_of
from genom.words import ROW, Kind
from tests.app.events import order
from tests.app.house import DAY, START, House
from tests.app.learned import PERSONS, QUESTION, REFUSES, filled, learned, record_of

GENE = "lifecycle.inactive_30d.prediction"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("learned") / "d") as house:
        filled(house)
        learned(house)
        yield house


def test_the_answer_is_a_gene_with_a_probability(house: House) -> None:
    regular, rare = house.genome("p1")[GENE], house.genome("p2")[GENE]

    assert 0 < regular < 0.3 < rare < 1


def test_a_gene_is_shown_with_label_and_unit(house: House) -> None:
    told = house.get(f"/v1/people/{house.person('p1')}/genome?language=de").told
    gene = next(g for g in told["genes"] if g["id"] == GENE)

    assert (gene["family"], gene["unit"], gene["state"]) == ("lifecycle", "probability", "known")
    assert gene["label"] == "Bleibt 30 Tage lang fern"


def test_it_is_shown_for_its_purpose_alone(house: House) -> None:
    assert GENE not in house.genome("p1", purpose="recommend")


def test_nobody_who_withholds_training_is_learned_from(house: House) -> None:
    """P19: every row carries all purposes, and the manifest says how many were left out."""
    record, question = record_of(house), questions_of(house.path)[QUESTION]
    need = need_of(question, record.purposes.bits)
    past = record.past(need)

    assert len(past.persons) == PERSONS - 1
    assert past.left_out > 0
    assert (past.rows["mask"] & np.uint64(need) == need).all()
    assert house.node.world.profiles.find("user_id", REFUSES) not in past.persons
    card = house.get(f"/v1/models/{QUESTION}").told
    assert card["manifest"]["persons"] == PERSONS - 1
    assert card["manifest"]["purposes"] == ["personalise_onsite", "model_training"]


def test_the_manifest_makes_the_same_table_again(house: House) -> None:
    record, question = record_of(house), questions_of(house.path)[QUESTION]
    past = record.past(need_of(question, record.purposes.bits))
    table = table_of(record, past, question, at=record.at)

    kept = house.node.models.card(QUESTION).manifest

    assert manifest_of(record, past, question, table) == kept


def test_a_row_is_what_the_live_system_reads_as_of_then(house: House) -> None:
    """Law L9, with the masks of the training: everybody here permits what is read."""
    record, question = record_of(house), questions_of(house.path)[QUESTION]
    past = record.past(need_of(question, record.purposes.bits))
    data = table_of(record, past, question, at=record.at).data
    layout = house.node.world.layout
    columns = Columns(layout, numeric_genes(layout.genes))

    for row in range(0, len(data), len(data) // 25):
        live = view_of(house.node, int(data.person[row]), purpose=question.purpose, at=int(data.at[row]))
        np.testing.assert_allclose(data.x[row], columns.read(live), rtol=1e-4, atol=1e-6)


def test_only_those_who_did_it_are_asked_about(house: House) -> None:
    record, question = record_of(house), questions_of(house.path)[QUESTION]
    past = record.past(need_of(question, record.purposes.bits))

    assert len(asked(past, question, int(past.rows["ts"].min()))) == 0
    assert len(asked(past, question, record.at)) == PERSONS - 1


def test_who_became_known_later_is_not_asked_about_earlier() -> None:
    """Law L9: an order that arrived five days late asks about nobody before it arrived."""
    rows = np.zeros(2, ROW)
    rows["ts"], rows["known_at"], rows["kind"] = START, [START, START + 5 * DAY], Kind.ORDER_COMPLETED
    past = Past(rows, np.array([0, 1]), np.array([1, 2]), np.zeros(2, np.uint64), 0, 0)
    question = load_questions()[QUESTION]

    assert [asked(past, question, START + days * DAY).tolist() for days in (1, 5, 6)] == [[0], [0], [0, 1]]


def test_who_withholds_the_purpose_has_the_answer_withheld(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.consent("u1", "personalise_onsite", granted=False)
        house.take(order("u1"))

        assert house.genome("u1")[GENE] == "withheld"


def test_without_a_model_the_answer_is_unknown(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))

        assert house.genome("u1")[GENE] == "unknown"
        assert house.get("/v1/models").told == {"models": [], "problems": []}
        assert house.get(f"/v1/models/{QUESTION}").status == 404


@pytest.mark.parametrize("harm", ["cut", "missing", "nonsense", "foreign"])
def test_a_broken_model_file_fails_no_request(house: House, harm: str) -> None:
    folder = house.path / "models" / QUESTION
    path = folder / (folder / "current").read_text() / "model.json"
    content = path.read_bytes()
    harmed = {"cut": content[:-7], "nonsense": b"\xff{", "foreign": content.replace(b"rhythm.", b"rhytmn.")}
    try:
        path.unlink() if harm == "missing" else path.write_bytes(harmed[harm])
        told = house.post("/v1/models:refresh", {}).told

        assert [problem["name"] for problem in told["problems"]] == [QUESTION]
        assert "genom learn" in told["problems"][0]["fix"]
        assert house.genome("p1")[GENE] == "unknown"
        assert house.get("/v1/models").status == 200
    finally:
        path.write_bytes(content)
        house.post("/v1/models:refresh", {}).told  # noqa: B018

    assert house.genome("p1")[GENE] != "unknown"


@pytest.mark.parametrize("file", ["model.json", "card.json", "manifest.json", "checksums.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[1]", b'{"quality":{}}', b"null"])
def test_pages_and_api_go_on_whatever_a_file_of_the_registry_holds(house: House, file: str, content: bytes) -> None:
    path = next((house.path / "models" / QUESTION).glob(f"*/{file}"))
    whole = path.read_bytes()
    try:
        path.write_bytes(content)
        house.post("/v1/models:refresh", {}).told  # noqa: B018
        cookie = house.sign_in()

        pages = [house.browse(page, cookie=cookie) for page in ("/models", f"/models/{QUESTION}", "/")]

        assert [page.status for page in pages] == [200] * 3
        assert b'role="alert"' in pages[0].body
        assert [problem["name"] for problem in house.get("/v1/models").told["problems"]] == [QUESTION]
        assert house.genome("p1")[GENE] == "unknown"
    finally:
        path.write_bytes(whole)
        house.post("/v1/models:refresh", {}).told  # noqa: B018


def test_a_prediction_that_fails_is_a_problem_and_the_gene_unknown(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = house.node.models._served[QUESTION].stored.model
    monkeypatch.setitem(fitted, "model", "boosted")
    monkeypatch.setitem(fitted, "fitted", {"other": 1})

    assert house.genome("p1")[GENE] == "unknown"

    assert [problem["name"] for problem in house.get("/v1/models").told["problems"]] == [QUESTION]
    house.post("/v1/models:refresh", {}).told  # noqa: B018


def test_an_own_file_of_questions_that_cannot_be_used_is_a_problem_not_a_failure(house: House) -> None:
    path = house.path / "questions.yaml"
    try:
        path.write_text("- {id: x, what: {event: Order Completed, inactive: true}}")
        told = house.post("/v1/models:refresh", {}).told

        assert "two positives" in told["problems"][0]["why"]
        assert 0 < house.genome("p1")[GENE] < 1
    finally:
        path.unlink()


def test_a_write_key_reads_no_model(house: House) -> None:
    assert house.get("/v1/models", key=house.write_key).status == 403
