"""A training tells how far it is, has each model served as soon as it is there, and never runs beside another."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from genom.app.training import job as learn_job
from genom.app.training.job import learn_all
from genom.app.training.status import read_training, training
from genom.learn import load_questions
from tests.app.events import order
from tests.app.house import House
from tests.app.learned import filled

QUESTIONS = [load_questions()[name] for name in ("inactive_30d", "buys_category")]


def test_every_model_is_served_as_soon_as_it_is_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with House(tmp_path / "d") as house:
        filled(house)
        served, steps = [], []

        def taken_in(_: Path) -> None:
            served.append([model["name"] for model in house.post("/v1/models:refresh", {}).told["models"]])
            steps.append([(s["question"], s["state"]) for s in house.get("/v1/models").told["training"]["steps"]])

        monkeypatch.setattr(learn_job, "_have_it_served", taken_in)

        cards, refused = learn_all(house.path)

        assert [card.name for card in cards] == ["inactive_30d", "buys_category"]
        assert served == [["inactive_30d"], ["buys_category", "inactive_30d"]]
        assert [len(refused), steps[0]] == [
            1, [("inactive_30d", "training"), ("buys_category", "waiting"), ("redeems_coupon", "waiting")],
        ]  # fmt: skip
        told = house.get("/v1/models").told["training"]
        assert told["state"] == "ended"
        assert [s["state"] for s in told["steps"]] == ["served", "served", "refused"]


def test_a_training_is_read_while_it_runs_and_after_it_was_killed(tmp_path: Path) -> None:
    with training(tmp_path, QUESTIONS) as status:
        status.step("inactive_30d", "served")
        status.step("buys_category", "training", "as of 2026-03-01")
        running = read_training(tmp_path)

    ended = read_training(tmp_path)
    with pytest.raises(KeyboardInterrupt), training(tmp_path, QUESTIONS):
        raise KeyboardInterrupt

    assert running is not None
    assert ended is not None
    assert (running.state, running.told) == ("running", "1 of 2 questions; as of 2026-03-01")
    assert ended.state == "ended"
    stopped = read_training(tmp_path)
    assert stopped is not None
    assert stopped.state == "stopped"


def test_a_second_training_waits_and_says_for_what(tmp_path: Path) -> None:
    lock = os.open(tmp_path / "training.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    heard: list[str] = []

    def hear(text: str) -> None:
        heard.append(text)
        fcntl.flock(lock, fcntl.LOCK_UN)

    with training(tmp_path, QUESTIONS, waiting=hear):
        os.close(lock)

    assert heard == ["Waiting for a training that runs already: it begins"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"state": "?"}'])
def test_a_damaged_status_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "training.json").write_bytes(content)

    assert read_training(tmp_path) is None


def test_the_models_page_shows_how_far_it_is(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        with training(house.path / "models", QUESTIONS) as status:
            status.step("inactive_30d", "refused", "There is too little to learn from.")
            cookie = house.sign_in()
            page = house.browse("/models", cookie=cookie).body.decode()
            part = house.browse("/models", cookie=cookie, headers={"HX-Request": "true"}).body.decode()
        after = house.browse("/models", cookie=cookie).body.decode()

    assert "each is served as soon as it is there" in page
    assert "There is too little to learn from." in page
    assert part.lstrip().startswith("<p>")
    assert "The last training has ended." in after


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("learn.too-little", "Es gibt noch zu wenige Antworten mit Ja oder mit Nein."),
        ("learn.another", "Den Grund nennt „genom learn inactive_30d“."),
    ],
)
def test_a_german_page_says_in_german_why_a_question_was_not_learned(tmp_path: Path, code: str, shown: str) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        with training(house.path / "models", QUESTIONS) as status:
            status.step("inactive_30d", "refused", "There is too little to learn from.", code=code)
        page = house.browse("/models", cookie=house.sign_in(), language="de").body.decode()

    assert shown in page
    assert "too little" not in page
