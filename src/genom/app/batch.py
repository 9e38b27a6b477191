"""The events of one request, and who sent them."""

from __future__ import annotations

from dataclasses import dataclass

from genom.words import ConsentMode, Event, Source

__all__ = ["Batch"]


@dataclass(slots=True)
class Batch:
    """What one request brought, as it waits for its commit."""

    events: list[Event]
    source: Source
    server: bool = False  # sent with a server key
    local: bool = False  # from a loopback peer without any forwarding header
    size: int = 0  # bytes
    duplicates: int = 0  # counted by the pipeline

    @property
    def development(self) -> bool:
        """Whether events without consent information may serve what development mode assumes."""
        return self.local and self.source.consent is ConsentMode.DEVELOPMENT and not self.source.history
