"""`learn`: a question, the record, a trained model in the registry; the same record gives the same model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from genom.app.training.data import Table, moments_of, persons_table
from genom.app.training.pairs import DecisionRows, decision_rows, late_coupons
from genom.app.training.past import Past, Record
from genom.app.training.questions import MODELS
from genom.app.training.things import categories_table, coupons_table
from genom.errors import BadConfiguration
from genom.learn import models
from genom.learn.card import Manifest
from genom.learn.dataset import Dataset, data_hash
from genom.learn.drift import reference_of
from genom.learn.linear import Scoring, linear_model
from genom.learn.questions import Question, need_of
from genom.learn.registry import Stored, save
from genom.learn.training import Trained, train

__all__ = ["BOOSTED", "learn", "manifest_of", "scoring_of", "table_of"]

Progress = Callable[[str], None]

BOOSTED: Final = "boosted"
NO_SCORING: Final = Scoring(None, None)


def learn(
    record: Record, question: Question, *, now: int, threads: int = 2, progress: Progress = lambda _: None
) -> Stored:
    """Train a question's model on all that may be learned from, and make it the served one.

    Raises BadConfiguration if there is too little to learn from, or something is too good to be true.
    """
    past = record.past(need_of(question, record.purposes.bits))
    rows = late = None
    if question.each:
        progress(f"{question.id}: scores of decisions")
        rows = decision_rows(record, past, question)
    if rows is not None and question.each == "coupon":
        late = late_coupons(record, past, question, rows.data)
    table = table_of(record, past, question, at=record.at, progress=progress)
    manifest = manifest_of(record, past, question, table)
    del past  # a training needs the table alone
    trained = train(question, table.data, manifest, now=now, threads=threads, progress=progress)
    trained.model["context"] = table.context
    card = trained.card
    if question.each:
        scoring = scoring_of(trained, rows, late, question)
        trained.model["pair"] = scoring.pair
        if scoring.ranking is not None and scoring.ranking.served == BOOSTED:
            trained.model["decides"] = trained.early[BOOSTED].line
        card = msgspec.structs.replace(card, ranking=scoring.ranking)
    trained.model["reference"] = reference_of(trained.model, table.data, dict(card.features))
    return save(record.directory / MODELS, Trained(trained.model, card))


def scoring_of(trained: Trained, rows: DecisionRows | None, late: Dataset | None, question: Question) -> Scoring:
    """What decisions score with: what ranks best on later time, by models of the time before."""
    others = {}
    if late is not None and trained.model["model"] == BOOSTED:
        others[BOOSTED] = models.MODELS[BOOSTED].margins(trained.early[BOOSTED].fitted, late.x)
    try:
        return NO_SCORING if rows is None else linear_model(*rows, within_days=question.within_days, others=others)
    except BadConfiguration:  # too short a history: decisions go on with own purchases
        return NO_SCORING


def table_of(record: Record, past: Past, question: Question, *, at: int, progress: Progress = lambda _: None) -> Table:
    """The table of a question as of a moment; tables of things use the past's rows up."""
    made = {"": persons_table, "category": categories_table, "coupon": coupons_table}[question.each]
    return made(record, past, question, moments_of(past, question, at=at), progress)


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
        narrowed=record.narrowed,
    )
