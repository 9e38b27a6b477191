"""How the consents of the sample's households are made; without Arrow, for every start looks at it."""

from __future__ import annotations

from typing import Final

from genom.errors import UnknownName, nearest

__all__ = ["CONSENTS", "check_consents"]

CONSENTS: Final = ("simulated", "all")


def check_consents(name: str) -> None:
    """Raises UnknownName for a way of simulating that does not exist."""
    if name not in CONSENTS:
        raise UnknownName(
            f"There are no sample consents {name!r}.",
            why=f"they are one of {', '.join(CONSENTS)}",
            fix=nearest(name, CONSENTS) or "use `--sample-consents all`, or leave it out",
        )
