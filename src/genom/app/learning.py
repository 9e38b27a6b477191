"""`learn`: a question, the record, a trained model in the registry; the same record gives the same model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from genom.app.learning_data import Table, table_of
from genom.app.learning_pairs import decision_rows
from genom.app.learning_past import Past, Record
from genom.app.questions import MODELS
from genom.errors import BadConfiguration
from genom.learn.card import Manifest
from genom.learn.dataset import data_hash
from genom.learn.linear import linear_model
from genom.learn.questions import Question, need_of
from genom.learn.registry import Stored, save
from genom.learn.training import train

__all__ = ["learn", "manifest_of"]

Progress = Callable[[str], None]


def learn(
    record: Record, question: Question, *, now: int, threads: int = 2, progress: Progress = lambda _: None
) -> Stored:
    """Train a question's model on all that may be learned from, and make it the served one.

    Raises BadConfiguration if there is too little to learn from, or something is too good to be true.
    """
    past = record.past(need_of(question, record.purposes.bits))
    table = table_of(record, past, question, at=record.at, progress=progress)
    manifest = manifest_of(record, past, question, table)
    trained = train(question, table.data, manifest, now=now, threads=threads, progress=progress)
    trained.model["context"] = table.context
    if question.each:
        progress(f"{question.id}: scores of decisions")
        trained.model["pair"] = _scores(record, past, question)
    return save(record.directory / MODELS, trained)


def _scores(record: Record, past: Past, question: Question) -> dict[str, Any] | None:
    """The logistic that decisions score with; None where it would not help."""
    rows = decision_rows(record, past, question)
    try:
        return None if rows is None else linear_model(rows, within_days=question.within_days)
    except BadConfiguration:  # too short a history: decisions go on with own purchases
        return None


def manifest_of(record: Record, past: Past, question: Question, table: Table) -> Manifest:
    """What went into a table; the same record, question and time give the same manifest."""
    return Manifest(
        question=question.id,
        purposes=question.purposes,
        mask=past.need,
        persons=len(past.persons),
        rows=len(table.data),
        events=len(past.rows),
        left_out=past.left_out,
        position=record.world.position,
        at=record.at,
        genes=record.world.layout.version,
        data=data_hash(table.data),
        settings=msgspec.json.decode(msgspec.json.encode(question)),
    )
