"""The person's own pages, answered by a node: sentences, decisions, choices and what is told."""

__all__: list[str] = []
