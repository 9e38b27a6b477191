"""Genes of rings: SQL fetches each person's last records, and the ops' own functions compute the values.

Sessions and streaks are not written in SQL: one function computes them everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.errors import BadRequest
from genom.genome.declaration import RINGS
from genom.genome.genes import Gene, Genes
from genom.genome.ops import RING_OF, Reading, Value
from genom.genome.program import RING_RECORD
from genom.genome.ring_rows import MESSAGES, passing
from genom.genome.sql.compiled import Asked, served_sql
from genom.genome.sql.conditions import Code
from genom.words import Channel, Flag, Kind

__all__ = ["ring_values", "rings_sql"]

_TOLD: Final = (Kind.PREFERENCE_LIKED, Kind.ATTRIBUTE_DECLARED)
_NONE: Final = "none"  # of what no ring keeps one row is fetched: its person is known, and has empty rings
_NEWEST: Final = "ORDER BY ts DESC, id DESC, line DESC"
_FIELDS: Final = "person, ring, ts, id, line, kind, channel, hour_of_week, category_1, category_2, item, amount, priced"


def rings_sql(genes: Genes, asked: Asked) -> str:
    """A query of the last records of each ring, newest last: of declarations only the newest about each thing."""
    messages, told = ", ".join(str(int(kind)) for kind in MESSAGES), f"{_TOLD[0]:d} AND {_TOLD[1]:d}"
    attribute = f"kind = {Kind.ATTRIBUTE_DECLARED:d}"
    nothing = f"kind BETWEEN {told} AND CASE WHEN {attribute} THEN item // 65536 = 0 ELSE category_2 = 0 END"
    ring = (
        f"CASE WHEN line > 0 THEN CASE WHEN kind = {Kind.ORDER_COMPLETED:d} THEN 'items' ELSE '{_NONE}' END "
        f"WHEN {nothing} THEN '{_NONE}' "
        f"WHEN kind IN ({messages}) THEN 'messages' WHEN kind BETWEEN {told} THEN 'declared' ELSE 'events' END"
    )
    about = (
        f"CASE WHEN kind NOT BETWEEN {told} OR line > 0 THEN NULL "
        f"WHEN {attribute} THEN -CAST(item // 65536 AS BIGINT) ELSE category_2 END"
    )
    priced = f"flags & {Flag.AMOUNT:d}"
    sizes = " ".join(f"WHEN '{name}' THEN {genes.rings[name]}" for name in RINGS if name in genes.rings)
    orders = f"SELECT * REPLACE ('orders' AS ring) FROM served WHERE line = 0 AND kind = {Kind.ORDER_COMPLETED:d}"
    rows = f"(SELECT * FROM served UNION ALL {orders})" if "orders" in genes.rings else "served"
    return f"""WITH served AS (
  {served_sql(asked, {ring: "ring", about: "about", priced: "priced"})}
), kept AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY person, ring, about {_NEWEST}) AS newest FROM {rows}
), ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY person, ring {_NEWEST}) AS place FROM kept
  WHERE ring <> 'declared' OR newest = 1
)
SELECT {_FIELDS} FROM ranked WHERE place <= CASE ring {sizes} ELSE 1 END
ORDER BY person, ring, ts, id, line"""


def ring_values(
    genes: Genes,
    gene: Gene,
    fetched: Mapping[str, NDArray[Any]],
    *,
    asked: Asked,
    term: Callable[[str, int], str],
) -> dict[int, Value]:
    """Person → value, None where it is unknown, from the columns that `rings_sql` gave.

    Whoever has no event for the purpose, or does not permit it, is not in the mapping.
    """
    if gene.function not in RING_OF:
        raise BadRequest(f"{gene.id} reads no ring.", why=f"its op is {gene.op}", fix="use `genes_sql`")
    if gene.purposes and asked.purpose not in gene.purposes:
        return {}
    mine = fetched["ring"] == gene.ring
    records = _records(fetched, mine)
    people, starts = np.unique(fetched["person"][mine], return_index=True)
    groups = dict(zip(people.tolist(), np.split(records, starts[1:]), strict=True)) if len(people) else {}
    everyone = np.unique(fetched["person"]).tolist()
    return {
        person: _finished(genes, gene, groups.get(person, records[:0]), asked=asked, term=term) for person in everyone
    }


def _records(fetched: Mapping[str, NDArray[Any]], mine: NDArray[np.bool_]) -> NDArray[np.void]:
    records = np.zeros(int(mine.sum()), RING_RECORD)
    for name in RING_RECORD.names or ():
        if name in fetched:
            records[name] = fetched[name][mine]
    return records


def _finished(
    genes: Genes, gene: Gene, ring: NDArray[np.void], *, asked: Asked, term: Callable[[str, int], str]
) -> Value:
    code: Code = asked.code
    reading = Reading(
        at=asked.at,
        property=gene.property,
        decayed=None,
        integers=[],
        ring=ring,
        length=gene.length,
        term=lambda property, number: _named(genes, term, property, number),
        attribute=gene.attribute,
        passes=None if gene.filter_name == "any" else passing(ring, gene.rows, code),
    )
    return RING_OF[gene.function].function(reading)


def _named(genes: Genes, term: Callable[[str, int], str], property: str, number: int) -> str:
    if property == "attribute":
        return genes.attributes.text(number)
    if property == "channel":
        return Channel(number).name.lower() if number in Channel._value2member_map_ else str(number)
    return term(property, number)
