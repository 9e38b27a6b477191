"""A gene set as one query: a row a person, a column a gene, as of a moment and for a purpose.

What a person does not permit is never aggregated, and its genes are NULL; `permitted` says which NULL is which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from genom.errors import BadRequest
from genom.genome.genes import Gene, Genes
from genom.genome.ops import RING_OF
from genom.genome.parts import parts_of
from genom.genome.sql.conditions import Code
from genom.genome.sql.events import EVENTS
from genom.genome.sql.formulas import LONGEST, TooLong, formula_sql
from genom.genome.sql.literals import bit, named, told
from genom.genome.sql.sums import Sums, served_bit
from genom.genome.sql.values import VALUES
from genom.genome.windows import NO_WINDOWS, Windows

__all__ = ["Asked", "genes_sql", "portable", "served_sql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """For what and as of when a query reads."""

    purpose: str
    at: int  # unix ms, UTC: what happened or became known then or later does not count
    bits: Mapping[str, int]  # purpose → its bit in masks
    code: Code = field(default=lambda _property, _name: 0)  # codes of the categories that filters name
    windows: Windows = NO_WINDOWS
    dialect: str = "duckdb"

    def __post_init__(self) -> None:
        if self.dialect != "duckdb":
            what = f"Genes cannot be written in the dialect {self.dialect!r}."
            raise BadRequest(what, why="only duckdb is executed and compared with the kernel", fix="use duckdb")
        self.bit(self.purpose)

    def bit(self, purpose: str) -> int:
        """The purpose's bit; raises BadRequest for one that is not known."""
        if purpose not in self.bits:
            what = f"There is no purpose {purpose!r}."
            raise BadRequest(what, why=f"known are {', '.join(sorted(self.bits))}", fix="use one of them")
        return self.bits[purpose]

    def serves(self, purpose: str) -> str:
        """The condition that an event serves a purpose."""
        return served_bit(self.bit(purpose), self.windows, self.at)


def portable(genes: Genes) -> dict[str, str]:
    """Gene id → why it is outside the core, empty for a gene that SQL can compute.

    >>> from genom.genome import load_genes
    >>> portable(load_genes())["taste.lines.last_categories"]
    'a function of the last records: `rings_sql` fetches them, `ring_values` computes it'
    """
    found = dict[str, str]()

    def reason(gene: Gene) -> str:
        if gene.id not in found:
            found[gene.id] = _reason(gene, [(name, reason(genes[name])) for name in gene.inputs])
        return found[gene.id]

    return {gene.id: reason(gene) for gene in genes}


def _reason(gene: Gene, inputs: Iterable[tuple[str, str]]) -> str:
    if gene.function in RING_OF:
        return "a function of the last records: `rings_sql` fetches them, `ring_values` computes it"
    if gene.formula is None:
        return "" if gene.op in VALUES else f"the op {gene.op} is computed by the node only"
    unknown = next((name for name, why in inputs if why), "")
    if unknown:
        return f"its formula reads {unknown}, which SQL cannot compute"
    try:  # as if each gene were a long expression
        formula_sql(gene.formula, lambda _: "x" * 600)
    except TooLong:
        return f"its formula is longer than {LONGEST:,} characters in SQL"
    return ""


def genes_sql(genes: Genes, asked: Asked, *, only: tuple[str, ...] = ()) -> str:
    """The query: person, permitted, and a column for each gene; by default all that are portable.

    Raises BadRequest that names a gene of `only` that is outside the core, with the reason.

    >>> from genom.genome import load_genes
    >>> asked = Asked(purpose="recommend", at=0, bits={"recommend": 32, "price": 64})
    >>> query = genes_sql(load_genes(), asked, only=("rhythm.order.recency",))
    >>> "MAX(ts)" in query, '"rhythm.order.recency"' in query
    (True, True)
    """
    reasons = portable(genes)
    chosen = [genes[name] for name in only] or [gene for gene in genes if not reasons[gene.id]]
    for gene in chosen:
        if reasons[gene.id]:
            what = f"{gene.id} is outside the portable core of SQL."
            raise BadRequest(what, why=reasons[gene.id], fix="leave it out, or read it from the node")
    sums = Sums(at=asked.at, code=asked.code, also={name: asked.serves(name) for name in set(genes.also.values())})
    columns = [f"{_guarded(gene, genes, asked, sums)} AS {named(gene.id)}" for gene in chosen]
    left = [told(f"not here: {name}: {why}") for name, why in reasons.items() if why and not only]
    return "\n".join([*left, _query(columns, sums, asked)])


def _value(name: str, genes: Genes, sums: Sums) -> str:
    gene = genes[name]
    if gene.formula is not None:
        return formula_sql(gene.formula, partial(_value, genes=genes, sums=sums))
    return VALUES[gene.op](gene, parts_of(genes, gene), sums)


def _guarded(gene: Gene, genes: Genes, asked: Asked, sums: Sums) -> str:
    """The value, if somebody has any event, and permits what the gene's families need beside the purpose."""
    if gene.purposes and asked.purpose not in gene.purposes:
        return "NULL"
    needed = {genes.also[family] for family in genes.families(gene) if family in genes.also}
    tests = ["s.person IS NOT NULL", *(bit("p.effective", asked.bit(name)) for name in sorted(needed))]
    return f"CASE WHEN {' AND '.join(tests)} THEN {_value(gene.id, genes, sums)} END"


def served_sql(asked: Asked, more: Mapping[str, str]) -> str:
    """The events that count, with further columns (expression → name)."""
    columns = [*EVENTS, *(f"{expression} AS {name}" for expression, name in more.items())]
    permits = f"SELECT person FROM permissions WHERE {bit('effective', asked.bit(asked.purpose))}"
    return (
        f"SELECT {', '.join(columns)} FROM events WHERE ts < {asked.at} AND known_at < {asked.at} AND kind < 200 "
        f"AND {asked.serves(asked.purpose)} AND person IN ({permits})"
    )


def _query(columns: list[str], sums: Sums, asked: Asked) -> str:
    spreads = [f"{sums.spread_sql(part)} AS {name}" for part, name in sums.spreads.items()]
    weights = {sums.weight_sql(half_life): name for half_life, name in sums.weights.items()}
    aggregates = [f"{expression} AS {name}" for expression, name in sums.aggregates.items()]
    tables = {
        "served": served_sql(asked, sums.conditions | weights),
        "s": f"SELECT {', '.join(['person', *aggregates])} FROM served GROUP BY person",
    }
    if spreads:
        tables["v"] = f"SELECT e.person, {', '.join(spreads)} FROM served AS e JOIN s USING (person) GROUP BY e.person"
    tables |= {name: sums.histogram_sql(part) for part, name in sums.histograms.items()}
    joined = "\n".join(f"LEFT JOIN {name} ON {name}.person = p.person" for name in tables if name != "served")
    with_ = ",\n".join(f"{name} AS (\n  {query}\n)" for name, query in tables.items())
    permitted = f"{bit('p.effective', asked.bit(asked.purpose))} AS permitted"
    shown = ",\n  ".join(["p.person", permitted, *columns])
    return f"WITH {with_}\nSELECT\n  {shown}\nFROM permissions AS p\n{joined}\nORDER BY p.person"
