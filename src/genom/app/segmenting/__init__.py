"""Segments of a running node: defined, judged after each group, kept, previewed and shown."""
