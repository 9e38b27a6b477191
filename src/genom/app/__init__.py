"""The one place that wires the stages together: node, server, worker, command line."""

__all__: list[str] = []
