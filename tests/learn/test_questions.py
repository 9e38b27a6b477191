"""What a question may say, and how one that means two things is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from genom.errors import BadConfiguration, UnknownName
from genom.learn import find_question, load_questions
from genom.learn.questions import need_of

GOOD = """
- id: comes_back
  family: lifecycle
  label: {en: Comes back, de: Kommt zurück}
  purpose: recommend
  who: {event: Order Completed}
  what: {event: Page Viewed}
  within_days: 7
"""


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "questions.yaml"
    path.write_text(text, "utf-8")
    return path


def test_an_own_question_stands_beside_the_built_in_ones(tmp_path: Path) -> None:
    found = load_questions(own(tmp_path, GOOD.replace("Page Viewed", "Product Viewed")))

    assert set(found) == {"buys_category", "inactive_30d", "redeems_coupon", "comes_back"}


@pytest.mark.parametrize(
    "what",
    [
        "{event: Order Completed, inactive: true}",
        "{event: [Order Completed, Product Viewed]}",
        "[{event: Order Completed}, {inactive: true}]",
        "{event: Order Completed}\n  what: {inactive: true}",
    ],
)
def test_two_positives_are_refused_in_words(tmp_path: Path, what: str) -> None:
    with pytest.raises(BadConfiguration, match=r"questions\.yaml") as refused:
        load_questions(own(tmp_path, GOOD.replace("{event: Page Viewed}", what)))

    assert "two positives" in refused.value.why
    assert refused.value.fix


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Page Viewed", "Product Vieved", "Product Viewed"),
        ("{event: Page Viewed}", "{}", "name an event"),
        ("within_days: 7", "within_days: 0", "correct the value"),
        ("family: lifecycle", "famly: lifecycle", "correct the value"),
        ("within_days: 7", "within_days: 7\n  each: coupon", "leave `each` out"),
    ],
)
def test_what_cannot_be_used_says_how_to_mend_it(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = GOOD.replace("Page Viewed", "Product Viewed") if "Page" not in old else GOOD
    with pytest.raises(BadConfiguration) as refused:
        load_questions(own(tmp_path, text.replace(old, new)))

    assert said in refused.value.fix


def test_a_purpose_that_nobody_defined_is_named(tmp_path: Path) -> None:
    question = load_questions()["inactive_30d"]

    with pytest.raises(BadConfiguration, match="unknown purpose 'model_training'"):
        need_of(question, {"personalise_onsite": 16})


def test_the_nearest_question_is_suggested() -> None:
    with pytest.raises(UnknownName) as refused:
        find_question(load_questions(), "inactive_30")

    assert "inactive_30d" in refused.value.fix
