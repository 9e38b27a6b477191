"""Interned terms: small codes for the values of a declared, bounded vocabulary such as product categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

__all__ = ["OTHER_TERM", "Vocabulary"]

OTHER_TERM: Final = 1  # what does not fit any more


class Vocabulary:
    """Terms and their codes; 0 is "none", 1 is "other", new terms get the next code until the vocabulary is full.

    >>> v = Vocabulary(4)
    >>> [v.code(t) for t in ("Wine", "Bread", "Wine", "Milk")]
    [2, 3, 2, 1]
    >>> v.take_new()
    [(2, 'Wine'), (3, 'Bread')]
    """

    def __init__(self, size: int, *, told: Callable[[str, int], None] = lambda _term, _code: None) -> None:
        self._codes: dict[str, int] = {"": 0}
        self._told = told  # who wants to know of each term and its code
        self.terms = ["", "other"]
        self._size, self._new = size, list[tuple[int, str]]()

    def code(self, term: str) -> int:
        """The term's code; a new term is interned if there is room."""
        code = self._codes.get(term)
        if code is not None:
            return code
        if self.full:
            return OTHER_TERM
        code = len(self.terms)
        self.adopt(code, term)
        self._new.append((code, term))
        return code

    @property
    def full(self) -> bool:
        """Whether new terms become "other"."""
        return len(self.terms) >= self._size

    def find(self, term: str) -> int:
        """The term's code, 0 if it is not interned."""
        return self._codes.get(term, 0)

    def adopt(self, code: int, term: str) -> None:
        """Take in a term from the journal."""
        while len(self.terms) <= code:
            self.terms.append("")
        self.terms[code] = term
        self._codes[term] = code
        self._told(term, code)

    def tell(self, told: Callable[[str, int], None]) -> None:
        """Let somebody else know of each term and its code, of those that there are and of those to come."""
        self._told = told
        for code, term in enumerate(self.terms):
            if code > OTHER_TERM:
                told(term, code)

    def take_new(self) -> list[tuple[int, str]]:
        """Terms interned since the last call: they must be journalled with the rows that use them."""
        new, self._new = self._new, []
        return new
