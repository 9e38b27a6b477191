"""Training: what is learned from the journal, in a process of its own, and what its models serve."""

__all__: list[str] = []
