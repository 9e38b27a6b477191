"""Formulas over genes: text to a tree, and the tree to numbers, one at a time or many at once.

`value.order_value.sum.30d / rhythm.orders.count.30d`, with + - * /, comparisons that give 1 or 0, and
`min max log1p clip coalesce`.  What is not known stays unknown (NaN), as does a division by zero or a logarithm of
-1 and less; only `coalesce` steps in for it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite, isnan, nan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["FUNCTIONS", "Call", "FormulaError", "Name", "Node", "Number", "evaluate", "names", "parse"]

Floats = NDArray[np.float64]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.])"
    r"|(?P<name>[A-Za-z_]\w*(?:\.\w+)*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/(),<>]))",
    re.ASCII,
)
_DEEPEST, _LONGEST = 64, 400


class FormulaError(ValueError):
    """A formula cannot be read; the message says what, and at which character."""


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a gene."""

    gene: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function and what it takes."""

    function: str
    of: tuple[Node, ...]


Node = Number | Name | Call


def _coalesce(*values: Floats) -> Floats:
    found = values[0]
    for other in values[1:]:
        found = np.where(np.isnan(found), other, found)
    return found


def _compared(compare: Callable[[Any, Any], Any]) -> Callable[[Floats, Floats], Floats]:
    return lambda a, b: np.where(np.isnan(a) | np.isnan(b), np.nan, np.asarray(compare(a, b), np.float64))


_SIGNS: Final[dict[str, Callable[..., Any]]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "negative": np.negative,
    "<": _compared(np.less), "<=": _compared(np.less_equal), ">": _compared(np.greater),
    ">=": _compared(np.greater_equal), "==": _compared(np.equal), "!=": _compared(np.not_equal),
}  # fmt: skip
FUNCTIONS: Final[dict[str, tuple[int, int, Callable[..., Any]]]] = {
    "min": (2, 16, lambda *values: np.minimum.reduce(np.broadcast_arrays(*values))),
    "max": (2, 16, lambda *values: np.maximum.reduce(np.broadcast_arrays(*values))),
    "log1p": (1, 1, np.log1p),
    "clip": (3, 3, lambda value, low, high: np.minimum(np.maximum(value, low), high)),
    "coalesce": (2, 16, _coalesce),
}
"""Function → how many values it takes at least and at most, and what it does."""
_QUICK: Final[dict[str, Callable[..., float]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "negative": operator.neg, "min": min, "max": max,
}  # fmt: skip
_LEVELS: Final = (("<", "<=", ">", ">=", "==", "!="), ("+", "-"), ("*", "/"))


def parse(text: str) -> Node:
    """The tree of a formula.

    Raises FormulaError.

    >>> names(parse("coalesce(value.spent.sum.30d / rhythm.orders.count.30d, 0)"))
    ('value.spent.sum.30d', 'rhythm.orders.count.30d')
    >>> parse("1 + 2 * 3").of[1].function
    '*'
    >>> parse("1 +")
    Traceback (most recent call last):
    genom.genome.formula.FormulaError: the formula ends where a value is expected
    """
    return _Parser(text).whole()


def names(tree: Node) -> tuple[str, ...]:
    """The genes that a tree reads, each once, in the order of the text."""
    return tuple(dict.fromkeys(_names(tree)))


def _names(tree: Node) -> Iterator[str]:
    if isinstance(tree, Name):
        yield tree.gene
    elif isinstance(tree, Call):
        for part in tree.of:
            yield from _names(part)


def evaluate(tree: Node, values: Mapping[str, Any]) -> Floats:
    """The value of a tree, NaN where it is unknown; `values` are numbers or arrays of one shape by gene.

    >>> evaluate(parse("a.b > 2"), {"a.b": np.array([1.0, 3.0, np.nan])}).tolist()
    [0.0, 1.0, nan]
    >>> float(evaluate(parse("1 / a.b"), {"a.b": 0.0}))
    nan
    """
    if all(isinstance(value, float) for value in values.values()):
        return np.asarray(_number(tree, values))
    with np.errstate(all="ignore"):
        found = np.asarray(_evaluate(tree, values), np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def _number(tree: Node, values: Mapping[str, float]) -> float:
    """As `_evaluate`, for single numbers: in plain Python, since arrays of one number cost ten times as much."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Name):
        return float(values[tree.gene])
    parts = [_number(part, values) for part in tree.of]
    found = _plain(tree.function, parts)
    return found if isfinite(found) else nan


def _plain(function: str, parts: list[float]) -> float:
    if function == "/":
        return parts[0] / parts[1] if parts[1] else nan
    if function == "coalesce":
        return next((part for part in parts if not isnan(part)), nan)
    if function in _QUICK:
        return nan if any(map(isnan, parts)) else float(_QUICK[function](*parts))
    with np.errstate(all="ignore"):
        return float((_SIGNS.get(function) or FUNCTIONS[function][2])(*map(np.float64, parts)))


def _evaluate(tree: Node, values: Mapping[str, Any]) -> Any:
    if isinstance(tree, Number):
        return np.float64(tree.value)
    if isinstance(tree, Name):
        return np.asarray(values[tree.gene], np.float64)
    function = _SIGNS.get(tree.function) or FUNCTIONS[tree.function][2]
    found = function(*(_evaluate(part, values) for part in tree.of))
    return np.where(np.isfinite(found), found, np.nan)  # an infinity on the way is unknown, not a large number


class _Parser:
    """Recursive descent: comparisons over sums over products over signs over values."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        if len(self._tokens) > _LONGEST:
            raise FormulaError(f"it is longer than {_LONGEST} words and signs")
        self._next, self._depth = 0, 0

    def whole(self) -> Node:
        tree = self._level(0)
        if self._next < len(self._tokens):
            raise FormulaError(f"{self._tokens[self._next][1]!r} is not expected here")
        return tree

    def _peek(self) -> str:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else ""

    def _take(self) -> tuple[str, str]:
        if self._next >= len(self._tokens):
            raise FormulaError("the formula ends where a value is expected")
        self._next += 1
        return self._tokens[self._next - 1]

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._signed()
        tree = self._level(level + 1)
        while (sign := self._peek()) in _LEVELS[level]:
            self._take()
            tree = Call(sign, (tree, self._level(level + 1)))
        return tree

    def _signed(self) -> Node:
        if self._peek() == "-":
            self._take()
            return Call("negative", (self._deeper(self._signed),))
        return self._value()

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FormulaError(f"it is nested more than {_DEEPEST} deep")
        tree = read()
        self._depth -= 1
        return tree

    def _value(self) -> Node:
        kind, text = self._take()
        if kind == "number":
            return Number(float(text))
        if text == "(":
            tree = self._deeper(lambda: self._level(0))
            self._expect(")")
            return tree
        if kind != "name":
            raise FormulaError(f"{text!r} stands where a value is expected")
        return self._call(text) if self._peek() == "(" else Name(text)

    def _call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise FormulaError(f"there is no function {name!r}; known are {', '.join(sorted(FUNCTIONS))}")
        self._expect("(")
        given = [self._deeper(lambda: self._level(0))]
        while self._peek() == ",":
            self._take()
            given.append(self._deeper(lambda: self._level(0)))
        self._expect(")")
        least, most, _ = FUNCTIONS[name]
        if not least <= len(given) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise FormulaError(f"{name} takes {wanted} values and was given {len(given)}")
        return Call(name, tuple(given))

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            raise FormulaError(f"{sign!r} is missing" + (f" before {self._peek()!r}" if self._peek() else ""))
        self._take()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if not found:
            left = len(text) - len(text[place:].lstrip())
            what = f"{text[left : left + 12]!r} at character {left + 1}"
            raise FormulaError(f"{what} is neither a number, a gene nor a sign")
        yield str(found.lastgroup), found[str(found.lastgroup)]
        place = found.end()
