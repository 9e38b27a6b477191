"""Compact tables under keyed hashes: a hasher, a map of 128-bit keys, and bounded memories of what was seen."""

from genom.tables.generations import Generations
from genom.tables.recent import Recent
from genom.tables.siphash import Hasher
from genom.tables.table import Table128

__all__ = ["Generations", "Hasher", "Recent", "Table128"]
