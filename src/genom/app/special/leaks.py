"""What permitted groups still give away: who has tagged events is predicted from what may be known, and scored.

The prediction is made out of sample: five models, each scored on the fifth of the persons that it has not seen.
Of two ways to learn the better one is told, so the figure rather says too much than too little.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.training.data import genes_at
from genom.genome import Columns, numeric_genes
from genom.learn.dataset import Dataset
from genom.learn.leaks import Leak, single_auc
from genom.learn.models import MODELS
from genom.learn.quality import Figure, measured
from genom.words import Flag

if TYPE_CHECKING:
    from genom.app.training.past import Past, Record

__all__ = ["FEWEST", "Leaked", "leaks_of"]

FEWEST: Final = 20  # persons with tagged events, and without; below there is nothing to say
_FOLDS: Final = 5
_ALONE: Final = 3  # genes that are named
_CATEGORIES: Final = 100  # that are looked at beside the genes
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Leaked(msgspec.Struct, frozen=True, kw_only=True):
    """How well the group of a purpose tells who has events about special categories."""

    purpose: str
    persons: int  # who permit the purpose now and have events for it
    tagged: int  # of these, with tagged events
    model: str = ""  # that told best: logistic or boosted; empty: too few persons
    auc: Figure | None = None  # 0.5 is chance; None: too few persons
    alone: tuple[Leak, ...] = ()  # the single genes that tell most


def leaks_of(record: Record, *, progress: Callable[[str], None] = lambda _: None) -> list[Leaked]:
    """One figure for each purpose of the genome that must not know of tagged events.

    Predicted from are all genes that are numbers, and the permitted events by category.
    The labels are read from the journal's mark for this check alone: nothing is kept of them, and nothing but counts
    and figures leaves here.
    """
    tagged, purposes = _tagged(record), record.purposes
    names = [name for name in record.world.layout.genes.purposes if purposes.bit(name) & ~purposes.of_special]
    return [_leaked(record, name, tagged, progress) for name in names]


def _tagged(record: Record) -> NDArray[np.bool_]:
    """Of each person number, whether there are tagged events."""
    found = np.zeros(len(record.permitted), np.bool_)
    for rows, persons in record.blocks():
        found[persons[rows["flags"] & np.uint16(Flag.SPECIAL) != 0]] = True
    return found


def _leaked(record: Record, purpose: str, tagged: NDArray[np.bool_], progress: Callable[[str], None]) -> Leaked:
    past = record.past(record.purposes.bit(purpose))
    y = tagged[past.persons]
    told = Leaked(purpose=purpose, persons=len(y), tagged=int(y.sum()))
    if min(told.tagged, told.persons - told.tagged) < FEWEST:
        return told
    progress(f"{purpose}: genes of {len(y):,} persons")
    columns = Columns(record.world.layout, numeric_genes(record.world.layout.genes))
    genes = genes_at(record, past, purpose, columns, persons=[np.arange(len(y))], moments=[record.at])
    names, events = _categories(record, past)
    at, thing = np.full(len(y), record.at), np.zeros(len(y), np.int64)
    x = np.concatenate([genes, events], axis=1)
    data = Dataset(names=(*columns.names, *names), x=x, y=y, person=past.persons, at=at, thing=thing)
    found = dict[str, Figure]()
    for name in ("logistic", "boosted"):
        progress(f"{purpose}: {name}")
        found[name] = measured(_out_of_sample(name, x, y), y, past.persons)["auc"]
    best = max(found, key=lambda name: found[name].value)
    return msgspec.structs.replace(told, model=best, auc=found[best], alone=tuple(single_auc(data)[:_ALONE]))


def _categories(record: Record, past: Past) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """How many permitted rows each person has in each of the leading categories: what histograms and rings hold."""
    codes = past.rows["category_2"]
    counts = np.bincount(codes, minlength=2)
    counts[:2] = 0  # none, and other
    leading = [code for code in np.argsort(-counts, kind="stable")[:_CATEGORIES].tolist() if counts[code]]
    found = np.zeros((len(past.persons), len(leading)), np.float32)
    for place, code in enumerate(leading):
        found[:, place] = np.bincount(past.who[codes == code], minlength=len(found))
    terms = record.world.terms[2].terms
    return tuple(f"category {terms[code]}" for code in leading), found


def _out_of_sample(name: str, x: NDArray[np.float32], y: NDArray[np.bool_]) -> Floats:
    """Probabilities of rows by models that have not seen them."""
    fold = np.random.default_rng(7).permutation(len(y)) % _FOLDS
    p = np.zeros(len(y))
    for number in range(_FOLDS):
        seen, model = fold != number, MODELS[name]
        fitted = model.fit(x[seen], y[seen], later=None, settings={})
        p[~seen] = 1 / (1 + np.exp(-model.margins(fitted, x[~seen])))
    return p
