"""GPP strings as an encoder of the tests' own writes them."""

from __future__ import annotations

from itertools import pairwise

from genom.consent.signals.gpp import National
from tests.consent.tc_strings import bits, packed


def fibonacci(number: int) -> str:
    """The Fibonacci coding of a number from 1."""
    worths = [1, 2]
    while worths[-1] <= number:
        worths.append(worths[-1] + worths[-2])
    found = ""
    for worth in reversed(worths[:-1] if number > 1 else [1]):
        taken = worth <= number
        number -= worth * taken
        found = "01"[taken] + found
    return found + "1"


def header(numbers: list[int], *, ranges: bool = False, whole: int = 6, version: int = 1) -> str:
    """The header of these sections; with `ranges`, sections in a row are written as one."""
    items: list[list[int]] = []
    for number in numbers:
        if ranges and items and items[-1][1] == number - 1:
            items[-1][1] = number
        else:
            items.append([number, number])
    text = bits(3, 6) + bits(version, 6) + bits(len(items), 12)
    for (_, last), (first, end) in pairwise([[0, 0], *items]):
        text += "01"[end > first] + fibonacci(first - last) + (fibonacci(end - first) if end > first else "")
    return packed(text, whole=whole)


def gpp(sections: dict[int, str], **how: int) -> str:
    return "~".join([header(sorted(sections), **how), *(sections[number] for number in sorted(sections))])  # type: ignore[arg-type]


def section(of: National, *, whole: int = 6, covered: int = 1, told: bool = True) -> str:
    """The US national section; `told` says whether the subsection of Global Privacy Control is there."""
    fields = [1, *of.notices, 0, 0, *of.opt_outs, *of.sensitive, *of.children, of.personal, covered, 0, 0]
    core = packed(bits(of.version, 6) + "".join(bits(value, 2) for value in fields), whole=whole)
    return core + ("." + packed(bits(1, 2) + bits(of.gpc, 1), whole=whole) if told else "")
