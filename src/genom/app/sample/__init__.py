"""Parts of the sample shop: reading the source, saying it as events, sending it to the node."""

__all__: list[str] = []
