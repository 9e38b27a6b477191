"""Decisions: points and actions, the answer, what became of it, and what it brought."""

__all__: list[str] = []
