"""What can stop the demo, said in words: what, why, how to fix."""

from __future__ import annotations

__all__ = ["DemoProblem", "LogInFirst", "NodeGone"]


class DemoProblem(Exception):
    """The demo cannot go on.

    >>> print(DemoProblem("The node is gone.", why="nobody answers", fix="start `genom up`"))
    The node is gone.
      why: nobody answers
      fix: start `genom up`
    """

    def __init__(self, what: str, *, why: str, fix: str, code: str = "") -> None:
        super().__init__(f"{what}\n  why: {why}\n  fix: {fix}")
        self.code = code  # of the node, if it refused


class NodeGone(DemoProblem):
    """Nothing answers at the node's address, or it stays busy."""


class LogInFirst(DemoProblem):
    """The browser's id belongs to an account, so it is not enough."""
