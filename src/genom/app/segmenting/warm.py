"""The kernels of segments, run once so that no node compiles them while it serves."""

from __future__ import annotations

import numpy as np

from genom.consent import Purposes
from genom.genome import Asked, Gate, Matrix, Scan
from genom.genome.plan import plan_of
from genom.segments import WANTED, Column, Columns, Place, Program, put_together, settle, take_events, touched
from genom.segments.program import GE, Literal
from genom.words import ROW

__all__ = ["warm_segments"]


def warm_segments(matrix: Matrix, purposes: Purposes) -> None:
    """Run each of them on one person."""
    gate = Gate(matrix, purpose_bit=purposes.bit, term=lambda _p, _c: "")
    scan = Scan(matrix, gate, purpose_bit=purposes.bit, terms=lambda _p: ())
    purpose, gene = scan.layout.genes.purposes[0], next(gene for gene in scan.layout.genes if gene.op == "count")
    column, who = Column(purpose, gene.id, "value"), np.array([1])
    columns = Columns(np.zeros((1, 3), np.float32), np.zeros((1, 3)), np.zeros(3, np.uint64))
    scan.fill(
        scan.prepare([Asked(column, 0)]), who, may=columns.may, fading=columns.fading, still=columns.still,
        bases=scan.bases(1), at=1,
    )  # fmt: skip
    slow = [next(gene for gene in scan.layout.genes if gene.op == op and gene.is_number) for op in ("ring", "distinct")]
    slow += [gene for gene in scan.layout.genes if gene.op == "variance" and gene.decayed][:1]
    may = np.full(1, purposes.bit(purpose), np.uint64)
    gate.numbers(plan_of(scan.layout, (gene, *slow)), who, purpose=purpose, effective=may, at=1)
    program = Program(purpose, (Literal(column, GE, 1.0, False, ()),), ((0, 0),))
    programs = put_together([program], place_of=lambda _: Place(0), number_of={}, bit=purposes.bit)
    passed = programs.judge(columns, at=1, scales=scan.scales(scan.bases(1), 1), who=who)
    settle(0, 1, who, passed, np.zeros(1, np.int64), np.zeros((3, 1), np.uint64), np.zeros((1, 3), np.int64))
    rows, three = np.zeros(1, ROW), np.zeros(3, np.int64)
    touched(rows, three, three.copy(), 1, three.copy(), np.zeros(2, np.int64))
    take_events(rows, np.zeros(1, np.uint64), np.zeros(1, np.int64), np.zeros(1, WANTED), columns.still)
