"""Learn: questions become tables, tables become models, models become probabilities with a card.

questions.yaml ─ load_questions → Question
Dataset ─ split_by_time → train, valid, test ─ train → Trained ─ save → DIR/models/NAME/VERSION
                                                               load_current → Stored ─ predict → probabilities
"""

from genom.learn.card import Card, Manifest, markdown
from genom.learn.dataset import Dataset, data_hash, split_by_time
from genom.learn.predict import predict
from genom.learn.questions import Question, find_question, load_questions
from genom.learn.registry import (
    Known,
    Problem,
    Stored,
    approve,
    known_versions,
    load_current,
    model_names,
    roll_back,
    save,
)
from genom.learn.releases import Release
from genom.learn.training import Trained, train

__all__ = [
    "Card",
    "Dataset",
    "Known",
    "Manifest",
    "Problem",
    "Question",
    "Release",
    "Stored",
    "Trained",
    "approve",
    "data_hash",
    "find_question",
    "known_versions",
    "load_current",
    "load_questions",
    "markdown",
    "model_names",
    "predict",
    "roll_back",
    "save",
    "split_by_time",
    "train",
]
