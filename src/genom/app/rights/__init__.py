"""Rights of the person: a copy of everything that the node holds of them."""

__all__: list[str] = []
