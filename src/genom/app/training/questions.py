"""Where a data directory keeps its questions and models."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from genom.learn import Question, load_questions

__all__ = ["MODELS", "questions_of"]

MODELS: Final = "models"  # directory of the registry


def questions_of(directory: Path) -> dict[str, Question]:
    """The built-in questions and the directory's own.

    Raises BadConfiguration for one that cannot be used.
    """
    return load_questions(directory / "questions.yaml")
