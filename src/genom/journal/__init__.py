"""Durable order of events: segments, index, recovery, dedupe, vocabularies."""

from genom.journal.block import Block
from genom.journal.dedupe import Dedupe
from genom.journal.erasing import Wiped
from genom.journal.journal import Journal
from genom.journal.layout import FORMAT
from genom.journal.locating import Located, Place
from genom.journal.vocabulary import Vocabulary

__all__ = ["FORMAT", "Block", "Dedupe", "Journal", "Located", "Place", "Vocabulary", "Wiped"]
