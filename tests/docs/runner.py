"""Runs the blocks of one page in one directory, as its reader would."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.docs.blocks import Block, Command, commands
from tests.node import Node, clean_environment

SECONDS = 400  # for one command, also on a machine that is busy
PLACE = "127.0.0.1:8765"  # what pages call the node
MATCH = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Page:
    """One page's directory and names; blocks run in order.

    A class, because a block may use what an earlier one made.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def run(self, block: Block, node: Node | None) -> None:
        """Run a block; raises what the block raises, or AssertionError if shown and real output differ."""
        if node is not None:
            self._place(node)
        os.chdir(self.directory)
        if block.language == "console":
            for command in commands(block):
                self._shell(command, block, node)
        elif block.text.lstrip().startswith(">>> "):
            self._examples(block, node)
        else:
            code = "\n" * (block.line - 1) + here(block.text, node)  # so that a traceback names the page's line
            exec(compile(code, str(block.page), "exec"), self.names)  # the page is ours

    def _place(self, node: Node) -> None:
        """Let `./genom-data` be the node's directory."""
        link = self.directory / "genom-data"
        link.unlink(missing_ok=True)
        link.symlink_to(node.data)

    def _shell(self, command: Command, block: Block, node: Node | None) -> None:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", here(command.command, node)],
            cwd=self.directory,
            env=environment(node),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        where = f"{block.page}:{command.line}: $ {command.command}"
        assert done.returncode == 0, f"{where}\nended with {done.returncode}:\n{done.stdout}{done.stderr}"
        if command.shown.strip():
            got = done.stdout + done.stderr
            assert matches(here(command.shown, node), got), (
                f"{where}\nthe page shows:\n{command.shown}\nit printed:\n{got}"
            )

    def _examples(self, block: Block, node: Node | None) -> None:
        parsed = doctest.DocTestParser().get_doctest(
            here(block.text, node), self.names, block.where, str(block.page), block.line - 1
        )
        runner = doctest.DocTestRunner(optionflags=MATCH, verbose=False)
        report: list[str] = []
        result = runner.run(parsed, out=report.append, clear_globs=False)
        self.names.update(parsed.globs)
        assert result.failed == 0, "".join(report)


def matches(shown: str, got: str) -> bool:
    """Whether real output is what a page shows; `...` or `…` stands for anything, white space for any."""
    want = shown.replace("…", "...").strip() + "\n"
    return doctest.OutputChecker().check_output(want, got.strip() + "\n", MATCH)


def here(text: str, node: Node | None) -> str:
    """A page's text with the address of the node that runs beside it."""
    return text if node is None else text.replace(PLACE, node.url.removeprefix("http://"))


def environment(node: Node | None) -> dict[str, str]:
    """For console blocks: `genom` and `python` are those of this environment, and the data are the node's."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    data = {} if node is None else {"GENOM_DATA": str(node.data), "GENOM_PORT": node.url.rsplit(":", 1)[1]}
    return clean_environment({"PATH": path, "COLUMNS": "120", "NO_COLOR": "1", **data})
