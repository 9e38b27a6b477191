"""Durable order of events: segments, index, recovery, dedupe, vocabularies."""

from genom.journal.dedupe import Dedupe
from genom.journal.journal import Journal, Located, Place
from genom.journal.layout import FORMAT, Block
from genom.journal.vocabulary import Vocabulary

__all__ = ["FORMAT", "Block", "Dedupe", "Journal", "Located", "Place", "Vocabulary"]
