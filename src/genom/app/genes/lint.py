"""`genom genes lint`: which genes cost more than they tell, measured on some people and the newest events.

Values are read through the gate, each for what the person permits now; only counts and correlations leave here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.assumptions import served
from genom.app.special.refusing import special_genes
from genom.genome import GENE_ID, Gene, Layout, View, numeric_genes
from genom.genome.declaration import KIND_SLOTS
from genom.genome.lint import Measured, alike, lint, masked
from genom.genome.plan import plan_of
from genom.words import ROW

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Seen", "judge", "look", "used_genes"]

_PEOPLE: Final = 400  # read at most, spread over all
_ROWS: Final = 50_000  # newest journal rows looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is looked at."""

    layout: Layout
    used: frozenset[str]
    people: list[tuple[View, ...]]  # of each person a view for each purpose that the person permits
    rows: NDArray[np.void]  # ROW; `mask` says what each may serve now
    bits: dict[str, int]  # purpose → bit
    special: dict[str, str]  # gene → the tagged category that it names, of which its purposes may not know


def look(node: Node, *, now: int) -> Seen:
    """Take what is to be judged; quick, in the node's loop."""
    genes = node.world.layout.genes
    return Seen(
        layout=node.world.layout,
        used=used_genes(node),
        people=list(_people(node, now)),
        rows=_newest(node, now),
        bits={name: node.purposes.bit(name) for name in genes.every_purpose},
        special=special_genes(genes, node.desk.tags, node.purposes),
    )


def judge(seen: Seen) -> dict[str, Any]:
    """Findings by gene, and what they were measured on; may run beside the loop."""
    genes, numeric = seen.layout.genes, numeric_genes(seen.layout.genes)
    plan = plan_of(seen.layout, numeric)
    values = np.array([views[0].numbers(plan) for views in seen.people]).reshape(len(seen.people), len(numeric))
    measured = Measured(
        used=seen.used,
        people=len(seen.people),
        known={gene.id: sum(any(_has(view, gene) for view in views) for views in seen.people) for gene in genes},
        alike=alike([gene.id for gene in numeric], values),
        masked=masked(genes, seen.rows, seen.bits, seen.layout.predicates.code),
        special=seen.special,
    )
    findings = [{"gene": one.gene, "rule": one.rule, "why": dict(one.why)} for one in lint(genes, measured)]
    events = int(np.count_nonzero(seen.rows["kind"] < KIND_SLOTS))
    return {"genes": len(genes), "people": len(seen.people), "events": events, "findings": findings}


def used_genes(node: Node) -> frozenset[str]:
    """Genes that a point, a model, a segment or another definition names."""
    parts: list[object] = [[msgspec.to_builtins(point) for point in node.points.values()]]
    parts += [msgspec.to_builtins(node.models.card(name)) for name in node.models.names()]
    parts += [body for kind in ("point", "segment", "journey") for _, body in node.catalogue.all_defined(kind).values()]
    named = {name for part in parts for text in _texts(part) for name in GENE_ID.findall(text)}
    return frozenset(named & {gene.id for gene in node.world.layout.genes})


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(key)
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _people(node: Node, now: int) -> Iterator[tuple[View, ...]]:
    """Some people, evenly from first to newest, who permit a purpose."""
    count, at = node.world.profiles.count, max(now, node.world.last_ts + 1)
    for person in np.unique(np.linspace(1, count, _PEOPLE).astype(np.int64)).tolist() if count else ():
        if node.world.people.person(person) != person:
            continue
        effective = node.effective(person, now)
        permitted = [purpose for purpose in node.gate.purposes if effective & node.purposes.bit(purpose)]
        if permitted:
            yield tuple(node.gate.view(person, purpose=one, effective=effective, at=at) for one in permitted)


def _has(view: View, gene: Gene) -> bool:
    """Whether the person has it: a count or sum of nothing is known, and yet nobody's."""
    read = view.read(gene)
    return read.state == "known" and (gene.op not in {"count", "sum"} or bool(read.value))


def _newest(node: Node, now: int) -> NDArray[np.void]:
    blocks = [block.rows for block in node.journal.blocks(max(1, node.journal.last - _ROWS))]
    rows = np.concatenate(blocks) if blocks else np.zeros(0, ROW)
    rows["mask"] = served(rows, now=now, since=node.world.assumptions.since)
    return rows
