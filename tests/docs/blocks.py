"""Code blocks of a Markdown page: where they stand and how they want to be run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^`]*)$")
FLAGS = {"node", "shop", "no-run"}
RUN = {"python", "console"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block."""

    page: Path
    line: int  # of its first line of code, from 1
    language: str
    flags: frozenset[str]
    text: str

    @property
    def where(self) -> str:
        """`page:line`, as an editor opens it."""
        return f"{self.page}:{self.line}"

    @property
    def runs(self) -> bool:
        """Whether the tests execute it."""
        return self.language in RUN and "no-run" not in self.flags


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order; raises ValueError for a flag or a fence that nobody understands."""
    lines = page.read_text("utf-8").splitlines()
    at = 0
    while at < len(lines):
        fence = FENCE.match(lines[at].strip())
        at += 1
        if fence:
            block = _block(page, lines, start=at, fence=fence)
            yield block
            at += block.text.count("\n") + 1


def _block(page: Path, lines: list[str], *, start: int, fence: re.Match[str]) -> Block:
    """The block whose code begins at `start` (from 0)."""
    language, *flags = fence["info"].split() or [""]
    if language in RUN and (unknown := set(flags) - FLAGS):
        raise ValueError(f"{page}:{start}: unknown words after `{language}`: {unknown}; known: {sorted(FLAGS)}")
    end = next((i for i in range(start, len(lines)) if lines[i].strip() == fence["ticks"]), None)
    if end is None:
        raise ValueError(f"{page}:{start}: this block is never closed with {fence['ticks']}")
    indent = len(lines[start - 1]) - len(lines[start - 1].lstrip())
    text = "".join(line[indent:] + "\n" for line in lines[start:end])
    return Block(page=page, line=start + 1, language=language, flags=frozenset(flags), text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One `$ ` line of a console block with the output shown below it."""

    line: int  # in the page
    command: str
    shown: str  # "" if the page shows no output


def commands(block: Block) -> list[Command]:
    r"""The commands of a console block; a line that ends in a backslash goes on in the next."""
    found: list[Command] = []
    lines = iter(enumerate(block.text.splitlines(), block.line))
    for number, line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command = command[:-1] + next(lines)[1].removeprefix("> ")
            found.append(Command(line=number, command=command, shown=""))
        elif found:
            last = found[-1]
            found[-1] = Command(line=last.line, command=last.command, shown=last.shown + line + "\n")
        else:
            raise ValueError(f"{block.where}: a console block begins with a `$ ` line")
    return found
