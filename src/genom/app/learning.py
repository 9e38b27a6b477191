"""`learn`: a question, the record, a trained model in the registry; the same record gives the same model."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from genom.app.learning_data import Table, moments_of, persons_table
from genom.app.learning_pairs import decision_rows
from genom.app.learning_past import Past, Record
from genom.app.learning_things import categories_table, coupons_table
from genom.app.questions import MODELS
from genom.errors import BadConfiguration
from genom.learn.card import Manifest
from genom.learn.dataset import data_hash
from genom.learn.drift import reference_of
from genom.learn.linear import Scoring, linear_model
from genom.learn.questions import Question, need_of
from genom.learn.registry import Stored, save
from genom.learn.training import Trained, train

__all__ = ["learn", "manifest_of", "table_of"]

Progress = Callable[[str], None]


def learn(
    record: Record, question: Question, *, now: int, threads: int = 2, progress: Progress = lambda _: None
) -> Stored:
    """Train a question's model on all that may be learned from, and make it the served one.

    Raises BadConfiguration if there is too little to learn from, or something is too good to be true.
    """
    past = record.past(need_of(question, record.purposes.bits))
    scoring = Scoring(None, None)
    if question.each:
        progress(f"{question.id}: scores of decisions")
        scoring = _scores(record, past, question)
    table = table_of(record, past, question, at=record.at, progress=progress)
    manifest = manifest_of(record, past, question, table)
    del past  # a training needs the table alone
    trained = train(question, table.data, manifest, now=now, threads=threads, progress=progress)
    trained.model["context"] = table.context
    if question.each:
        trained.model["pair"] = scoring.pair
    trained.model["reference"] = reference_of(trained.model, table.data, dict(trained.card.features))
    card = msgspec.structs.replace(trained.card, ranking=scoring.ranking)
    return save(record.directory / MODELS, Trained(trained.model, card))


def table_of(record: Record, past: Past, question: Question, *, at: int, progress: Progress = lambda _: None) -> Table:
    """The table of a question as of a moment; tables of things use the past's rows up."""
    made = {"": persons_table, "category": categories_table, "coupon": coupons_table}[question.each]
    return made(record, past, question, moments_of(past, question, at=at), progress)


def _scores(record: Record, past: Past, question: Question) -> Scoring:
    """What decisions score with: the logistic, or own purchases where it ranks no better on later time."""
    rows = decision_rows(record, past, question)
    try:
        return Scoring(None, None) if rows is None else linear_model(*rows, within_days=question.within_days)
    except BadConfiguration:  # too short a history: decisions go on with own purchases
        return Scoring(None, None)


def manifest_of(record: Record, past: Past, question: Question, table: Table) -> Manifest:
    """What went into a table; the same record, question and time give the same manifest."""
    return Manifest(
        question=question.id,
        purposes=question.purposes,
        mask=past.need,
        persons=len(past.persons),
        rows=len(table.data),
        events=past.events,
        left_out=past.left_out,
        position=record.world.position,
        at=record.at,
        genes=record.world.layout.version,
        data=data_hash(table.data),
        settings=msgspec.json.decode(msgspec.json.encode(question)),
    )
