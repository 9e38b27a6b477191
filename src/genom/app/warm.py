"""Compile the kernels, or load them from the cache, and say which it was."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from msgspec.structs import replace
from scipy.sparse import csr_matrix

from genom.app.assumptions import Assumptions
from genom.app.decisions.features import put
from genom.app.folding import admit
from genom.app.genes.kernel_job import layout_of
from genom.app.segmenting.warm import warm_segments
from genom.checksum import xxh64
from genom.collect import Lexicon, open_envelope, understand
from genom.compiled import cache_directory, forget_unused, tell_compilations
from genom.consent import load_purposes
from genom.decide import (
    FEATURES,
    Companions,
    Facts,
    Feature,
    Learned,
    Propensity,
    category_actions,
    decide,
    load_points,
)
from genom.genome import Gate, Matrix
from genom.genome.generated import available
from genom.genome.plan import plan_of
from genom.identity import Pending, Profiles
from genom.learn.online import Sums, rounded
from genom.learn.pairs.coupon_own import Line, Use, covering, own_columns, runs_of, share_at_most
from genom.learn.trees import Trees, packed, path_parts, tree_margins, unpacked
from genom.settings import Settings
from genom.tables import Hasher, Recent, Table128
from genom.words import ROW, Kind, Source

__all__ = ["warm"]

_ALL: Final = 2**64 - 1  # every purpose


def warm(say: Callable[[str], None], *, generate: bool = False) -> float:
    """Run every kernel once; a cold start says what it compiles.  Returns the seconds that it took.

    `generate`: wait also until the standard gene set's own kernel is compiled; a node leaves that to its worker.
    """
    began, told = time.perf_counter(), [0]

    def tell(name: str) -> None:
        if not name.startswith("genom."):
            return
        if not told[0]:
            say(f"Compiling kernels into {_short(cache_directory())} (once for each change of them; about a minute)")
        told[0] += 1
        say(f"  {name}")

    stop = tell_compilations(tell)
    try:
        if generate and not available(layout_of()):
            tell("genom.genome.generated.fold")
            subprocess.run([sys.executable, "-m", "genom.app.genes.kernel_job"], check=True)
        _run_all()
        forget_unused()
    finally:
        stop()
    return time.perf_counter() - began


def _short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _run_all() -> None:
    purposes, layout = load_purposes(), layout_of()
    matrix = Matrix(layout, 2)
    rows = np.zeros(2, ROW)
    rows["kind"], rows["ts"], rows["line"] = Kind.ORDER_COMPLETED, 1, [0, 1]
    matrix.fold(rows.copy(), np.full(2, _ALL, np.uint64), np.array([1, 2]))
    matrix.merge(1, 2)
    gate, purpose = Gate(matrix, purpose_bit=purposes.bit, term=lambda _p, _c: ""), layout.genes.purposes[0]
    gate.view(1, purpose=purpose, effective=_ALL, at=10)
    counts = tuple(gene for gene in layout.genes if gene.op == "count")
    gate.vector(plan_of(layout, counts), purpose=purpose).read(1, effective=_ALL, at=10)
    warm_segments(matrix, purposes)
    event, source = b'{"userId":"u","type":"page","messageId":"m"}', Source(number=1, name="warm")
    hasher = Hasher(bytes(16))
    understand(
        open_envelope(b'{"batch":[' + b",".join([event] * 10) + b"]}", "batch"),
        source=source,
        server=False,
        received_at=1,
        settings=Settings(),
        lexicon=Lexicon(message=hasher, identity=hasher, item=hasher),
    )
    admit(np.zeros(1, ROW), np.zeros(2, np.int64), Assumptions(1), now=1)
    profiles = Profiles(bytes(16), capacity=10)
    profiles.resolve([("user_id", "a")])
    profiles.find("user_id", "b")
    memory, keys = Recent(2, days=30), np.array([[1, 2]], np.uint64)
    memory.seen(np.arange(8, dtype=np.uint64).reshape(-1, 2), day=20_000)  # more than it has room for
    memory.knows(keys)
    memory.forget(keys)
    Pending(10).first([(1, 2)])
    _decide_once()
    _weigh_once()
    Companions(train_bit=1, count_bit=1).take(np.zeros(1, ROW))
    Sums(1).add("tea", np.ones(1), 1.0)
    xxh64(np.zeros(40, np.uint8))
    table = Table128(max_entries=10)
    table.insert(keys, np.array([1]))
    table.remove(keys)
    many = np.arange(2_000, dtype=np.uint64).reshape(-1, 2)  # more than fit into the slots that a table begins with
    Table128(16, max_entries=2_000).insert(many, np.zeros(1_000, np.int64))


def _decide_once() -> None:
    """A decision of each model."""
    none = np.zeros(1, np.intp)
    put(np.zeros(1), none, none, 0.0, none, rounded(np.zeros(1)))
    point, tea = next(iter(load_points().values())), category_actions(["", "tea"]).candidates(1)
    point = replace(point, model="learned", features=(Feature("a"),))
    facts = Facts(permitted=True, now=1, position=0, features=np.ones(1), feature_names=(("a", {}),))
    learned = Learned(
        places={"tea": 0}, coefficients=np.ones((1, 2)), pooled=np.ones(2), deviation=1.0, ceiling=1.0, signature=""
    )
    propensity = Propensity(weights=np.ones(len(FEATURES)), intercept=0.0, version="")
    for model in (None, learned, propensity):
        decide(point, facts, tea, n=1, seed=1, decision=1, model=model)


def _weigh_once() -> None:
    """A coupon by one tree of one split."""
    none, one = np.zeros(0, np.int64), np.zeros(1, np.int64)
    about = covering(csr_matrix((1, 1)), csr_matrix((1, 1)), one)
    lines, uses = Line(none, none, none, np.zeros(0), np.zeros(0), np.zeros(0, np.bool_)), Use(none, none)
    share_at_most(own_columns(about, lines, uses, (one, one), people=1, codes=1)[0], runs_of(one))
    node = np.zeros(1, np.int32)
    trees = Trees(
        node, node, np.zeros(1), np.zeros(1, np.uint8), node - 1, node - 2, np.zeros(2), np.zeros(1, np.float32),
        np.zeros(1),
    )  # fmt: skip
    for kept in (trees, unpacked(packed(trees))):  # a node's arrays are those of a file: they cannot be written to
        tree_margins(kept, np.zeros((1, 1)))
        path_parts(kept, np.zeros((1, 1)))
