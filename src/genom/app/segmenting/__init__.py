"""Segments of a running node: defined, judged after each group, kept, previewed and shown."""

__all__: list[str] = []
