"""What texts and cells of genes are called on a node: by its catalogue, its attributes and our own vocabulary."""

from __future__ import annotations

from functools import partial

from genom.app.node import Node
from genom.app.pages.values import Words
from genom.app.show.value_words import value_words
from genom.app.term_names import names_of

__all__ = ["words_of"]


def words_of(node: Node, language: str) -> Words:
    """The words for one page."""
    return partial(
        value_words,
        language=language,
        called=names_of(node.catalogue),
        attributes=node.world.layout.genes.attributes,
    )
