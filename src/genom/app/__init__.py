"""The one place that wires the stages together: node, server, worker, command line."""
