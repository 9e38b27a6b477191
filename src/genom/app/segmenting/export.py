"""Columns of the genome as Arrow: of a segment or of everybody, a batch at a time, through the gate.

What a person does not permit for the purpose is null, and so is what is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from genom.app.node import Node
from genom.app.segmenting.columns import permitted_now
from genom.app.segmenting.known import terms_of
from genom.errors import BadRequest
from genom.genome import Ask, Asked, Gene, Genes, Scan, form_of

__all__ = ["arrow_stream", "scan_people"]

_BATCH: Final = 8_192  # people
_DAY: Final = 86_400_000  # ms
_GENES_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A column of the table."""

    name: str
    gene: Gene
    ask: Ask | None  # None: a text, read through a view


def scan_people(
    node: Node, genes: Sequence[str], *, purpose: str, at: int, people: NDArray[np.int64] | None = None
) -> Iterator[pa.RecordBatch]:
    """The genes of these people (of everybody) at a moment from now on: `person` and a column a gene.

    Numbers are float64, times days before `at`, texts strings; `gene[cell]` names a cell of a histogram.  Only people
    who permit the purpose are in it.  Raises UnknownName for an unknown gene, BadRequest for a histogram without cell.
    """
    if at <= node.world.last_ts:
        raise BadRequest(
            "The past cannot be scanned.",
            why="columns hold what is known now; they can be read for now and for later",
            fix="read single persons with ?at=, or declare a question for rows as of the past",
        )
    node.purposes.bit(purpose)
    scan = Scan(node.world.matrix, node.gate, purpose_bit=node.purposes.bit, terms=lambda prop: terms_of(node, prop))
    wanted = [_wanted(name, scan.layout.genes, purpose) for name in genes]
    _check(wanted, scan, purpose)
    everybody = np.arange(1, node.world.profiles.count + 1) if people is None else people
    return _batches(node, scan, wanted, purpose=purpose, at=at, people=everybody)


def arrow_stream(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """Batches in the IPC stream format, piece by piece."""
    sink, writer = BytesIO(), None
    for batch in batches:
        writer = writer or pa.ipc.new_stream(sink, batch.schema)
        writer.write_batch(batch)
        yield _taken(sink)
    if writer is not None:
        writer.close()
        yield _taken(sink)


def _taken(sink: BytesIO) -> bytes:
    piece = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return piece


def _wanted(name: str, genes: Genes, purpose: str) -> _Wanted:
    gene_id, bracket, cell = name.partition("[")
    gene, cell = genes[gene_id], cell.removesuffix("]")
    form = form_of(gene)
    if (form == "cells") != bool(bracket):
        raise BadRequest(
            f"The column {name[:80]!r} cannot be read.",
            why=f"the gene {gene.id} has {'many cells' if form == 'cells' else 'one value and no cells'}",
            fix=f"write {gene.id}[CELL]" if form == "cells" else f"write {gene.id}",
        )
    if form == "text":
        return _Wanted(name, gene, None)
    forms = {"cells": "cell", "days": "since"}
    return _Wanted(name, gene, (purpose, gene.id, forms.get(form, "value"), (cell,) if cell else ()))


def _check(wanted: Sequence[_Wanted], scan: Scan, purpose: str) -> None:
    if not 0 < len(wanted) <= _GENES_MOST:
        raise BadRequest(f"{len(wanted)} genes are asked for.", why=f"1 to {_GENES_MOST} can be", fix="name others")
    if purpose not in scan.layout.genes.purposes:
        raise BadRequest(
            f"No genome is kept for {purpose!r}.",
            why=f"it is kept for {' and '.join(scan.layout.genes.purposes)}",
            fix="name one of these purposes",
        )
    for one in wanted:
        if one.ask and one.ask[2] == "cell" and scan.code(one.gene.id, one.ask[3][0]) < 0:
            raise BadRequest(f"{one.name} has no such cell.", why="nobody has heard of it", fix="see `genom genes`")


def _batches(
    node: Node, scan: Scan, wanted: Sequence[_Wanted], *, purpose: str, at: int, people: NDArray[np.int64]
) -> Iterator[pa.RecordBatch]:
    bit = np.uint64(node.purposes.bit(purpose))
    schema = pa.schema(
        [("person", pa.string()), *((one.name, pa.float64() if one.ask else pa.string()) for one in wanted)]
    )
    for start in range(0, max(len(people), 1), _BATCH):
        who = people[start : start + _BATCH]
        may = permitted_now(node, who, now=at)
        who, may = who[may & bit == bit], may[may & bit == bit]
        numbers = iter(_numbers(scan, [one.ask for one in wanted if one.ask], who, may, at))
        names = [node.public.name(person) for person in who.tolist()]
        columns = [
            next(numbers) if one.ask else _texts(node, one.gene, who, may, purpose=purpose, at=at) for one in wanted
        ]
        yield pa.record_batch([names, *columns], schema=schema)


def _numbers(
    scan: Scan, asks: Sequence[Ask], who: NDArray[np.int64], may: NDArray[np.uint64], at: int
) -> list[pa.Array]:
    """A column for each ask; NaN is null."""
    n, bases = len(who), scan.bases(at)
    fading, still = np.zeros((len(asks), n), np.float32), np.zeros((len(asks), n))
    prepared = scan.prepare([Asked(ask, row) for row, ask in enumerate(asks)])
    to = np.arange(n)
    scan.fill(prepared, who, may=may, fading=fading, still=still, bases=bases, at=at, to=to)
    scan.fill_slow(prepared, who, may=may, still=still, at=at, to=to)
    scales, found = scan.scales(bases, at), list[pa.Array]()
    for row, ask in enumerate(asks):
        span = scan.span(ask)
        values = fading[row] * scales[span] if span >= 0 else still[row]
        values = (at - values) / _DAY if ask[2] == "since" else values
        found.append(pa.array(values, pa.float64(), from_pandas=True))
    return found


def _texts(
    node: Node, gene: Gene, who: NDArray[np.int64], may: NDArray[np.uint64], *, purpose: str, at: int
) -> pa.Array:
    views = (
        node.gate.view(person, purpose=purpose, effective=permitted, at=at)
        for person, permitted in zip(who.tolist(), may.tolist(), strict=True)
    )
    values = (view.read(gene).value for view in views)
    return pa.array([value if isinstance(value, str) else None for value in values], pa.string())
