"""Keys at rest: the root that unlocks them, epoch keys, a data key for each profile, signatures."""

__all__: list[str] = []
