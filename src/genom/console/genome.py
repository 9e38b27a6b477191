"""What pages show of a genome: cells of the strip, families, and rows of the table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

__all__ = ["Cell", "Family", "Genome", "gene_page", "level"]

# ids of genes begin with one of these; models also look at what is no gene
_FAMILIES: Final = frozenset(
    ("identity", "channels", "rhythm", "intent", "value", "taste", "price", "lifecycle", "trust")
)


def level(place: float) -> int:
    """The step of the value scale, 0 to 8, of a place among people.

    >>> level(0.0), level(0.5), level(1.0)
    (0, 4, 8)
    """
    return min(8, max(0, int(place * 9)))


@lru_cache(maxsize=10_000)
def gene_page(name: str) -> str:
    """Where the gene of an id is explained, also of one cell of it; empty for what a model looks at and is no gene.

    >>> gene_page("taste.category.histogram.365d[TEA]"), gene_page("action.popularity")
    ('/genes/taste.category.histogram.365d', '')
    """
    gene = name.partition("[")[0]
    return f"/genes/{quote(gene)}" if gene.partition(".")[0] in _FAMILIES else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One gene of a person; a withheld or unknown one has neither value nor place."""

    gene: str  # id
    label: str
    state: str  # known, unknown or withheld
    older: int = 0  # days: withheld because its events are older than may be read; 0 = for lack of permission
    said: str = ""  # the value with its unit
    parts: tuple[tuple[str, float], ...] = ()  # of a distribution: its largest cells and their shares
    place: float | None = None  # share of people who have less, 0 to 1; None if the gene has no amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of genes."""

    id: str
    name: str
    cells: tuple[Cell, ...]  # all of its genes
    strip: tuple[Cell, ...]  # those among the best covered

    @property
    def place(self) -> float | None:
        """The mean place of what is known in the strip."""
        places = [cell.place for cell in self.strip if cell.place is not None]
        return sum(places) / len(places) if places else None

    @property
    def state(self) -> str:
        """Withheld if all of it is, known if anything is, else unknown."""
        states = {cell.state for cell in self.cells}
        return "known" if "known" in states else "withheld" if states == {"withheld"} else "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Genome:
    """A person's genome for one purpose."""

    purpose: str
    at: int  # unix ms
    people: int  # whom the places compare with; 0 = they are estimated from the person's own values
    families: tuple[Family, ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Genes known, unknown, withheld."""
        states = [cell.state for family in self.families for cell in family.cells]
        return states.count("known"), states.count("unknown"), states.count("withheld")

    @property
    def older(self) -> int:
        """The read window in days, if some genes are withheld because their events are past it."""
        return max((cell.older for family in self.families for cell in family.cells), default=0)

    def family(self, name: str) -> Family:
        """The family of that name, else the one that tells most."""
        chosen = next((family for family in self.families if family.id == name), None)
        return chosen or max(self.families, key=lambda family: family.place or 0.0)
